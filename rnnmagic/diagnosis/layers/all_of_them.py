"""A layer for one tensor is given several: all that the layer before it returns, or a list of branches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rnnmagic.diagnosis.base import Candidate, Diagnosis
from rnnmagic.diagnosis.layers.refusal import MERGING, Refusal, Step, made, named, set_argument
from rnnmagic.frameworks.wanted import class_of, is_rnn, rnn_in
from rnnmagic.language import say
from rnnmagic.report import Shape

ATTENTION = ("MultiHeadAttention", "GroupedQueryAttention", "Attention", "AdditiveAttention")
PICKED_AT_MOST = 3


def several_given(case: Refusal) -> Diagnosis | None:
    """One tensor is taken and a list is given: states, both directions, attention scores, a model's outputs."""
    if not isinstance(case.received, list) or len(case.received) < 2 or class_of(case.layer) in MERGING:
        return None
    if not all(isinstance(shape, tuple) for shape in case.received) or not _refused(case):
        return None
    maker = _maker(case)
    told = {"layer": named(case.layer), "count": len(case.received)}
    if maker is None:
        if not case.ways:
            return None
        sentence = say("{layer} takes one input and gets a list of {count}: join them first.", **told)
        return made(case, "input_count", sentence, list(_joined(case)), None)
    told["maker"] = named(maker)
    apart = class_of(maker) == "Bidirectional" and getattr(maker, "merge_mode", "") is None
    if apart:
        sentence = say(
            "{layer} takes one input and gets {count}: {maker} has merge_mode=None and passes on its two directions one by one.",
            **told,
        )
    elif _keeps_states(maker):
        sentence = say(
            "{layer} takes one input and gets {count}: {maker} has return_state=True and passes on its states too.",
            **told,
        )
    elif class_of(maker) in ATTENTION:
        sentence = say(
            "{layer} takes one input and gets {count}: {maker} is called with return_attention_scores=True and passes on its scores too.",
            **told,
        )
    else:
        sentence = say("{layer} takes one input and gets the {count} outputs of {maker}.", **told)
    candidates = [*_settings(maker, apart), *_picked(case, apart)]
    return made(case, "input_count", sentence, candidates, None)


def _refused(case: Refusal) -> bool:
    """Whether it is the number of tensors that was refused: a layer of the user's own may take a list."""
    spec = getattr(case.layer, "input_spec", None)
    return spec is not None or is_rnn(case.layer) or class_of(case.layer) == "TimeDistributed"


def _maker(case: Refusal) -> Any:
    """The one layer that all the tensors come from, `None` when there are several or it is not known."""
    if case.ways:
        last = {id(way[-1].layer): way[-1].layer for way in case.ways if way}
        return next(iter(last.values())) if len(last) == 1 and all(case.ways) else None
    return next((step.layer for step in reversed(case.way) if _gave(step, case.received)), None)


def _gave(step: Step, received: list[Shape]) -> bool:
    output = step.output
    return isinstance(output, (list, tuple)) and list(output) == received


def _keeps_states(maker: Any) -> bool:
    return is_rnn(maker) and bool(getattr(rnn_in(maker), "return_state", False))


def _settings(maker: Any, apart: bool) -> Iterator[Candidate]:
    """What makes the layer before pass on one tensor."""
    inner = rnn_in(maker)
    states = _keeps_states(maker)
    for mode in ("concat", "sum") if apart else ():
        if states:
            yield Candidate(
                "layer_argument", say("merge_mode and return_state left out on {maker}", maker=named(maker))[:60],
                say("The two directions are then laid side by side, and only the output is passed on."), "sure",
                source=lambda editor: editor.combine(
                    editor.remove_argument(maker, "merge_mode"), editor.remove_argument(inner, "return_state")
                ),
                target=maker.name,
            )  # fmt: skip
            return
        yield set_argument(
            maker, "merge_mode", f'"{mode}"', say("{argument} on {layer}", argument=f'merge_mode="{mode}"', layer=named(maker)),
            say("The two directions are then laid side by side, twice as wide.") if mode == "concat"
            else say("The two directions are then added up, as wide as one of them."),
            "sure" if mode == "concat" else "possible",
        )  # fmt: skip
    if states:
        yield Candidate(
            "layer_argument", say("return_state=False on {maker}", maker=named(maker))[:60],
            say("In a stack only the output is passed on; states are for the functional API."), "sure",
            source=lambda editor: editor.remove_argument(inner, "return_state"), target=maker.name,
        )  # fmt: skip
    if class_of(maker) in ATTENTION:
        yield Candidate(
            "layer_argument", say("{maker} without its scores", maker=named(maker))[:60],
            say("The scores show what was looked at; the layers that follow take the answer only."), "sure",
            source=lambda editor: editor.drop_option(maker, "return_attention_scores"), target=maker.name,
        )  # fmt: skip


def _picked(case: Refusal, apart: bool) -> Iterator[Candidate]:
    """One of the tensors, where the others are wanted elsewhere; or all of them side by side."""
    maker = _maker(case)
    one_of = not (apart or _keeps_states(maker) or class_of(maker) in ATTENTION)
    for index in range(min(len(case.received), PICKED_AT_MOST) if one_of else 1):
        yield Candidate(
            "select", say("Pass output {index} of {maker} only", index=index, maker=named(maker))[:60],
            say("The others stay there for what else takes them."), "possible" if one_of or apart else "likely",
            source=_pick(case, index), target=case.layer.name,
        )  # fmt: skip
    if one_of:
        yield from _joined(case)


def _pick(case: Refusal, index: int) -> Any:
    return lambda editor: editor.pick_given(case.layer, index)


def _joined(case: Refusal) -> Iterator[Candidate]:
    """`Dense(1)(Concatenate()([a, b]))`, where the tensors are alike but for their width."""
    if len({shape[:-1] for shape in case.received}) == 1 and len(case.received[0]) > 1:
        yield Candidate(
            "wrap", say("Concatenate() before {layer}", layer=named(case.layer))[:60],
            say("What all of them say about a sample then stands side by side."), "likely",
            source=lambda editor: editor.join_given(case.layer), target=case.layer.name,
        )  # fmt: skip
