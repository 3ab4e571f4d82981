"""The initial state of a recurrent layer: its size and the number of its parts."""

from __future__ import annotations

from typing import Any

from rnnmagic.diagnosis.base import Candidate, Diagnosis, plural
from rnnmagic.diagnosis.layers.refusal import Refusal, made, named, set_argument
from rnnmagic.frameworks.wanted import class_of, is_rnn, rnn_in
from rnnmagic.language import say


def wrong_states(case: Refusal) -> Diagnosis | None:
    """An initial state of another size than the layer keeps."""
    if not (is_rnn(case.layer) or class_of(case.layer).endswith("Cell")) or not case.states:
        return None
    inner = rnn_in(case.layer)
    units = getattr(inner, "units", None)
    wanted = 2 if class_of(inner).startswith("LSTM") else 1
    states = [shape for shape in case.states if shape]
    sizes = [shape[-1] for shape in states]
    first = states[0] if states else None
    layer = named(case.layer)
    if class_of(case.layer) == "Bidirectional" and len(case.states) == wanted:
        sentence = say(
            "{layer} reads in two directions and keeps {states}, those of the forward layer first; it is given {given}.",
            layer=layer,
            states=plural(2 * wanted, "state"),
            given=len(case.states),
        )
        return made(case, "state_size", sentence, _both_directions(case, inner, wanted), None, state=first)
    if class_of(case.layer) != "Bidirectional" and len(case.states) != wanted:
        sentence = say(
            "{layer} keeps {states} ({names}), and is given {given}.",
            layer=layer,
            states=plural(wanted, "state"),
            names=say("h and c") if wanted == 2 else "h",
            given=len(case.states),
        )
        return made(case, "state_size", sentence, _state_count(case, inner, wanted), None, state=first)
    if units is None or all(size in (units, None) for size in sizes):
        return None
    wrong = next(shape for shape in states if shape[-1] not in (units, None))
    size = wrong[-1]
    sentence = say(
        "{layer} has {units} units, and its initial state has {size}: the two must be equal.",
        layer=layer,
        units=units,
        size=size,
    )
    candidates = []
    if all(s == size for s in sizes):
        candidates.append(
            set_argument(
                inner, "units", str(size), say("Give {layer} {size} units", layer=layer, size=size),
                say("A state handed over must be as wide as the layer that takes it."), "sure",
            )
        )  # fmt: skip
    maker = _state_maker(case)
    if maker is not None and getattr(maker, "units", None) == size:
        candidates.append(
            set_argument(
                maker, "units", str(units), say("Give {maker} {units} units", maker=named(maker), units=units),
                say("The encoder then hands over a state of the decoder's width."), "possible",
            )
        )  # fmt: skip
    return made(case, "state_size", sentence, candidates, (None, units), state=wrong)


def _state_maker(case: Refusal) -> Any:
    for way in case.ways:
        for step in reversed(way):
            if is_rnn(step.layer) and step.layer is not case.layer:
                return rnn_in(step.layer)
    return None


def _state_count(case: Refusal, inner: Any, wanted: int) -> list[Candidate]:
    given = len(case.states)
    return [
        Candidate(
            "layer_argument",
            say("Pass {states} to {layer}", states=plural(wanted, "state"), layer=named(case.layer))[:60],
            say("An LSTM keeps two states, h and c; a GRU or SimpleRNN one."),
            "likely" if given != 2 * wanted else "possible",
            None
            if given != 2 * wanted or wanted == 1
            else say("Of a Bidirectional, these are the forward ones only."),
            source=lambda editor: editor.fit_states(case.layer, wanted, given),
            target=getattr(inner, "name", None),
        )
    ]


def _both_directions(case: Refusal, inner: Any, wanted: int) -> list[Candidate]:
    return [
        Candidate(
            "layer_argument",
            say("Pass the {states} to both directions", states=plural(wanted, "state"))[:60],
            say("Each direction begins with the state that was handed over."),
            "likely",
            source=lambda editor: editor.double_states(case.layer, wanted),
            target=getattr(inner, "name", None),
        )
    ]
