"""One array before one input of a model, and what is found out about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rnnmagic.diagnosis.base import Candidate
from rnnmagic.evidence import Operand
from rnnmagic.language import say
from rnnmagic.ops import Op
from rnnmagic.report import Confidence, Shape

ONE_SAMPLE = ("predict", "predict_on_batch", "__call__", "train_on_batch", "test_on_batch")


@dataclass(frozen=True)
class Situation:
    """One array before one input of a model, and what is known around them."""

    operand: Operand
    got: Shape
    want: Shape
    method: str
    namespace: dict[str, Any] = field(repr=False)
    targets: int | None = None
    """Samples of y, `None` when there is no y."""
    trained: bool = False
    declared: bool = True
    ids: bool = False
    target_operand: Operand | None = None
    declaration: tuple[str, ...] = ()
    """What stands in the model's declaration, one text for each axis but the batch."""
    fits: tuple[str, ...] = ()
    """Kernel arrays that do fit the model's input."""
    answer: Shape = ()
    """What the model gives, `()` when it is not known."""
    time: int | None = None
    """Which axis of the array is time, when the text that made it says so."""


@dataclass(frozen=True)
class Finding:
    """The cause with its sentence, and the repairs, best first."""

    cause: str
    sentence: str
    candidates: tuple[Candidate, ...]
    axes: tuple[str, ...] | None = None
    advice: tuple[str, ...] = ()
    model_at_fault: bool = False
    declare: Shape | None = None
    """The input shape (no batch axis) that the model should be declared with, where that is a repair."""
    leave_out: bool = False
    """Whether the layer that asks is one too many for this array."""


def fix(
    case: Situation,
    op: Op,
    title: str,
    why: str,
    confidence: Confidence,
    caution: str | None = None,
    **more: Any,
) -> Candidate:
    return Candidate(
        kind=more.pop("kind", op.kind),
        title=title[:60],
        why=why,
        confidence=confidence,
        caution=caution,
        data=((case.operand, op),),
        target=case.operand.name,
        before=case.got,
        after=op.shape(case.got),
        **more,
    )


def short(case: Situation) -> str:
    name = case.operand.label
    return name if len(name) <= 24 else (case.operand.name or say("the array"))[:24]


def fits_in(shape: Shape, want: Shape, targets: int | None = None) -> bool:
    return (
        len(shape) == len(want)
        and all(w is None or s is None or w == s for s, w in zip(shape[1:], want[1:], strict=True))
        and (targets is None or shape[0] is None or shape[0] == targets)
    )
