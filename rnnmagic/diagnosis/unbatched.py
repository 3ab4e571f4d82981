"""One of several inputs is one sample without its batch axis, beside others that have theirs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rnnmagic.diagnosis import inputs
from rnnmagic.diagnosis.at_input import fits_in, of_finding, samples_of
from rnnmagic.diagnosis.base import Diagnosis
from rnnmagic.evidence import Evidence, Operand
from rnnmagic.language import say
from rnnmagic.ops import Op, Shared

if TYPE_CHECKING:
    from collections.abc import Sequence


def without_batch_axis(evidence: Evidence) -> Diagnosis | None:
    """`predict([token, state])` with (1, 1) and (9,): the state of one sentence, where (1, 9) is wanted.

    `None` unless all other inputs fit, with one number of samples.
    """
    from rnnmagic.frameworks.wanted import is_trained, wanted_inputs

    operands = [operand for operand in evidence.operands if operand.role in ("x", "inputs")]
    pairs = _paired(operands, wanted_inputs(evidence.model))
    lacking = [pair for pair in pairs if _lacks(*pair)]
    others = [pair for pair in pairs if not _lacks(*pair)]
    counts = {samples_of(operand) for operand, _ in others}
    count = next(iter(counts), 1)
    if len(pairs) < 2 or not lacking or len(counts) > 1 or count is None:
        return None
    if samples_of(evidence.operand("y")) not in (None, count):
        return None
    if any(
        wish.shape is None or not fits_in(operand.described.shape or (), wish) for operand, wish in others
    ):
        return None
    operand, wish = lacking[0]
    case = inputs.Situation(
        operand, operand.described.shape or (), wish.shape, evidence.method or "", evidence.namespace, None,
        is_trained(evidence.model), wish.declared, wish.ids,
    )  # fmt: skip
    found = inputs.one_sample(case)
    first = found.candidates[0]
    op: Op = first.data[0][1]
    if count != 1:
        op = Shared(count)
        first = inputs.fix(
            case, op, say("Give it to each of the {count} samples", count=count),
            say("The other inputs hold {count} samples; each then gets a copy of this one.", count=count), "possible",
            say("Right only when it is the same for all of them."), siblings=False,
        )  # fmt: skip
    each = replace(first, data=tuple((one, op) for one, _ in lacking))
    return of_finding(replace(found, candidates=(each,)), case, wish, evidence)


def _lacks(operand: Operand, wish: Any) -> bool:
    """Whether an array is exactly one sample of what an input takes."""
    shape, want = operand.described.shape, wish.shape
    if shape is None or want is None or len(shape) != len(want) - 1:
        return False
    if shape == (1,) and want[1:] == (1,):
        return False  # a batch of one, its last axis left to Keras
    return all(w in (None, s) for w, s in zip(want[1:], shape, strict=True))


def _paired(operands: list[Operand], wanted: Sequence[Any]) -> list[tuple[Operand, Any]]:
    """Each array with the input that it is for, by key or by place; empty where they do not pair up."""
    if len(operands) != len(wanted):
        return []
    if all(isinstance(operand.index, str) for operand in operands):
        named = {wish.name: wish for wish in wanted}
        if any(operand.index not in named for operand in operands):
            return []
        return [(operand, named[operand.index]) for operand in operands]
    return list(zip(operands, wanted, strict=True))
