"""An argument of the layer itself is what is wrong: a size, an order, a wrapper, a batch that is not fixed."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from rnnmagic.diagnosis.base import Candidate, Diagnosis, plural, text
from rnnmagic.diagnosis.layers.declared import declare, will_come
from rnnmagic.diagnosis.layers.refusal import Refusal, dropper, first_shape, made, named, set_argument
from rnnmagic.frameworks.keraslike.windows import window_length
from rnnmagic.frameworks.wanted import class_of, gives_sequence, is_rnn, rnn_in
from rnnmagic.language import say
from rnnmagic.report import Shape
from rnnmagic.source import CannotEdit, Change, parse, text_of
from rnnmagic.values import as_shape, asked

if TYPE_CHECKING:
    from rnnmagic.editor import Editor, SourceEdit

BATCH_AT_MOST = 32


def wrong_setting(case: Refusal) -> Diagnosis | None:
    for rule in (matrix, _not_whole, _permutation, _total, _wrapped_rnn, _no_batch, _free_length):
        found = rule(case)
        if found is not None:
            return found
    return None


def matrix(case: Refusal) -> Diagnosis | None:
    """`Embedding(…, embeddings_initializer=Constant(matrix))` of another size than the layer."""
    from rnnmagic.evidence import name_of
    from rnnmagic.values import describe

    layer = case.layer
    value = getattr(getattr(layer, "embeddings_initializer", None), "value", None)
    own = (getattr(layer, "input_dim", None), getattr(layer, "output_dim", None))
    shape = describe(value).shape
    if class_of(layer) != "Embedding" or shape is None or len(shape) != 2 or shape == own:
        return None
    name = name_of(value, case.namespace)
    sizes = [f"{name}.shape[{axis}]" if name else str(shape[axis]) for axis in (0, 1)]

    def source(editor: Editor) -> SourceEdit:
        edits = [
            editor.set_argument(layer, argument, sizes[axis])
            for axis, argument in enumerate(("input_dim", "output_dim"))
            if shape[axis] != own[axis]
        ]
        return editor.combine(*edits)

    sentence = say(
        "{layer} has a table of {shape}, and is to begin with a matrix of {given_shape}.",
        layer=named(layer),
        shape=text(own),
        given_shape=text(shape),
    )
    candidate = Candidate(
        "layer_argument", say("Declare the Embedding as {shape}", shape=text(shape)),
        say("One row for each id, the padding row 0 included; cutting the matrix would lose words."), "sure",
        source=source, target=layer.name, before=own, after=shape,
    )  # fmt: skip
    return made(case, "weights", sentence, [candidate], None)


def _not_whole(case: Refusal) -> Diagnosis | None:
    """`LSTM(64 / 2)`: a size that is no whole number."""
    layer = rnn_in(case.layer)
    for name in ("units", "filters"):
        size = getattr(layer, name, None)
        if not isinstance(size, float):
            continue
        sentence = say(
            "{layer} is given {size} {name}: a size is a whole number.",
            layer=named(case.layer),
            size=size,
            name=name,
        )
        candidates = [
            set_argument(
                layer, name, str(int(size)), f"{name}={int(size)}", say("A layer has a whole number of them."),
                "sure" if size.is_integer() else "likely",
            )
        ]  # fmt: skip
        return made(case, "other", sentence, candidates, None)
    return None


def _permutation(case: Refusal) -> Diagnosis | None:
    """`Permute((2, 1, 3))` on samples of two axes."""
    dims, received = getattr(case.layer, "dims", None), case.received
    if class_of(case.layer) != "Permute" or not isinstance(dims, tuple) or not isinstance(received, tuple):
        return None
    axes = len(received) - 1
    if len(dims) == axes:
        return None
    kept = tuple(axis for axis in dims if axis <= axes)
    orders = [kept] if sorted(kept) == list(range(1, axes + 1)) else []
    if axes == 2 and (2, 1) not in orders:
        orders.append((2, 1))
    sentence = say(
        "{layer} orders {axes} axes, {dims}; one sample has {real_axes}, {shape}. The batch axis is not counted.",
        layer=named(case.layer),
        axes=len(dims),
        dims=dims,
        real_axes=axes,
        shape=text(received[1:]),
    )
    candidates = [
        set_argument(
            case.layer, "dims", str(order), f"Permute({order})", say("Axes are numbered from 1, without the batch axis."),
            "sure" if order == kept else "possible",
        )
        for order in orders
    ]  # fmt: skip
    return made(case, "rank", sentence, candidates, (None,) * (len(dims) + 1))


def _total(case: Refusal) -> Diagnosis | None:
    """A Reshape to another number of elements than there are."""
    target, received = getattr(case.layer, "target_shape", None), case.received
    if class_of(case.layer) != "Reshape" or not isinstance(target, tuple) or not isinstance(received, tuple):
        return None
    total = _product(received[1:])
    fixed = _product(tuple(size for size in target if size != -1))
    if total is None or fixed is None or (fixed == total or (-1 in target and fixed and total % fixed == 0)):
        return None
    sentence = say(
        "{layer} is to make {shape} of {received_shape}: that is {total} numbers a sample, and not {fixed}.",
        layer=named(case.layer),
        shape=text(target),
        received_shape=text(received[1:]),
        total=total,
        fixed=fixed,
    )
    shapes = []
    for place in range(len(target)):
        rest = _product(target[:place] + target[place + 1 :])
        if rest and rest > 1 and total % rest == 0:
            shapes.append((*target[:place], total // rest, *target[place + 1 :]))
    whole = [shape for shape in shapes if _cuts_no_axis(received[1:], shape)]
    candidates = [
        set_argument(
            case.layer, "target_shape", str(shape), f"Reshape({shape})",
            say("All numbers of a sample, in the shape of the target."), "likely", only_if_tried=True,
        )
        for shape in dict.fromkeys((o.described.shape or ())[1:] for o in case.targets)
        if len(shape) == len(target) and _product(shape) == total and shape not in shapes
    ]  # fmt: skip
    candidates += [
        set_argument(
            case.layer, "target_shape", str(shape), f"Reshape({shape})",
            say("All numbers of a sample, none left over."), "likely" if whole == [shape] else "possible",
        )
        for shape in sorted(shapes, key=lambda shape: shape not in whole)
    ]  # fmt: skip
    before = case.way[-1].layer if case.way else None
    if class_of(before) == "Dense" and len(received) == 2:
        candidates.append(
            set_argument(
                before, "units", str(fixed), say("Give {maker} {other} units", maker=named(before), other=fixed),
                say("As many numbers a sample as the shape after it has."), "possible", only_if_tried=True,
            )
        )  # fmt: skip
    candidates.append(
        Candidate(
            "other", say("Leave out {layer}", layer=named(case.layer))[:60], say("Right when what comes has the wanted axes already."),
            "possible", source=lambda editor: editor.remove(case.layer), target=case.layer.name, only_if_tried=True,
        )
    )  # fmt: skip
    return made(case, "other", sentence, candidates, None)


def _cuts_no_axis(received: Shape, shape: Shape) -> bool:
    """Whether axes are only joined, or only divided: (12, 4, 8) to (12, 32) keeps the 12 together, (16, 24) does not."""
    ends, new = ({_product(sizes[:place]) for place in range(len(sizes))} for sizes in (received, shape))
    return new <= ends or ends <= new


def _product(sizes: Shape) -> int | None:
    total = 1
    for size in sizes:
        if size is None:
            return None
        total *= size
    return total


def _wrapped_rnn(case: Refusal) -> Diagnosis | None:
    """`TimeDistributed(LSTM(…))` on one sequence a sample: a recurrent layer goes over time by itself."""
    inner, received = getattr(case.layer, "layer", None), case.received
    if class_of(case.layer) != "TimeDistributed" or not is_rnn(inner) or not isinstance(received, tuple):
        return None
    if len(received) != 3 or class_of(inner).startswith("ConvLSTM"):
        return None
    sentence = say(
        "{layer} hands {inner_class} one timestep at a time, a vector; a recurrent layer goes over the timesteps of {shape} by itself.",
        layer=named(case.layer),
        inner_class=class_of(inner),
        shape=text(received),
    )
    bare = Candidate(
        "layer_argument", say("{inner_class} without TimeDistributed", inner_class=class_of(inner))[:60],
        say("TimeDistributed is for layers that know no time, such as Dense."), "sure",
        source=lambda editor: _unwrapped(editor, case.layer), target=case.layer.name,
    )  # fmt: skip
    return made(case, "rank", sentence, [bare], (None, None, *received[1:]))


def _unwrapped(editor: Editor, layer: Any) -> SourceEdit:
    from rnnmagic.editor import SourceEdit

    site = editor.site(layer)
    if not site.call.args:
        raise CannotEdit("the wrapped layer is not written in the call")
    return SourceEdit(
        ((site.cell, Change.replacing(site.call, text_of(site.cell, site.call.args[0]) or "")),)
    )


def _no_batch(case: Refusal) -> Diagnosis | None:
    """A stateful layer in a model whose batch size is left open."""
    layer, received = rnn_in(case.layer), case.received
    if not getattr(layer, "stateful", False) or not isinstance(received, tuple) or received[0] is not None:
        return None
    sentence = say(
        "{layer} is stateful: it keeps a state for each place in the batch, so the batch size must be declared with the input.",
        layer=named(case.layer),
    )
    size, told = _batch_size(case)
    inner = ", ".join(str(item) for item in received[1:])
    shape = f"({size}, {inner})"
    candidates = [
        Candidate(
            "input_shape", say("Declare batch_shape={shape}", shape=shape)[:60], told, "likely",
            say("Every call must then pass batches of exactly that many samples."),
            source=lambda editor: _declared_batch(editor, size), target="batch_shape", after=(size, *received[1:]),
        ),
        Candidate(
            "layer_argument", say("Without stateful on {layer}", layer=named(case.layer))[:60],
            say("Right when each sample is a sequence of its own."), "possible",
            source=lambda editor: editor.remove_argument(layer, "stateful"), target=case.layer.name,
        ),
    ]  # fmt: skip
    return made(case, "input_declaration", sentence, candidates, (size, *received[1:]))


def _batch_size(case: Refusal) -> tuple[int, str]:
    """That of the cell's own calls, or the largest that the samples divide into."""
    latest = case.log.latest() if case.log is not None else None
    tree = parse(latest.transformed) if latest is not None else None
    for node in ast.walk(tree) if tree is not None else ():
        if (
            isinstance(node, ast.keyword)
            and node.arg == "batch_size"
            and isinstance(node.value, ast.Constant)
        ):
            if isinstance(node.value.value, int):
                return node.value.value, say("That is the batch size that the data is passed with.")
    for operand in case.inputs:
        rows = (operand.described.shape or (None,))[0]
        if rows:
            size = max(n for n in range(1, BATCH_AT_MOST + 1) if rows % n == 0)
            return size, say(
                "The {rows} samples of {array} divide into batches of {size}.",
                rows=rows,
                array=operand.label,
                size=size,
            )
    return 1, say("One sample at a time always divides.")


def _declared_batch(editor: Editor, size: int) -> SourceEdit:
    """`Input((5, 3))` becomes `Input(batch_shape=(4, 5, 3))`."""
    from rnnmagic.editor import SourceEdit

    site, keyword, node = editor.declaration()
    if keyword not in ("shape", "input_shape") or not isinstance(node, (ast.Tuple, ast.List)):
        raise CannotEdit("the shape is not written out in an Input")
    if site.name not in ("Input", "InputLayer"):
        raise CannotEdit("only an Input can declare the batch size")
    written = next((k for k in site.call.keywords if k.value is node), node)
    items = ", ".join([str(size), *(ast.unparse(item) for item in node.elts)])
    return SourceEdit(((site.cell, Change.replacing(written, f"batch_shape=({items})")),))


def _free_length(case: Refusal) -> Diagnosis | None:
    """Dense after a Flatten of sequences whose length was left open."""
    received = case.received
    if not isinstance(received, tuple) or received[-1] is not None or class_of(case.layer) != "Dense":
        return None
    culprit, _ = dropper(case.way)
    if culprit is None or class_of(culprit) not in ("Flatten", "Reshape"):
        return None
    sentence = say(
        "{layer} has one weight for each number that comes, and {culprit} gives any number of them: the timesteps were declared as None. Declare their number.",
        layer=named(case.layer),
        culprit=named(culprit),
    )
    return made(case, "input_declaration", sentence, list(_lengths(case, culprit)), None)


def _length_of_windows(case: Refusal) -> Iterator[Candidate]:
    """An Input in front, where Keras itself cut the windows and the dataset does not tell their length."""
    for operand in case.inputs:
        steps = window_length(operand.value) if asked(operand.value, "element_spec") is not None else None
        element = operand.value.element_spec if steps is not None else None
        shape = as_shape(getattr(element[0] if type(element) is tuple else element, "shape", None))
        first = case.way[0].layer if case.way else None
        if steps is None or shape is None or len(shape) != 3 or shape[-1] is None or first is None:
            continue
        whole = f"({steps}, {shape[-1]})"
        yield Candidate(
            "input_shape", say("Declare the input as {shape}", shape=whole)[:60],
            say("`{array}` was cut into windows of {timesteps}.", array=operand.label, timesteps=plural(steps, "timestep")),
            "sure", source=_in_front(first, f"({whole})"), target="input_shape",
            after=(None, steps, shape[-1]),
        )  # fmt: skip


def _in_front(layer: Any, arguments: str) -> Callable[[Editor], SourceEdit]:
    return lambda editor: editor.insert_before(layer, "InputLayer", arguments)


def _lengths(case: Refusal, culprit: Any) -> Iterator[Candidate]:
    first = first_shape(case.way[0].output) if case.way else None
    seen = will_come(case, len(first)) if first is not None else None
    if seen is not None:
        yield declare(seen.described.shape[1:], seen, "sure")  # type: ignore[index]
    yield from _length_of_windows(case)
    if class_of(culprit) == "Flatten":
        rnn = next((s.layer for s in reversed(case.way) if is_rnn(s.layer)), None)
        if rnn is not None and gives_sequence(rnn):
            yield Candidate(
                "layer_argument", say("return_sequences=False on {rnn}", rnn=named(rnn))[:60],
                say("It then passes on one vector a sample, whatever the length."), "possible",
                source=lambda editor: editor.drop_sequences(rnn), target=rnn.name,
            )  # fmt: skip
