"""Reports made by hand, and a repairer of a plain namespace: what the views are tested with."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rnnmagic.report import (
    Applied,
    ArrayInfo,
    Edit,
    ErrorInfo,
    Fix,
    FixError,
    FlowStep,
    LayerInfo,
    Notice,
    Parameter,
    Report,
)


class NamespaceRepairer:
    """Reshapes numbers in a namespace: rebinds on `apply`, keeps what was there for `undo`."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.namespace = namespace
        self.history: list[dict[str, Any]] = []
        self.threads: list[str] = []
        self.lock = threading.Lock()

    def apply(self, fix: Fix) -> Applied:
        self.threads.append(threading.current_thread().name)
        with self.lock:
            missing = [name for name in fix.rebinds if name not in self.namespace]
            if missing:
                raise FixError(f"{missing[0]} is no longer in the kernel.")
            self.history.append({name: self.namespace[name] for name in fix.rebinds})
            for name in fix.rebinds:
                self.namespace[name] = (self.namespace[name], fix.after)
        return Applied(fix, fix.rebinds, "")

    def undo(self) -> tuple[str, ...]:
        with self.lock:
            if not self.history:
                raise FixError("Nothing was applied.")
            before = self.history.pop()
            self.namespace.update(before)
            return tuple(before)

    def adjust(self, fix: Fix, values: Mapping[str, Any]) -> Fix:
        parameters = dict(fix.parameters or {})
        for name, value in values.items():
            if name not in parameters or value not in parameters[name].choices:
                raise FixError(f"{value!r} is not a choice for {name}.")
            parameters[name] = replace(parameters[name], value=value)
        if "timesteps" not in parameters:
            return replace(fix, parameters=parameters)
        steps = parameters["timesteps"].value
        if steps == 60:
            raise RuntimeError("the verifier lost its way")
        line = f"X_train = X_train.reshape(-1, {steps}, {60 // steps})"
        old = fix.edits[0]
        return replace(
            fix,
            title=f"Reshape X_train to {steps} steps of {60 // steps} features",
            code=line,
            edits=(replace(old, new=f"%%rnncheck\n{line}\nmodel.fit(X_train, y_train, epochs=2)"),),
            after=(100, steps, 60 // steps),
            verified=steps == 20,
            parameters=parameters,
        )


def flattened(repairer: NamespaceRepairer | None = None) -> Report:
    """A (100, 60) table before an LSTM that wants (20, 3)."""
    cell = "%%rnncheck\nmodel.fit(X_train, y_train, epochs=2)"
    fixes = [
        Fix(
            id="reshape-20-3",
            kind="reshape",
            title="Reshape X_train to 20 steps of 3 features",
            why="Right when a row holds step after step: the 3 features of step 1, then those of step 2.",
            target="X_train",
            code="X_train = X_train.reshape(-1, 20, 3)",
            edits=(
                Edit(
                    7,
                    "c7",
                    cell,
                    "%%rnncheck\nX_train = X_train.reshape(-1, 20, 3)\nmodel.fit(X_train, y_train, epochs=2)",
                ),
            ),
            before=(100, 60),
            after=(100, 20, 3),
            verified=True,
            confidence="likely",
            parameters={"timesteps": Parameter("timesteps", 20, (10, 12, 15, 20, 30, 60))},
            rebinds=("X_train", "X_val"),
        ),
        Fix(
            id="swap-3-20",
            kind="transpose",
            title="Reshape to 3 columns of 20 steps, then swap",
            why="Right when a row holds feature after feature: all 20 steps of feature 1 come first.",
            target="X_train",
            code="X_train = X_train.reshape(-1, 3, 20).transpose(0, 2, 1)",
            edits=(
                Edit(
                    7,
                    "c7",
                    cell,
                    "%%rnncheck\nX_train = X_train.reshape(-1, 3, 20).transpose(0, 2, 1)\n"
                    "model.fit(X_train, y_train, epochs=2)",
                ),
            ),
            before=(100, 60),
            after=(100, 20, 3),
            verified=True,
            confidence="possible",
            caution="If the rows hold step after step, this mixes the features of different steps.",
            rebinds=("X_train",),
        ),
        Fix(
            id="input-shape",
            kind="input_shape",
            title="Let the model take sequences of 60 steps, 1 feature",
            why="Right when the 60 columns are one measurement at 60 times.",
            target="model",
            code="keras.Input(shape=(60, 1))",
            edits=(
                Edit(
                    5,
                    "c5",
                    "model = keras.Sequential([\n    keras.Input(shape=(20, 3)),\n    layers.LSTM(32),\n"
                    "    layers.Dense(1),\n])",
                    "model = keras.Sequential([\n    keras.Input(shape=(60, 1)),\n    layers.LSTM(32),\n"
                    "    layers.Dense(1),\n])",
                ),
                Edit(7, "c7", cell, "%%rnncheck\nmodel.fit(X_train[..., None], y_train, epochs=2)"),
            ),
            before=(100, 60),
            after=(100, 60, 1),
            verified=False,
            confidence="possible",
        ),
    ]
    return Report(
        outcome="shape_error",
        error=ErrorInfo(
            type="ValueError",
            message='Input 0 of layer "lstm" is incompatible with the layer: expected ndim=3, found ndim=2.',
            line=2,
            statement="model.fit(X_train, y_train, epochs=2)",
            phase="call",
        ),
        cause="flattened",
        summary="The LSTM layer lstm reads sequences, 20 timesteps of 3 features per sample, "
        "but X_train gives each sample as one row of 60 numbers.",
        array=ArrayInfo("X_train", "X_train", "x", (100, 60), "float64", ("samples", "timesteps*features")),
        layer=LayerInfo(
            "lstm",
            "LSTM",
            "model",
            (None, 20, 3),
            (None, 60),
            ("samples", "timesteps", "features"),
            ("samples", "timesteps*features"),
        ),
        flow=(FlowStep("lstm", "LSTM", None, False),),
        fixes=fixes,
        advice=("60 = 20 × 3 fits in two orders; the names of the columns would settle which one.",),
        execution_count=7,
        cell_id="c7",
        repairer=repairer,
    )


def ragged(repairer: NamespaceRepairer | None = None) -> Report:
    """Nested lists of unequal length, to be padded."""
    line = "X = keras.utils.pad_sequences(seqs, padding='post', maxlen=9)[..., None]"
    lengths = (2, 3, 3, 3, 4, 4, 4, 4, 4, 5, 5, 6, 6, 7, 9, 12, 31)
    fix = Fix(
        id="pad",
        kind="pad",
        title="Pad the sequences to one length",
        why="A tensor has no holes: every sequence gets the length of the longest, filled up with zeros.",
        target="seqs",
        code=line,
        edits=(Edit(3, "c3", "X = np.array(seqs)", line),),
        before=(17, None),
        after=(17, 9, 1),
        verified=True,
        confidence="sure",
        caution="Padding invents data; add a Masking layer so that the LSTM skips it.",
        parameters={
            "side": Parameter("zeros go", "post", ("pre", "post")),
            "maxlen": Parameter("length", 9, (4, 5, 6, 9, 12, 31)),
            "value": Parameter("fill with", 0.0, (0.0, -1.0)),
        },
        rebinds=("X",),
    )
    return Report(
        outcome="shape_error",
        error=ErrorInfo("ValueError", "inhomogeneous shape", 3, "np.array(seqs)", "data"),
        cause="ragged",
        summary="The 17 sequences in seqs have different lengths, and an array needs one length for all.",
        array=ArrayInfo("seqs", "seqs", "x", (17, None), "int64", ("samples", "timesteps"), lengths=lengths),
        fixes=[fix],
        advice=(
            "With padding on the right, mask the zeros: keras.layers.Masking(mask_value=0.0).",
            "Cutting to the median length keeps training fast, and loses the ends of long sequences.",
        ),
        execution_count=3,
        cell_id="c3",
        repairer=repairer,
    )


def stacked() -> Report:
    """An inner LSTM that lacks `return_sequences`: only code changes."""
    old = "model = keras.Sequential([\n    layers.LSTM(64),\n    layers.LSTM(32),\n    layers.Dense(1),\n])"
    return Report(
        outcome="shape_error",
        error=ErrorInfo("ValueError", "expected ndim=3", 4, "model.fit(X, y)", "build"),
        cause="sequence_collapsed",
        summary="lstm_1 needs a whole sequence, but lstm before it hands on its last output only.",
        layer=LayerInfo("lstm_1", "LSTM", "model", (None, None, None), (None, 64)),
        flow=(
            FlowStep("embedding", "Embedding", (32, 20, 8), True),
            FlowStep("lstm", "LSTM", (32, 64), True),
            FlowStep("lstm_1", "LSTM", None, False),
        ),
        fixes=[
            Fix(
                id="return-sequences",
                kind="layer_argument",
                title="Let lstm return its whole sequence",
                why="A recurrent layer under another one must hand on one vector for every timestep.",
                target="lstm",
                code="layers.LSTM(64, return_sequences=True),",
                edits=(Edit(4, "c4", old, old.replace("64)", "64, return_sequences=True)")),),
                before=(32, 64),
                after=(32, 20, 64),
                verified=True,
                confidence="sure",
            )
        ],
    )


def clean() -> Report:
    return Report(outcome="clean")


def silent() -> Report:
    """Nothing was raised, and the loss broadcasts."""
    return Report(
        outcome="clean",
        warnings=(
            Notice(
                "broadcast_loss",
                "The loss compares y (32,) with an output (32, 1) by broadcasting: every target with every "
                "prediction.",
                ArrayInfo("y", "y", "y", (32,), "float64", ("samples",)),
                LayerInfo("dense", "Dense", "model", (None, 1), (None,)),
                3,
                (
                    Fix(
                        id="expand-y",
                        kind="expand",
                        title="Give y its last axis",
                        why="",
                        target="y",
                        code="y = y[:, None]",
                        edits=(),
                        before=(32,),
                        after=(32, 1),
                        verified=True,
                        confidence="sure",
                    ),
                ),
            ),
        ),
    )


def other_error() -> Report:
    return Report(outcome="other_error", error=ErrorInfo("KeyError", "'price'", 3, "df['price']", "run"))


def trouble() -> Report:
    return Report(
        outcome="shape_error",
        error=ErrorInfo("ValueError", "shapes", 2, "model.fit(X, y)", "call"),
        cause="other",
        trouble="rnnmagic could not finish its diagnosis (RecursionError); the error above stands.",
    )


ALL = {
    "flattened": flattened,
    "ragged": ragged,
    "stacked": stacked,
    "clean": clean,
    "silent": silent,
    "other_error": other_error,
    "trouble": trouble,
}
