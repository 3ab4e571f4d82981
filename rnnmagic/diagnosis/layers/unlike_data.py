"""A layer or inner model refuses what comes from an Input that is declared unlike the data, or unlike the inner model."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rnnmagic import frameworks
from rnnmagic.diagnosis.base import Candidate, Diagnosis, text
from rnnmagic.diagnosis.layers.declared import declare
from rnnmagic.diagnosis.layers.refusal import Refusal, made, named
from rnnmagic.evidence import Operand
from rnnmagic.frameworks.wanted import class_of, is_trained, rank_wanted_by
from rnnmagic.language import say
from rnnmagic.report import Shape
from rnnmagic.values import as_shape, describe, is_from, module_of, variables

if TYPE_CHECKING:
    from rnnmagic.editor import Editor, SourceEdit

LOOKED_AT = 5000
"""Names of the kernel, at most."""
TENSORS = {"tensorflow": ("Tensor", "Variable"), "torch": ("Tensor",), "jaxlib": ("ArrayImpl",)}
"""The classes of a package that hold numbers."""


def swapped(case: Refusal) -> Diagnosis | None:
    """The axes of the declaration are those of the data, in another order."""
    declared = _declared(case)
    if declared is None or len(declared) < 2 or None in declared or len(set(declared)) < 2:
        return None
    wanted = rank_wanted_by(case.layer)
    if wanted and isinstance(case.received, tuple) and len(case.received) != wanted:
        # To exchange axes does not change how many there are.
        return None
    seen = _arrays(case, len(declared) + 1)
    if any(_of_sample(operand) == declared for operand in seen):
        return None
    turned = [operand for operand in seen if sorted(_of_sample(operand)) == sorted(declared)]  # type: ignore[type-var]
    shapes = {_of_sample(operand) for operand in turned}
    if len(shapes) != 1:
        return None
    return _made(case, declared, turned[0])


def unlike(case: Refusal) -> Diagnosis | None:
    """The one array that the call further down passes is not as the Input declares it."""
    declared = _declared(case)
    if declared is None:
        return None
    passed = _passed(case)
    if len({_of_sample(operand) for operand in passed}) != 1:
        return None
    got = _of_sample(passed[0])
    if len(got) != len(declared) or _fit(declared, got):
        return None
    return _made(case, declared, passed[0])


def inner_model(case: Refusal) -> Diagnosis | None:
    """A model inside the model is declared for another shape than comes to it."""
    each = class_of(case.layer) == "TimeDistributed"
    inner = getattr(case.layer, "layer", None) if each else case.layer
    received = case.received
    if inner is None or not frameworks.is_model(inner) or not isinstance(received, tuple):
        return None
    wanted = _input_of(inner)
    if wanted is None:
        return None
    part = received[2:] if each else received[1:]
    outer = unlike(case) if len(part) == len(wanted) else None
    if outer is not None:
        return outer
    candidates: list[Candidate] = []
    if not each and part[1:] == wanted and part:
        # A model of one sentence, given all sentences of a document.
        candidates.append(
            Candidate(
                "wrap", say("TimeDistributed around {layer}", layer=named(inner))[:60],
                say("It then answers for each timestep of {shape}.", shape=text(part)), "sure",
                source=lambda editor: editor.wrap_applied(inner, "TimeDistributed"), target=inner.name,
            )
        )  # fmt: skip
    elif _fit(wanted, part) or len(part) != len(wanted) or is_trained(inner):
        return None
    else:
        candidates.append(
            Candidate(
                "input_shape", say("Declare the input of '{name}' as {shape}", name=inner.name, shape=text(part))[:60],
                say("That is what comes to it."), "likely", source=_inner(inner, part), target="input_shape",
                after=(None, *part),
            )
        )  # fmt: skip
    sentence = say(
        "The model '{name}' takes {wanted} a sample, and gets {got} from {layer}.",
        name=inner.name,
        wanted=text(wanted),
        got=text(part),
        layer=named(case.layer) if each else named(case.way[-1].layer) if case.way else "?",
    )
    cause = "rank" if len(part) != len(wanted) else "input_declaration"
    return made(case, cause, sentence, candidates, (*received[: 2 if each else 1], *wanted))


def _inner(model: Any, shape: Shape) -> Callable[[Editor], SourceEdit]:
    return lambda editor: editor.set_shape_of(model, shape)


def _input_of(model: Any) -> Shape | None:
    try:
        inputs = list(model.inputs)
    except Exception:
        return None
    shape = as_shape(inputs[0].shape) if len(inputs) == 1 else None
    return shape[1:] if shape else None


def _made(case: Refusal, declared: Shape, operand: Operand) -> Diagnosis:
    inner = _of_sample(operand)
    sentence = say(
        "The model is declared with {shape}, and {layer} cannot take that. `{array}` is {seen_shape}, so declare {inner_shape}.",
        shape=text(declared),
        layer=named(case.layer),
        array=operand.label,
        seen_shape=text(operand.described.shape),
        inner_shape=text(inner),
    )
    return made(case, "input_declaration", sentence, [declare(inner, operand, "sure")], None)


def _declared(case: Refusal) -> Shape | None:
    """What the only Input that the refused tensors come from declares, without the batch axis."""
    ways = case.ways or ((case.way,) if case.way else ())
    if case.phase != "build" or not ways or not all(ways):
        return None
    first = {id(way[0].layer): way[0] for way in ways}
    step = next(iter(first.values()))
    shape = step.output
    if len(first) != 1 or class_of(step.layer) != "InputLayer" or not isinstance(shape, tuple):
        return None
    return shape[1:] or None


def _arrays(case: Refusal, rank: int) -> list[Operand]:
    """The arrays that a call further down passes; where there is no such call, all those of the kernel."""
    if case.later.passes or any(operand.node is not None for operand in case.inputs):
        return [operand for operand in _passed(case) if len(operand.described.shape or ()) == rank]
    found: list[Operand] = []
    if not isinstance(case.received, tuple):
        # Branches that do not fit together say nothing of arrays that nobody passes.
        return found
    for name, value in variables(case.namespace)[:LOOKED_AT]:
        if name in case.later.bound or name in case.later.used:
            # The cell goes on to make its data of it.
            continue
        if name.startswith("_") or not _is_array(value):
            continue
        described = describe(value)
        if described.carrier in ("array", "tensor") and len(described.shape or ()) == rank:
            found.append(Operand("x", None, value, described, name, name, is_global=True))
    return found


def _is_array(value: object) -> bool:
    """Whether it is an array of numbers or a tensor, by its class alone.

    A class of the user's is left out, even one derived from these: to ask it for its shape may run anything.
    """
    package = module_of(value)
    if package == "numpy" and is_from(value, package, "ndarray"):
        return str(value.dtype) != "object"  # type: ignore[attr-defined]
    return package in TENSORS and is_from(value, package, *TENSORS[package])


def _passed(case: Refusal) -> list[Operand]:
    """The arrays that a call further down passes, as they are now."""
    return [
        operand for operand in case.inputs if operand.node is not None and not case.later.remakes(operand)
    ]


def _of_sample(operand: Operand) -> Shape:
    return (operand.described.shape or ())[1:]


def _fit(declared: Shape, got: Shape) -> bool:
    return len(declared) == len(got) and all(
        want is None or size is None or want == size for want, size in zip(declared, got, strict=True)
    )
