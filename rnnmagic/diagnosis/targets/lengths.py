"""A target with another number of timesteps than the answer has."""

from __future__ import annotations

from typing import Any

from rnnmagic.diagnosis import hints
from rnnmagic.diagnosis.base import Candidate, plural, text
from rnnmagic.diagnosis.targets.answer import Answer, Found, fix, given_by, short
from rnnmagic.frameworks.wanted import class_of, gives_sequence, is_rnn, layers_of, rnn_in
from rnnmagic.language import say
from rnnmagic.ops import Slice
from rnnmagic.source import CannotEdit

FEW_ROWS = 16
"""So many must be seen, or all, before an end of the targets is called padding."""


def other_length(case: Answer) -> Found:
    got, out = case.got, case.output
    sentence = say(
        "`{name}` {shape} has {timesteps} timesteps; the model gives {size}, {out_shape}.",
        name=case.name,
        shape=text(got),
        timesteps=got[1],
        size=out[1],
        out_shape=text(out),
    )
    candidates: list[Candidate] = []
    if got[1] is not None and out[1] is not None and got[1] > out[1]:
        candidates += _cut(case, got[1], out[1])
    repeat = next((layer for layer in layers_of(case.model) if class_of(layer) == "RepeatVector"), None)
    if repeat is not None:
        own = given_by(repeat, case) or (out[0], repeat.n, None)
        candidates.insert(
            0,
            Candidate(
                "layer_argument",
                f"RepeatVector({got[1]})",
                say("The decoder then runs for as many timesteps as the target has."),
                "sure",
                source=lambda editor: editor.set_argument(repeat, "n", str(got[1])),
                target=repeat.name,
                before=own,
                after=(own[0], got[1], *own[2:]),
            ),
        )
    elif got[1] is not None and out[1] is not None and len(got) == len(out) == 3:
        candidates = [*_of_another_length(case, got[1], out[1]), *candidates]
    return "target_shape", sentence, candidates, True


def _cut(case: Answer, given: int, wanted: int) -> list[Candidate]:
    """Fewer timesteps of the target: those that are no padding, where the one end holds nothing else."""
    side = _padded_end(case.target.value, wanted)
    last = fix(
        case,
        Slice(1, -wanted, None, kind="truncate", repeatable=True),
        say("Keep the last {timesteps} of {array}", timesteps=plural(wanted, "timestep"), array=short(case)),
        say("What is left out in front is padding.")
        if side == "front"
        else say("Right when the outputs belong to the newest steps."),
        "sure" if side == "front" else "possible",
        None if side == "front" else say("Check which timesteps the outputs belong to."),
    )
    first = fix(
        case,
        Slice(1, None, wanted, kind="truncate", repeatable=True),
        say("Keep the first {timesteps} of {array}", timesteps=plural(wanted, "timestep"), array=short(case)),
        say("What is left out at the end is padding.")
        if side == "end"
        else say("Right when the outputs belong to the first steps."),
        "sure" if side == "end" else "possible",
        None if side == "end" else say("Check which timesteps the outputs belong to."),
    )
    return [first, last] if side == "end" else [last] if side == "front" else [last, first]


def _padded_end(value: Any, kept: int) -> str | None:
    """Which end of the targets (samples, timesteps) holds zeros alone beyond `kept` timesteps."""
    told = hints.shape_of(value)
    if told is not None and (len(told) < 2 or (told[1] or 0) <= kept):
        return None
    sample = hints.sample_of(value)
    if sample is None or sample.ndim < 2 or sample.shape[1] <= kept:
        return None
    if len(sample) < min(FEW_ROWS, (told[0] if told else len(value)) or FEW_ROWS):
        # Of rows as wide as these too few are read: all of them may be short ones.
        return None
    front, end = not sample[:, :-kept].any(), not sample[:, kept:].any()
    return None if front == end else "front" if front else "end"


def _of_another_length(case: Answer, wanted: int, given: int) -> list[Candidate]:
    """An answer with steps of its own: a decoder that runs for so many, or the newest of those there are."""
    found: list[Candidate] = []
    layers = layers_of(case.model)
    rnns = [layer for layer in layers if is_rnn(layer) and gives_sequence(layer)]
    last = rnns[-1] if rnns else None
    after = after_rnn(case.model, last)
    width = case.output[2]
    if last is not None and (len(rnns) > 1 or after is not None):
        told = say("Right when the answer is a sequence of its own: an encoder reads, a decoder writes.")
        if len(rnns) > 1:
            encoder, decoder = rnns[-2], last
            title = say("RepeatVector({steps}) between encoder and decoder", steps=wanted)

            def source(editor: Any) -> Any:
                return editor.combine(
                    editor.drop_sequences(encoder),
                    editor.insert_before(decoder, "RepeatVector", f"({wanted})"),
                )
        else:
            encoder, inner = last, rnn_in(last)
            kind, units = class_of(inner), getattr(inner, "units", None)
            title = say("RepeatVector({steps}) and a decoder of its own", steps=wanted)

            def source(editor: Any) -> Any:
                if not isinstance(units, int):
                    raise CannotEdit("the decoder's size is not known")
                return editor.combine(
                    editor.drop_sequences(encoder),
                    editor.insert_after(encoder, "RepeatVector", f"({wanted})"),
                    editor.insert_before(after, kind, f"({units}, return_sequences=True)"),
                )

        found.append(
            Candidate(
                "wrap",
                title[:60],
                told,
                "possible",
                source=source,
                target=getattr(case.head, "name", None),
                before=case.output,
                after=(case.output[0], wanted, width),
            )
        )
    head = case.head
    if head is not None and wanted < given:
        found.append(
            Candidate(
                "wrap",
                say("Keep the last {timesteps} of the answer", timesteps=plural(wanted, "timestep"))[:60],
                say("Cropping1D leaves out what the model answers before it has read the newest steps."),
                "possible",
                source=lambda editor: editor.insert_after(head, "Cropping1D", f"(({given - wanted}, 0))"),
                target=getattr(head, "name", None),
                before=case.output,
                after=(case.output[0], wanted, width),
            )
        )
    return found


def last_rnn(model: Any) -> Any:
    """The recurrent layer nearest to the answer."""
    return next((layer for layer in reversed(layers_of(model)) if is_rnn(layer)), None)


def after_rnn(model: Any, rnn: Any) -> Any:
    """The layer right after the last recurrent one, where a pooling would go."""
    layers = layers_of(model)
    if rnn is None or not any(layer is rnn for layer in layers):
        return None
    place = next(i for i, layer in enumerate(layers) if layer is rnn)
    return layers[place + 1] if place + 1 < len(layers) else None
