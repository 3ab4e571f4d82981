"""One sample before and after a fix: the right numbers, few of them, and the whole array never touched."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent / "views"))
from view_page import check

from rnnmagic import ops
from rnnmagic.report import ArrayInfo, LayerInfo
from rnnmagic.samples import FEATURES, POINTS, STEPS, sample_pair
from rnnmagic.views.pictures import before_and_after, blocks

RNG = np.random.default_rng(0)
TABLE = RNG.random((40, 60))
CUBE = RNG.random((40, 3, 20))


@pytest.mark.parametrize(
    ("op", "value"),
    [
        (ops.Reshape((20, 3)), TABLE),
        (ops.FeatureMajor(20, 3), TABLE),
        (ops.Transpose((0, 2, 1)), CUBE),
        (ops.Transpose((1, 0, 2)), CUBE),
        (ops.Slice(-1, 0, 2), CUBE.transpose(0, 2, 1)),
        (ops.Reshape((20, 3)), pd.DataFrame(TABLE)),
        (ops.Chain((ops.Transpose((0, 2, 1)), ops.Reshape((10, 6)))), CUBE),
        (ops.Reshape((20, 3)), RNG.random((400, 6))),
    ],
)
def test_the_sample_is_the_one_that_the_whole_repair_gives(op: ops.Op, value: object) -> None:
    pair = sample_pair(op, value)
    assert pair is not None
    repaired = np.asarray(op.apply(value))[0]
    assert pair.after.shape == repaired.shape
    rows = np.array(pair.after.rows)
    assert np.array_equal(rows, repaired[: rows.shape[0], : rows.shape[1]])


def test_a_scramble_looks_otherwise() -> None:
    right = sample_pair(ops.Transpose((0, 2, 1)), CUBE)
    wrong = sample_pair(ops.Reshape((20, 3)), CUBE)
    assert right is not None
    assert wrong is not None
    assert right.before == wrong.before
    assert right.after.rows != wrong.after.rows
    assert before_and_after(right).html != before_and_after(wrong).html


def test_padding_is_seen_to_its_end() -> None:
    pair = sample_pair(ops.Pad(maxlen=300), [[1.0, 2.0, 3.0], [1.0] * 300])
    assert pair is not None
    assert pair.before.rows == ((1.0, 2.0, 3.0),)
    assert pair.after.every == 4
    assert pair.after.rows[0][-1] == 0.0
    assert "After: one place in 4 is drawn." in before_and_after(pair).html


def test_a_window_is_cut_out_of_the_series() -> None:
    series = np.sin(np.arange(1000) / 9)[:, None] + np.zeros(2)
    pair = sample_pair(ops.Windows(20), series)
    assert pair is not None
    assert pair.first_feature
    assert (len(pair.before.rows[0]), len(pair.after.rows[0])) == (61, 20)
    assert pair.before.rows[0][:20] == pair.after.rows[0]


def test_little_is_kept_of_much_in_little_time() -> None:
    much = np.broadcast_to(np.float32(1.5), (10**9, 500, 40))  # 80 TB if it were ever copied
    much_table = np.broadcast_to(np.arange(600.0), (10**9, 600))
    begun = time.thread_time()
    assert sample_pair(ops.Transpose((0, 2, 1)), much) is not None
    pair = sample_pair(ops.Reshape((200, 3)), much_table)
    assert time.thread_time() - begun < 1.0
    assert pair is not None
    assert (len(pair.after.rows), len(pair.after.rows[0])) == (STEPS, 3)
    assert len(pair.before.rows[0]) == POINTS
    assert all(type(number) is float for row in pair.after.rows for number in row)
    wide = sample_pair(ops.Transpose((0, 2, 1)), RNG.random((5, 50, 40)))
    assert wide is not None
    assert {len(wide.before.rows), len(wide.before.rows[0])} == {STEPS, FEATURES}


def test_what_is_no_number_is_a_gap() -> None:
    cube = CUBE.copy()
    cube[0, 1, 1], cube[0, 2, 2], cube[0, 0, 0] = np.nan, np.inf, 1e308
    pair = sample_pair(ops.Transpose((0, 2, 1)), cube)
    assert pair is not None
    assert sum(number is None for row in pair.after.rows for number in row) == 2
    page = check(before_and_after(pair).html)
    assert "no number" in page.text


class Loud(np.ndarray):
    def __getitem__(self, key: object) -> object:
        raise AssertionError("the user's code ran")


@pytest.mark.parametrize(
    "value",
    [
        CUBE.view(Loud),
        np.array([["a", "b"]]),
        np.empty((0, 60)),
        CUBE.astype(complex),
        [object()],
        "text",
        None,
        iter([1]),
        pd.DataFrame({"a": ["x"]}),
        RNG.random((2, 400, 300)),
    ],
)
def test_of_other_things_nothing_is_drawn(value: object) -> None:
    assert sample_pair(ops.Reshape((20, 3)), value) is None


def test_an_operation_that_fails_on_one_sample_is_not_drawn() -> None:
    assert sample_pair(ops.Reshape((7, 3)), TABLE[:1]) is None
    assert sample_pair(ops.Squeeze(1), TABLE) is None


EXPECTED = LayerInfo("lstm", "LSTM", "model", (None, 20, 3), (40, 60), ("samples", "timesteps", "features"))


def test_blocks_say_in_words_what_they_draw() -> None:
    array = ArrayInfo("X", "X", "x", (40, 60), "float64", ("samples", "timesteps*features"))
    drawn = blocks(array, EXPECTED)
    assert drawn is not None
    page = check(drawn.html)
    said = dict(page.attributes)["aria-label"] or ""
    assert "expected by lstm: any number of samples × 20 timesteps (differs) × 3 features (differs)." in said
    assert "received X: 40 samples × 60 timesteps*features (differs)." in said
    assert page.text.count("≠") == 3
    assert "id" not in {key for key, _ in page.attributes}


@pytest.mark.parametrize("shape", [(7,), (7, None), (7, 1, 10**9), (1, 2, 3, 4)])
def test_blocks_of_one_to_four_axes(shape: tuple[int | None, ...]) -> None:
    drawn = blocks(ArrayInfo("X", "X", "x", shape, None), replace(EXPECTED, received=None))
    assert drawn is not None
    for size in shape:
        assert ("?" if size is None else f"{size:,}") in check(drawn.html).text


def test_nothing_is_drawn_of_no_shape_or_of_too_many_axes() -> None:
    assert blocks(None, None) is None
    assert blocks(ArrayInfo("X", "X", "x", (1, 2, 3, 4, 5), None), None) is None
