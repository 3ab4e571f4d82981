"""The rehearsal of repaired cells: what passes, what fails, what nobody can tell; and no trace left."""

from __future__ import annotations

import ast
import io
import random
import sys
import time
import types
from contextlib import redirect_stdout
from textwrap import dedent
from typing import Any

import numpy as np
import pytest

from rnnmagic.rehearsal import Script, Verdict, rehearse

keras = pytest.importorskip("keras")

IMPORTS = """
import numpy as np
import keras
from keras import layers
from keras.layers import LSTM, Dense, Input, Dropout, Flatten
from keras.models import Sequential, Model
"""
DATA = """
rng = np.random.default_rng(0)
X = rng.normal(size=(48, 60)).astype("float32")
y = rng.normal(size=(48, 1)).astype("float32")
"""
MODEL = """
model = Sequential([Input((20, 3)), LSTM(4, return_sequences=True), LSTM(4), Dense(1)])
model.compile("adam", "mse")
"""


class Notebook:
    """Cells that ran one after the other in a namespace; the failing ones are rolled back."""

    def __init__(self, *cells: str) -> None:
        module = types.ModuleType("__main__")
        self.namespace: dict[str, Any] = vars(module)
        self.cells: list[str] = []
        self.lines: list[int | None] = []
        for cell in cells:
            self.run(cell)

    def run(self, cell: str) -> None:
        from rnnmagic.frameworks.keras3.record import Recorder

        cell = dedent(cell).strip("\n") + "\n"
        line: int | None = None
        recorder = Recorder()
        recorder.install()
        try:
            for statement in ast.parse(cell).body:
                try:
                    code = compile(ast.Module([statement], []), "<cell>", "exec")
                    with redirect_stdout(io.StringIO()):
                        exec(code, self.namespace)
                except Exception:
                    line = statement.lineno
                    break
        finally:
            recorder.remove()
        if line is not None:
            for call in recorder.calls.values():
                call.roll_back()
        self.cells.append(cell)
        self.lines.append(line)

    def rehearse(self, *edits: tuple[int, str, str], first: int | None = None, **options: Any) -> Verdict:
        """Rehearse with text replaced in cells (number, old, new), up to the last cell."""
        after = list(self.cells)
        for number, old, new in edits:
            assert old in after[number]
            after[number] = after[number].replace(old, new)
        start = min((number % len(after) for number, _, _ in edits), default=len(after) - 1)
        start = start if first is None else first
        scripts = [Script(self.cells[k], after[k], self.lines[k]) for k in range(start, len(after))]
        before = self.state()
        verdict = rehearse(scripts, self.namespace, earlier=self.cells[:start], **options)
        assert self.state() == before, "the rehearsal left a trace"
        return verdict

    def state(self) -> dict[str, Any]:
        """Everything that a rehearsal must leave as it was."""
        from keras.src import backend
        from keras.src.backend.common import global_state
        from keras.src.saving import object_registration

        found: dict[str, Any] = {
            "names": {name: id(value) for name, value in self.namespace.items()},
            "python": random.getstate(),
            "numpy": [repr(part) for part in np.random.get_state()],
            "keras": {k: repr(v)[:200] for k, v in global_state.GLOBAL_STATE_TRACKER.__dict__.items()},
            "registered": dict(object_registration.GLOBAL_CUSTOM_OBJECTS),
            "patched": [
                vars(keras.Model).get(name)
                for name in ("fit", "evaluate", "predict", "__call__", "__setattr__")
            ]
            + [keras.Layer.__call__, backend.Variable.__mro__[1].__init__],
            "streams": (sys.stdout, sys.stderr),
        }
        for name, value in self.namespace.items():
            if isinstance(value, keras.Model):
                found[f"model {name}"] = _state_of(value)
            elif type(value) in (list, dict, set):
                found[f"container {name}"] = repr(value)[:2000]
            elif type(value) is np.ndarray and value.size < 100_000:
                found[f"array {name}"] = value.tobytes()
            elif isinstance(value, np.random.Generator):
                found[f"generator {name}"] = repr(value.bit_generator.state)
            elif hasattr(value, "_keras_history"):
                found[f"tensor {name}"] = len(value._keras_history.operation._outbound_nodes)
        return found


def _state_of(model: Any) -> Any:
    rows = []
    for layer in model._flatten_layers():
        attributes = {
            key: (len(value) if isinstance(value, (list, dict, set)) else id(value))
            for key, value in layer.__dict__.items()
        }
        rows.append((layer.name, layer.built, attributes))
    weights = [value.tobytes() for value in model.get_weights()] if model.built else None
    return rows, weights


def check(verdict: Verdict, status: str) -> None:
    assert verdict.status == status, (verdict.status, verdict.reason, verdict.skipped)


# Data edits


def test_a_reshape_before_fit() -> None:
    notebook = Notebook(IMPORTS, DATA, MODEL, "model.fit(X, y, verbose=0)")
    assert notebook.lines[-1] == 1
    check(notebook.rehearse(), "fails")
    verdict = notebook.rehearse((-1, "model.fit", "X = X.reshape(-1, 20, 3)\nmodel.fit"))
    check(verdict, "passes")
    assert [(call.method, call.ok) for call in verdict.calls] == [("fit", True)]
    check(notebook.rehearse((-1, "model.fit", "X = X.reshape(-1, 7, 3)\nmodel.fit")), "fails")
    check(notebook.rehearse((-1, "model.fit", "X = X.reshape(-1, 30, 2)\nmodel.fit")), "fails")


def test_what_follows_the_failing_call_must_run_too() -> None:
    notebook = Notebook(
        IMPORTS, DATA, MODEL, "X_test = X[:10]",
        """
        history = model.fit(X, y, epochs=3, verbose=0)
        print(history.history["loss"][-1], len(history.epoch))
        p = model.predict(X_test)
        """,
    )  # fmt: skip
    verdict = notebook.rehearse((-1, "history =", "X = X.reshape(-1, 20, 3)\nhistory ="))
    check(verdict, "fails")
    assert verdict.reason.startswith("predict")
    both = "X = X.reshape(-1, 20, 3); X_test = X_test.reshape(-1, 20, 3)\nhistory ="
    check(notebook.rehearse((-1, "history =", both)), "passes")


def test_an_executed_statement_reads_what_an_edit_changed() -> None:
    notebook = Notebook(
        IMPORTS, DATA, MODEL,
        """
        data = X[:, :]
        train, test = data[:40], data[40:]
        model.fit(train, y[:40], verbose=0)
        """,
    )  # fmt: skip
    check(notebook.rehearse((-1, "X[:, :]", "X.reshape(48, 20, 3)")), "passes")
    check(notebook.rehearse((-1, "X[:, :]", "X.reshape(24, 40, 3)")), "fails")


def test_target_stretched_by_the_loss_is_no_repair() -> None:
    notebook = Notebook(IMPORTS, DATA, "y = np.zeros((48, 5))", MODEL, "model.fit(X, y, verbose=0)")
    check(notebook.rehearse((-1, "model.fit", "X = X.reshape(-1, 20, 3)\nmodel.fit")), "fails")


# Model edits

STACK = """
model = Sequential([
    Input((20, 3)),
    LSTM(4),
    LSTM(4),
    Dense(1),
])
model.compile("adam", "mse")
model.fit(Z, y, verbose=0)
"""
SHAPED = "Z = X.reshape(48, 20, 3)"


def test_layer_argument_in_a_list() -> None:
    notebook = Notebook(IMPORTS, DATA, SHAPED, STACK)
    check(notebook.rehearse(), "fails")
    check(
        notebook.rehearse((-1, "LSTM(4),\n    LSTM(4)", "LSTM(4, return_sequences=True),\n    LSTM(4)")),
        "passes",
    )


def test_lines_of_add_over_two_cells() -> None:
    notebook = Notebook(
        IMPORTS, DATA, SHAPED,
        "model = Sequential()\nmodel.add(LSTM(4))",
        "model.add(LSTM(4))\nmodel.add(Dense(1))\nmodel.compile('adam', 'mse')\nmodel.fit(Z, y, verbose=0)",
    )  # fmt: skip
    check(notebook.rehearse(), "fails")
    check(notebook.rehearse((3, "LSTM(4)", "LSTM(4, return_sequences=True)")), "passes")
    # An edit of the later cell: the live model holds that cell's layers already.
    verdict = notebook.rehearse((-1, "model.add(LSTM(4))\n", "model.add(Dropout(0.1))\n"))
    check(verdict, "passes")
    assert verdict.repeats == ("model",)


def test_a_deleted_line_rebuilds_the_model() -> None:
    notebook = Notebook(
        IMPORTS, DATA, SHAPED,
        "model = Sequential()\nmodel.add(Input((20, 3)))\nmodel.add(Flatten())",
        "model.add(LSTM(4))\nmodel.add(Dense(1))\nmodel.compile('adam', 'mse')\nmodel.fit(Z, y, verbose=0)",
    )  # fmt: skip
    check(notebook.rehearse((3, "model.add(Flatten())", "")), "passes")


def test_functional_model_with_one_variable_for_all_tensors() -> None:
    notebook = Notebook(
        IMPORTS, DATA, SHAPED,
        """
        inputs = Input((20, 3))
        x = LSTM(4)(inputs)
        x = LSTM(4)(x)
        out = Dense(1)(x)
        model = Model(inputs, out)
        model.compile("adam", "mse")
        model.fit(Z, y, verbose=0)
        """,
    )  # fmt: skip
    check(notebook.rehearse((-1, "LSTM(4)(inputs)", "LSTM(4, return_sequences=True)(inputs)")), "passes")


def test_functional_model_over_two_cells() -> None:
    notebook = Notebook(
        IMPORTS, DATA, SHAPED,
        "inputs = Input((20, 3))\nx = LSTM(4)(inputs)",
        """
        x = LSTM(4)(x)
        model = Model(inputs, Dense(1)(x))
        model.compile("adam", "mse")
        model.fit(Z, y, verbose=0)
        """,
    )  # fmt: skip
    check(notebook.rehearse((3, "LSTM(4)(inputs)", "LSTM(4, return_sequences=True)(inputs)")), "passes")
    # The live x, onto which a new layer is put for the length of the rehearsal.
    check(notebook.rehearse((-1, "x = LSTM(4)(x)", "x = Dropout(0.1)(x)")), "passes")


BUILDER = """
units = 4
def build(shape):
    m = Sequential([Input(shape), LSTM(units), LSTM(units), Dense(1)])
    m.compile("adam", "mse")
    return m
"""


def test_builder_function_of_an_earlier_cell() -> None:
    notebook = Notebook(
        IMPORTS, DATA, SHAPED, BUILDER,
        "net = build(Z.shape[1:])\nnet.fit(Z, y, verbose=0)\nprint(net.predict(Z[:2]).shape)",
    )  # fmt: skip
    check(notebook.rehearse(), "fails")
    check(notebook.rehearse((3, "LSTM(units), LSTM", "LSTM(units, return_sequences=True), LSTM")), "passes")


def test_builder_that_is_called_but_not_edited() -> None:
    notebook = Notebook(
        IMPORTS, DATA, BUILDER.replace("LSTM(units), LSTM", "LSTM"),
        "net = build((20, 3))\nnet.fit(X, y, verbose=0)",
    )  # fmt: skip
    check(notebook.rehearse((-1, "net.fit(X,", "net.fit(X.reshape(-1, 20, 3),")), "passes")


def test_subclassed_model() -> None:
    notebook = Notebook(
        IMPORTS, DATA, SHAPED,
        """
        @keras.saving.register_keras_serializable("rehearsal")
        class Net(keras.Model):
            def __init__(self, units=4):
                super().__init__()
                self.one = LSTM(units)
                self.two = LSTM(units)
                self.out = Dense(1)
            def call(self, x, training=False):
                x = self.one(x)
                return self.out(self.two(x))
        """,
        "net = Net()\nnet.compile('adam', 'mse')\nnet.fit(Z, y, verbose=0)\nnet.summary()",
    )  # fmt: skip
    check(notebook.rehearse(), "fails")
    verdict = notebook.rehearse(
        (3, "self.one = LSTM(units)", "self.one = LSTM(units, return_sequences=True)")
    )
    check(verdict, "passes")


def test_a_later_call_of_other_width_on_a_model_built_by_fit() -> None:
    cell = (
        "m = Sequential([LSTM(4), Dense(1)])\nm.compile('adam', 'mse')\nm.fit(X, y, verbose=0)\nm.predict(W)"
    )
    notebook = Notebook(IMPORTS, DATA, "W = np.zeros((5, 20, 4))", cell)
    check(notebook.rehearse((-1, "m.fit(X,", "m.fit(X.reshape(-1, 20, 3),")), "fails")
    check(notebook.rehearse((-1, "m.fit(X,", "m.fit(X.reshape(-1, 15, 4),")), "passes")


# Loops and functions


def test_failing_statement_in_a_loop_and_in_a_function() -> None:
    notebook = Notebook(
        IMPORTS, DATA, MODEL,
        """
        losses = []
        def train(m, a, b):
            for start in range(0, len(a), 16):
                losses.append(m.train_on_batch(a[start:start + 16], b[start:start + 16]))
        for epoch in range(200):
            train(model, X, y)
        """,
    )  # fmt: skip
    check(notebook.rehearse(), "fails")
    begun = time.perf_counter()
    verdict = notebook.rehearse((-1, "train(model, X, y)", "train(model, X.reshape(-1, 20, 3), y)"))
    check(verdict, "passes")
    assert len(verdict.calls) == 1
    assert time.perf_counter() - begun < 20


def test_a_loop_that_is_cut_short_leaves_its_list_unknown() -> None:
    notebook = Notebook(
        IMPORTS, DATA, MODEL,
        """
        out = []
        for k in range(len(X)):
            out.append(model.predict(X[k:k + 1], verbose=0))
        again = np.concatenate(out).reshape(48, 1, 1)
        """,
    )  # fmt: skip
    check(notebook.rehearse((-1, "X[k:k + 1]", "X[k:k + 1].reshape(1, 20, 3)")), "passes")


def test_a_loop_of_layers() -> None:
    notebook = Notebook(
        IMPORTS, DATA, SHAPED,
        """
        model = Sequential([Input((20, 3))])
        for k in range(3):
            model.add(LSTM(4))
        model.add(Dense(1))
        model.compile("adam", "mse")
        model.fit(Z, y, verbose=0)
        """,
    )  # fmt: skip
    check(notebook.rehearse((-1, "LSTM(4)", "LSTM(4, return_sequences=k < 2)")), "passes")


def test_windows_made_in_a_loop() -> None:
    notebook = Notebook(
        IMPORTS, MODEL, "series = np.arange(90.0).reshape(30, 3)",
        """
        windows, targets = [], []
        for i in range(len(series) - 20):
            windows.append(series[i:i + 20])
            targets.append(series[i + 20, 0])
        model.fit(windows, np.array(targets), verbose=0)
        """,
    )  # fmt: skip
    check(notebook.rehearse(), "fails")
    check(notebook.rehearse((-1, "fit(windows", "fit(np.array(windows)")), "passes")


# What cannot be told, and what is left alone


def test_a_later_call_on_something_unknown_makes_no_promise() -> None:
    notebook = Notebook(
        IMPORTS, DATA, MODEL, "def batches():\n    yield X, y\nstream = batches()",
        "model.fit(X, y, verbose=0)\nmodel.fit(stream, steps_per_epoch=1, verbose=0)",
    )  # fmt: skip
    verdict = notebook.rehearse((-1, "model.fit(X", "model.fit(X.reshape(-1, 20, 3)"))
    check(verdict, "unknown")
    assert next(notebook.namespace["stream"])[0] is notebook.namespace["X"], "the generator was used up"


@pytest.mark.parametrize(
    "later",
    [
        "model.evaluate(*open('/nowhere'))",
        "import subprocess\nmodel.predict(subprocess.check_output('x'))",
        "for a in iter(input, ''): model.predict(a)",
        "model.predict(eval('X'))",
    ],
)
def test_unsafe_code_is_not_run(later: str) -> None:
    notebook = Notebook(IMPORTS, DATA, MODEL, "model.fit(X, y, verbose=0)\n" + later)
    check(notebook.rehearse((-1, "model.fit(X", "model.fit(X.reshape(-1, 20, 3)")), "unknown")


def test_plots_prints_and_files_are_left_out(tmp_path: Any) -> None:
    target = tmp_path / "model.keras"
    notebook = Notebook(
        IMPORTS, DATA, MODEL, "import matplotlib.pyplot as plt",
        f"""
        history = model.fit(X, y, epochs=2, validation_split=0.25, verbose=0)
        plt.plot(history.history["val_loss"])
        fig, ax = plt.subplots()
        ax.plot(model.predict(X))
        print("loss", f"{{model.evaluate(X, y):.3f}}")
        model.save({str(target)!r})
        np.save({str(target)!r}, X)
        """,
    )  # fmt: skip
    verdict = notebook.rehearse((-1, "history = model", "X = X.reshape(-1, 20, 3)\nhistory = model"))
    check(verdict, "passes")
    assert [call.method for call in verdict.calls] == ["fit", "predict", "evaluate"]
    assert not target.exists()
    assert not notebook.namespace["plt"].get_fignums()


def test_a_model_call_within_a_plot_is_tried() -> None:
    notebook = Notebook(IMPORTS, DATA, MODEL, "import matplotlib.pyplot as plt", "plt.plot(model.predict(X))")
    check(notebook.rehearse(), "fails")
    check(notebook.rehearse((-1, "predict(X)", "predict(X.reshape(-1, 20, 3))")), "passes")


def test_live_containers_arrays_and_generators_stay() -> None:
    notebook = Notebook(
        IMPORTS, DATA, MODEL, "log, seen = [], {'n': [1]}\nX2 = X.copy()",
        """
        model.fit(X, y, verbose=0)
        log.append(1)
        seen["n"].append(2)
        seen["m"] = len(log)
        X2 /= 2.0
        X2[0] = 0
        noise = rng.normal(size=X2.shape)
        rng.shuffle(X2)
        np.random.seed(3)
        np.random.shuffle(X2)
        assert len(log) == 1 and seen["n"] == [1, 2] and X2.shape == (48, 60)
        """,
    )  # fmt: skip
    check(notebook.rehearse((-1, "model.fit(X", "model.fit(X.reshape(-1, 20, 3)")), "passes")
    notebook.cells[-1] += "assert model.evaluate(X.reshape(-1, 20, 3), y) > 0.1\n"
    # Nobody knows the loss.
    check(notebook.rehearse((-1, "model.fit(X", "model.fit(X.reshape(-1, 20, 3)")), "unknown")


def test_weights_of_a_live_model_stay_while_its_copy_is_set() -> None:
    notebook = Notebook(
        IMPORTS, DATA, MODEL,
        """
        other = Sequential([Input((20, 4)), LSTM(4, return_sequences=True), LSTM(4), Dense(1)])
        other.set_weights(model.get_weights())
        p = other.predict(X[:4].reshape(-1, 20, 3))
        """,
    )  # fmt: skip
    check(notebook.rehearse(), "fails")
    check(notebook.rehearse((-1, "Input((20, 4))", "Input((20, 3))")), "passes")


def test_an_object_of_a_notebook_class() -> None:
    notebook = Notebook(
        IMPORTS, DATA, MODEL,
        """
        class Trainer:
            runs = 0
            def __init__(self, m):
                self.m, self.log = m, []
            def fit(self, a, b):
                self.runs += 1
                self.log.append(self.m.fit(a, b, verbose=0))
        trainer = Trainer(model)
        """,
        "trainer.fit(X, y)",
    )  # fmt: skip
    check(notebook.rehearse(), "fails")
    check(notebook.rehearse((-1, "fit(X,", "fit(X.reshape(-1, 20, 3),")), "passes")
    trainer = notebook.namespace["trainer"]
    assert trainer.log == []


def test_deadline() -> None:
    notebook = Notebook(IMPORTS, DATA, MODEL, "model.fit(X, y, verbose=0)\nwhile True:\n    k = 1")
    edit = (-1, "model.fit(X", "model.fit(X.reshape(-1, 20, 3)")
    begun = time.perf_counter()
    check(notebook.rehearse(edit, deadline=begun + 0.4), "unknown")
    assert time.perf_counter() - begun < 20
    check(notebook.rehearse(edit, deadline=time.perf_counter() - 1), "unknown")


def test_text_that_is_not_python() -> None:
    verdict = rehearse([Script("x = 1", "x = (", None)], {})
    check(verdict, "unknown")


def test_timed_cell_is_not_looked_into() -> None:
    notebook = Notebook(IMPORTS, DATA, MODEL, "model.fit(X, y, verbose=0)")
    notebook.cells[-1] += "get_ipython().run_cell_magic('time', '', 'model.predict(X)')\n"
    check(notebook.rehearse((-1, "model.fit(X", "model.fit(X.reshape(-1, 20, 3)")), "unknown")


# Size


@pytest.mark.parametrize("rows", [10**3, 10**7])
def test_cost_does_not_grow_with_the_data(rows: int) -> None:
    notebook = Notebook(IMPORTS, MODEL)
    notebook.namespace["X"] = np.broadcast_to(np.float32(0), (rows, 60))
    notebook.namespace["y"] = np.broadcast_to(np.float32(0), (rows, 1))
    notebook.run("model.fit(X[:10], y[:10], verbose=0)")
    notebook.lines[-1] = 1
    repaired = """
X = (X - X.mean(axis=0)) / X.std(axis=0)
X = X.reshape(-1, 20, 3).astype("float32")
cut = int(len(X) * 0.8)
parts = np.concatenate([X[:cut], X[cut:]])
model.fit(parts[:cut], y[:cut], validation_data=(X[cut:], y[cut:]), verbose=0)
p = model.predict(X)
error = np.abs(p - y).mean()
model.fit(X[:10], """
    notebook.rehearse()
    begun = time.perf_counter()
    check(notebook.rehearse((-1, "model.fit(X[:10], ", repaired)), "passes")
    assert time.perf_counter() - begun < 30
    wrong = repaired.replace("reshape(-1, 20, 3)", "reshape(-1, 20, 7)")
    check(notebook.rehearse((-1, "model.fit(X[:10], ", wrong)), "fails")


def test_values_of_a_big_array_are_not_guessed() -> None:
    notebook = Notebook(IMPORTS, MODEL)
    notebook.namespace["X"] = np.broadcast_to(np.float32(0), (10**8, 60))
    notebook.namespace["y"] = np.broadcast_to(np.float32(0), (10**8, 1))
    notebook.run("keep = X[:5, 0] > 0")
    check(notebook.rehearse((-1, "X[:5, 0]", "X[:, 0]")), "passes")
    notebook.cells[-1] += "model.fit(X[keep].reshape(-1, 20, 3), y[keep])\n"
    check(notebook.rehearse((-1, "X[:5, 0]", "X[:, 0]")), "unknown")


def test_a_small_edit_costs_little_beside_its_dry_run() -> None:
    notebook = Notebook(
        IMPORTS, DATA,
        """
        model = Sequential([Input((20, 3)), LSTM(8, return_sequences=True), LSTM(8, return_sequences=True),
                            LSTM(8), Dense(1)])
        model.compile("adam", "mse")
        """,
        "model.fit(X, y, verbose=0)",
    )  # fmt: skip
    edit = (-1, "model.fit", "X = X.reshape(-1, 20, 3)\nmodel.fit")
    notebook.rehearse(edit)
    begun = time.perf_counter()
    check(notebook.rehearse(edit), "passes")
    assert time.perf_counter() - begun < 15


@pytest.mark.parametrize(
    "code",
    [
        "df = pd.DataFrame(arr); df.iloc[0, 0] = 7; X = df.to_numpy()",
        "np.multiply(arr, 2, arr); X = arr",
        "X = np.asarray(arr); X += 1",
        "X = np.squeeze(arr); X[0] = 5; X.sort()",
        "rows = []; list(map(rows.append, arr)); X = np.stack(rows)",
        "table = pd.DataFrame(arr, columns=list('abc')); table.pop('c'); table.insert(0, 'c', 1.0); X = table.to_numpy()",
        "X = sorted(arr.tolist(), key=operator.itemgetter(0)); X = np.array(X)",
        "X = np.array(list(map(str.upper, 'abcdef')))[:, None].repeat(3, 1).astype('U1') == 'A'; X = X.astype('float32')",
        "X = arr.clip(0, 1, arr)",
        "X = MinMaxScaler(copy=False).fit_transform(arr)",
        "X = np.array([*zip(arr[:, 0], arr[:, 1], arr[:, 2])])",
        "first, *others = zip(arr, arr); X = arr",
        "counts = collections.defaultdict(list); counts['a'].append(1); X = arr[:, : 2 + len(counts['a'])]",
    ],
)
def test_what_a_library_changes_has_the_shape_that_it_gets(code: str) -> None:
    """Lent arrays are read-only; who writes to them gets a copy, which goes on in the rehearsal."""
    import collections
    import operator

    import pandas as pd
    from sklearn.preprocessing import MinMaxScaler

    arr = np.arange(18.0).reshape(6, 3)
    before = arr.copy()
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    live: dict[str, Any] = {"arr": arr, "model": model, "y": np.zeros((6, 1)), "MinMaxScaler": MinMaxScaler}
    live |= {"np": np, "pd": pd, "collections": collections, "operator": operator}
    text = f"wide = {{}}\n{code}\nmodel.fit(X[:, :wide], y, verbose=0)"
    right = rehearse([Script(text.format(2), text.format(3), 1)], live)
    wrong = rehearse([Script(text.format(3), text.format(2), 1)], live)
    assert (right.status, wrong.status) == ("passes", "fails"), (right, wrong)
    np.testing.assert_array_equal(arr, before)
