"""A loss compared by hand: `target - answer` or a loss object in a GradientTape or a train_step of one's own."""

from __future__ import annotations

import ast
import types
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rnnmagic import frameworks
from rnnmagic.diagnosis import targets
from rnnmagic.diagnosis.base import Candidate, Diagnosis
from rnnmagic.evidence import Evidence, Operand, name_operand
from rnnmagic.language import say
from rnnmagic.report import Shape
from rnnmagic.source import Place, Unknowable, statement_of, value_of
from rnnmagic.values import Described, as_shape, describe

if TYPE_CHECKING:
    from rnnmagic.editor import Editor, SourceEdit


def compared(evidence: Evidence, editor: Editor) -> Diagnosis | None:
    """The diagnosis of a target and an answer that do not fit where the user's own code compares them."""
    place = evidence.places[-1] if evidence.places else None
    if place is None or place.node is None:
        return None
    found = _difference(place) or _loss_call(evidence, place)
    if found is None:
        return None
    (target, target_node), (answer, answer_node), loss = found
    got, output = _shape(target), _shape(answer)
    if got is None or output is None or not output or _fit(got, output):
        return None
    operand = _target(evidence, target, target_node, place)
    if operand is None:
        return None
    heads = list(_layers_before(answer_node, place, evidence))
    model = evidence.model
    if model is None:
        model = next((thing for thing in heads if frameworks.is_model(thing)), None)
        editor.about(model, heads, None)
    case = targets.answer_of(operand, output, model, evidence.model_name)
    head = next((thing for thing in heads if isinstance(getattr(thing, "units", None), int)), None)
    case = replace(case, loss=loss, head=case.head if head is None else head)
    judged = targets.judge(case, "loss")
    # The loss is not one that was compiled.
    kept = tuple(
        c
        for c in judged.candidates
        if c.kind != "loss" and not (c.kind == "one_hot" and c.source is not None)
    )
    return replace(judged, candidates=kept, operand=judged.operand or operand)


Side = tuple[Any, "ast.expr | None"]


def _difference(place: Place) -> tuple[Side, Side, str] | None:
    """`y - p`: the side that a layer or model has answered is the answer."""
    node = place.node
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, (ast.Sub, ast.Mult)):
        return None
    sides: list[Side] = [(_value(part, place), part) for part in (node.left, node.right)]
    return _told_apart(sides, place, "mean_squared_error")


def _told_apart(sides: list[Side], place: Place, loss: str) -> tuple[Side, Side, str] | None:
    answers = [bool(list(_calls_behind(node, place))) for _, node in sides]
    if any(value is None for value, _ in sides) or answers.count(True) != 1:
        return None
    answer = answers.index(True)
    return sides[1 - answer], sides[answer], loss


def _loss_call(evidence: Evidence, place: Place) -> tuple[Side, Side, str] | None:
    """`loss_object(y, p)` and `keras.losses.mse(y, p)`."""
    from rnnmagic.frameworks.wanted import plain_loss

    call = place.call
    frames = evidence.recorder.frames_of(evidence.run.error) if evidence.recorder is not None else []
    frame = next(
        (
            f
            for f in frames
            if "y_true" in f.f_locals and "y_pred" in f.f_locals and "keras" in f.f_code.co_filename
        ),
        None,
    )
    if call is None or frame is None or (evidence.call is not None and _in_keras(frame)):
        return None
    own = frame.f_locals.get("self")
    name = plain_loss(own) if own is not None else plain_loss(frame.f_code.co_name)
    if _python_of(_value(call.func, place)) is not None:
        # The loss is called further in, in code that TensorFlow has rewritten: only shapes tell.
        return _passed_on(call, place, frame, name)
    nodes = [*call.args, *(k.value for k in call.keywords)]
    by_name = {k.arg: k.value for k in call.keywords}
    first = by_name.get("y_true", nodes[0] if nodes else None)
    second = by_name.get("y_pred", nodes[1] if len(nodes) > 1 else None)
    target = _value(first, place) if first is not None else None
    return (
        (frame.f_locals["y_true"] if target is None else target, first),
        (frame.f_locals["y_pred"], second),
        name,
    )


def _python_of(function: Any) -> Any:
    """The user's function in a `@tf.function`, or the function itself; `None` for anything else."""
    inner = getattr(function, "python_function", function)
    return inner if isinstance(inner, types.FunctionType) else None


def _passed_on(call: ast.Call, place: Place, frame: Any, loss: str) -> tuple[Side, Side, str] | None:
    """`step(x, y)`: the argument that has the target's shape, when only one has."""
    shape = _shape(frame.f_locals["y_true"])
    arguments = [*call.args, *(k.value for k in call.keywords)]
    alike = [node for node in arguments if shape and _sample_of(node, place) == (len(shape), shape[1:])]
    if len(alike) != 1:
        return None
    return (frame.f_locals["y_true"], alike[0]), (frame.f_locals["y_pred"], call.func), loss


def _sample_of(node: ast.expr, place: Place) -> tuple[int, Shape] | None:
    """Number of axes and shape of one sample of an argument, a stretch of samples (`y[i:j]`) too."""
    while isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        node = node.value
    shape = _shape(_value(node, place))
    return (len(shape), shape[1:]) if shape else None


def _in_keras(frame: Any) -> bool:
    """Called by Keras's own step, whose dry run tells more."""
    step = frame.f_back
    while step is not None:
        if step.f_code.co_name in ("compute_loss", "_compute_loss"):
            return True
        step = step.f_back
    return False


def _value(node: ast.expr | None, place: Place) -> Any:
    if node is None:
        return None
    try:
        return value_of(node, *place.scopes)
    except Unknowable:
        return None


def _shape(value: Any) -> Shape | None:
    shape = as_shape(getattr(value, "shape", None))
    return describe(value).shape if shape is None else shape


def _fit(got: Shape, output: Shape) -> bool:
    return len(got) == len(output) and all(
        a is None or b is None or a == b for a, b in zip(got, output, strict=True)
    )


def _target(evidence: Evidence, value: Any, node: ast.expr | None, place: Place) -> Operand | None:
    """The target under the name that the user gave it; inside a train_step, the y of the call."""
    shape = _shape(value)
    if evidence.call is not None:
        y = evidence.operand("y")
        known = None if y is None else y.described.shape
        same = known is not None and shape is not None and known[1:] == shape[1:]
        return y if same else None
    described = describe(value)
    if described.shape is None and shape is not None:
        described = Described("tensor", shape, "float32")
    return name_operand(
        Operand("y", None, value, described, node=node, place=place), evidence.places, evidence.namespace
    )


def _calls_behind(node: ast.expr | None, place: Place, depth: int = 0) -> Iterator[Any]:
    """Layers and models that are called in an expression, or where its names were given their value."""
    from rnnmagic.source import parse

    if node is None or depth > 3:
        return
    for part in ast.walk(node):
        if isinstance(part, ast.Call):
            held = _value(part.func, place)
            if frameworks.is_layer(held):
                yield held
        elif isinstance(part, ast.Name) and _python_of(_value(part, place)) is not None:
            function = _python_of(_value(part, place))
            named = (function.__globals__.get(name) for name in function.__code__.co_names)
            yield from (thing for thing in named if frameworks.is_layer(thing))
        elif isinstance(part, ast.Name):
            tree = parse(place.cell.transformed)
            statement = statement_of(place.node) if place.node is not None else None
            line = getattr(place.node, "lineno", 0)
            made = [
                step
                for step in (ast.walk(tree) if tree is not None else ())
                if isinstance(step, ast.Assign)
                and step is not statement
                and step.lineno <= line
                and any(isinstance(t, ast.Name) and t.id == part.id for t in step.targets)
            ]
            for step in sorted(made, key=lambda one: -one.lineno)[:1]:
                yield from _calls_behind(step.value, place, depth + 1)


def _layers_before(node: ast.expr | None, place: Place, evidence: Evidence) -> Iterator[Any]:
    """The layers whose answer an expression is, the outermost first."""
    seen: set[int] = set()
    for thing in _calls_behind(node, place):
        if id(thing) not in seen:
            seen.add(id(thing))
            yield thing


def _units(layer: Any, units: int | None) -> Callable[[Editor], SourceEdit]:
    return lambda editor: editor.set_argument(layer, "units", str(units))


def wider_maker(evidence: Evidence, place: Place, editor: Editor) -> Iterator[Candidate]:
    """`matmul(state, W)`: the layer that made the one factor, as wide as the other one has rows."""
    call = place.call
    if call is None or len(call.args) < 2:
        return
    first, second = (_shape(_value(node, place)) for node in call.args[:2])
    if not first or not second or len(second) < 2 or first[-1] == second[-2]:
        return
    heads = [
        thing
        for thing in _layers_before(call.args[0], place, evidence)
        if isinstance(getattr(thing, "units", None), int) and thing.units == first[-1]
    ]
    for layer in heads[:1]:
        editor.about(None, [layer], None)
        rows = second[-2]
        yield Candidate(
            "layer_argument", say("Give {kind} '{layer_name}' {rows} units", kind=type(layer).__name__, layer_name=layer.name, rows=rows)[:60],
            say("The columns of the one factor must be as many as the rows of the other."), "likely",
            source=_units(layer, rows), target=layer.name,
        )  # fmt: skip
