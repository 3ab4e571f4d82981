"""The model's own declaration of its input has the wrong shape."""

from __future__ import annotations

from typing import Any

from rnnmagic.diagnosis.base import Candidate, Diagnosis, text
from rnnmagic.diagnosis.layers.refusal import Refusal, made, named
from rnnmagic.evidence import Operand
from rnnmagic.language import say
from rnnmagic.report import Shape


def wrongly_declared(case: Refusal, received: Shape, wanted: int) -> Diagnosis:
    """The model's own declaration of its input has the wrong number of axes."""
    shape = received[1:]
    seen = will_come(case, wanted)
    candidates: list[Candidate] = []
    word = (
        "("
        + ", ".join("None" if s is None else str(s) for s in shape)
        + ("," if len(shape) == 1 else "")
        + ")"
    )
    sentence = say(
        "The model is declared with {shape}: {layer} needs {axes} axes there, (timesteps, features).",
        shape=word,
        layer=named(case.layer),
        axes=wanted - 1,
    )
    if wanted != 3:
        sentence = say(
            "The model is declared with {shape}: {layer} needs {axes} axes there.",
            shape=word,
            layer=named(case.layer),
            axes=wanted - 1,
        )
    if seen is not None:
        inner = seen.described.shape[1:]  # type: ignore[index]
        sentence += " " + say(
            "`{array}` is {shape}, so declare {inner_shape}.",
            array=seen.label,
            shape=text(seen.described.shape),
            inner_shape=text(inner),
        )
        candidates.append(declare(inner, seen, "sure"))
    elif wanted > 3 and len(shape) == wanted - 2:
        sentence += " " + say(
            "Images have an axis for their channels, the last one: 1 for grey, 3 for colour."
        )
        came = next((o for o in case.inputs if len(o.described.shape or ()) == wanted - 1), None)
        for channels in (1, 3):
            candidates.append(
                declare(
                    (*shape, channels),
                    None,
                    "likely" if channels == 1 else "possible",
                    say("One channel: grey images, or one number a place.")
                    if channels == 1
                    else say("Colour images."),
                    came if channels == 1 else None,
                )
            )
    else:
        flat = _flat_input(case)
        if wanted == 3 and len(shape) == 1 and shape[0] is not None:
            only = shape[0]
            if flat is not None:
                sentence += " " + say(
                    "`{array}` is {shape}: it has no such axis either.",
                    array=flat.label,
                    shape=text(flat.described.shape),
                )
            candidates.append(
                declare(
                    (only, 1),
                    None,
                    "likely",
                    say("Right when there are that many timesteps of one feature."),
                    flat,
                )
            )
            candidates.append(
                declare(
                    (None, only),
                    None,
                    "possible",
                    say("Right when there are that many features and any number of timesteps."),
                )
            )
            candidates.append(
                declare((1, only), None, "possible", say("Right when each sample is one timestep."), flat)
            )
    return made(case, "input_declaration", sentence, candidates, (None,) * wanted)


def declare(
    inner: Shape,
    operand: Operand | None,
    confidence: Any,
    why: str | None = None,
    reshape: Operand | None = None,
) -> Candidate:
    """Declare the model's input with another shape (no batch axis)."""
    word = (
        "("
        + ", ".join("None" if s is None else str(s) for s in inner)
        + ("," if len(inner) == 1 else "")
        + ")"
    )
    data: tuple[Any, ...] = ()
    if reshape is not None and reshape.described.shape is not None and all(s is not None for s in inner):
        from rnnmagic.ops import Reshape

        data = ((reshape, Reshape(tuple(int(s or 0) for s in inner))),)
    return Candidate(
        "input_shape",
        say("Declare the input as {shape}", shape=word)[:60],
        why
        or (
            say("That is the shape of one sample of {array}.", array=operand.label)
            if operand
            else say("One sample's shape, without the batch axis.")
        ),
        confidence,
        data=data,
        source=lambda editor: editor.set_input_shape(inner, operand),
        target="input_shape",
        after=(None, *inner),
    )


def will_come(case: Refusal, wanted: int) -> Operand | None:
    """An array that will go into the model and has the rank wanted."""
    return next((o for o in case.inputs if o.described.shape and len(o.described.shape) == wanted), None)


def _flat_input(case: Refusal) -> Operand | None:
    return next((o for o in case.inputs if o.described.shape and len(o.described.shape) == 2), None)
