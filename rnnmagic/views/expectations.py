"""What a student reads when an expectation is not met: the questions, and the sentences of its checks."""

from __future__ import annotations

from typing import Any

from rnnmagic.axes import axis_word
from rnnmagic.diagnosis.base import AXES3, text
from rnnmagic.language import later, say, several
from rnnmagic.report import Shape

QUESTIONS = {
    "model": later("What does your code give back, and is it a model that was put together to the end?"),
    "data": later(
        "Which shape does the task ask of {x}, and what does each axis stand for: (samples, timesteps, features)?"
    ),
    "call": later(
        "What does each axis of {x} stand for, and which axes does the first layer that fails read: "
        "(samples, timesteps, features), or (samples, features)?"
    ),
    "output": later(
        "How many numbers does the task ask of the model for each sample, and for each timestep or only once?"
    ),
    "loss": later(
        "What does the model answer for one sample, and what does {y} hold for it? The loss compares the two."
    ),
}
"""By what is not met; `{x}` and `{y}` are the arguments as the test has them."""


def no_model(name: str, model: Any) -> str:
    """What stands in the place of a model; `name` is the argument as the test has it."""
    if model is not None:
        kind = type(model).__name__
        return say("`{name}` is of type {kind}; a model is expected.", name=name, kind=kind)
    if name == "None":
        return say("It is None; a model is expected. Does the function that builds it return it?")
    return say(
        "`{name}` is None; a model is expected. Does the function that builds it return it?", name=name
    )


def no_shape(name: str, value: Any, wanted: Shape) -> str:
    """Of data that are no array."""
    if value is None:
        return say(
            "`{name}` is None and has no shape; an array of shape {shape} is expected.",
            name=name,
            shape=text(wanted),
        )
    return say(
        "`{name}` is of type {kind} and has no shape; an array of shape {shape} is expected.",
        name=name,
        kind=type(value).__name__,
        shape=text(wanted),
    )


def other_shape(name: str, got: Shape, wanted: Shape) -> str:
    """Both shapes, with the names of the axes where there are three."""
    if len(wanted) == 3:
        return say(
            "`{name}` has the shape {shape}; {wanted} is expected, that is (samples, timesteps, features).",
            name=name,
            shape=text(got),
            wanted=text(wanted),
        )
    return say(
        "`{name}` has the shape {shape}; {wanted} is expected.",
        name=name,
        shape=text(got),
        wanted=text(wanted),
    )


def differences_between(got: Shape, wanted: Shape) -> str:
    """Where the two shapes differ: their axes are counted, or the sizes compared one by one."""
    if len(got) != len(wanted):
        return several(
            "It has {count} axis in place of {wanted}.",
            "It has {count} axes in place of {wanted}.",
            len(got),
            wanted=len(wanted),
        )
    places = [n for n, (a, b) in enumerate(zip(got, wanted, strict=True)) if b is not None and a != b]
    told = ", ".join(_difference(got[n], wanted, n) for n in places)
    return say("It has {differences}.", differences=told)


def _difference(size: int | None, wanted: Shape, place: int) -> str:
    if len(wanted) == 3:
        axis = axis_word(AXES3[place])
        return say("{size} {axis} in place of {wanted}", size=size, axis=axis, wanted=wanted[place])
    return say("{size} in axis {place} in place of {wanted}", size=size, place=place, wanted=wanted[place])


def answer(output: str | None, got: Shape | None, want: Shape | None) -> str:
    """One output, of the given name if there are several, against the shape that it should have."""
    told = say("nothing") if got is None else text(got)
    wanted = say("nothing") if want is None else text(want)
    if output is None:
        return say("{shape} where {wanted} is expected", shape=told, wanted=wanted)
    return say(
        "at output {output} {shape} where {wanted} is expected", output=output, shape=told, wanted=wanted
    )
