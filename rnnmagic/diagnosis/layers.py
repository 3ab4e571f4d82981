"""A layer inside a model refuses what the layers before it pass on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rnnmagic.diagnosis.base import Candidate, Diagnosis, plural, text
from rnnmagic.evidence import Operand
from rnnmagic.frameworks.keras3.wanted import (
    PASS_THROUGH,
    class_of,
    gives_sequence,
    is_rnn,
    rank_wanted_by,
    rnn_in,
)
from rnnmagic.report import FlowStep, LayerInfo, Shape

MERGING = (
    "Concatenate", "Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Dot",
    "Attention", "AdditiveAttention", "MultiHeadAttention",
)  # fmt: skip
POOLING = (
    "GlobalAveragePooling1D", "GlobalMaxPooling1D", "Flatten", "GlobalAveragePooling2D", "GlobalMaxPooling2D",
)  # fmt: skip
SAME_RANK = (*PASS_THROUGH, "Dense", "EinsumDense")


@dataclass(frozen=True)
class Step:
    """One layer that data passed through on its way, with the shape it gave."""

    layer: Any = field(repr=False)
    output: Any


@dataclass(frozen=True)
class Refusal:
    """A layer, the shape (or shapes) that came to it, and the way they came."""

    layer: Any = field(repr=False)
    received: Any
    """A shape, or a list of shapes for a layer with several inputs."""
    way: tuple[Step, ...]
    """From the model's input to the layer, the refusing layer left out."""
    ways: tuple[tuple[Step, ...], ...] = ()
    """For several inputs, one way each."""
    model: Any = field(default=None, repr=False)
    model_name: str | None = None
    namespace: dict[str, Any] = field(default_factory=dict, repr=False)
    inputs: tuple[Operand, ...] = ()
    """Arrays that go, or will go, into the model as x."""
    targets: tuple[Operand, ...] = ()
    error: BaseException | None = field(default=None, repr=False)
    phase: str = "build"
    log: Any = field(default=None, repr=False)
    """The cells of the notebook, where the code of the user's own layers stands."""
    states: tuple[Shape, ...] = ()
    """Shapes of the initial state passed to a recurrent layer."""


def judge(case: Refusal) -> Diagnosis:
    """Say what the layer wanted, what it got, and who made it so."""
    for rule in (_states, _several_inputs, _too_short, _rank, _merge, _own_code):
        found = rule(case)
        if found is not None:
            return found
    return _unknown(case)


def named(layer: Any) -> str:
    """`LSTM 'lstm_1'`"""
    return f"{class_of(layer)} '{getattr(layer, 'name', '?')}'"


def info(case: Refusal, expected: Shape | None = None) -> LayerInfo:
    received = case.received if isinstance(case.received, tuple) else None
    rank = len(expected) if expected is not None else None
    axes = {3: ("samples", "timesteps", "features"), 2: ("samples", "features")}
    return LayerInfo(
        name=str(getattr(case.layer, "name", class_of(case.layer))),
        cls=class_of(case.layer),
        model=case.model_name,
        expected=expected,
        received=received,
        expected_axes=axes.get(rank or 0),
        received_axes=axes.get(len(received)) if received is not None else None,
    )


def flow_of(case: Refusal) -> tuple[FlowStep, ...]:
    steps = [
        FlowStep(str(getattr(step.layer, "name", "?")), class_of(step.layer), _one(step.output), True)
        for step in case.way
    ]
    steps.append(FlowStep(str(getattr(case.layer, "name", "?")), class_of(case.layer), None, False))
    return tuple(steps)


def _one(shape: Any) -> Shape | None:
    if isinstance(shape, tuple):
        return shape
    if isinstance(shape, list) and shape:
        return _one(shape[0])
    return None


def _made(
    case: Refusal, cause: str, sentence: str, candidates: list[Candidate], expected: Shape | None, **more: Any
) -> Diagnosis:
    return Diagnosis(
        cause,
        sentence,
        more.pop("phase", case.phase),
        layer=info(case, expected),
        flow=flow_of(case),
        candidates=tuple(candidates),
        **more,
    )


def set_argument(
    layer: Any, name: str, value: str, title: str, why: str, confidence: Any = "sure", **more: Any
) -> Candidate:
    return Candidate(
        "layer_argument",
        title[:60],
        why,
        confidence,
        source=lambda editor: editor.set_argument(layer, name, value),
        target=getattr(layer, "name", None),
        **more,
    )


def _rank(case: Refusal) -> Diagnosis | None:
    """A wrong number of axes."""
    received = case.received
    if not isinstance(received, tuple):
        return None
    wanted = rank_wanted_by(case.layer)
    if class_of(case.layer) == "TimeDistributed" and len(received) < 3:
        wanted = 3
    if class_of(case.layer) == "MultiHeadAttention" and len(received) < 3:
        wanted = 3
    if wanted is None or wanted == len(received):
        return None
    if len(received) < wanted:
        return _lost_axis(case, received, wanted)
    return _surplus_axis(case, received, wanted)


def _lost_axis(case: Refusal, received: Shape, wanted: int) -> Diagnosis:
    """The layer needs a sequence and gets a vector: who dropped the time axis?"""
    culprit, before = _dropper(case.way, len(received))
    layer = named(case.layer)
    expected: Shape = (None,) * wanted
    gets = f"{layer} needs a sequence, (samples, timesteps, features), and gets one vector a sample, {text(received)}"
    if wanted > 3:
        gets = f"{layer} needs {wanted} axes and gets {text(received)}"
    if culprit is None or class_of(culprit) == "InputLayer":
        return _declared(case, received, wanted, gets)
    if is_rnn(culprit):
        sentence = f"{gets}: {named(culprit)} before it passes on its last output only. Set return_sequences=True there."
        keep = set_argument(
            rnn_in(culprit),
            "return_sequences",
            "True",
            f"return_sequences=True on {named(culprit)}",
            "It then passes on its output at every timestep, which the next layer reads as a sequence.",
        )
        stacked = Candidate(
            "layer_argument",
            "return_sequences=True on all but the last RNN",
            "In a stack every recurrent layer but the last must pass on a sequence.",
            "sure",
            source=lambda editor: editor.sequences_everywhere(rnn_in(culprit)),
            target=getattr(culprit, "name", None),
            only_if_tried=True,
        )
        repeat = _repeat(case)
        candidates = [keep, stacked, *repeat]
        if repeat and _is_decoder(case, before):
            candidates.reverse()
        return _made(case, "sequence_collapsed", sentence, candidates, expected)
    if class_of(culprit) in POOLING:
        sentence = f"{gets}: {named(culprit)} before it makes one vector of all timesteps."
        drop = Candidate(
            "other",
            f"Leave out {named(culprit)}"[:60],
            "The sequence then reaches the next layer as it is.",
            "likely",
            source=lambda editor: editor.remove(culprit),
            target=culprit.name,
        )
        return _made(case, "sequence_collapsed", sentence, [drop, *_repeat(case)], expected)
    sentence = f"{gets}: {named(culprit)} before it gives no time axis."
    return _made(case, "sequence_collapsed", sentence, _repeat(case), expected)


def _dropper(way: tuple[Step, ...], rank: int) -> tuple[Any, Shape | None]:
    """The nearest layer up the way that gives fewer axes than it took."""
    for place in range(len(way) - 1, -1, -1):
        layer = way[place].layer
        if class_of(layer) in SAME_RANK and place:
            continue
        before = _one(way[place - 1].output) if place else None
        return layer, before
    return None, None


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
        steps = next((_one(step.output)[1] for step in case.way if len(_one(step.output) or ()) == 3), None)  # type: ignore[index]
    if steps is None:
        return []
    return [
        Candidate(
            "wrap",
            f"RepeatVector({steps}) before {named(case.layer)}"[:60],
            "Right for an encoder–decoder: the decoder reads the same vector at every timestep.",
            "possible",
            source=lambda editor: editor.insert_before(case.layer, "RepeatVector", f"({steps})"),
            target=getattr(case.layer, "name", None),
        )
    ]


def _declared(case: Refusal, received: Shape, wanted: int, gets: str) -> Diagnosis:
    """The model's own declaration of its input has the wrong number of axes."""
    shape = received[1:]
    seen = _will_come(case, wanted)
    candidates: list[Candidate] = []
    word = (
        "("
        + ", ".join("None" if s is None else str(s) for s in shape)
        + ("," if len(shape) == 1 else "")
        + ")"
    )
    sentence = f"The model is declared with {word}: {named(case.layer)} needs {wanted - 1} axes there, (timesteps, features)."
    if wanted != 3:
        sentence = f"The model is declared with {word}: {named(case.layer)} needs {wanted - 1} axes there."
    if seen is not None:
        inner = seen.described.shape[1:]  # type: ignore[index]
        sentence += f" `{seen.label}` is {text(seen.described.shape)}, so declare {text(inner)}."
        candidates.append(declare(inner, seen, "sure"))
    else:
        flat = _flat_input(case)
        if wanted == 3 and len(shape) == 1 and shape[0] is not None:
            only = shape[0]
            if flat is not None:
                sentence += f" `{flat.label}` is {text(flat.described.shape)}: it has no such axis either."
            candidates.append(
                declare(
                    (only, 1),
                    None,
                    "likely",
                    "Right when there are that many timesteps of one feature.",
                    flat,
                )
            )
            candidates.append(
                declare(
                    (None, only),
                    None,
                    "possible",
                    "Right when there are that many features and any number of timesteps.",
                )
            )
            candidates.append(
                declare((1, only), None, "possible", "Right when each sample is one timestep.", flat)
            )
    return _made(case, "input_declaration", sentence, candidates, (None,) * wanted)


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
        f"Declare the input as {word}"[:60],
        why
        or (
            f"That is the shape of one sample of {operand.label}."
            if operand
            else "One sample's shape, without the batch axis."
        ),
        confidence,
        data=data,
        source=lambda editor: editor.set_input_shape(inner, operand),
        target="input_shape",
        after=(None, *inner),
    )


def _will_come(case: Refusal, wanted: int) -> Operand | None:
    """An array that will go into the model and has the rank wanted."""
    return next((o for o in case.inputs if o.described.shape and len(o.described.shape) == wanted), None)


def _flat_input(case: Refusal) -> Operand | None:
    return next((o for o in case.inputs if o.described.shape and len(o.described.shape) == 2), None)


def _surplus_axis(case: Refusal, received: Shape, wanted: int) -> Diagnosis:
    """The layer gets more axes than it takes."""
    culprit, _ = _dropper(case.way, len(received))
    layer = named(case.layer)
    expected: Shape = (None,) * wanted
    if culprit is None or class_of(culprit) == "InputLayer":
        shape = received[1:]
        sentence = (
            f"The model is declared with {text(shape)}: the batch axis does not belong there. "
            f"{layer} takes {wanted - 1} axes a sample, (timesteps, features)."
        )
        seen = _will_come(case, wanted)
        candidates = []
        whole = shape[1:] if len(shape) == wanted else None
        if seen is not None:
            inner = seen.described.shape[1:]  # type: ignore[index]
            candidates.append(declare(inner, seen, "sure"))
            if shape != seen.described.shape:
                sentence = (
                    f"The model is declared with {text(shape)}; {layer} takes {wanted - 1} axes a sample. "
                    f"`{seen.label}` is {text(seen.described.shape)}, so declare {text(inner)}."
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
        return _made(case, "input_declaration", sentence, candidates, expected)
    if class_of(culprit) == "Embedding":
        return _embedded(case, culprit, received, wanted)
    if wanted == 2 and len(received) == 3:
        rnn = next((s.layer for s in reversed(case.way) if is_rnn(s.layer)), None)
        sentence = f"{layer} takes one vector a sample, and gets a sequence, {text(received)}"
        candidates = []
        if rnn is not None and gives_sequence(rnn):
            sentence += f": {named(rnn)} passes on all its timesteps."
            candidates.append(
                Candidate(
                    "layer_argument",
                    f"return_sequences=False on {named(rnn)}"[:60],
                    "It then passes on its last output only, one vector a sample.",
                    "sure",
                    source=lambda editor: editor.drop_sequences(rnn),
                    target=rnn.name,
                )
            )
        if class_of(case.layer) == "RepeatVector":
            candidates.append(
                Candidate(
                    "other", f"Leave out {layer}"[:60], "What comes is a sequence already.", "possible",
                    source=lambda editor: editor.remove(case.layer), target=case.layer.name,
                )
            )  # fmt: skip
        return _made(case, "sequence_kept", sentence + ".", candidates, expected)
    sentence = (
        f"{layer} takes {wanted} axes, (samples, timesteps, features), and gets {len(received)}, {text(received)}, "
        f"from {named(culprit)}: each timestep is still {_kind(received)}, not one vector."
    )
    flatten = Candidate(
        "wrap",
        f"TimeDistributed(Flatten()) before {layer}"[:60],
        "Each timestep becomes one vector; the time axis stays as it is.",
        "sure",
        source=lambda editor: editor.insert_before(case.layer, "TimeDistributed", "({Flatten}())"),
        target=getattr(case.layer, "name", None),
    )
    return _made(case, "rank", sentence, [flatten], expected)


def _kind(received: Shape) -> str:
    return "an image" if len(received) == 5 else "a table"


def _images(case: Refusal, operand: Operand, received: Shape, wanted: int) -> Diagnosis:
    """Samples that are tables or images themselves, declared as they are."""
    layer = named(case.layer)
    shape = received[1:]
    merged = 1
    for size in shape[1:]:
        merged *= int(size or 1)
    inner = (shape[0], merged)
    sentence = (
        f"One sample of `{operand.label}` is {text(shape)}; {layer} takes two axes a sample, (timesteps, features). "
        "Each timestep must be one vector."
    )
    candidates = [
        declare(
            inner,
            None,
            "likely",
            "Axis 1 is time; all that belongs to one timestep becomes its features.",
            operand,
        ),
        Candidate(
            "wrap",
            f"TimeDistributed(Flatten()) before {layer}"[:60],
            "Each timestep becomes one vector; the time axis stays as it is.",
            "likely",
            source=lambda editor: editor.insert_before(case.layer, "TimeDistributed", "({Flatten}())"),
            target=getattr(case.layer, "name", None),
        ),
    ]
    return _made(case, "rank", sentence, candidates, (None,) * wanted, operand=operand)


def _embedded(case: Refusal, culprit: Any, received: Shape, wanted: int) -> Diagnosis:
    """An Embedding adds an axis; its input had one too many already."""
    shape = received[1:-1]
    layer = named(case.layer)
    sentence = (
        f"The Embedding adds the feature axis itself: with {text(shape)} declared, {layer} gets "
        f"{len(received)} axes, {text(received)}. Declare the ids as (timesteps,)."
    )
    candidates = []
    if len(shape) == 2 and shape[1] == 1:
        flat = next((o for o in case.inputs if o.described.shape and len(o.described.shape) == 3), None)
        candidates.append(
            declare((shape[0],), None, "sure", "One number, the word's id, for each timestep.", flat)
        )
    elif shape:
        candidates.append(declare((shape[-1],), None, "likely"))
    return _made(case, "input_declaration", sentence, candidates, (None,) * wanted)


# Several inputs


def _states(case: Refusal) -> Diagnosis | None:
    """An initial state of another size than the layer keeps."""
    if not is_rnn(case.layer) or not case.states:
        return None
    inner = rnn_in(case.layer)
    units = getattr(inner, "units", None)
    wanted = 2 if class_of(inner) == "LSTM" else 1
    sizes = [shape[-1] for shape in case.states if shape]
    layer = named(case.layer)
    if class_of(case.layer) != "Bidirectional" and len(case.states) != wanted:
        sentence = f"{layer} keeps {plural(wanted, 'state')} ({'h and c' if wanted == 2 else 'h'}), and is given {len(case.states)}."
        return _made(case, "state_size", sentence, _state_count(case, inner, wanted), None)
    if units is None or all(size in (units, None) for size in sizes):
        return None
    size = next(size for size in sizes if size not in (units, None))
    sentence = f"{layer} has {units} units, and its initial state has {size}: the two must be equal."
    candidates = []
    if all(s == size for s in sizes):
        candidates.append(
            set_argument(
                inner, "units", str(size), f"Give {layer} {size} units",
                "A state handed over must be as wide as the layer that takes it.", "sure",
            )
        )  # fmt: skip
    maker = _state_maker(case)
    if maker is not None and getattr(maker, "units", None) == size:
        candidates.append(
            set_argument(
                maker, "units", str(units), f"Give {named(maker)} {units} units",
                "The encoder then hands over a state of the decoder's width.", "possible",
            )
        )  # fmt: skip
    return _made(case, "state_size", sentence, candidates, (None, units))


def _state_maker(case: Refusal) -> Any:
    for way in case.ways:
        for step in reversed(way):
            if is_rnn(step.layer) and step.layer is not case.layer:
                return rnn_in(step.layer)
    return None


def _state_count(case: Refusal, inner: Any, wanted: int) -> list[Candidate]:
    given = len(case.states)
    if given > wanted and given == 2 * wanted:
        return []
    return [
        Candidate(
            "layer_argument",
            f"Pass {plural(wanted, 'state')} to {named(case.layer)}"[:60],
            "An LSTM keeps two states, h and c; a GRU or SimpleRNN one.",
            "likely",
            source=lambda editor: editor.fit_states(case.layer, wanted),
            target=getattr(inner, "name", None),
        )
    ]


def _several_inputs(case: Refusal) -> Diagnosis | None:
    """A layer for one tensor that gets a list: return_state=True in a stack."""
    if not isinstance(case.received, list) or class_of(case.layer) in MERGING:
        return None
    maker = next((step.layer for step in reversed(case.way) if is_rnn(step.layer)), None)
    if maker is None or not getattr(rnn_in(maker), "return_state", False):
        return None
    sentence = (
        f"{named(case.layer)} takes one input and gets {len(case.received)}: {named(maker)} has return_state=True "
        "and passes on its states too."
    )
    drop = Candidate(
        "layer_argument",
        f"return_state=False on {named(maker)}"[:60],
        "In a stack only the output is passed on; states are for the functional API.",
        "sure",
        source=lambda editor: editor.remove_argument(rnn_in(maker), "return_state"),
        target=maker.name,
    )
    return _made(case, "input_count", sentence, [drop], None)


def _merge(case: Refusal) -> Diagnosis | None:
    """Branches that do not fit together."""
    name = class_of(case.layer)
    shapes = (
        [shape for shape in case.received if isinstance(shape, tuple)]
        if isinstance(case.received, list)
        else []
    )
    if name not in MERGING or len(shapes) < 2:
        return None
    layer = named(case.layer)
    told = " and ".join(text(shape) for shape in shapes)
    ranks = {len(shape) for shape in shapes}
    candidates: list[Candidate] = []
    if len(ranks) > 1:
        sentence = f"{layer} joins {told}: a sequence and a vector. Bring both to the same number of axes."
        candidates = list(_same_rank(case, shapes))
    elif name == "Concatenate":
        axis = getattr(case.layer, "axis", -1)
        sentence = f"{layer} joins {told} along axis {axis}: all other axes must be equal."
        candidates = list(_join_axis(case, shapes, axis))
    elif name in (
        "Add",
        "Subtract",
        "Multiply",
        "Average",
        "Maximum",
        "Minimum",
        "Attention",
        "AdditiveAttention",
        "Dot",
    ):
        sentence = f"{layer} takes branches of one shape, and gets {told}."
        candidates = list(_same_width(case, shapes))
    else:
        sentence = f"{layer} cannot join {told}."
    return _made(case, "merge", sentence, candidates, None)


def _same_rank(case: Refusal, shapes: list[Shape]) -> Iterator[Candidate]:
    vector_target = all(len(t.described.shape or ()) < 3 for t in case.targets)
    repeats: list[Candidate] = []
    steps = next((shape[1] for shape in shapes if len(shape) == 3), None)
    for place, shape in enumerate(shapes):
        way = case.ways[place] if place < len(case.ways) else ()
        rnn = next((s.layer for s in reversed(way) if is_rnn(s.layer)), None)
        if len(shape) == 3 and rnn is not None and gives_sequence(rnn):
            yield Candidate(
                "layer_argument",
                f"return_sequences=False on {named(rnn)}"[:60],
                "That branch then gives one vector a sample, like the other.",
                "sure" if vector_target else "possible",
                source=lambda editor, rnn=rnn: editor.drop_sequences(rnn),
                target=rnn.name,
            )
        elif len(shape) == 2 and steps is not None and way:
            last = way[-1].layer
            if class_of(last) != "InputLayer":
                repeats.append(
                    Candidate(
                        "wrap",
                        f"RepeatVector({steps}) after {named(last)}"[:60],
                        "The vector is then there at every timestep of the sequence.",
                        "possible" if vector_target else "likely",
                        source=lambda editor, last=last: editor.insert_after(
                            last, "RepeatVector", f"({steps})"
                        ),
                        target=last.name,
                    )
                )
    for place, shape in enumerate(shapes):
        way = case.ways[place] if place < len(case.ways) else ()
        rnn = next((s.layer for s in reversed(way) if is_rnn(s.layer)), None)
        if len(shape) == 2 and rnn is not None and not gives_sequence(rnn):
            yield set_argument(
                rnn_in(rnn), "return_sequences", "True", f"return_sequences=True on {named(rnn)}",
                "That branch then gives a sequence, like the other.", "likely" if not vector_target else "possible",
            )  # fmt: skip
    for place, shape in enumerate(shapes):
        way = case.ways[place] if place < len(case.ways) else ()
        if len(shape) == 3 and way and class_of(way[-1].layer) != "InputLayer":
            yield Candidate(
                "wrap",
                f"Average {named(way[-1].layer)} over time"[:60],
                "GlobalAveragePooling1D makes one vector of all timesteps.",
                "possible",
                source=lambda editor, last=way[-1].layer: editor.insert_after(
                    last, "GlobalAveragePooling1D", "()"
                ),
                target=way[-1].layer.name,
            )
    yield from repeats


def _join_axis(case: Refusal, shapes: list[Shape], axis: int) -> Iterator[Candidate]:
    rank = len(shapes[0])
    differ = [a for a in range(1, rank) if len({shape[a] for shape in shapes}) > 1]
    if len(differ) == 1 and differ[0] != axis % rank:
        other = differ[0] - rank if differ[0] == rank - 1 else differ[0]
        yield set_argument(
            case.layer, "axis", str(other), f"Join along axis {other}",
            "That is the only axis in which the branches differ.", "likely",
        )  # fmt: skip
    if rank == 3 and 1 in differ:
        for place, _ in enumerate(shapes):
            way = case.ways[place] if place < len(case.ways) else ()
            rnn = next((s.layer for s in reversed(way) if is_rnn(s.layer)), None)
            if rnn is None or not gives_sequence(rnn):
                return
        rnns = [next(s.layer for s in reversed(way) if is_rnn(s.layer)) for way in case.ways]
        yield Candidate(
            "layer_argument",
            "return_sequences=False on both branches",
            "Each branch then gives one vector a sample, whatever its length.",
            "likely",
            source=lambda editor: editor.combine(*(editor.drop_sequences(rnn) for rnn in rnns)),
            target=case.layer.name,
        )


def _same_width(case: Refusal, shapes: list[Shape]) -> Iterator[Candidate]:
    for place, shape in enumerate(shapes):
        for other, target in enumerate(shapes):
            if other == place or shape[-1] == target[-1] or target[-1] is None:
                continue
            way = case.ways[place] if place < len(case.ways) else ()
            maker = next((s.layer for s in reversed(way) if hasattr(rnn_in(s.layer), "units")), None)
            if maker is None or class_of(maker) == "Bidirectional":
                continue
            yield set_argument(
                rnn_in(maker), "units", str(target[-1]), f"Give {named(maker)} {target[-1]} units",
                "Both branches are then of one width.", "likely",
            )  # fmt: skip


def _too_short(case: Refusal) -> Diagnosis | None:
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
    sentence = (
        f"Only {plural(received[1], 'timestep')} {'is' if received[1] == 1 else 'are'} left for {named(case.layer)}, "
        f"{text(received)}, whose window takes {size}."
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
            'padding="same" on the convolutions',
            "A convolution then gives as many timesteps as it takes.",
            "likely",
            source=lambda editor: editor.combine(
                *(editor.set_argument(layer, "padding", '"same"') for layer in (*narrow, case.layer))
            ),
            target=case.layer.name,
        ),
        Candidate(
            "layer_argument",
            f'padding="same" on {named(case.layer)}'[:60],
            "That layer then gives as many timesteps as it takes.",
            "likely",
            source=lambda editor: editor.set_argument(case.layer, "padding", '"same"'),
            target=case.layer.name,
        ),
    ]
    return _made(case, "timesteps", sentence, candidates, None)


def _own_code(case: Refusal) -> Diagnosis | None:
    """The user's own layer or cell."""
    layer = case.layer
    cell = getattr(rnn_in(layer), "cell", None)
    own = next(
        (
            part
            for part in (layer, cell)
            if part is not None and not type(part).__module__.startswith("keras.")
        ),
        None,
    )
    if own is None and class_of(layer) != "Lambda":
        return None
    what = own or layer
    told = f", {text(case.received)}" if isinstance(case.received, tuple) else ""
    sentence = f"Inside {named(layer)} the shapes do not fit: {_said(case.error)} It was given{told or ' several inputs'}."
    from rnnmagic.diagnosis.own_code import candidates

    guesses = list(candidates(case.log, what)) if case.log is not None else []
    return _made(case, "custom_op", sentence, guesses, None, advice=_advice(what))


def _advice(part: Any) -> tuple[str, ...]:
    return (
        f"The mistake is in the code of {class_of(part)}: print the shapes of the tensors in its call and build methods.",
    )


def _said(error: BaseException | None) -> str:
    from rnnmagic.frameworks.keras3.calls import first_line

    line = first_line(error).split(": ", 1)[-1].split(" for '{{node")[0].strip()
    line = line.split("(where ")[0].strip()[:160]
    return line if line.endswith((".", "!")) else f"{line}."


def _unknown(case: Refusal) -> Diagnosis:
    received = case.received if isinstance(case.received, tuple) else None
    told = f" It was given {text(received)}." if received else ""
    sentence = f"{named(case.layer)} cannot take what comes to it: {_said(case.error)}{told}"
    return _made(case, "other", sentence, [], None)
