"""The model fails while it is being built, or a layer called by itself."""

from __future__ import annotations

import ast
from types import FrameType
from typing import TYPE_CHECKING, Any

from rnnmagic import frameworks
from rnnmagic.diagnosis import declarations, layers
from rnnmagic.diagnosis.alone import layer_alone
from rnnmagic.diagnosis.base import Diagnosis
from rnnmagic.diagnosis.own_code import multiplied
from rnnmagic.evidence import Evidence, Operand
from rnnmagic.frameworks.base import is_of_shapes, speaks_of_shapes
from rnnmagic.source import Place, Unknowable, function_of, parse, statement_of, value_of
from rnnmagic.statements import failing_statement, later_calls
from rnnmagic.values import describe, variables

if TYPE_CHECKING:
    from rnnmagic.editor import Editor


def of_construction(evidence: Evidence, editor: Editor) -> Diagnosis | None:
    from rnnmagic.frameworks.base import shapes_in
    from rnnmagic.frameworks.keraslike.graph import state_shapes, symbolic_call, tensors_in, way_to

    error = evidence.run.error
    assert error is not None
    frames = evidence.recorder.frames_of(error)
    call = symbolic_call(frames)
    upcoming, answers = _upcoming(evidence)
    if call is None:
        return declarations.judge(evidence, frames, upcoming) or layer_alone(evidence, frames, editor)
    layer, given, options = call
    if layers.own_part(layer) is not None and not _of_shapes(error):
        return None
    if type(layer).__name__ == "Matmul" and not frameworks.is_layer(layer):
        return multiplied(evidence, layer, shapes_in(given))
    tensors = tensors_in(given)
    ways = tuple(tuple(layers.Step(*step) for step in way_to(tensor)) for tensor in tensors)
    model = _around(layer, frames)
    name = None
    if model is not None:
        from rnnmagic.evidence import name_of

        name = name_of(model, evidence.namespace)
    case = layers.Refusal(
        layer,
        shapes_in(given),
        ways[0] if ways else (),
        ways if len(ways) > 1 else (),
        model,
        name,
        evidence.namespace,
        tuple(upcoming),
        tuple(answers),
        error,
        "build",
        evidence.run.log,
        state_shapes(options),
        _later(evidence),
    )
    before = {id(step.layer): step.layer for way in (case.way, *case.ways) for step in way}
    editor.about(model, [*before.values(), layer], name)
    return layers.judge(case)


def _of_shapes(error: BaseException) -> bool:
    """Whether an error out of the user's own code may be one of shapes."""
    return speaks_of_shapes(error) and (not isinstance(error, RuntimeError) or is_of_shapes(error))


def _around(layer: Any, frames: list[FrameType]) -> Any:
    """The model that is being made of the layer: not the layer itself, nor a model inside it."""
    for frame in frames:
        held = frame.f_locals.get("self")
        if held is layer:
            return None
        if frameworks.is_model(held):
            return held
    return None


def _upcoming(evidence: Evidence) -> tuple[list[Operand], list[Operand]]:
    """Arrays that the checked cell is going to pass to a model as x and as y, from its text."""
    tree = parse(evidence.run.cell.transformed)
    xs: list[Operand] = []
    ys: list[Operand] = []
    if tree is None:
        return xs, ys
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr not in ("fit", "evaluate", "predict", "train_on_batch"):
            continue
        named = {k.arg: k.value for k in node.keywords if k.arg}
        first = named.get("x", node.args[0] if node.args else None)
        second = named.get("y", node.args[1] if len(node.args) > 1 else None)
        xs += _live(first, "x", evidence)
        ys += _live(second, "y", evidence)
    if not xs:
        mentioned = [n.id for n in ast.walk(tree) if isinstance(n, ast.Name)]
        others = [
            n
            for n, _ in variables(evidence.namespace)
            if n.lower().startswith(("x", "train_x", "seq", "win"))
        ]
        for name in dict.fromkeys([*mentioned, *others]):
            value = evidence.namespace.get(name)
            described = describe(value)
            if described.carrier in ("array", "frame", "tensor") and len(described.shape or ()) >= 2:
                xs.append(Operand("x", None, value, described, name, name, is_global=True))
    return xs, ys


def _later(evidence: Evidence) -> layers.Later:
    """What the checked cell goes on to do below the statement that failed."""
    tree = parse(evidence.run.cell.transformed)
    failed = failing_statement(evidence)
    if tree is None or failed is None:
        return layers.Later()
    here = _end(failed)
    bound: dict[str, tuple[int, int]] = {}
    used: set[str] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Name) or (node.lineno, node.col_offset) < here:
            continue
        statement = statement_of(node)
        if isinstance(node.ctx, ast.Store) and function_of(node) is None:
            whole = statement is not None and not hasattr(statement, "body")
            end = _end(statement) if statement is not None and whole else _end(node)
            bound[node.id] = min(end, bound.get(node.id, end))
        elif isinstance(statement, (ast.Assign, ast.AnnAssign)):
            used.add(node.id)
    return layers.Later(bool(later_calls(evidence)), bound, frozenset(used))


def _end(node: ast.stmt | ast.expr) -> tuple[int, int]:
    return node.end_lineno or node.lineno, node.end_col_offset or node.col_offset


def _live(node: ast.expr | None, role: str, evidence: Evidence) -> list[Operand]:
    if node is None:
        return []
    nodes = node.elts if isinstance(node, (ast.List, ast.Tuple)) else [node]
    found = []
    for item in nodes:
        try:
            value = value_of(item, evidence.namespace)
        except Unknowable:
            continue
        described = describe(value)
        if described.shape is not None and described.carrier != "symbolic":
            place = Place(evidence.run.cell, None, item.lineno, item)
            name = item.id if isinstance(item, ast.Name) else None
            found.append(
                Operand(role, None, value, described, name, ast.unparse(item), item, place, name is not None)
            )
    return found
