"""A second mistake in the same call: each repair of the first then goes together with one of the second.

A repair of x alone does not run when y is wrong too. So the call is judged once more with the
repaired shape in the place of the array, and what is found then is offered along with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rnnmagic.diagnosis.base import Candidate, Diagnosis
from rnnmagic.evidence import X_ROLES, Y_ROLES, Evidence, Operand
from rnnmagic.language import say
from rnnmagic.ops import Chain, Op
from rnnmagic.report import Shape
from rnnmagic.values import Described

if TYPE_CHECKING:
    from rnnmagic.editor import Editor, SourceEdit

FIRST_AT_MOST, SECOND_AT_MOST = 3, 3
Judge = Callable[[Evidence], "Diagnosis | None"]


def accompanied(found: Diagnosis, evidence: Evidence, judge: Judge) -> Diagnosis:
    """The diagnosis, its repairs joined to those of a second mistake where there is one."""
    if evidence.call is None or evidence.method is None:
        return found
    joined: list[Candidate] = []
    told: str | None = None
    for candidate in found.candidates[:FIRST_AT_MOST]:
        repaired = _repaired(evidence, candidate)
        if repaired is None:
            continue
        second = judge(repaired[0])
        if second is None:
            # With this repair the call passes, as far as can be told: there is no second mistake.
            return found
        if _same(found, second):
            continue
        told = told or second.summary
        for other in second.candidates[:SECOND_AT_MOST]:
            both = _both(candidate, other, repaired[1])
            if both is not None:
                joined.append(both)
    if not joined:
        return found
    # What one repair alone can do comes first; where it does not run, it is not offered.
    found = replace(found, candidates=(*found.candidates, *joined))
    if any(candidate.source is not None for candidate in found.candidates[: -len(joined)]):
        return found
    return replace(
        found, summary=say("{summary} There is a second mistake: {told}", summary=found.summary, told=told)
    )


def _same(first: Diagnosis, second: Diagnosis) -> bool:
    """Whether the second look only finds what the first has found: the repair was none."""
    one, two = first.operand, second.operand
    if first.cause != second.cause:
        return False
    return one is None or two is None or (one.role, one.index) == (two.role, two.index)


Originals = dict[int, tuple[Operand, Op]]
"""Stand-ins by id: the operand that each stands for, and the operation that made it so."""


def _repaired(evidence: Evidence, candidate: Candidate) -> tuple[Evidence, Originals] | None:
    """The evidence as it would be with the repair; `None` when that cannot be told from shapes."""
    if not candidate.data or candidate.source is not None:
        return None
    import numpy as np

    stand_ins: Originals = {}
    # One array may stand for training and for validation; a repair of one alone leaves the other.
    replaced: dict[bool, dict[int, Any]] = {True: {}, False: {}}
    for operand, op in _with_siblings(evidence, candidate):
        before, shape = operand.described.shape, None
        if before is not None:
            shape = op.shape(before)
            if shape is not None and None in shape and operand is candidate.data[0][0]:
                # To the length of the longest: the candidate knows it, the operation does not.
                shape = candidate.after
        if shape is None or any(size is None for size in shape) or operand.described.carrier == "dataset":
            return None
        dtype = _dtype_after(op, operand.described.dtype)
        # Strides of zero: it takes no room, whatever its shape.
        array = np.broadcast_to(np.zeros((), dtype), tuple(int(size or 0) for size in shape))
        stand_ins[id(array)] = (operand, op)
        for validates in (True, False) if candidate.siblings else (_validates(operand),):
            replaced[validates][id(operand.value)] = array
    arguments = {
        name: _swapped(value, replaced[name.startswith("validation")])
        for name, value in evidence.arguments.items()
    }
    operands = tuple(_stood_in(operand, replaced[_validates(operand)]) for operand in evidence.operands)
    return replace(evidence, arguments=arguments, operands=operands), stand_ins


def _validates(operand: Operand) -> bool:
    return str(operand.role).startswith("validation")


def _stood_in(operand: Operand, replaced: dict[int, Any]) -> Operand:
    array = replaced.get(id(operand.value))
    return operand if array is None else replace(operand, value=array, described=_described(array))


def _with_siblings(evidence: Evidence, candidate: Candidate) -> Iterator[tuple[Operand, Op]]:
    yield from candidate.data
    done = {id(operand.value) for operand, _ in candidate.data}
    for operand, op in candidate.data if candidate.siblings else ():
        roles = X_ROLES if operand.role in X_ROLES else Y_ROLES
        shape: Shape | None = operand.described.shape
        for other in evidence.operands:
            same = other.described.shape is not None and other.described.shape[1:] == (shape or ())[1:]
            if other.role in roles and other.index == operand.index and same and id(other.value) not in done:
                done.add(id(other.value))
                yield other, op


def _dtype_after(op: Op, before: str | None) -> str:
    given = getattr(op, "dtype", None)
    if given:
        return str(given)
    if type(op).__name__ in ("ClassIndex", "LabelNumbers"):
        return "int32"
    known = before is not None and before.startswith(("int", "uint", "float", "bool"))
    return str(before) if known and op.kind != "one_hot" else "float32"


def _described(array: Any) -> Described:
    return Described("array", tuple(array.shape), str(array.dtype))


def _swapped(value: Any, replaced: dict[int, Any]) -> Any:
    if id(value) in replaced:
        return replaced[id(value)]
    if type(value) in (list, tuple) and len(value) <= 16:
        return type(value)(_swapped(item, replaced) for item in value)
    if type(value) is dict:
        return {key: _swapped(item, replaced) for key, item in value.items()}
    return value


def _both(first: Candidate, second: Candidate, stand_ins: Originals) -> Candidate | None:
    jobs, after = [*first.data], first.after
    for operand, op in second.data:
        known = stand_ins.get(id(operand.value))
        if known is None:
            jobs.append((operand, op))
            continue
        chained = (known[0], Chain((known[1], op), kind=known[1].kind))
        place = next((i for i, (one, _) in enumerate(first.data) if one is known[0]), None)
        if place is None:
            jobs.append(chained)
        else:
            jobs[place] = chained
        if place == 0 and first.before is not None:
            after = chained[1].shape(first.before)
    one, two = first.title.rstrip("."), second.title
    return replace(
        first,
        title=f"{one}; {two[:1].lower()}{two[1:]}"
        if len(one) + len(two) <= 58
        else say("{one}; both repairs", one=one[:44]),
        why=say("Two repairs, both are needed. {why} {second_why}", why=first.why, second_why=second.why)
        if first.why != second.why
        else say("Two repairs, both are needed. {why}", why=first.why),
        caution=" ".join(dict.fromkeys(told for told in (first.caution, second.caution) if told)) or None,
        confidence=second.confidence if first.confidence == "sure" else first.confidence,
        data=tuple(jobs),
        after=after,
        source=_sources(first.source, second.source),
        parameters=None,
        vary=None,
        siblings=first.siblings and second.siblings,
    )


def _sources(
    one: Callable[[Editor], SourceEdit] | None, two: Callable[[Editor], SourceEdit] | None
) -> Callable[[Editor], SourceEdit] | None:
    if one is None or two is None:
        return one or two
    return lambda editor: editor.combine(one(editor), two(editor))
