"""Branches that do not fit together where a layer joins them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from rnnmagic.diagnosis.base import Candidate, Diagnosis, text, together
from rnnmagic.diagnosis.layers.refusal import MERGING, Refusal, made, named, set_argument
from rnnmagic.frameworks.wanted import class_of, gives_sequence, is_rnn, rnn_in
from rnnmagic.language import say
from rnnmagic.report import Shape

if TYPE_CHECKING:
    from rnnmagic.editor import Editor, SourceEdit


def merge(case: Refusal) -> Diagnosis | None:
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
    told = together(text(shape) for shape in shapes)
    ranks = {len(shape) for shape in shapes}
    candidates: list[Candidate] = []
    if name == "Dot":
        axes = getattr(case.layer, "axes", None)
        lacking = list(_beyond(case, shapes, axes))
        if lacking:
            sentence = say(
                "{layer} multiplies {shapes} along the axes {axes}: a vector has no timesteps, and so no axis 2.",
                layer=layer,
                shapes=told,
                axes=axes,
            )
            candidates = [candidate for candidate in lacking if candidate is not None]
        else:
            sentence = say(
                "{layer} multiplies {shapes} along the axes {axes}: these must be of one size.",
                layer=layer,
                shapes=told,
                axes=axes,
            )
            candidates = list(_contracted(case, shapes))
    elif len(ranks) > 1:
        sentence = say(
            "{layer} joins {shapes}: a sequence and a vector. Bring both to the same number of axes.",
            layer=layer,
            shapes=told,
        )
        candidates = list(_same_rank(case, shapes))
    elif name == "Concatenate":
        axis = getattr(case.layer, "axis", -1)
        sentence = say(
            "{layer} joins {shapes} along axis {axis}: all other axes must be equal.",
            layer=layer,
            shapes=told,
            axis=axis,
        )
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
        sentence = say("{layer} takes branches of one shape, and gets {shapes}.", layer=layer, shapes=told)
        candidates = list(_same_width(case, shapes))
    else:
        sentence = say("{layer} cannot join {shapes}.", layer=layer, shapes=told)
    return made(case, "merge", sentence, candidates, None)


def _same_rank(case: Refusal, shapes: list[Shape]) -> Iterator[Candidate]:
    yield from _step_weights(case, shapes)
    vector_target = all(len(t.described.shape or ()) < 3 for t in case.targets)
    repeats: list[Candidate] = []
    steps = next((shape[1] for shape in shapes if len(shape) == 3), None)
    for place, shape in enumerate(shapes):
        way = case.ways[place] if place < len(case.ways) else ()
        rnn = next((s.layer for s in reversed(way) if is_rnn(s.layer)), None)
        if len(shape) == 3 and rnn is not None and gives_sequence(rnn):
            yield Candidate(
                "layer_argument",
                say("return_sequences=False on {rnn}", rnn=named(rnn))[:60],
                say("That branch then gives one vector a sample, like the other."),
                "sure" if vector_target else "possible",
                source=_without_sequences(rnn),
                target=rnn.name,
            )
        elif len(shape) == 2 and steps is not None and way:
            last = way[-1].layer
            if class_of(last) != "InputLayer":
                repeats.append(
                    Candidate(
                        "wrap",
                        say("RepeatVector({steps}) after {last}", steps=steps, last=named(last))[:60],
                        say("The vector is then there at every timestep of the sequence."),
                        "possible" if vector_target else "likely",
                        source=_followed(last, "RepeatVector", f"({steps})"),
                        target=last.name,
                    )
                )
    for place, shape in enumerate(shapes):
        way = case.ways[place] if place < len(case.ways) else ()
        rnn = next((s.layer for s in reversed(way) if is_rnn(s.layer)), None)
        if len(shape) == 2 and rnn is not None and not gives_sequence(rnn):
            yield set_argument(
                rnn_in(rnn), "return_sequences", "True", say("return_sequences=True on {rnn}", rnn=named(rnn)),
                say("That branch then gives a sequence, like the other."), "likely" if not vector_target else "possible",
            )  # fmt: skip
    for place, shape in enumerate(shapes):
        way = case.ways[place] if place < len(case.ways) else ()
        if len(shape) == 3 and way and class_of(way[-1].layer) != "InputLayer":
            yield Candidate(
                "wrap",
                say("Average {layer} over time", layer=named(way[-1].layer))[:60],
                say("GlobalAveragePooling1D makes one vector of all timesteps."),
                "possible",
                source=_followed(way[-1].layer, "GlobalAveragePooling1D", "()"),
                target=way[-1].layer.name,
            )
    yield from repeats


def _step_weights(case: Refusal, shapes: list[Shape]) -> Iterator[Candidate]:
    """A vector with one number for each timestep of the sequence: its feature axis is not there."""
    steps = next((shape[1] for shape in shapes if len(shape) == 3), None)
    width = next((shape[2] for shape in shapes if len(shape) == 3), None)
    for place, shape in enumerate(shapes):
        way = case.ways[place] if place < len(case.ways) else ()
        if len(shape) == 2 and steps is not None and shape[1] == steps != width and way:
            yield Candidate(
                "reshape",
                say("Reshape(({steps}, 1)) after {layer}", steps=steps, layer=named(way[-1].layer))[:60],
                say("One weight for each timestep, the same for all its features."),
                "sure",
                source=_followed(way[-1].layer, "Reshape", f"(({steps}, 1))"),
                target=way[-1].layer.name,
            )


def _join_axis(case: Refusal, shapes: list[Shape], axis: int) -> Iterator[Candidate]:
    rank = len(shapes[0])
    differ = [a for a in range(1, rank) if len({shape[a] for shape in shapes}) > 1]
    if rank == 3 and differ == [1]:
        yield from _kept_lengths(case, shapes)
    if len(differ) == 1 and differ[0] != axis % rank:
        other = differ[0] - rank if differ[0] == rank - 1 else differ[0]
        yield set_argument(
            case.layer, "axis", str(other), say("Join along axis {other}", other=other),
            say("That is the only axis in which the branches differ."), "likely",
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
            say("return_sequences=False on both branches"),
            say("Each branch then gives one vector a sample, whatever its length."),
            "likely",
            source=lambda editor: editor.combine(*(editor.drop_sequences(rnn) for rnn in rnns)),
            target=case.layer.name,
        )


def _kept_lengths(case: Refusal, shapes: list[Shape]) -> Iterator[Candidate]:
    """Convolutions without padding shorten one branch; `padding="same"` keeps its length."""
    longest = max((shape[1] or 0 for shape in shapes), default=0)
    shortened: list[Any] = []
    before: set[int | None] = set()
    for place, shape in enumerate(shapes):
        way = case.ways[place] if place < len(case.ways) else ()
        lost, valid = 0, []
        for step in way:
            layer = step.layer
            if not class_of(layer).startswith(("Conv1D", "SeparableConv1D", "DepthwiseConv1D")):
                continue
            (size,), (stride,) = layer.kernel_size, layer.strides
            dilation = getattr(layer, "dilation_rate", (1,))[0]
            if layer.padding == "valid" and stride == 1:
                lost += (size - 1) * dilation
                valid.append(layer)
        shortened += valid
        before.add(None if shape[1] is None else shape[1] + lost)
        if valid and shape[1] is not None and shape[1] + lost == longest:
            names = together(named(layer) for layer in valid)
            yield Candidate(
                "layer_argument",
                say('padding="same" on {layers}', layers=names)[:60],
                say(
                    "A convolution without padding gives fewer timesteps than it takes; with it the branches stay of one length."
                ),
                "likely",
                source=_padded(valid),
                target=valid[0].name,
            )
    if len(before) == 1 and None not in before and longest not in before and shortened:
        names = together(named(layer) for layer in shortened)
        yield Candidate(
            "layer_argument",
            say('padding="same" on {layers}', layers=names)[:60],
            say(
                "Convolutions of different size shorten their branches by different numbers of timesteps; with padding all keep the length that they take."
            ),
            "likely",
            source=_padded(shortened),
            target=shortened[0].name,
        )


def _padded(convolutions: list[Any]) -> Callable[[Editor], SourceEdit]:
    return lambda editor: editor.combine(
        *(editor.set_argument(layer, "padding", '"same"') for layer in convolutions)
    )


def _beyond(case: Refusal, shapes: list[Shape], axes: Any) -> Iterator[Candidate | None]:
    """One item for each branch that lacks the axis it is multiplied along: its repair, `None` where there is none."""
    pair = (axes, axes) if isinstance(axes, int) else axes
    for place, (shape, axis) in enumerate(zip(shapes, pair or (), strict=False)):
        if -len(shape) <= axis < len(shape):
            continue
        way = case.ways[place] if place < len(case.ways) else ()
        rnn = next((s.layer for s in reversed(way) if is_rnn(s.layer)), None)
        if len(shape) == 2 and axis == 2 and rnn is not None and not gives_sequence(rnn):
            yield set_argument(
                rnn_in(rnn), "return_sequences", "True", say("{argument} on {layer}", argument="return_sequences=True", layer=named(rnn)),
                say("The product is taken over all its timesteps, so that it has to give them."), "sure",
            )  # fmt: skip
        else:
            yield None


def _contracted(case: Refusal, shapes: list[Shape]) -> Iterator[Candidate]:
    """Dot: the two axes that are multiplied and summed up must be equal; the last axis is a layer's width."""
    axes = getattr(case.layer, "axes", None)
    pair = (axes, axes) if isinstance(axes, int) else axes
    if not isinstance(pair, (tuple, list)) or len(pair) != 2 or len(shapes) != 2:
        return
    yield from _other_axes(case, *shapes)
    for place, (shape, axis) in enumerate(zip(shapes, pair, strict=True)):
        other = shapes[1 - place][pair[1 - place]]
        way = case.ways[place] if place < len(case.ways) else ()
        maker = next((s.layer for s in reversed(way) if hasattr(rnn_in(s.layer), "units")), None)
        if axis % len(shape) == len(shape) - 1 and other and maker is not None:
            if class_of(maker) != "Bidirectional" and other != shape[axis]:
                yield set_argument(
                    rnn_in(maker), "units", str(other), say("Give {maker} {other} units", maker=named(maker), other=other),
                    say("The axes that are multiplied are then of one size."), "likely",
                )  # fmt: skip


def _other_axes(case: Refusal, one: Shape, two: Shape) -> Iterator[Candidate]:
    """Dot along the axes that are of one size, the samples left out."""
    fitting = [
        [first, second]
        for first in range(1, len(one))
        for second in range(1, len(two))
        if one[first] is not None and one[first] == two[second]
    ]
    for axes in fitting:
        yield set_argument(
            case.layer, "axes", str(axes), say("axes={axes} on {layer}", axes=axes, layer=named(case.layer)),
            say("These axes are of one size: {size}.", size=one[axes[0]]),
            "likely" if len(fitting) == 1 else "possible", only_if_tried=True,
        )  # fmt: skip


def _same_width(case: Refusal, shapes: list[Shape]) -> Iterator[Candidate]:
    for place, shape in enumerate(shapes):
        for other, target in enumerate(shapes):
            if other == place or shape[-1] == target[-1] or target[-1] is None:
                continue
            way = case.ways[place] if place < len(case.ways) else ()
            maker, argument = next(
                ((s.layer, name) for s in reversed(way) if (name := _width_of(s.layer))), (None, "")
            )
            if maker is None:
                continue
            if class_of(maker) == "Bidirectional":
                yield from _narrowed(maker, int(target[-1]))
                continue
            title = (
                say("Give {maker} {units} units", maker=named(maker), units=target[-1])
                if argument == "units"
                else say("{argument} on {layer}", argument=f"{argument}={target[-1]}", layer=named(maker))
            )
            why = say("Both branches are then of one width.")
            yield set_argument(rnn_in(maker), argument, str(target[-1]), title, why, "likely")


def _width_of(layer: Any) -> str | None:
    """The argument that says how wide a layer's answer is, `None` where none does."""
    inner = rnn_in(layer)
    return next(
        (name for name in ("units", "output_dim", "filters") if isinstance(getattr(inner, name, None), int)),
        None,
    )


def _narrowed(both: Any, width: int) -> Iterator[Candidate]:
    """A Bidirectional gives the two directions side by side, twice as wide as its layer."""
    units = getattr(rnn_in(both), "units", None)
    if units == width and getattr(both, "merge_mode", None) == "concat":
        yield set_argument(
            both, "merge_mode", '"sum"', say("merge_mode=\"sum\" on {both}", both=named(both)),
            say("The two directions are then added up, {width} wide, and not laid side by side.", width=width), "likely",
        )  # fmt: skip
    elif width % 2 == 0 and getattr(both, "merge_mode", None) == "concat":
        yield set_argument(
            rnn_in(both), "units", str(width // 2), say("Give {both} {units} units a direction", both=named(both), units=width // 2),
            say("The two directions side by side are then as wide as the other branch."), "likely",
        )  # fmt: skip
    yield Candidate(
        "wrap", say("Dense({width}) after {both}", width=width, both=named(both))[:60], say("It brings each timestep to the width of the other branch."),
        "likely", source=_followed(both, "Dense", f"({width})"), target=both.name,
    )  # fmt: skip


def _without_sequences(rnn: Any) -> Callable[[Editor], SourceEdit]:
    return lambda editor: editor.drop_sequences(rnn)


def _followed(layer: Any, name: str, arguments: str) -> Callable[[Editor], SourceEdit]:
    return lambda editor: editor.insert_after(layer, name, arguments)
