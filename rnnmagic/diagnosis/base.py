"""What a diagnosis is: the cause, the sentence, and the candidates that could repair it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

from rnnmagic.evidence import Operand
from rnnmagic.language import say, several
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
        return say("an unknown shape")
    inner = ", ".join(say("any") if size is None else str(size) for size in shape)
    return f"({inner},)" if len(shape) == 1 else f"({inner})"


def together(things: Iterable[str]) -> str:
    """`a and b and c`."""
    return reduce(lambda one, other: say("{one} and {other}", one=one, other=other), things)


def plural(count: int | None, word: str) -> str:
    """`1 step`, `3 steps`, `some steps`; a word that is counted in sentences, or `KeyError`."""
    if count is None:
        return _SOME[word]()
    return _COUNTED[word](count)


_COUNTED: dict[str, Callable[[int], str]] = {
    "array": lambda n: several("{count} array", "{count} arrays", n),
    "class": lambda n: several("{count} class", "{count} classes", n),
    "column": lambda n: several("{count} column", "{count} columns", n),
    "feature": lambda n: several("{count} feature", "{count} features", n),
    "input": lambda n: several("{count} input", "{count} inputs", n),
    "name": lambda n: several("{count} name", "{count} names", n),
    "output": lambda n: several("{count} output", "{count} outputs", n),
    "row": lambda n: several("{count} row", "{count} rows", n),
    "sample": lambda n: several("{count} sample", "{count} samples", n),
    "target": lambda n: several("{count} target", "{count} targets", n),
    "state": lambda n: several("{count} state", "{count} states", n),
    "timestep": lambda n: several("{count} timestep", "{count} timesteps", n),
}
_SOME: dict[str, Callable[[], str]] = {
    "array": lambda: say("some arrays"),
    "class": lambda: say("some classes"),
    "column": lambda: say("some columns"),
    "feature": lambda: say("some features"),
    "input": lambda: say("some inputs"),
    "name": lambda: say("some names"),
    "output": lambda: say("some outputs"),
    "row": lambda: say("some rows"),
    "sample": lambda: say("some samples"),
    "state": lambda: say("some states"),
    "timestep": lambda: say("some timesteps"),
}
