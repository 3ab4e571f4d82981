"""A model's answer beside its target, and the repairs that any mismatch may need."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rnnmagic.diagnosis import hints
from rnnmagic.diagnosis.base import Candidate, plural
from rnnmagic.evidence import Operand
from rnnmagic.frameworks.base import LayerStep, shapes_in
from rnnmagic.frameworks.wanted import class_of, head_of, loss_name
from rnnmagic.language import later, say
from rnnmagic.ops import Op
from rnnmagic.report import Confidence, Shape

CATEGORICAL = ("categorical_crossentropy", "categorical_focal_crossentropy", "kl_divergence")
SPARSE = ("sparse_categorical_crossentropy",)
BINARY = ("binary_crossentropy", "binary_focal_crossentropy")
ELEMENTWISE_NOTE = later("The loss compares them number by number, so their shapes must agree.")


@dataclass(frozen=True)
class Answer:
    """What the model gives, what the target is, and who the model is."""

    target: Operand
    got: Shape
    """Shape of the target, samples first."""
    output: Shape
    model: Any = field(repr=False)
    loss: str
    model_name: str | None
    head: Any = field(default=None, repr=False)
    steps: Sequence[LayerStep] = field(default=(), repr=False)
    """The layers as a dry run called them, where there was one."""

    @property
    def name(self) -> str:
        return self.target.label

    @property
    def model_word(self) -> str:
        return f"`{self.model_name}`" if self.model_name else say("the model")


def answer_of(
    target: Operand,
    output: Shape,
    model: Any,
    model_name: str | None,
    steps: Sequence[LayerStep] = (),
) -> Answer:
    got = target.described.shape or (None,)
    return Answer(
        target, got, (got[0], *output[1:]), model, loss_name(model), model_name, head_of(model), steps
    )


def given_by(layer: Any, case: Answer) -> Shape | None:
    """What a layer itself gives for the samples of the answer; `None` where neither dry run nor graph tells."""
    shape = next((first_of(step.output) for step in case.steps if step.layer is layer and step.ok), None)
    if shape is None:
        with contextlib.suppress(Exception):
            # One of several uses raises, and so does a layer that never was in a graph.
            shape = first_of(shapes_in(layer.output))
    return (case.output[0], *shape[1:]) if shape else None


def first_of(shapes: Any) -> Shape | None:
    """The shape of an output, without those of the states that come after it."""
    if isinstance(shapes, list):
        shapes = shapes[0] if shapes else None
    return shapes if isinstance(shapes, tuple) else None


Found = tuple[str, str, list[Candidate], bool]


def fix(
    case: Answer, op: Op, title: str, why: str, confidence: Confidence, caution: str | None = None
) -> Candidate:
    return Candidate(
        op.kind,
        title[:60],
        why,
        confidence,
        caution,
        data=((case.target, op),),
        target=case.target.name,
        before=case.got,
        after=op.shape(case.got),
    )


def use_loss(case: Answer, name: str, why: str, confidence: Confidence) -> Candidate:
    return Candidate(
        "loss",
        say("Use the loss {name}", name=name)[:60],
        why,
        confidence,
        source=lambda editor: editor.set_loss(name),
        target=case.model_name,
        before=case.got,
        after=case.got,
    )


def give_units(case: Answer, units: int, confidence: Confidence) -> Candidate:
    head = case.head
    return Candidate(
        "layer_argument",
        say("Give {head} {outputs}", head=tell(head), outputs=plural(units, "output"))[:60],
        say("The model then gives as many numbers a sample as the target has."),
        confidence,
        source=lambda editor: editor.set_argument(head, "units", str(units)),
        target=getattr(head, "name", None),
        before=case.output,
        after=(*case.output[:-1], units),
    )


def short(case: Answer) -> str:
    return case.name if len(case.name) <= 24 else (case.target.name or say("the target"))[:24]


def tell(layer: Any) -> str:
    return (
        f"{class_of(layer)} '{getattr(layer, 'name', '?')}'" if layer is not None else say("the last layer")
    )


def looks_one_hot(case: Answer) -> bool:
    sample = hints.sample_of(case.target.value, 256)
    if sample is None or sample.ndim < 2:
        return False
    return bool(((sample == 0) | (sample == 1)).all() and (sample.sum(axis=-1) == 1).all())
