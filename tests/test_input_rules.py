"""How an array before a model's input is read: what its shape, the targets and the declaration say together."""

from __future__ import annotations

import ast
import sys
from typing import Any

import numpy as np
import pandas as pd

from rnnmagic.diagnosis import inputs
from rnnmagic.diagnosis.base import Candidate
from rnnmagic.diagnosis.carriers.samples import _cuts
from rnnmagic.diagnosis.companions import _both
from rnnmagic.diagnosis.layers.settings import _cuts_no_axis
from rnnmagic.diagnosis.operations import meetings
from rnnmagic.diagnosis.targets import metrics
from rnnmagic.diagnosis.targets.answer import Answer
from rnnmagic.evidence import Operand
from rnnmagic.ops import Expand, ToArray
from rnnmagic.source import Place
from rnnmagic.values import describe

RNG = np.random.default_rng(5)


def judged(value: Any, want: tuple[int | None, ...], **known: Any) -> inputs.Finding:
    node = ast.parse(known.pop("written", "x"), mode="eval").body
    namespace = known.pop("namespace", {"x": value})
    operand = Operand("x", None, value, describe(value), "x", ast.unparse(node), node, is_global=True)
    shape = known.pop("shape", value.shape)
    method = known.pop("method", "fit")
    return inputs.judge(inputs.Situation(operand, shape, want, method, namespace, **known))


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


def test_columns_of_a_frame_and_a_table_out_of_several_are_not_one_sample() -> None:
    rows = np.cumsum(RNG.normal(size=(150, 4)), axis=0)
    frame = pd.DataFrame(rows, columns=list("abcd"))
    undeclared = (None, None, None)
    known: dict[str, Any] = {"df": frame, "cols": list("abc"), "tables": {"one": rows}, "key": "one"}
    for written, value in (("df[cols]", frame[list("abc")]), ("tables[key]", rows), ("splits[0]", rows)):
        known["splits"] = [rows, rows[:20]]
        finding = judged(value, undeclared, written=written, namespace=known, targets=150, declared=False)
        assert finding.cause == "unwindowed", written
    recording = judged(rows, undeclared, written="splits[0]", namespace=known, declared=False)
    assert recording.cause == "batch_axis_missing"


def test_one_sample_of_an_array_may_have_a_target_for_each_step() -> None:
    windows = RNG.normal(size=(9, 30, 2))
    known = {"x": windows}
    told = {"written": "x[3]", "namespace": known, "targets": 30}
    assert judged(windows[3], (None, 30, 2), answer=(None, 30, 1), **told).cause == "batch_axis_missing"
    assert judged(windows[3], (None, 5, 2), answer=(None, 1), **told).cause != "batch_axis_missing"


def test_only_what_is_one_hot_goes_back_to_ids() -> None:
    ids = RNG.integers(1, 9, size=(20, 6))
    hot = np.eye(9)[ids]
    hot[:, :2] = 0  # padding
    back = judged(hot, (None, None), ids=True)
    assert [candidate.kind for candidate in back.candidates] == ["class_index"]
    pairs = judged(np.stack([ids, ids], axis=-1), (None, None), ids=True)
    assert [(c.kind, c.confidence) for c in pairs.candidates] == [("select", "possible")]
    measured = judged(RNG.normal(size=(20, 6, 4)), (None, None), ids=True)
    assert measured.leave_out and measured.advice and not measured.candidates
    assert judged(RNG.normal(size=(20, 6, 1)), (None, None), ids=True).leave_out
    assert judged(ids[..., None], (None, None), ids=True).candidates[0].kind == "squeeze"


def test_windows_to_predict_from_end_with_the_newest_row() -> None:
    rows = np.cumsum(RNG.normal(size=(50, 4)), axis=0)
    asked = judged(rows, (None, 30, 4), method="predict", trained=True).candidates[0]
    assert asked.after == (21, 30, 4) and "target" not in asked.why
    y = Operand("y", None, rows[:, 0], describe(rows[:, 0]), "y", "y", None, is_global=True)
    fitted = judged(rows, (None, 30, 4), targets=50, target_operand=y).candidates[0]
    assert fitted.after == (20, 30, 4)


def test_targets_too_many_are_cut_at_the_end_unless_windows_explain_them() -> None:
    def kinds(rows: int, targets: int) -> list[str]:
        x, y = RNG.normal(size=(rows, 6, 3)), RNG.normal(size=targets)
        operands = [
            Operand(r, None, v, describe(v), r, r, None, is_global=True) for r, v in (("x", x), ("y", y))
        ]
        return [candidate.kind for candidate in _cuts(*operands, rows, targets)]

    assert kinds(10, 11) == ["trim", "align"]
    assert kinds(94, 100) == ["align", "trim"]


def test_two_repairs_together_tell_the_last_shape_and_one_reason_once() -> None:
    window = [[0.1, 1.2], [0.2, 1.1]]
    operand = Operand("x", None, window, describe(window), "window", "window", None, is_global=True)
    array = np.zeros((2, 2))
    stand_in = Operand("x", None, array, describe(array), "window", "window", None, is_global=True)
    first = Candidate(
        "cast", "One", "Why.", data=((operand, ToArray()),), target="window", before=(2, 2), after=(2, 2)
    )
    second = Candidate("expand", "two", "Why.", data=((stand_in, Expand(0)),), before=(2, 2), after=(1, 2, 2))
    both = _both(first, second, {id(array): (operand, ToArray())})
    assert both is not None and both.after == (1, 2, 2)
    assert both.why.count("Why.") == 1


def test_an_operand_of_another_rank_has_no_axes_by_the_letters_of_einsum() -> None:
    def pairs(*shape: int) -> int:
        w, h = np.zeros((7, 9, 1)), np.zeros(shape)
        assert w.size and h.size
        place = Place(None, sys._getframe(), 1, None)  # type: ignore[arg-type]
        node = ast.parse('einsum("bti,btd->bd", w, h)', mode="eval")
        return len(list(meetings(node, place)))

    assert pairs(7, 9, 8) == 2
    assert pairs(7, 8) == 0


def test_the_accuracy_that_keras_adapts_is_not_among_the_metrics_that_refuse(monkeypatch: Any) -> None:
    monkeypatch.setattr(metrics, "_names", lambda model: ["accuracy", "precision"])
    y = np.arange(33) % 3
    target = Operand("y", None, y, describe(y), "y", "y", None, is_global=True)
    found = metrics.of_metric(Answer(target, (33,), (33, 3), None, "sparse_categorical_crossentropy", "m"))
    assert "(precision)" in found.summary
