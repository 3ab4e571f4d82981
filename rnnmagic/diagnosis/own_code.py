"""A mistake in the user's own layer or cell: small changes of its code that would make the shapes fit.

What the layer should compute is not known here. So only changes that a rehearsal has passed are
offered, each as a possibility.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from rnnmagic.cells import Cell, CellLog
from rnnmagic.diagnosis import layers
from rnnmagic.diagnosis.base import Candidate, Diagnosis, text
from rnnmagic.diagnosis.by_hand import compared, wider_maker
from rnnmagic.editor import Editor, SourceEdit
from rnnmagic.evidence import Evidence
from rnnmagic.frameworks.base import first_line, is_of_shapes
from rnnmagic.language import later, say
from rnnmagic.report import LayerInfo
from rnnmagic.source import Change, ancestors, parse, text_of

CHANGES_AT_MOST = 14
OPERATIONS = ("tf", "tensorflow", "ops", "keras.ops")
CAUTION = later("The shapes fit with this; check that it is what the layer is meant to compute.")


def class_in(log: CellLog, name: str) -> tuple[Cell, ast.ClassDef] | None:
    """The latest definition of a class in the notebook's cells."""
    for cell in reversed(list(log)):
        tree = parse(cell.transformed)
        for node in tree.body if tree else []:
            if isinstance(node, ast.ClassDef) and node.name == name:
                return cell, node
    return None


def candidates(log: CellLog, part: Any) -> tuple[Candidate, ...]:
    """Changes of the class of `part` that are worth a rehearsal, the likeliest first."""
    found = class_in(log, type(part).__name__)
    if found is None:
        return ()
    cell, node = found
    made = []
    for change, told in list(_changes(cell, node))[:CHANGES_AT_MOST]:
        made.append(
            Candidate(
                "other",
                told[:60],
                say("With this change in {name} the shapes fit.", name=node.name),
                "possible",
                say(CAUTION),
                source=_edited(cell, change),
                target=node.name,
                only_if_tried=True,
            )
        )
    return tuple(made)


def _edited(cell: Cell, change: Change) -> Callable[[Editor], SourceEdit]:
    return lambda editor: SourceEdit(((cell, change),))


def _changes(cell: Cell, node: ast.ClassDef) -> Iterator[tuple[Change, str]]:
    for method in node.body:
        if isinstance(method, ast.FunctionDef):
            yield from _weights(cell, method)
    for method in node.body:
        if isinstance(method, ast.FunctionDef):
            yield from _products(cell, method)


def _weights(cell: Cell, method: ast.FunctionDef) -> Iterator[tuple[Change, str]]:
    """Another size, or the other order, for a weight."""
    sizes = _sizes(method)
    swaps = []
    for call in ast.walk(method):
        if not (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and call.func.attr == "add_weight"
        ):
            continue
        shape = next(
            (k.value for k in call.keywords if k.arg == "shape"), call.args[0] if call.args else None
        )
        if not isinstance(shape, (ast.Tuple, ast.List)) or not shape.elts:
            continue
        if len(shape.elts) == 2 and ast.dump(shape.elts[0]) != ast.dump(shape.elts[1]):
            first, second = (text_of(cell, item) for item in shape.elts)
            swaps.append((Change.replacing(shape, f"({second}, {first})"), f"shape=({second}, {first})"))
        for place, item in enumerate(shape.elts):
            yield from _other_index(cell, shape, place, item)
        for place, item in enumerate(shape.elts):
            if isinstance(item, ast.Constant):
                sizes = _held(method)
            for other in sizes:
                if other == ast.unparse(item):
                    continue
                texts = [text_of(cell, one) for one in shape.elts]
                texts[place] = other
                yield Change.replacing(item, other), f"shape=({', '.join(texts)})"
    yield from swaps


def _other_index(
    cell: Cell, shape: ast.Tuple | ast.List, place: int, item: ast.expr
) -> Iterator[tuple[Change, str]]:
    """`input_shape[1]` where `input_shape[-1]` is meant."""
    if not isinstance(item, ast.Subscript) or not isinstance(item.value, ast.Name):
        return
    here = ast.unparse(item.slice)
    for index in ("-1", "1", "2"):
        if index != here:
            texts = [text_of(cell, one) for one in shape.elts]
            texts[place] = f"{item.value.id}[{index}]"
            yield Change.replacing(item, texts[place] or ""), f"shape=({', '.join(map(str, texts))})"


def _held(method: ast.FunctionDef) -> list[str]:
    """Sizes that the object keeps: what its constructor assigns of its parameters, as `self.units`."""
    owner = next((step for step in ancestors(method) if isinstance(step, ast.ClassDef)), None)
    found: list[str] = []
    for other in owner.body if owner is not None else []:
        if isinstance(other, ast.FunctionDef) and other.name == "__init__" and method.args.args:
            names = {argument.arg for argument in other.args.args[1:]}
            for node in ast.walk(other):
                if (
                    isinstance(node, ast.Assign)
                    and isinstance(node.value, ast.Name)
                    and node.value.id in names
                ):
                    for target in node.targets:
                        if isinstance(target, ast.Attribute):
                            found.append(f"{method.args.args[0].arg}.{target.attr}")
    return list(dict.fromkeys(found))


def training_loop(evidence: Evidence, editor: Editor) -> Diagnosis | None:
    """An operation of TensorFlow's inside the user's own GradientTape that the shapes do not fit."""
    error = evidence.run.error
    if not is_of_shapes(error):
        return None
    by_hand = compared(evidence, editor)
    if by_hand is not None:
        return by_hand
    place = next((p for p in reversed(evidence.places) if p.call is not None), None)
    if place is None or place.call is None:
        return None
    frames = evidence.recorder.frames_of(error) if evidence.recorder is not None else []
    in_tensorflow = any("tensorflow" in frame.f_code.co_filename for frame in frames[-3:])
    taped = any(
        isinstance(step, (ast.With, ast.AsyncWith)) and "GradientTape" in ast.dump(step.items[0])
        for place in evidence.places
        if place.node is not None
        for step in ancestors(place.node)
    )
    if not in_tensorflow or not taped:
        return None
    said = first_line(error).split(": ", 1)[-1].split("} ", 1)[-1].split(" [Op")[0][:160]
    call = place.call
    guesses = [
        Candidate(
            "other", told[:60], say("With this change the shapes fit."), "possible", say(CAUTION),
            source=_edited(place.cell, change), target=None, only_if_tried=True,
        )
        for change, told in _turned(place.cell, call)
    ]  # fmt: skip
    return Diagnosis(
        "custom_op",
        say(
            "In your training loop the shapes do not fit in {function}: {said}.",
            function=text_of(place.cell, call.func),
            said=said,
        ),
        "run",
        candidates=(*wider_maker(evidence, place, editor), *guesses),
    )


def multiplied(evidence: Evidence, operation: Any, shapes: Any) -> Diagnosis | None:
    """`ops.matmul(queries, keys)` while a model is built, of two sequences: one of them has to be turned."""
    place = evidence.places[-1] if evidence.places else None
    pair = [shape for shape in shapes if isinstance(shape, tuple)] if isinstance(shapes, list) else []
    if place is None or len(pair) != 2:
        return None
    guesses = [
        Candidate(
            "other", told[:60], say("With this change the shapes fit."), "possible", say(CAUTION),
            source=_edited(place.cell, change), only_if_tried=True,
        )
        for change, told in (_turned(place.cell, place.call) if place.call is not None else ())
    ]  # fmt: skip
    sentence = say(
        "matmul multiplies {one} and {two}: the last axis of the first and the last but one of the second must be of one "
        "size.",
        one=text(pair[0]),
        two=text(pair[1]),
    )
    name = str(getattr(operation, "name", "matmul"))
    return Diagnosis(
        "merge", sentence, "build", layer=LayerInfo(name, "Matmul", None), candidates=tuple(guesses)
    )


def _sizes(method: ast.FunctionDef) -> list[str]:
    """Names that the method unpacked or took from a shape."""
    names: list[str] = []
    for node in ast.walk(method):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                for item in target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]:
                    if isinstance(item, ast.Name) and item.id != "_":
                        names.append(item.id)
    return list(dict.fromkeys(names))


def _products(cell: Cell, method: ast.FunctionDef) -> Iterator[tuple[Change, str]]:
    """A factor of a matrix product turned, or a vector brought to the axes of the sequence beside it."""
    for call in ast.walk(method):
        if isinstance(call, ast.Call):
            yield from _turned(cell, call)
    for node in ast.walk(method):
        if isinstance(node, (ast.Call, ast.BinOp)):
            yield from _raised(cell, node)
    for call in ast.walk(method):
        if isinstance(call, ast.Call):
            yield from _reshaped(cell, call)
            yield from _of_one_type(cell, call)


def _raised(cell: Cell, node: ast.Call | ast.BinOp) -> Iterator[tuple[Change, str]]:
    """A vector (samples, units) beside a sequence (samples, timesteps, units): a time axis of 1, or repeated."""
    if isinstance(node, ast.BinOp):
        tensors = (ast.Name, ast.Call)
        owner = _operations(node)
        if owner and isinstance(node.op, (ast.Add, ast.Mult)) and isinstance(node.left, tensors):
            for side in (node.left, node.right) if isinstance(node.right, tensors) else ():
                yield from _with_time_axis(cell, side, owner)
        return
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    owner = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
    if owner not in OPERATIONS or not node.args:
        return
    if name == "matmul":
        for factor in node.args[:2]:
            if isinstance(factor, ast.Name):
                yield from _with_time_axis(cell, factor, owner)
    parts = node.args[0]
    if (
        name in ("concat", "concatenate")
        and isinstance(parts, (ast.List, ast.Tuple))
        and len(parts.elts) == 2
    ):
        texts = [text_of(cell, item) or "" for item in parts.elts]
        for place, item in enumerate(parts.elts):
            steps = f"{owner}.shape({texts[1 - place]})[1]"
            told = f"{owner}.repeat({owner}.expand_dims({texts[place]}, 1), {steps}, axis=1)"
            yield (
                Change.replacing(item, told),
                say("{expression} repeated at every timestep", expression=texts[place]),
            )


def _with_time_axis(cell: Cell, node: ast.expr, owner: str) -> Iterator[tuple[Change, str]]:
    inner = text_of(cell, node)
    yield (
        Change.replacing(node, f"{owner}.expand_dims({inner}, 1)"),
        say("a time axis for {expression}", expression=inner),
    )


def _operations(node: ast.AST) -> str | None:
    """How the class around the node spells the module of its operations, `None` when it uses none."""
    owner = next((step for step in ancestors(node) if isinstance(step, ast.ClassDef)), None)
    for other in ast.walk(owner) if owner is not None else ():
        if isinstance(other, ast.Attribute) and ast.unparse(other.value) in OPERATIONS:
            return ast.unparse(other.value)
    return None


def _reshaped(cell: Cell, call: ast.Call) -> Iterator[tuple[Change, str]]:
    """`tf.reshape(h, (8, 40))`: the number of samples left open, which the last batch may have fewer of."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    target = call.args[-1] if name == "reshape" and call.args else None
    if isinstance(target, (ast.Tuple, ast.List)) and target.elts and isinstance(target.elts[0], ast.Constant):
        texts = ["-1", *(ast.unparse(item) for item in target.elts[1:])]
        if "-1" not in texts[1:]:
            told = f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"
            yield Change.replacing(target, told), say("reshape to {told}", told=told)


def _of_one_type(cell: Cell, call: ast.Call) -> Iterator[tuple[Change, str]]:
    """`tf.matmul(x, w)` with w in double precision: cast to the type of x."""
    if len(call.args) != 2 or not isinstance(call.func, ast.Attribute) or call.func.attr != "matmul":
        return
    first, second = text_of(cell, call.args[0]), text_of(cell, call.args[1])
    owner = ast.unparse(call.func.value)
    if owner in ("tf", "tensorflow", "ops", "keras.ops") and isinstance(call.args[0], ast.Name):
        yield (
            Change.replacing(call.args[1], f"{owner}.cast({second}, {first}.dtype)"),
            say("cast {second} to the type of {first}", second=second, first=first),
        )


def in_own_model(evidence: Evidence, outcome: Any) -> Diagnosis | None:
    """An operation in the `call` of a model class of the user's own, outside of its layers."""
    name = type(evidence.model).__name__
    if outcome.failing is not None or outcome.phase != "call" or class_in(evidence.run.log, name) is None:
        return None
    if not is_of_shapes(outcome.error):
        return None
    from rnnmagic.diagnosis import own_weights

    said = first_line(outcome.error).split(": ", 1)[-1].split(" for '{{node")[0][:160]
    sentence = say("In the code of {name} the shapes do not fit: {said}", name=name, said=said)
    wrong = own_weights.misfits(outcome.error, evidence.run.log)
    if wrong:
        sentence = own_weights.said(wrong[0], f"{name} '{getattr(evidence.model, 'name', '?')}'")
    resized = list(own_weights.resized(wrong, evidence.run.log))
    # Of the model's own layers, those that answered before its code failed.
    before = layers.last_output_only(
        [layers.Step(step.layer, step.output) for step in outcome.steps if step.ok]
    )
    if before is not None:
        resized.append(layers.sequence_from(before, confidence="likely", only_if_tried=True))
    return Diagnosis(
        "custom_op",
        sentence,
        "call",
        candidates=(*resized, *candidates(evidence.run.log, evidence.model)),
        advice=(say("Print the shapes of the tensors in the call method of {name}.", name=name),),
    )


def _turned(cell: Cell, call: ast.Call) -> Iterator[tuple[Change, str]]:
    if len(call.args) >= 2:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name != "matmul" or any(k.arg in ("transpose_b", "transpose_a") for k in call.keywords):
            return
        first, second = text_of(cell, call.args[0]), text_of(cell, call.args[1])
        owner = ast.unparse(call.func)
        if owner.startswith(("tf.", "tensorflow.")):
            yield (
                Change.replacing(call.args[1], f"{second}, transpose_b=True"),
                f"matmul(…, {second}, transpose_b=True)",
            )
        else:
            yield (
                Change.replacing(call.args[1], f"{owner.removesuffix('matmul')}transpose({second})"),
                say("matmul with {second} transposed", second=second),
            )
            # Of sequences: the samples stay where they are.
            yield (
                Change.replacing(call.args[1], f"{owner.removesuffix('matmul')}swapaxes({second}, -1, -2)"),
                say("matmul with the last two axes of {second} exchanged", second=second),
            )
        yield Change.replacing(call, f"{owner}({second}, {first})"), f"matmul({second}, {first})"
