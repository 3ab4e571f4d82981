"""The initial state of a recurrent layer: another batch, width, depth or number of states."""

from __future__ import annotations

import ast
from typing import Any

from rnnmagic.diagnosis.base import Candidate, Diagnosis, text
from rnnmagic.diagnosis.torch_modules.sites import with_argument
from rnnmagic.diagnosis.torch_modules.stack import Stack, is_tensor, kinds, shape_of
from rnnmagic.editor import Editor, SourceEdit
from rnnmagic.evidence import Operand
from rnnmagic.language import say
from rnnmagic.ops import Transpose
from rnnmagic.ops.tensors import OnTensor
from rnnmagic.report import Shape
from rnnmagic.source import CannotEdit, Change, Place, text_of


def judge(stack: Stack) -> Diagnosis | None:
    """A state of another shape than the layer keeps."""
    layer, x, hx = stack.module, stack.given(0, "input"), stack.given(1, "hx")
    got_x = shape_of(x)
    if hx is None or got_x is None or got_x[-1] != getattr(layer, "input_size", None):
        return None
    if "RNNCellBase" in kinds(layer):
        return _of_cell(stack, got_x, hx)
    if len(got_x) not in (2, 3):
        return None
    first = bool(layer.batch_first)
    directions = 2 if layer.bidirectional else 1
    depth, width = layer.num_layers * directions, layer.proj_size or layer.hidden_size
    samples = got_x[0 if first else 1] if len(got_x) == 3 else None
    lstm = "LSTM" in kinds(layer)
    want: Shape = (depth, samples, width) if len(got_x) == 3 else (depth, width)
    if lstm and is_tensor(hx):
        return _one_state(stack, hx, want)
    state = hx[0] if isinstance(hx, tuple) and hx else hx
    if lstm and isinstance(hx, tuple) and len(hx) == 2 and shape_of(hx[0]) == want:
        state = hx[1]
    if isinstance(hx, tuple) and not lstm:
        return _surplus_state(stack, hx, want)
    got = shape_of(state)
    if got is None or got == want:
        return None
    operand = _operand(stack, state)
    swapped = len(got_x) == 3 and len(got) == 3 and got == (depth, got_x[1 if first else 0], width)
    if swapped and got_x[0] != got_x[1]:
        return _batch_first(stack, got_x, got, first)
    return Diagnosis(
        "state_size",
        say(
            "`{array}` {shape} is not the state that {stack} keeps for this input {got_x_shape}: (layers × directions, samples, hidden_size) = {want_shape}.",
            array=operand.label,
            shape=text(got),
            stack=_named(stack),
            got_x_shape=text(got_x),
            want_shape=text(want),
        ),
        "call",
        operand,
        stack.info(want, got),
        candidates=tuple(_remade(stack, want, got, lstm)),
    )


def _named(stack: Stack) -> str:
    info = stack.info()
    return say("the {cls} `{info_name}`", cls=info.cls, info_name=info.name)


def _capital(stack: Stack) -> str:
    name = _named(stack)
    return name[0].upper() + name[1:]


def _operand(stack: Stack, state: Any) -> Operand:
    node = stack.node(1, "hx")
    if isinstance(node, (ast.Tuple, ast.List)) and stack.place is not None:
        hx = stack.given(1, "hx")
        for item, value in zip(node.elts, hx, strict=False):
            if value is state:
                return stack.operand("state", state, item)
    return stack.operand("state", state, node)


def _batch_first(stack: Stack, got_x: Shape, got: Shape, first: bool) -> Diagnosis:
    """The state was made for the batch on the axis that the layer takes for time."""
    operand = stack.operand("x", stack.given(0, "input"), stack.node(0, "input"))
    axes = ("timesteps", "samples", "features") if first else ("samples", "timesteps", "features")
    meant = "(samples, timesteps, features)" if first else "(timesteps, samples, features)"
    samples = got[1]
    layer_fix = Candidate(
        "layer_argument",
        f"{type(stack.module).__name__}(batch_first={not first})",
        say(
            "The layer then takes axis {axis} of the input, of size {samples}, for the samples.",
            axis=1 if first else 0,
            samples=samples,
        ),
        "possible" if first else "sure",
        source=with_argument(stack.module, stack.outer, stack.evidence, "batch_first", str(not first)),
        target=stack.info().name,
    )
    after = (got_x[1], got_x[0], got_x[2])
    data_fix = Candidate(
        "transpose",
        say("Swap samples and timesteps: {shape}", shape=text(after)),
        say("The layer was made with batch_first={first}: it reads {meant}.", first=first, meant=meant),
        "sure" if first else "likely",
        data=((operand, OnTensor(Transpose((1, 0, 2)))),),
        target=operand.name,
        before=got_x,
        after=after,
    )
    return Diagnosis(
        "axis_order",
        say(
            "`{array}` {shape} has {samples} samples on axis {axis}, as the state {got_shape} says; {stack} was made with batch_first={first} and reads {meant}.",
            array=operand.label,
            shape=text(got_x),
            samples=samples,
            axis=1 if first else 0,
            got_shape=text(got),
            stack=_named(stack),
            first=first,
            meant=meant,
        ),
        "call",
        operand,
        stack.info((got_x[1], got_x[0], got_x[2]), got_x),
        candidates=(data_fix, layer_fix) if first else (layer_fix, data_fix),
        axes=axes,
    )


def _call_at(stack: Stack) -> tuple[Place, ast.Call, ast.expr, ast.expr]:
    place = stack.place
    node, x = stack.node(1, "hx"), stack.node(0, "input")
    if place is None or place.call is None or node is None or x is None:
        raise CannotEdit("the state is not passed in a call of the user's")
    return place, place.call, node, x


def _remade(stack: Stack, want: Shape, got: Shape, lstm: bool) -> list[Candidate]:
    """Zeros of the right shape in the state's place, or none, which PyTorch takes for zeros."""

    def without(_editor: Editor) -> SourceEdit:
        place, call, _, x = _call_at(stack)
        told = f"{text_of(place.cell, call.func)}({text_of(place.cell, x)})"
        return SourceEdit(((place.cell, Change.replacing(call, told)),))

    candidates = [
        Candidate(
            "other",
            say("Leave the initial state out: it is then all zeros"),
            say("PyTorch makes zeros of the right shape by itself."),
            "likely",
            say("Only if the state was zeros anyway: the given state is not used."),
            source=without,
            target=stack.info().name,
        )
    ]
    if got and want and got[-1] != want[-1] and got[:-1] == want[:-1]:
        candidates.insert(
            0,
            Candidate(
                "layer_argument",
                f"{type(stack.module).__name__}(hidden_size={got[-1]})",
                say("If the state is right: the layer then keeps a state of that width."),
                "possible",
                source=with_argument(
                    stack.module, stack.outer, stack.evidence, "hidden_size", int(got[-1] or 0)
                ),
                target=stack.info().name,
            ),
        )
    return [*_resized(stack, want, got), *candidates]


def _resized(stack: Stack, want: Shape, got: Shape) -> list[Candidate]:
    """`torch.zeros(1, 20, 8)` where the state was made: with the sizes that the layer keeps."""

    def source(_editor: Editor) -> SourceEdit:
        changes = []
        for cell, call in _made_by_zeros(stack, got):
            for place, (old, new) in enumerate(zip(got, want, strict=True)):
                if old != new:
                    changes.append((cell, Change.replacing(call.args[place], str(new))))
        if not changes:
            raise CannotEdit("the state is not made of written sizes")
        return SourceEdit(tuple(changes))

    if len(got) != len(want):
        return []
    return [
        Candidate(
            "other",
            say("Make the state {shape}", shape=text(want)),
            say("(layers × directions, samples, hidden_size), as the layer keeps it."),
            "sure",
            source=source,
            target=stack.info().name,
        )
    ]


def _made_by_zeros(stack: Stack, got: Shape) -> list[tuple[Any, ast.Call]]:
    from rnnmagic.source import parse

    hx = stack.given(1, "hx")
    count = len(hx) if isinstance(hx, tuple) else 1
    cell = stack.place.cell if stack.place is not None else stack.evidence.run.cell
    tree = parse(cell.transformed)
    found = []
    for node in ast.walk(tree) if tree is not None else []:
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("zeros", "randn", "ones", "rand")
            and [a.value if isinstance(a, ast.Constant) else None for a in node.args] == list(got)
        ):
            found.append((cell, node))
    return found if len(found) == count else []


def _one_state(stack: Stack, hx: Any, want: Shape) -> Diagnosis:
    """An LSTM has two states; it was given one."""
    got = shape_of(hx)
    operand = stack.operand("state", hx, stack.node(1, "hx"))

    def source(_editor: Editor) -> SourceEdit:
        place, _, node, _ = _call_at(stack)
        h = text_of(place.cell, node)
        return SourceEdit(((place.cell, Change.replacing(node, f"({h}, {h}.new_zeros({h}.shape))")),))

    candidates = []
    if got == want:
        candidates.append(
            Candidate(
                "wrap", say("Pass both states: (h, zeros for c)"), say("An LSTM starts from a pair (h_0, c_0)."), "sure",
                source=source, target=operand.name, before=got, after=want,
            )
        )  # fmt: skip
    return Diagnosis(
        "state_size",
        say(
            "{stack} starts from two states, (h_0, c_0); `{array}` {shape} is one.",
            stack=_capital(stack),
            array=operand.label,
            shape=text(got),
        ),
        "call",
        operand,
        stack.info(want, got),
        candidates=(*candidates, *_remade(stack, want, (), True)[-1:]),
    )


def _surplus_state(stack: Stack, hx: tuple[Any, ...], want: Shape) -> Diagnosis:
    """A GRU has one state; it was given a pair."""
    got = shape_of(hx[0]) if hx else None
    operand = stack.operand("state", hx, stack.node(1, "hx"))

    def source(_editor: Editor) -> SourceEdit:
        place, _, node, _ = _call_at(stack)
        inner = (
            text_of(place.cell, node.elts[0])
            if isinstance(node, ast.Tuple)
            else f"{text_of(place.cell, node)}[0]"
        )
        return SourceEdit(((place.cell, Change.replacing(node, inner)),))

    return Diagnosis(
        "state_size",
        say("{stack} keeps one state {shape}; it was given {count}.", stack=_capital(stack), shape=text(want), count=len(hx)),
        "call",
        operand,
        stack.info(want, got),
        candidates=(
            Candidate(
                "select", say("Pass the first state only"), say("Only an LSTM has a second state."), "sure", source=source,
                target=operand.name,
            ),
        ),
    )  # fmt: skip


def _of_cell(stack: Stack, got_x: Shape, hx: Any) -> Diagnosis | None:
    layer = stack.module
    states = hx if isinstance(hx, tuple) else (hx,)
    want: Shape = (*got_x[:-1], layer.hidden_size)
    wrong = next((state for state in states if shape_of(state) not in (None, want)), None)
    if wrong is None:
        return None
    operand = _operand(stack, wrong)
    got = shape_of(wrong)
    return Diagnosis(
        "state_size",
        say(
            "`{array}` {shape} is not the state that {stack} keeps for this input {got_x_shape}: {want_shape}.",
            array=operand.label,
            shape=text(got),
            stack=_named(stack),
            got_x_shape=text(got_x),
            want_shape=text(want),
        ),
        "call",
        operand,
        stack.info(want, got),
        candidates=tuple(_remade(stack, want, got or (), len(states) == 2)),
    )
