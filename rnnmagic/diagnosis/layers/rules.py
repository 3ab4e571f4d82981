"""Which rule explains a layer's refusal, and what is said when none does."""

from __future__ import annotations

from typing import Any

from rnnmagic.diagnosis.base import Diagnosis, text
from rnnmagic.diagnosis.layers.adapted import adapted_to_other
from rnnmagic.diagnosis.layers.all_of_them import several_given
from rnnmagic.diagnosis.layers.lost import last_output_only, lost_axis, sequence_from
from rnnmagic.diagnosis.layers.merging import merge
from rnnmagic.diagnosis.layers.refusal import Refusal, made, named
from rnnmagic.diagnosis.layers.settings import wrong_setting
from rnnmagic.diagnosis.layers.states import wrong_states
from rnnmagic.diagnosis.layers.surplus import surplus_axis
from rnnmagic.diagnosis.layers.unlike_data import inner_model, swapped, unlike
from rnnmagic.diagnosis.layers.windows import too_short
from rnnmagic.frameworks.keraslike.batchsize import OWN
from rnnmagic.frameworks.wanted import class_of, rank_wanted_by, rnn_in
from rnnmagic.language import say


def judge(case: Refusal) -> Diagnosis:
    """Say what the layer wanted, what it got, and who made it so."""
    rules = (
        wrong_states, swapped, several_given, too_short, adapted_to_other, wrong_setting, inner_model, _rank, _joined,
        unlike, merge, _own_code, _after_own_code,
    )  # fmt: skip
    for rule in rules:
        found = rule(case)
        if found is not None:
            return found
    return _unknown(case)


def _rank(case: Refusal) -> Diagnosis | None:
    """A wrong number of axes."""
    received = case.received
    if not isinstance(received, tuple):
        return None
    wanted = rank_wanted_by(case.layer)
    if class_of(case.layer) == "TimeDistributed" and len(received) < 3:
        wanted = 3
    inner = getattr(case.layer, "layer", None)
    if class_of(case.layer) == "TimeDistributed" and (rank_wanted_by(inner) or 0) > 3:
        # A convolution for each timestep.
        wanted = (rank_wanted_by(inner) or 0) + 1
    if class_of(case.layer) == "MultiHeadAttention" and len(received) < 3:
        wanted = 3
    if wanted is None or wanted == len(received):
        return None
    if len(received) < wanted:
        return lost_axis(case, received, wanted)
    return surplus_axis(case, received, wanted)


def _joined(case: Refusal) -> Diagnosis | None:
    """Branches that do not fit together, where one of them can be changed."""
    found = merge(case)
    return found if found is not None and found.candidates else None


def own_part(layer: Any) -> Any:
    """What of a layer is the user's own: the layer, its cell, or the function of a Lambda."""
    cell = getattr(rnn_in(layer), "cell", None)
    own = next(
        (part for part in (layer, cell) if part is not None and not type(part).__module__.startswith(OWN)),
        None,
    )
    return layer if own is None and class_of(layer) == "Lambda" else own


def _own_code(case: Refusal) -> Diagnosis | None:
    """The user's own layer or cell."""
    layer = case.layer
    what = own_part(layer)
    if what is None:
        return None
    if isinstance(case.received, tuple):
        sentence = say(
            "Inside {layer} the shapes do not fit: {said} It was given, {shape}.",
            layer=named(layer),
            said=_said(case.error),
            shape=text(case.received),
        )
    else:
        sentence = say(
            "Inside {layer} the shapes do not fit: {said} It was given several inputs.",
            layer=named(layer),
            said=_said(case.error),
        )
    from rnnmagic.diagnosis.own_arguments import of_arguments
    from rnnmagic.diagnosis.own_code import candidates
    from rnnmagic.diagnosis.own_weights import misfits, resized, said

    if case.log is None:
        return made(case, "custom_op", sentence, [], None, advice=_advice(what))
    wrong = misfits(case.error, case.log)
    if wrong:
        sentence = said(wrong[0], named(layer))
    sizes = list(of_arguments(what, case.received, _said(case.error)))
    before = last_output_only(case.way)
    if before is not None and isinstance(case.received, tuple) and len(case.received) == 2:
        # Own code after a recurrent layer is mostly made for a sequence: attention, pooling.
        sizes.insert(0, sequence_from(before, confidence="likely", only_if_tried=True))
    guesses = [*resized(wrong, case.log), *sizes, *candidates(case.log, what)]
    return made(case, "custom_op", sentence, guesses, None, advice=_advice(what))


def _after_own_code(case: Refusal) -> Diagnosis | None:
    """A layer gets one number a sample, or none: own code before it summed a vector as if it were a sequence."""
    if not isinstance(case.received, tuple) or len(case.received) > 1 or not case.way:
        return None
    own, before = case.way[-1].layer, last_output_only(case.way[:-1])
    if own_part(own) is None or before is None:
        return None
    sentence = say(
        "{layer} gets {shape}, no vector a sample: {own} before it took an axis away from what {culprit} passes on, "
        "its last output only.",
        layer=named(case.layer),
        shape=text(case.received),
        own=named(own),
        culprit=named(before),
    )
    keep = sequence_from(before, confidence="likely", only_if_tried=True)
    return made(case, "sequence_collapsed", sentence, [keep], None, advice=_advice(own_part(own)))


def _advice(part: Any) -> tuple[str, ...]:
    return (
        say(
            "The mistake is in the code of {part_class}: print the shapes of the tensors in its call and build methods.",
            part_class=class_of(part),
        ),
    )


def _said(error: BaseException | None) -> str:
    from rnnmagic.frameworks.base import first_line

    line = first_line(error).split(": ", 1)[-1].split(" for '{{node")[0].strip()
    line = line.split("(where ")[0].strip()[:160]
    return line if line.endswith((".", "!")) else f"{line}."


def _unknown(case: Refusal) -> Diagnosis:
    received = case.received if isinstance(case.received, tuple) else None
    told = (" " + say("It was given {shape}.", shape=text(received))) if received else ""
    sentence = say(
        "{layer} cannot take what comes to it: {said}", layer=named(case.layer), said=_said(case.error)
    )
    return made(case, "other", sentence + told, [], None)
