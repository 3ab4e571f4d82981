"""Silent shape mistakes on live Keras models: the call is looked at, and nothing of it is changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from rnnmagic.cells import Cell, CellLog, Run
from rnnmagic.frameworks.base import Outcome
from rnnmagic.frameworks.keras3 import engine
from rnnmagic.frameworks.keraslike.looks import look
from rnnmagic.report import Notice
from rnnmagic.settings import RnnCheck
from rnnmagic.silent import notices

keras = pytest.importorskip("keras")

START = """
import numpy as np, keras
from keras import layers
rng = np.random.default_rng(3)
"""


def check(text: str, *, earlier: str = "") -> tuple[tuple[Notice, ...], dict[str, Any]]:
    """Run a cell with the recorder on, as the magic does, and look for silent mistakes."""
    from rnnmagic.frameworks.keras3.record import Recorder

    cells = [Cell(n, f"c{n}", t, t, f"<cell {n}>") for n, t in enumerate((START + earlier, text))]
    namespace: dict[str, Any] = {}
    exec(cells[0].transformed, namespace)
    recorder = Recorder()
    recorder.install()
    try:
        exec(cells[1].transformed, namespace)
    finally:
        recorder.remove()
    run = Run(cells[1], CellLog(cells), namespace, None, 0.0)
    return notices(run, recorder, RnnCheck()), namespace


def fit(layers: str, x: str, y: str, loss: str = "mse") -> str:
    return (
        f"m = keras.Sequential([{layers}])\nm.compile('adam', '{loss}')\nx = {x}\ny = {y}\n"
        "m.fit(x, y, epochs=1, verbose=0)\n"
    )


SERIES = "rng.normal(size=(20, 6, 2))"


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (fit("layers.LSTM(3, return_sequences=True), layers.Dense(1)", SERIES, "rng.normal(size=20)"), "broadcast_loss"),
        (fit("layers.LSTM(3), layers.Dense(1)", SERIES, "rng.normal(size=20)"), None),
        (fit("layers.LSTM(3), layers.Dense(1)", SERIES, "rng.normal(size=(20, 1))"), None),
        (fit("layers.Input((9, 2)), layers.LSTM(3), layers.Dense(1)", SERIES, "rng.normal(size=20)"), "timesteps_unchecked"),
        (fit("layers.Input((None, 2)), layers.LSTM(3), layers.Dense(1)", SERIES, "rng.normal(size=20)"), None),
        (fit("layers.LSTM(3), layers.Dense(1)", SERIES, "rng.normal(size=20)")
         + "m.predict(rng.normal(size=(4, 9, 2)), verbose=0)\n", None),
    ],
)  # fmt: skip
def test_shapes_that_keras_accepts(text: str, cause: str | None) -> None:
    found, _ = check(text)
    assert [notice.cause for notice in found] == ([cause] if cause else [])


LEADS = "rng.normal(size=(20, 4, 9))"
EEG = "(eeg := rng.normal(size=(4, 600)))"
ROLL = "(roll := (rng.random((20, 4, 9)) < 0.02).astype('float32'))"
"""Almost everywhere zero."""


@pytest.mark.parametrize(
    ("layers", "x", "cause"),
    [
        ("layers.Input((4, 9)), layers.Reshape((9, 4)), layers.LSTM(3), layers.Dense(1)", LEADS, "scrambled"),
        ("layers.Input((4, 9)), layers.Permute((2, 1)), layers.LSTM(3), layers.Dense(1)", LEADS, None),
        ("layers.Input((36,)), layers.Reshape((9, 4)), layers.LSTM(3), layers.Dense(1)", "rng.normal(size=(20, 36))", None),
        ("layers.Input((9, 4)), layers.LSTM(3), layers.Dense(1)", f"(raw := {LEADS})\ndef folded(a): return np.reshape(a, (20, 9, 4))\nx = folded(raw)", "scrambled"),
        ("layers.Input((9, 4)), layers.LSTM(3), layers.Dense(1)", "rng.normal(size=(20, 9, 4))\nwrong = x.reshape(20, 4, 9)", None),
        ("layers.Input((20, 4)), layers.LSTM(3), layers.Dense(1)", f"{EEG}\nx = eeg.reshape(-1, 20, 4)", "scrambled"),
        ("layers.Input((50, 4)), layers.LSTM(3), layers.Dense(1)", "(eeg := rng.normal(size=(4, 1000)))\nx = eeg.reshape(4, 20, 50).transpose(1, 2, 0)", None),
        ("layers.Input((20, 4)), layers.LSTM(3), layers.Dense(1)", f"{EEG}\ncut = eeg.reshape(4, 30, 20)\nx = np.moveaxis(cut, 0, -1)", None),
        ("layers.Input((50, 4)), layers.LSTM(3), layers.Dense(1)", "(flat := rng.normal(size=(4, 200)))\nx = flat.reshape(4, 50, 4)", None),
        ("layers.Input((9, 4)), layers.LSTM(3), layers.Dense(1)", f"{ROLL}\nx = roll.transpose(0, 2, 1)", None),
        ("layers.Input((9, 4)), layers.LSTM(3), layers.Dense(1)", f"{ROLL}\ndef turned(a): return np.swapaxes(a, 1, 2)\nx = turned(roll)", None),
        ("layers.Input((9, 4)), layers.LSTM(3), layers.Dense(1)", f"{ROLL}\ndef folded(a): return np.reshape(a, (20, 9, 4))\nx = folded(roll)", "scrambled"),
    ],
)  # fmt: skip
def test_axes_exchanged_by_a_reshape(layers: str, x: str, cause: str | None) -> None:
    found, _ = check(fit(layers, x, "rng.normal(size=len(x))"))
    assert [notice.cause for notice in found] == ([cause] if cause else [])


WINDOWS = (
    "s = rng.normal(size=(60, 2)).astype('float32')\n"
    "def windows(n, **more):\n"
    "    return keras.utils.timeseries_dataset_from_array(s[:-n], s[n:, :1], sequence_length=n, batch_size=16, **more)\n"
)


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        ("windows(6, sampling_rate=2, shuffle=True).take(2)", "timesteps_unchecked"),
        ("windows(9)", None),
        ("windows(10).map(lambda x, y: (x[:, 1:], y))", None),  # what a function leaves of them is not known
    ],
)
def test_windows_of_a_dataset_whose_shape_is_open(data: str, cause: str | None) -> None:
    text = "m = keras.Sequential([layers.Input((9, 2)), layers.LSTM(3), layers.Dense(1)])\nm.compile('adam', 'mse')\n"
    found, _ = check(text + f"data = {data}\nm.fit(data, verbose=0)\n", earlier=WINDOWS)
    assert [notice.cause for notice in found] == ([cause] if cause else [])


PADDED = "keras.utils.pad_sequences([rng.integers(1, 9, n) for n in rng.integers(2, 12, 30)], padding='post')"


@pytest.mark.parametrize(
    ("stack", "cause"),
    [
        ("layers.Embedding(9, 3, mask_zero=True), layers.Dropout(0.1), layers.LSTM(3), layers.Dense(1)", None),
        ("layers.Embedding(9, 3, mask_zero=True), layers.Conv1D(3, 2), layers.LSTM(3), layers.Dense(1)", "mask_lost"),
        ("layers.Embedding(9, 3, mask_zero=True), layers.LSTM(3), layers.RepeatVector(2), layers.LSTM(3), layers.Dense(1)",
         None),
        ("layers.Embedding(9, 3), layers.Bidirectional(layers.LSTM(3)), layers.Dense(1)", "pad_unmasked"),
        ("layers.Embedding(9, 3), layers.GlobalAveragePooling1D(), layers.Dense(1)", None),
    ],
)  # fmt: skip
def test_masks_on_their_way(stack: str, cause: str | None) -> None:
    found, _ = check(fit(stack, PADDED, "rng.integers(0, 2, 30)"))
    assert [notice.cause for notice in found] == ([cause] if cause else [])


ONE = "[rng.normal(size=n) for n in rng.integers(4, 16, 30)]"
READINGS = f"keras.utils.pad_sequences({ONE}, padding='post', dtype='float32')"


@pytest.mark.parametrize(
    ("stack", "x", "cause"),
    [
        # Keras adds the last axis that the declaration has, and takes away the one that it has not.
        ("layers.Input((None, 1)), layers.GRU(3), layers.Dense(1)", READINGS, "pad_unmasked"),
        ("layers.Input((None, 1)), layers.GRU(3), layers.Dense(1)", READINGS + "[..., None]", "pad_unmasked"),
        ("layers.Input((None, 1)), layers.Masking(), layers.GRU(3), layers.Dense(1)", READINGS, None),
        ("layers.Input((None, 1)), layers.Masking(), layers.GRU(3), layers.Dense(1)",
         READINGS.replace("dtype", "value=-9.0, dtype"), "pad_unmasked"),
        ("layers.Input((None, 1)), layers.Masking(mask_value=-9.0), layers.GRU(3), layers.Dense(1)",
         READINGS.replace("dtype", "value=-9.0, dtype"), None),
        ("layers.Input((None, 1)), layers.Masking(), layers.Conv1D(3, 2), layers.GRU(3), layers.Dense(1)", READINGS,
         "mask_lost"),
        ("layers.Input((None,)), layers.Embedding(9, 3), layers.GRU(3), layers.Dense(1)", PADDED + "[..., None]",
         "pad_unmasked"),
        # Nothing says that these zeros are padding: a signal that is switched off early looks just so.
        ("layers.Input((None, 1)), layers.GRU(3), layers.Dense(1)",
         "rng.normal(size=(30, 15)) * (np.arange(15) < rng.integers(4, 16, (30, 1)))", None),
    ],
)  # fmt: skip
def test_padding_of_one_number_a_step(stack: str, x: str, cause: str | None) -> None:
    found, _ = check(fit(stack, x, "rng.integers(0, 2, 30)"))
    assert [notice.cause for notice in found] == ([cause] if cause else [])


def test_a_notice_says_where_and_what() -> None:
    text = "x = raw.reshape(10, 7, 3)\n" + fit("layers.GRU(3), layers.Dense(1)", "x", "rng.normal(size=10)")
    found, _ = check(text, earlier="raw = rng.normal(size=(10, 3, 7))\n")
    (notice,) = found
    assert (notice.cause, notice.line) == ("scrambled", 1)
    assert notice.array is not None and notice.array.name == "x"
    assert "raw.transpose(0, 2, 1)" in notice.summary


def test_the_model_stays_as_it_was() -> None:
    text = fit(
        "layers.LSTM(3, return_sequences=True), layers.Dropout(0.5), layers.Dense(1)",
        SERIES,
        "rng.normal(size=20)",
    )
    before: list[Any] = []

    def kept(model: Any) -> list[Any]:
        return [*model.get_weights(), *(np.asarray(v) for v in model.optimizer.variables)]

    original = engine.dry_run

    def spied(model: Any, *rest: Any, **options: Any) -> Any:
        if not before:  # the fixes are tried with a dry run each, on models of their own
            before.extend(kept(model))
        return original(model, *rest, **options)

    engine.dry_run = spied
    try:
        found, names = check(text)
    finally:
        engine.dry_run = original
    assert found and before
    for old, new in zip(before, kept(names["m"]), strict=True):
        np.testing.assert_array_equal(old, new)
    names["m"].fit(names["x"], names["y"], epochs=1, verbose=0)


def test_the_same_call_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    model = keras.Sequential([keras.layers.GRU(2), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    runs = []
    monkeypatch.setattr(engine, "dry_run", lambda *given, **_: runs.append(given) or Outcome(True))
    x, y = np.zeros((8, 5, 2)), np.zeros(8)
    look(model, "fit", {"x": x, "y": y})
    look(model, "fit", {"x": x + 1, "y": y})
    assert len(runs) == 1
    look(model, "fit", {"x": x, "y": np.zeros((8, 2))})
    assert len(runs) == 2


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    yield
    keras.utils.clear_session()
