"""A layer gets more axes than it takes."""

from __future__ import annotations

from rnnmagic.diagnosis.base import Candidate, Diagnosis, text
from rnnmagic.diagnosis.layers.declared import declare, will_come
from rnnmagic.diagnosis.layers.refusal import Refusal, dropper, made, named
from rnnmagic.evidence import Operand
from rnnmagic.frameworks.wanted import class_of, gives_sequence, is_rnn
from rnnmagic.language import say
from rnnmagic.report import Shape


def surplus_axis(case: Refusal, received: Shape, wanted: int) -> Diagnosis:
    """The layer gets more axes than it takes."""
    culprit, _ = dropper(case.way)
    layer = named(case.layer)
    expected: Shape = (None,) * wanted
    if culprit is None or class_of(culprit) == "InputLayer":
        shape = received[1:]
        sentence = say(
            "The model is declared with {shape}: the batch axis does not belong there. {layer} takes {axes} axes a sample, (timesteps, features).",
            shape=text(shape),
            layer=layer,
            axes=wanted - 1,
        )
        seen = will_come(case, wanted)
        candidates = []
        whole = shape[1:] if len(shape) == wanted else None
        if seen is not None:
            inner = seen.described.shape[1:]  # type: ignore[index]
            candidates.append(declare(inner, seen, "sure"))
            if shape != seen.described.shape:
                sentence = say(
                    "The model is declared with {shape}; {layer} takes {axes} axes a sample. `{array}` is {seen_shape}, so declare {inner_shape}.",
                    shape=text(shape),
                    layer=layer,
                    axes=wanted - 1,
                    array=seen.label,
                    seen_shape=text(seen.described.shape),
                    inner_shape=text(inner),
                )
        elif whole is not None:
            many = next(
                (o for o in case.inputs if o.described.shape and len(o.described.shape) == len(received)),
                None,
            )
            if many is not None and many.described.shape[1:] == shape:  # type: ignore[index]
                return _images(case, many, received, wanted)
            candidates.append(declare(whole, None, "likely"))
            if whole and whole[0] is not None:
                candidates.append(declare((None, *whole[1:]), None, "possible"))
        return made(case, "input_declaration", sentence, candidates, expected)
    if class_of(culprit) == "Embedding":
        return _embedded(case, received, wanted)
    if wanted == 2 and len(received) == 3:
        rnn = next((s.layer for s in reversed(case.way) if is_rnn(s.layer)), None)
        sentence = say(
            "{layer} takes one vector a sample, and gets a sequence, {shape}.",
            layer=layer,
            shape=text(received),
        )
        candidates = []
        if rnn is not None and gives_sequence(rnn):
            sentence = say(
                "{layer} takes one vector a sample, and gets a sequence, {shape}: {rnn} passes on all its timesteps.",
                layer=layer,
                shape=text(received),
                rnn=named(rnn),
            )
            candidates.append(
                Candidate(
                    "layer_argument",
                    say("return_sequences=False on {rnn}", rnn=named(rnn))[:60],
                    say("It then passes on its last output only, one vector a sample."),
                    "sure",
                    source=lambda editor: editor.drop_sequences(rnn),
                    target=rnn.name,
                )
            )
        if class_of(case.layer) == "RepeatVector":
            candidates.append(
                Candidate(
                    "other", say("Leave out {layer}", layer=layer)[:60], say("What comes is a sequence already."), "possible",
                    source=lambda editor: editor.remove(case.layer), target=case.layer.name,
                )
            )  # fmt: skip
        return made(case, "sequence_kept", sentence, candidates, expected)
    sentence = say(
        "{layer} takes {wanted} axes, (samples, timesteps, features), and gets {count}, {shape}, from {culprit}: each timestep is still {kind}, not one vector.",
        layer=layer,
        wanted=wanted,
        count=len(received),
        shape=text(received),
        culprit=named(culprit),
        kind=_kind(received),
    )
    flatten = Candidate(
        "wrap",
        say("TimeDistributed(Flatten()) before {layer}", layer=layer)[:60],
        say("Each timestep becomes one vector; the time axis stays as it is."),
        "sure",
        source=lambda editor: editor.insert_before(case.layer, "TimeDistributed", "({Flatten}())"),
        target=getattr(case.layer, "name", None),
    )
    return made(case, "rank", sentence, [flatten], expected)


def _kind(received: Shape) -> str:
    return say("an image") if len(received) == 5 else say("a table")


def _images(case: Refusal, operand: Operand, received: Shape, wanted: int) -> Diagnosis:
    """Samples that are tables or images themselves, declared as they are."""
    layer = named(case.layer)
    shape = received[1:]
    merged = 1
    for size in shape[1:]:
        merged *= int(size or 1)
    inner = (shape[0], merged)
    sentence = say(
        "One sample of `{array}` is {shape}; {layer} takes two axes a sample, (timesteps, features). Each timestep must be one vector.",
        array=operand.label,
        shape=text(shape),
        layer=layer,
    )
    candidates = [
        declare(
            inner,
            None,
            "likely",
            say("Axis 1 is time; all that belongs to one timestep becomes its features."),
            operand,
        ),
        Candidate(
            "wrap",
            say("TimeDistributed(Flatten()) before {layer}", layer=layer)[:60],
            say("Each timestep becomes one vector; the time axis stays as it is."),
            "likely",
            source=lambda editor: editor.insert_before(case.layer, "TimeDistributed", "({Flatten}())"),
            target=getattr(case.layer, "name", None),
        ),
    ]
    return made(case, "rank", sentence, candidates, (None,) * wanted, operand=operand)


def _embedded(case: Refusal, received: Shape, wanted: int) -> Diagnosis:
    """An Embedding adds an axis; its input had one too many already."""
    shape = received[1:-1]
    layer = named(case.layer)
    sentence = say(
        "The Embedding adds the feature axis itself: with {shape} declared, {layer} gets {axes} axes, {received_shape}. Declare the ids as (timesteps,).",
        shape=text(shape),
        layer=layer,
        axes=len(received),
        received_shape=text(received),
    )
    candidates = []
    if len(shape) == 2 and shape[1] == 1:
        flat = next((o for o in case.inputs if o.described.shape and len(o.described.shape) == 3), None)
        candidates.append(
            declare((shape[0],), None, "sure", say("One number, the word's id, for each timestep."), flat)
        )
    elif shape:
        ids = next((o for o in case.inputs if o.described.shape and len(o.described.shape) == 2), None)
        width = next(
            (step.layer.output_dim for step in case.way if class_of(step.layer) == "Embedding"), None
        )
        if ids is not None:
            candidates.append(declare(ids.described.shape[1:], ids, "sure"))  # type: ignore[index]
        else:
            # The width of the vectors was declared beside the timesteps.
            candidates.append(declare((shape[0] if shape[-1] == width else shape[-1],), None, "likely"))
    return made(case, "input_declaration", sentence, candidates, (None,) * wanted)
