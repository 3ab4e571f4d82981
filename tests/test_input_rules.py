"""How an array before a model's input is read: what its shape, the targets and the declaration say together."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

from rnnmagic.diagnosis import inputs
from rnnmagic.diagnosis.layers.settings import _cuts_no_axis
from rnnmagic.evidence import Operand
from rnnmagic.values import describe

RNG = np.random.default_rng(5)


def judged(value: Any, want: tuple[int | None, ...], **known: Any) -> inputs.Finding:
    node = ast.parse(known.pop("written", "x"), mode="eval").body
    namespace = known.pop("namespace", {"x": value})
    operand = Operand("x", None, value, describe(value), "x", ast.unparse(node), node, is_global=True)
    shape = known.pop("shape", value.shape)
    return inputs.judge(inputs.Situation(operand, shape, want, "fit", namespace, **known))


def test_rows_of_all_samples_in_one_table_are_folded_back() -> None:
    finding = judged(RNG.normal(size=(480, 3)), (None, 12, 3), targets=40)
    assert finding.cause == "flattened"
    assert finding.candidates[0].after == (40, 12, 3)
    finding = judged(RNG.normal(size=(72, 10, 10, 1)), (None, 6, 10, 10, 1), targets=12)
    assert finding.candidates[0].after == (12, 6, 10, 10, 1)


def test_a_table_with_a_target_a_row_is_not_folded() -> None:
    assert judged(RNG.normal(size=(480, 3)), (None, 12, 3), targets=480).cause == "unwindowed"


def test_other_counts_where_nothing_is_declared_are_not_folded() -> None:
    finding = judged(RNG.normal(size=(100, 60)), (None, None, None), targets=50, declared=False)
    assert all(candidate.after != (50, 2, 60) for candidate in finding.candidates)


def test_several_samples_chosen_by_an_array_are_not_one_sample() -> None:
    beats = RNG.normal(size=(45, 30))
    known = {"x": beats, "fold": np.arange(30), "one": 3}
    chosen = judged(
        beats[:30], (None, None, None), written="x[fold]", namespace=known, targets=30, declared=False
    )
    assert chosen.cause == "feature_axis_missing"
    windows = RNG.normal(size=(9, 30, 2))
    one = judged(windows[3], (None, 30, 2), written="x[one]", namespace={**known, "x": windows})
    assert one.cause == "batch_axis_missing"


def test_steps_that_any_number_of_will_do_are_what_the_sizes_leave() -> None:
    finding = judged(RNG.normal(size=(35, 4, 1)), (None, None, 2, 1), targets=35)
    assert (35, 2, 2, 1) in [candidate.after for candidate in finding.candidates]


def test_windows_of_unknown_length_lack_the_feature_axis() -> None:
    x = RNG.normal(size=(32, 30))
    finding = judged(x, (None, None, None), shape=(32, None), declared=False)
    assert finding.cause == "feature_axis_missing"


def test_a_reshape_that_cuts_no_axis_is_told_from_one_that_does() -> None:
    assert _cuts_no_axis((12, 4, 12), (12, 48))
    assert _cuts_no_axis((24, 3), (6, 4, 3))
    assert not _cuts_no_axis((12, 4, 12), (18, 32))
