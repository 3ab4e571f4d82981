"""Which model takes which array, with real Keras models: what the Shapes panel says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from rnnmagic.shapes import survey


def model(outputs: int = 1, loss: Any = "mse", sequence: bool = False) -> Any:
    made = keras.Sequential(
        [keras.Input((20, 3)), layers.LSTM(4, return_sequences=sequence), layers.Dense(outputs)]
    )
    made.compile("adam", loss)
    return made


def fits(namespace: dict[str, Any], name: str) -> list[tuple[str, str, bool]]:
    row = next(row for row in survey(namespace).rows if row.name == name)
    return [(fit.model, fit.wants, fit.ok) for fit in row.fits]


@pytest.mark.parametrize(
    ("shape", "ok"), [((40, 20, 3), True), ((40, 60), False), ((40, 3, 20), False), ((40, 20, 4), False)]
)
def test_inputs(shape: tuple[int, ...], ok: bool) -> None:
    assert fits({"lstm": model(), "X_train": np.zeros(shape)}, "X_train") == [("lstm", "(?, 20, 3)", ok)]


SPARSE = keras.losses.SparseCategoricalCrossentropy()


@pytest.mark.parametrize(
    ("made", "shape", "ok"),
    [
        (model(1), (40,), True),
        (model(1), (40, 1), True),
        (model(1), (40, 20), False),
        (model(5, "categorical_crossentropy"), (40, 5), True),
        (model(5, "categorical_crossentropy"), (40,), False),
        (model(5, "sparse_categorical_crossentropy"), (40,), True),
        (model(5, SPARSE), (40, 1), True),
        (model(5, SPARSE), (40, 5), False),
        (model(5, SPARSE, sequence=True), (40, 20), True),
        (model(1, sequence=True), (40, 1), False),
    ],
)
def test_targets(made: Any, shape: tuple[int, ...], ok: bool) -> None:
    assert [fit[2] for fit in fits({"net": made, "y": np.zeros(shape)}, "y")] == [ok]


def test_a_name_that_says_nothing_is_only_matched_exactly() -> None:
    space = {"net": model(), "table": np.zeros((40, 60)), "cube": np.zeros((40, 20, 3))}
    assert fits(space, "table") == []
    assert fits(space, "cube") == [("net", "(?, 20, 3)", True)]


def test_every_model_is_named() -> None:
    other = keras.Sequential([keras.Input((60,)), layers.Dense(1)])
    space = {"net": model(), "dense": other, "X": np.zeros((40, 60))}
    assert fits(space, "X") == [("net", "(?, 20, 3)", False), ("dense", "(?, 60)", True)]


def test_a_model_that_is_not_built_says_nothing() -> None:
    assert fits({"net": keras.Sequential([layers.LSTM(4)]), "X": np.zeros((40, 60))}, "X") == []


def test_large_data_and_many_names_are_not_read(tmp_path: Path) -> None:
    """10 GB on paper, no byte of which is on the disk; reading it would take all of the test's limit."""
    large = np.memmap(tmp_path / "large", dtype="float32", mode="w+", shape=(40_000_000, 20, 3))
    space: dict[str, Any] = {f"a{number}": number for number in range(10_000)}
    space |= {f"b{number}": np.zeros(3) for number in range(2_000)} | {"net": model(), "X": large}
    table = survey(space, rows=3_000)
    assert fits(space | {"X": large}, "b0") == []
    assert next(row for row in table.rows if row.name == "X").fits[0].ok
