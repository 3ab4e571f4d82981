"""Sequences of unequal length, laid together by the user: is padding masked by the model that reads them?"""

from __future__ import annotations

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import rnnmagic

START = """
import numpy as np, keras
from keras import layers
rng = np.random.default_rng(4)
beats = [rng.normal(size=n).astype("float32") for n in rng.integers(5, 12, 20)]
early = rng.integers(0, 2, 20)
def stack(*front):
    model = keras.Sequential([keras.Input((None, 1)), *front, layers.GRU(2), layers.Dense(1)])
    model.compile("adam", "mse")
    return model
def train(model, x):
    model.fit(x, early, verbose=0)
"""
MASKS = "masks = stack(layers.Masking())\n"
READS = "reads = stack()\n"
WORDS = "words = keras.Sequential([layers.Embedding(9, 2, mask_zero=True), layers.GRU(2)])\n"
DENSE = "dense = keras.Sequential([keras.Input((3,)), layers.Dense(1)])\n"


@pytest.fixture(scope="module")
def shell() -> InteractiveShell:
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    shell.run_line_magic("load_ext", "rnnmagic")
    return shell


@pytest.mark.parametrize(
    ("earlier", "cell", "masked"),
    [
        # The model that reads them is the one that counts, wherever it was made.
        (WORDS + READS, "reads.fit(np.array(beats), early)", False),
        (WORDS + MASKS + READS, "masks.fit(np.array(beats), early)", True),
        (READS, MASKS + "masks.fit(np.array(beats), early)", True),
        (WORDS, READS + "reads.fit(np.array(beats), early)", False),
        (WORDS + READS, "x = np.array(beats)\nx_train, x_test = x[:15], x[15:]\nreads.fit(x_train, early[:15])", False),
        (MASKS + READS, "x = np.array(beats)\ntrain(masks, x)", True),
        # Made anew after the line that fails: the one that lives is the old one.
        (MASKS, "x = np.array(beats)\nmasks = stack()\nmasks.fit(x, early)", False),
        ("m = stack()\n", "x = np.array(beats)\nm = stack(layers.Masking())\nm.fit(x, early)", True),
        # Passed to none yet: all that read sequences have to mask.
        (WORDS + READS, "x = np.array(beats)", False),
        (MASKS + DENSE, "x = np.array(beats)", True),
        (DENSE, "x = np.array(beats)", False),
        # A scaler is no model.
        (MASKS + "from sklearn.preprocessing import StandardScaler\nscaler = StandardScaler()\n",
         "x = scaler.fit(np.array(beats))", True),
        # Inside another model.
        ("inner = keras.Sequential([keras.Input((None, 1)), layers.Masking()])\nouter = stack(inner)\n" + READS,
         "outer.predict(np.stack(beats))", True),
    ],
)  # fmt: skip
def test_the_model_that_reads_them_masks(
    shell: InteractiveShell, earlier: str, cell: str, masked: bool
) -> None:
    shell.reset(new_session=False)
    for text in (START, earlier, "%%rnncheck --no-verify --display none\n" + cell):
        shell.run_cell(text, store_history=True)
    report = rnnmagic.last_report()
    assert report is not None and report.cause == "ragged"
    fix = report.to_dict()["fixes"][0]
    assert fix["kind"] == "pad"
    assert (fix["caution"] is None) == masked
    assert (not report.advice) == masked


def test_a_cell_that_masks_is_enough_where_the_model_is_only_coming(shell: InteractiveShell) -> None:
    shell.reset(new_session=False)
    coming = (
        "x = np.asarray(beats)\n"
        "late = keras.Sequential([keras.Input((None, 1)), layers.Masking(mask_value=-1.0), layers.LSTM(2)])\n"
    )
    for text in (START, READS + "del reads", "%%rnncheck --no-verify --display none\n" + coming):
        shell.run_cell(text, store_history=True)
    report = rnnmagic.last_report()
    assert report is not None and report.cause == "ragged" and report.fixes[0].caution is None
