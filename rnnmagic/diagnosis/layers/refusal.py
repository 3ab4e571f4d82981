"""A layer that refuses its input, the way the data came, and how a diagnosis of it is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rnnmagic.diagnosis.base import Candidate, Diagnosis
from rnnmagic.evidence import Operand
from rnnmagic.frameworks.wanted import PASS_THROUGH, class_of
from rnnmagic.report import FlowStep, LayerInfo, Shape
from rnnmagic.source import root_name

MERGING = (
    "Concatenate", "Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Dot",
    "Attention", "AdditiveAttention", "MultiHeadAttention",
)  # fmt: skip
POOLING = (
    "GlobalAveragePooling1D", "GlobalMaxPooling1D", "Flatten", "GlobalAveragePooling2D", "GlobalMaxPooling2D",
)  # fmt: skip
SAME_RANK = (*PASS_THROUGH, "Dense", "EinsumDense")


@dataclass(frozen=True)
class Step:
    """One layer that data passed through on its way, with the shape it gave."""

    layer: Any = field(repr=False)
    output: Any


@dataclass(frozen=True)
class Later:
    """What is written in the checked cell below the statement that failed."""

    passes: bool = False
    """Whether it calls a model with data."""
    bound: dict[str, tuple[int, int]] = field(default_factory=dict)
    """The names that are bound there, and where the first statement that does so ends."""
    used: frozenset[str] = frozenset()
    """The names that something is made of there."""

    def remakes(self, operand: Operand) -> bool:
        """Whether an array's name holds another value by the time when it is passed."""
        root = None if operand.node is None else root_name(operand.node)
        if root is None or root.id not in self.bound:
            return False
        return self.bound[root.id] <= (root.lineno, root.col_offset)


@dataclass(frozen=True)
class Refusal:
    """A layer, the shape (or shapes) that came to it, and the way they came."""

    layer: Any = field(repr=False)
    received: Any
    """A shape, or a list of shapes for a layer with several inputs."""
    way: tuple[Step, ...]
    """From the model's input to the layer, the refusing layer left out."""
    ways: tuple[tuple[Step, ...], ...] = ()
    """For several inputs, one way each."""
    model: Any = field(default=None, repr=False)
    model_name: str | None = None
    namespace: dict[str, Any] = field(default_factory=dict, repr=False)
    inputs: tuple[Operand, ...] = ()
    """Arrays that go, or will go, into the model as x."""
    targets: tuple[Operand, ...] = ()
    error: BaseException | None = field(default=None, repr=False)
    phase: str = "build"
    log: Any = field(default=None, repr=False)
    """The cells of the notebook, where the code of the user's own layers stands."""
    states: tuple[Shape, ...] = ()
    """Shapes of the initial state passed to a recurrent layer."""
    later: Later = field(default_factory=Later, repr=False)
    """What the cell goes on to do after it failed."""


def named(layer: Any) -> str:
    """`LSTM 'lstm_1'`"""
    return f"{class_of(layer)} '{getattr(layer, 'name', '?')}'"


STATE_AXES = ("samples", "units")


def info(case: Refusal, expected: Shape | None = None, state: Shape | None = None) -> LayerInfo:
    """The layer with the shape that it wants and what came: its input, or the `state` that was handed over."""
    received = case.received if isinstance(case.received, tuple) else None
    rank = len(expected) if expected is not None else None
    axes = {3: ("samples", "timesteps", "features"), 2: ("samples", "features")}
    if state is not None:
        received, axes = state, {2: STATE_AXES}
    return LayerInfo(
        name=str(getattr(case.layer, "name", class_of(case.layer))),
        cls=class_of(case.layer),
        model=case.model_name,
        expected=expected,
        received=received,
        expected_axes=axes.get(rank or 0),
        received_axes=axes.get(len(received)) if received is not None else None,
    )


def flow_of(case: Refusal) -> tuple[FlowStep, ...]:
    steps = [
        FlowStep(str(getattr(step.layer, "name", "?")), class_of(step.layer), first_shape(step.output), True)
        for step in case.way
    ]
    steps.append(FlowStep(str(getattr(case.layer, "name", "?")), class_of(case.layer), None, False))
    return tuple(steps)


def first_shape(shape: Any) -> Shape | None:
    if isinstance(shape, tuple):
        return shape
    if isinstance(shape, list) and shape:
        return first_shape(shape[0])
    return None


def made(
    case: Refusal, cause: str, sentence: str, candidates: list[Candidate], expected: Shape | None, **more: Any
) -> Diagnosis:
    """`more`: fields of the diagnosis, and `state`, the shape of the state that is at fault."""
    return Diagnosis(
        cause,
        sentence,
        more.pop("phase", case.phase),
        layer=info(case, expected, more.pop("state", None)),
        flow=flow_of(case),
        candidates=tuple(candidates),
        **more,
    )


def set_argument(
    layer: Any, name: str, value: str, title: str, why: str, confidence: Any = "sure", **more: Any
) -> Candidate:
    return Candidate(
        "layer_argument",
        title[:60],
        why,
        confidence,
        source=lambda editor: editor.set_argument(layer, name, value),
        target=getattr(layer, "name", None),
        **more,
    )


def dropper(way: tuple[Step, ...]) -> tuple[Any, Shape | None]:
    """The nearest layer up the way that gives fewer axes than it took; where none does, the nearest."""
    nearest: tuple[Any, Shape | None] | None = None
    for place in range(len(way) - 1, -1, -1):
        layer = way[place].layer
        if class_of(layer) in SAME_RANK and place:
            continue
        before = first_shape(way[place - 1].output) if place else None
        after = first_shape(way[place].output)
        keeps = before is not None and after is not None and len(after) >= len(before)
        if not keeps and (place or nearest is None):
            return layer, before
        nearest = nearest or (layer, before)
    return nearest or (None, None)
