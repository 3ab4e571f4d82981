"""Too few timesteps for the window of a convolution or pooling."""

from __future__ import annotations

from rnnmagic.diagnosis.base import Candidate, Diagnosis, text
from rnnmagic.diagnosis.layers.refusal import Refusal, made, named
from rnnmagic.frameworks.wanted import class_of, rank_wanted_by
from rnnmagic.language import say, several


def too_short(case: Refusal) -> Diagnosis | None:
    """A convolution or pooling for which too few timesteps are left."""
    name = class_of(case.layer)
    if not (name.startswith(("Conv", "SeparableConv", "DepthwiseConv", "MaxPool", "AveragePool"))):
        return None
    received = case.received
    if (
        not isinstance(received, tuple)
        or len(received) < 3
        or rank_wanted_by(case.layer) not in (None, len(received))
    ):
        return None
    window = getattr(case.layer, "kernel_size", None) or getattr(case.layer, "pool_size", None)
    size = window[0] if isinstance(window, (tuple, list)) else window
    if not isinstance(size, int) or received[1] is None or received[1] >= size:
        return None
    sentence = several(
        "Only {count} timestep is left for {layer}, {shape}, whose window takes {size}.",
        "Only {count} timesteps are left for {layer}, {shape}, whose window takes {size}.",
        received[1],
        layer=named(case.layer),
        shape=text(received),
        size=size,
    )
    narrow = [
        step.layer
        for step in case.way
        if class_of(step.layer).startswith(("Conv", "SeparableConv"))
        and getattr(step.layer, "padding", "") == "valid"
    ]
    candidates = [
        Candidate(
            "layer_argument",
            say('padding="same" on the convolutions'),
            say("A convolution then gives as many timesteps as it takes."),
            "likely",
            source=lambda editor: editor.combine(
                *(editor.set_argument(layer, "padding", '"same"') for layer in (*narrow, case.layer))
            ),
            target=case.layer.name,
        ),
        Candidate(
            "layer_argument",
            say('padding="same" on {layer}', layer=named(case.layer))[:60],
            say("That layer then gives as many timesteps as it takes."),
            "likely",
            source=lambda editor: editor.set_argument(case.layer, "padding", '"same"'),
            target=case.layer.name,
        ),
    ]
    return made(case, "timesteps", sentence, candidates, None)
