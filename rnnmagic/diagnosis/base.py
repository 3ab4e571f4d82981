"""What a diagnosis is: the cause, the sentence, and the candidates that could repair it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rnnmagic.evidence import Operand
from rnnmagic.ops import Op
from rnnmagic.report import Confidence, FlowStep, LayerInfo, Parameter, Shape

if TYPE_CHECKING:
    from rnnmagic.editor import Editor, SourceEdit

AXES3 = ("samples", "timesteps", "features")


@dataclass(frozen=True)
class Candidate:
    """A repair that has not been tried yet: operations on data, edits of model code, or both."""

    kind: str
    title: str
    why: str
    confidence: Confidence = "likely"
    caution: str | None = None
    data: tuple[tuple[Operand, Op], ...] = ()
    source: Callable[[Editor], SourceEdit] | None = None
    target: str | None = None
    before: Shape | None = None
    after: Shape | None = None
    parameters: Mapping[str, Parameter] | None = None
    vary: Callable[[Mapping[str, Any]], Candidate] | None = None
    """The same repair with other values of its parameters."""
    siblings: bool = True
    """Whether arrays with the same fault (validation, test) are repaired alike."""
    only_if_tried: bool = False
    """A guess: not offered unless a rehearsal has passed it."""


@dataclass(frozen=True)
class Diagnosis:
    """One shape mistake: what is wrong with which variable or layer, and what could be done."""

    cause: str
    summary: str
    phase: str
    operand: Operand | None = None
    """The array at fault, `None` when the model is."""
    layer: LayerInfo | None = None
    flow: tuple[FlowStep, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    advice: tuple[str, ...] = ()
    axes: tuple[str, ...] | None = None
    """Meaning of the axes that the array has."""


def text(shape: Shape | None) -> str:
    """A shape for a sentence: `(100, 20, 3)`, `any` where any size will do."""
    if shape is None:
        return "an unknown shape"
    inner = ", ".join("any" if size is None else str(size) for size in shape)
    return f"({inner},)" if len(shape) == 1 else f"({inner})"


def plural(count: int | None, word: str) -> str:
    """`1 step`, `3 steps`, `some steps`."""
    if count is None:
        return f"some {word}s"
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
