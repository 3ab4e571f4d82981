"""A Normalization that was adapted to other data than it is given."""

from __future__ import annotations

from rnnmagic.diagnosis.base import Candidate, Diagnosis, plural, text
from rnnmagic.diagnosis.layers.refusal import Refusal, made, named
from rnnmagic.frameworks.wanted import class_of
from rnnmagic.language import say
from rnnmagic.values import as_shape


def adapted_to_other(case: Refusal) -> Diagnosis | None:
    """`norm.adapt(X)` on a flat table, and sequences later; or on other features."""
    received = case.received
    if class_of(case.layer) != "Normalization" or not isinstance(received, tuple) or len(received) < 2:
        return None
    kept = as_shape(getattr(getattr(case.layer, "mean", None), "shape", None))
    if kept is None or not kept or kept[-1] == received[-1] or received[-1] is None:
        return None
    learnt = kept[-1]
    sentence = say(
        "{layer} was adapted to {learnt}, and gets {shape}: {given} on its last axis. Adapt it to arrays of the shape that it will be given.",
        layer=named(case.layer),
        learnt=plural(learnt, "feature"),
        shape=text(received),
        given=plural(received[-1], "feature"),
    )
    inner = received[1:]
    candidates = []
    flat = 1
    for size in inner:
        flat *= size or 0
    if len(inner) > 1 and flat and flat == learnt:
        sizes = ", ".join(str(size) for size in inner)
        candidates.append(
            Candidate(
                "reshape",
                say("Adapt it to sequences: {shape}", shape=text((None, *inner)))[:60],
                say("Mean and variance are then those of each feature, over all timesteps."),
                "sure",
                source=lambda editor: editor.adapt_reshaped(case.layer, f"(-1, {sizes})"),
                target=case.layer.name,
            )
        )
    if case.inputs and case.inputs[0].expression:
        given = case.inputs[0].expression
        candidates.append(
            Candidate(
                "other",
                say("Adapt it to {array}", array=given)[:60],
                say("These are the data that the model is given."),
                "likely",
                source=lambda editor: editor.adapt_to(case.layer, given),
                target=case.layer.name,
                only_if_tried=True,
            )
        )
    return made(case, "features", sentence, candidates, (None, *received[1:-1], learnt))
