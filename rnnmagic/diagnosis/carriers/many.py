"""One of several arrays that belong together holds another number of samples."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from typing import Any

from rnnmagic.diagnosis.base import Candidate, Diagnosis
from rnnmagic.diagnosis.carriers.samples import right_partner, same_slice
from rnnmagic.diagnosis.carriers.wording import short
from rnnmagic.evidence import Evidence, Operand
from rnnmagic.language import say
from rnnmagic.ops import Replace, Slice
from rnnmagic.values import describe


def several_counts(operands: list[Operand], evidence: Evidence, phase: str) -> Diagnosis | None:
    """Inputs and target of one call: the one that differs, and the repairs that bring all to one number."""
    rows = [(operand.described.shape or (None,))[0] for operand in operands]
    if len(operands) < 3 or any(count is None for count in rows):
        return None
    (common, times), *others = Counter(rows).most_common()
    if times < 2 or len(others) != 1 or others[0][1] != 1 or common is None:
        return None
    place = rows.index(others[0][0])
    odd, count = operands[place], int(rows[place] or 0)
    rest = [operand for operand in operands if operand is not odd]
    told = ", ".join(f"`{operand.label}`" for operand in rest)
    sentence = say(
        "`{array}` holds {count} samples; {told} hold {common} each. Each sample needs its part of every array.",
        array=odd.label,
        count=count,
        told=told,
        common=common,
    )
    candidates = [*_whole(odd, int(common), evidence)]
    candidates += (
        _shorter(odd, rest, int(common) - count)
        if count < common
        else _longer(odd, count - int(common), int(common))
    )
    return Diagnosis("sample_count", sentence, phase, odd, candidates=tuple(candidates), axes=None)


def two_counts(first: Operand, second: Operand, evidence: Evidence, phase: str) -> Diagnosis | None:
    """Two inputs of a call without targets: what makes them equal in number."""
    rows = [(operand.described.shape or (None,))[0] for operand in (first, second)]
    if rows[0] is None or rows[1] is None or rows[0] == rows[1]:
        return None
    shorter, longer = (first, second) if rows[0] < rows[1] else (second, first)
    count, common = min(rows[0], rows[1]), max(rows[0], rows[1])
    candidates = [
        *_whole(shorter, common, evidence), *same_slice(evidence, shorter, longer), *right_partner(evidence, first, second)[:2],
    ]  # fmt: skip
    if not candidates:
        candidates = _longer(longer, common - count, count)
    odd = next((operand for operand, _ in candidates[0].data), longer)
    other = second if odd is first else first
    sentence = say(
        "`{array}` holds {count} samples and `{other}` {other_count}: each sample needs its part of both.",
        array=odd.label,
        count=(odd.described.shape or (None,))[0],
        other=other.label,
        other_count=(other.described.shape or (None,))[0],
    )
    return Diagnosis("sample_count", sentence, phase, odd, candidates=tuple(candidates), axes=None)


def _whole(odd: Operand, common: int, evidence: Evidence) -> Iterator[Candidate]:
    """It was sliced in the call, and the others were not."""
    node = odd.node
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        value = evidence.namespace.get(node.value.id)
        if (describe(value).shape or (None,))[0] == common:
            yield Candidate(
                "select", say("Pass the whole {array}", array=node.value.id)[:60], say("It holds {common} samples, as the others do.", common=common), "sure",
                data=((odd, Replace(node.value.id, value)),), target=odd.name, before=odd.described.shape,
                after=describe(value).shape, siblings=False,
            )  # fmt: skip


def _first_row(value: Any) -> int | None:
    """The number that a frame's index begins with, when it counts rows one by one."""
    index: Any = getattr(value, "index", None)
    try:
        first, last, length = int(index[0]), int(index[-1]), len(index)
    except Exception:
        return None
    return first if last - first == length - 1 else None


def _shorter(odd: Operand, rest: list[Operand], surplus: int) -> list[Candidate]:
    count = (odd.described.shape or (None,))[0]
    end = _all(
        rest, Slice(0, surplus, None, kind="align"), say("Drop the first {surplus} of the others", surplus=surplus),
        say("Right when {array} lost its first rows, as by a shift or a difference.", array=short(odd.label)),
    )  # fmt: skip
    start = _all(
        rest, Slice(0, None, count, kind="trim", repeatable=True), say("Drop the last {surplus} of the others", surplus=surplus),
        say("Right when {array} ends earlier.", array=short(odd.label)),
    )  # fmt: skip
    return [end, start] if _first_row(odd.value) == surplus else [start, end]


def _longer(odd: Operand, surplus: int, common: int) -> list[Candidate]:
    start = _all(
        [odd], Slice(0, None, common, kind="trim", repeatable=True), say("Drop the last {surplus} of {array}", surplus=surplus, array=short(odd.label)),
        say("Right when all of them start together."),
    )  # fmt: skip
    end = _all(
        [odd], Slice(0, surplus, None, kind="align"), say("Drop the first {surplus} of {array}", surplus=surplus, array=short(odd.label)),
        say("Right when all of them end together."),
    )  # fmt: skip
    return [start, end]


def _all(operands: list[Operand], op: Slice, title: str, why: str) -> Candidate:
    first = operands[0]
    return Candidate(
        op.kind, title[:60], why, "likely", say("Check that the rows still belong together."),
        data=tuple((operand, op) for operand in operands), target=first.name, before=first.described.shape,
        after=op.shape(first.described.shape or (None,)), siblings=False,
    )  # fmt: skip
