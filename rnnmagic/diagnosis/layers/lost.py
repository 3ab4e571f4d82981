"""A layer needs a sequence and gets a vector: the time axis was lost on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from rnnmagic.diagnosis.base import Candidate, Diagnosis, text
from rnnmagic.diagnosis.layers.declared import wrongly_declared
from rnnmagic.diagnosis.layers.refusal import (
    POOLING,
    Refusal,
    Step,
    dropper,
    first_shape,
    made,
    named,
    set_argument,
)
from rnnmagic.frameworks.wanted import class_of, is_rnn, rnn_in
from rnnmagic.language import say
from rnnmagic.report import Shape


def lost_axis(case: Refusal, received: Shape, wanted: int) -> Diagnosis:
    """The layer needs a sequence and gets a vector: who dropped the time axis?"""
    culprit, before = dropper(case.way)
    layer = named(case.layer)
    expected: Shape = (None,) * wanted
    gets = say(
        "{layer} needs a sequence, (samples, timesteps, features), and gets one vector a sample, {shape}",
        layer=layer,
        shape=text(received),
    )
    if wanted > 3:
        gets = say(
            "{layer} needs {wanted} axes and gets {shape}", layer=layer, wanted=wanted, shape=text(received)
        )
    if culprit is None or class_of(culprit) == "InputLayer":
        return wrongly_declared(case, received, wanted)
    if is_rnn(culprit):
        sentence = say(
            "{gets}: {culprit} before it passes on its last output only. Set return_sequences=True there.",
            gets=gets,
            culprit=named(culprit),
        )
        keep = sequence_from(culprit)
        stacked = Candidate(
            "layer_argument",
            say("return_sequences=True on all but the last RNN"),
            say("In a stack every recurrent layer but the last must pass on a sequence."),
            "sure",
            source=lambda editor: editor.sequences_everywhere(rnn_in(culprit)),
            target=getattr(culprit, "name", None),
            only_if_tried=True,
        )
        repeat = _repeat(case)
        candidates = [keep, stacked, *repeat]
        if repeat and _is_decoder(case, before):
            # As many steps as the target has can only come from a decoder.
            sentence = say(
                "{gets}: {culprit} before it passes on its last output only. Repeat it for each timestep of the answer.",
                gets=gets,
                culprit=named(culprit),
            )
            candidates = [*(replace(one, confidence="likely") for one in repeat), stacked, keep]
        return made(case, "sequence_collapsed", sentence, candidates, expected)
    if class_of(culprit) in POOLING:
        sentence = say(
            "{gets}: {culprit} before it makes one vector of all timesteps.",
            gets=gets,
            culprit=named(culprit),
        )
        drop = Candidate(
            "other",
            say("Leave out {culprit}", culprit=named(culprit))[:60],
            say("The sequence then reaches the next layer as it is."),
            "likely",
            source=lambda editor: editor.remove(culprit),
            target=culprit.name,
        )
        return made(case, "sequence_collapsed", sentence, [drop, *_repeat(case)], expected)
    sentence = say("{gets}: {culprit} before it gives no time axis.", gets=gets, culprit=named(culprit))
    return made(case, "sequence_collapsed", sentence, _repeat(case), expected)


def sequence_from(culprit: Any, **more: Any) -> Candidate:
    """return_sequences=True on a recurrent layer; `more`: fields of the candidate."""
    return set_argument(
        rnn_in(culprit),
        "return_sequences",
        "True",
        say("return_sequences=True on {culprit}", culprit=named(culprit)),
        say("It then passes on its output at every timestep, which the next layer reads as a sequence."),
        **more,
    )


def last_output_only(steps: Sequence[Step]) -> Any:
    """The nearest recurrent layer before that passes on its last output only; `None` where none does."""
    for step in reversed(steps):
        if is_rnn(step.layer):
            return None if getattr(rnn_in(step.layer), "return_sequences", None) else step.layer
    return None


def _is_decoder(case: Refusal, before: Shape | None) -> bool:
    """Whether the targets are sequences of a length of their own: an encoder–decoder."""
    for target in case.targets:
        shape = target.described.shape
        if shape and len(shape) == 3 and before is not None and len(before) == 3:
            return shape[1] != before[1]
    return False


def _repeat(case: Refusal) -> list[Candidate]:
    """RepeatVector before the layer: the vector once for each timestep of the answer."""
    steps = None
    for operand in (*case.targets, *case.inputs):
        shape = operand.described.shape
        if shape and len(shape) == 3:
            steps = shape[1]
            break
    if steps is None:
        shapes = [first_shape(step.output) for step in case.way]
        steps = next((shape[1] for shape in shapes if shape is not None and len(shape) == 3), None)
    if steps is None:
        return []
    return [
        Candidate(
            "wrap",
            say("RepeatVector({steps}) before {layer}", steps=steps, layer=named(case.layer))[:60],
            say("Right for an encoder–decoder: the decoder reads the same vector at every timestep."),
            "possible",
            source=lambda editor: editor.insert_before(case.layer, "RepeatVector", f"({steps})"),
            target=getattr(case.layer, "name", None),
        )
    ]
