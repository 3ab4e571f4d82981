"""What every framework tells in the same words: stand-ins for arrays, batches, and how a trial ended."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from rnnmagic.endings import shielded
from rnnmagic.report import Shape
from rnnmagic.values import as_shape


@dataclass(frozen=True)
class Spec:
    """A stand-in for one array: its shape, batch axis first, and its element type."""

    shape: Shape
    dtype: str


Nest = Any
"""A `Spec`, or lists, tuples and dicts of them, or `None`: the structure of what was passed."""


def map_specs(function: Callable[[Spec], Any], nest: Nest) -> Any:
    if nest is None:
        return None
    if isinstance(nest, Spec):
        return function(nest)
    if isinstance(nest, dict):
        return {key: map_specs(function, value) for key, value in nest.items()}
    return type(nest)(map_specs(function, value) for value in nest)


def leaves(nest: Nest) -> list[Spec]:
    found: list[Spec] = []
    map_specs(found.append, nest)
    return found


@dataclass(frozen=True)
class LayerStep:
    """One layer of the model as the data went through it."""

    layer: Any
    inputs: Any
    output: Any
    ok: bool
    depth: int
    states: Any = None
    """Shapes of the initial state that a recurrent layer was given."""


@dataclass
class Outcome:
    """What a dry run found. `phase` is where it failed: call, loss, metric."""

    ok: bool
    phase: str | None = None
    error: Exception | None = None
    output: Any = None
    """Shape, or a structure of shapes, of the model's answer; `None` before there is one."""
    steps: list[LayerStep] = field(default_factory=list)
    broadcasts: list[tuple[Shape, Shape]] = field(default_factory=list)
    """Pairs (target, output) that a loss silently stretched over one another."""

    @property
    def failing(self) -> LayerStep | None:
        """The outermost layer of the model (not the model itself) that did not answer."""
        failed = [step for step in self.steps if not step.ok]
        return min(failed, key=lambda step: step.depth, default=None)


def stretched(one: Shape, two: Shape) -> bool:
    """Whether two shapes are not the same, as far as they are known."""
    if len(one) != len(two):
        return True
    return any(a is not None and b is not None and a != b for a, b in zip(one, two, strict=True))


UnfitKind = Literal["list", "ragged", "dtype", "count", "structure", "target", "labels", "class_weight"]


class Unfit(Exception):
    """Keras cannot take this argument at all: it never reaches the model."""

    def __init__(self, kind: UnfitKind, role: str, message: str, index: Any = None) -> None:
        super().__init__(message)
        self.kind, self.role, self.index = kind, role, index


class Opaque(Exception):
    """What the argument holds cannot be known without consuming it."""


@dataclass(frozen=True)
class Batch:
    """One kind of batch that the call would make: what of, and what is done with it."""

    part: str
    """train, validation or call"""
    x: Nest
    y: Nest
    sample_weight: Nest
    training: bool
    loss: bool
    kwargs: dict[str, Any] = field(default_factory=dict)


@dataclass
class Trial:
    """Whether a call would pass. `known` is False where that cannot be told."""

    ok: bool
    known: bool = True
    reason: str = ""
    error: Exception | None = None
    outputs: Any = None
    """Shapes of the model's answer for all samples, in the answer's structure."""
    unfit: Unfit | None = None
    batch: Batch | None = None
    """The batch that failed."""
    outcome: Outcome | None = None
    """The dry run that failed, or the last that passed."""


def first_line(error: BaseException | None) -> str:
    """The telling line of a Keras error, without colours."""
    if error is None:
        return ""
    text = str(error).replace("\x1b[1m", "").replace("\x1b[0m", "")
    rows = [row.strip() for row in text.splitlines() if row.strip()]
    # Keras tells first that a layer's shape could not be inferred, and then what its code raised.
    for place, row in enumerate(rows[:-1]):
        if row.endswith("Error encountered:"):
            rows = rows[place + 1 :]
            break
    rows = [row for row in rows if not row.startswith("Exception encountered when calling")] or rows
    return f"{type(error).__name__}: {rows[0][:300] if rows else ''}"


@dataclass(frozen=True)
class Reading:
    """A layer that steps through time, and what it got to read."""

    layer: str
    cls: str
    recurrent: bool
    masked: bool
    maker: str | None
    """The layer that made a mask, where the mask was lost on the way."""
    dropper: str | None
    """The layer that lost it."""
    dropper_cls: str | None
    way: tuple[str, ...]
    """Names of the layers between the model's input and this one."""
    keeps: bool
    """Whether every layer on the way would have passed a mask on."""
    source: Shape | None
    """Shape of the model's input at the beginning of the way, `None` where it is not known."""


@dataclass(frozen=True)
class Surplus:
    """A recurrent layer that was handed more states than it keeps, and took them without a word."""

    layer: str
    cls: str
    keeps: int
    given: int
    maker: str | None
    """The recurrent layer whose states they are, where that was seen."""
    maker_cls: str | None


@dataclass(frozen=True)
class Look:
    """What a dry run of a batch showed."""

    known: bool
    """False when the dry run did not pass: nothing can be concluded then."""
    broadcasts: tuple[tuple[Shape, Shape], ...] = ()
    """Pairs of a target and an output that the loss stretched over one another."""
    output: Any = None
    readings: tuple[Reading, ...] = ()
    surplus: tuple[Surplus, ...] = ()


When = Literal["first", "metric", "last", "validation", "labels"]


@dataclass(frozen=True)
class Ahead:
    """A failure to come."""

    trial: Trial
    when: When
    certain: bool
    """Whether Keras itself has refused these shapes, and the call cannot but come to them."""
    samples: int | None = None
    """In the batch that fails."""
    epoch: int = 1
    """After which the validation comes."""

    @property
    def at_once(self) -> bool:
        """Whether the call fails so early that nothing need be said before."""
        return self.when == "first"


class Surroundings:
    """States that belong to no model, kept together. Each has `restore()`."""

    def __init__(self, *states: Any) -> None:
        self._states = states

    @shielded
    def roll_back(self) -> None:
        for state in self._states:
            state.restore()


def shapes_in(value: Any) -> Any:
    """Shapes of the tensors of a structure, in the same structure."""
    if value is None:
        return None
    if isinstance(value, dict):
        return {key: shapes_in(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)) and not hasattr(value, "shape"):
        return [shapes_in(item) for item in value]
    return as_shape(getattr(value, "shape", None))


_WHILE_COMPUTING = {"ValueError": "", "InvalidArgumentError": "", "TypeError": "jax", "RuntimeError": "torch"}
_SAID_OF_SHAPES = ("shape", "size", "dimension", "broadcast", "must match", "expected scalar type")


def is_of_shapes(error: BaseException | None) -> bool:
    """Whether an error may be a framework's own about shapes that do not go together.

    TensorFlow raises one of its own class, JAX a TypeError and torch a RuntimeError, which elsewhere
    mean other things.
    """
    framework = _WHILE_COMPUTING.get(type(error).__name__)
    if not framework:
        return framework is not None
    text = str(error).lower()
    return framework in sys.modules and any(word in text for word in _SAID_OF_SHAPES)


SHAPE_WORDS = (
    "shape", "dim", "rank", "axis", "axes", "size", "broadcast", "incompatible", "cardinality", "expected",
    "ndim", "matmul", "reshape", "unpack", "index", "slice", "must be", "dtype", "type", "weight", "states", "leaves",
    "input", "structure",
)  # fmt: skip


def speaks_of_shapes(error: BaseException | None) -> bool:
    """Whether what an error says has a word in it that is said of shapes."""
    message = str(error).lower()
    return any(word in message for word in SHAPE_WORDS)


def is_of_values(error: BaseException | None) -> bool:
    """Whether an error may be about values, which only show while a framework computes."""
    name = type(error).__name__
    return name == "InvalidArgumentError" or (
        name in ("IndexError", "RuntimeError") and "torch" in sys.modules
    )
