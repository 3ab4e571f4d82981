"""Targets of a model with several outputs: their order, their names, one that was left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import permutations
from typing import TYPE_CHECKING, Any

from rnnmagic.diagnosis.base import Candidate, Diagnosis, plural, text
from rnnmagic.diagnosis.layers import declare
from rnnmagic.diagnosis.targets import Answer
from rnnmagic.evidence import Evidence, Operand
from rnnmagic.language import say
from rnnmagic.ops import Slice
from rnnmagic.report import Shape
from rnnmagic.values import describe, variables

if TYPE_CHECKING:
    from rnnmagic.editor import Editor, SourceEdit

Outputs = list[tuple[Any, Any]]
"""Key or number of each output, with its shape."""


def _fits(got: Shape | None, shape: Any) -> bool:
    if not got or not isinstance(shape, tuple):
        return False
    if len(got) == 1 and shape[1:] == (1,):
        return True
    return len(got) == len(shape) and got[1:] == shape[1:]


def misordered(evidence: Evidence, operands: list[Operand], outputs: Outputs, phase: str) -> Diagnosis | None:
    """The targets fit in another order."""
    shapes = [shape for _, shape in outputs]
    if len(operands) != len(outputs) or len(operands) > 6 or any(isinstance(o.index, str) for o in operands):
        return None
    for order in permutations(range(len(operands))):
        if order == tuple(range(len(operands))):
            if all(_fits(o.described.shape, s) for o, s in zip(operands, shapes, strict=True)):
                return None
            continue
        if not all(_fits(operands[place].described.shape, s) for place, s in zip(order, shapes, strict=True)):
            continue
        wrong = next(i for i, place in enumerate(order) if place != i)
        names = [operands[place].label for place in order]
        told = ", ".join(text(shape) for shape in shapes)
        fix = Candidate(
            "reorder", say("Pass the targets as [{names}]", names=', '.join(names))[:60], say("Each target then goes to the output that has its shape."),
            "sure", source=_reordered(evidence, operands, order), target=operands[wrong].name,
        )  # fmt: skip
        return Diagnosis(
            "target_shape",
            say(
                "The targets are in the wrong order: the model answers {told}, so pass [{names}].",
                told=told,
                names=", ".join(names),
            ),
            phase,
            operands[wrong],
            candidates=(fix,),
        )
    return None


def _reordered(
    evidence: Evidence, operands: list[Operand], order: tuple[int, ...]
) -> Callable[[Editor], SourceEdit]:
    return lambda editor: editor.reorder(evidence, operands, order)


def _renamed(evidence: Evidence, renamed: dict[str, str]) -> Callable[[Editor], SourceEdit]:
    return lambda editor: editor.rename_keys(evidence, renamed)


def misnamed(evidence: Evidence, operands: list[Operand], outputs: Outputs, phase: str) -> Diagnosis | None:
    """A dict of targets whose keys are not the outputs' names."""
    names = [str(key) for key, _ in outputs] if all(isinstance(key, str) for key, _ in outputs) else []
    names = names or [str(name) for name in getattr(evidence.model, "output_names", ()) or ()]
    given = [operand for operand in operands if isinstance(operand.index, str)]
    if len(given) != len(operands) or not names or len(names) != len(outputs):
        return None
    wrong = [operand for operand in operands if operand.index not in names]
    free = [
        (name, shape)
        for name, (_, shape) in zip(names, outputs, strict=True)
        if name not in {o.index for o in operands}
    ]
    if not wrong or len(wrong) != len(free):
        return None
    for order in permutations(range(len(free))):
        pairs = [(operand, free[place]) for operand, place in zip(wrong, order, strict=True)]
        if len(free) == 1 or all(_fits(o.described.shape, shape) for o, (_, shape) in pairs):
            renamed = {str(o.index): name for o, (name, _) in pairs}
            told = ", ".join(f"{old!r} → {new!r}" for old, new in renamed.items())
            fix = Candidate(
                "reorder", say("Name {told}", told=told)[:60], say("The key must be the name of the output."), "sure",
                source=_renamed(evidence, renamed), target=wrong[0].name,
            )  # fmt: skip
            sentence = say(
                "The model's {outputs} are named {names}; passed are targets for {operand_names}.",
                outputs=plural(len(names), "output"),
                names=", ".join(map(repr, names)),
                operand_names=", ".join(repr(operand.index) for operand in operands),
            )
            return Diagnosis("target_shape", sentence, phase, wrong[0], candidates=(fix,))
    return None


def named_for_one(evidence: Evidence, operand: Operand, phase: str) -> Diagnosis:
    """`fit(X, {"y": y})` for a model whose one output has no name to it."""
    code = operand.expression or operand.name
    candidates: tuple[Candidate, ...] = ()
    if code is not None:
        candidates = (
            Candidate(
                "select", say("Pass {code} itself", code=code)[:60], say("A dict of targets is for a model that answers with a dict."), "sure",
                source=lambda editor: editor.set_call_argument(evidence, "y", code), target=operand.name,
            ),
        )  # fmt: skip
    return Diagnosis(
        "target_shape",
        say(
            "The model has one output, and the target is passed under the name {index}, which it does not know.",
            index=repr(operand.index),
        ),
        phase,
        operand,
        candidates=candidates,
    )


def partners(evidence: Evidence, operands: list[Operand], outputs: Outputs) -> Iterator[Candidate]:
    """The target that was left out, where one array of the kernel alone has the shape of each output."""
    if len(operands) != 1 or len(outputs) < 2:
        return
    rows = (operands[0].described.shape or (None,))[0]
    chosen: list[str] = []
    for _, shape in outputs:
        if not chosen.count(operands[0].name or "") and _fits(operands[0].described.shape, shape):
            chosen.append(operands[0].name or "")
            continue
        able = []
        for name, value in variables(evidence.namespace):
            described = describe(value)
            if name.startswith("_") or described.carrier not in ("array", "tensor", "frame", "series"):
                continue
            if described.shape and described.shape[0] == rows and _fits(described.shape, shape):
                if value is not operands[0].value and name not in chosen:
                    able.append(name)
        if len(able) != 1:
            return
        chosen.append(able[0])
    code = f"[{', '.join(chosen)}]"
    yield Candidate(
        "reorder", say("Pass {code}", code=code)[:60], say("These have the shapes that the outputs have."), "possible",
        say("Check that they are the targets meant."),
        source=lambda editor: editor.set_call_argument(evidence, "y", code), target=operands[0].name,
    )  # fmt: skip


def shorter_data(evidence: Evidence, case: Answer, role: str) -> Iterator[Candidate]:
    """Targets of fewer timesteps than the data: the data cut to as many."""
    got, out = case.got, case.output
    x = evidence.operand("validation_x" if role.startswith("validation") else "x")
    shape = None if x is None else x.described.shape
    if len(out) != 3 or len(got) < 2 or got[1] is None or out[1] is None or got[1] >= out[1] or got[1] < 2:
        return
    if x is None or shape is None or len(shape) < 2 or shape[1] != out[1]:
        return
    steps = got[1]
    cuts = (
        (
            Slice(1, None, steps, kind="truncate", repeatable=True),
            say("Keep the first {timesteps} of {array}", timesteps=plural(steps, "timestep"), array=x.label),
            say("Right when target i belongs to timestep i."),
        ),
        (
            Slice(1, -steps, None, kind="truncate", repeatable=True),
            say("Keep the last {timesteps} of {array}", timesteps=plural(steps, "timestep"), array=x.label),
            say("Right when the targets belong to the newest steps."),
        ),
    )
    for inner in (None, (steps, *shape[2:])):
        for op, title, why in cuts:
            yield Candidate(
                "truncate", (title if inner is None else say("{title} and declare {shape}", title=title[:34], shape=text(inner)))[:60], why, "possible",
                say("Check which timestep each target belongs to."), data=((x, op),),
                source=None if inner is None else declare(inner, None, "possible").source,
                target=x.name, before=shape, after=op.shape(shape), only_if_tried=True,
            )  # fmt: skip
