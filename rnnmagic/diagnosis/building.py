"""The model fails while it is being built, or a layer called by itself."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from rnnmagic.diagnosis import declarations, inputs, layers
from rnnmagic.diagnosis.at_input import fits_in, of_finding
from rnnmagic.diagnosis.base import Diagnosis
from rnnmagic.evidence import Evidence, Operand, argument_nodes, name_operand
from rnnmagic.source import Place, Unknowable, parse, value_of
from rnnmagic.values import describe

if TYPE_CHECKING:
    from rnnmagic.editor import Editor


def of_construction(evidence: Evidence, editor: Editor) -> Diagnosis | None:
    from rnnmagic.frameworks.keras3.dryrun import shapes_in
    from rnnmagic.frameworks.keras3.graph import state_shapes, symbolic_call, tensors_in, way_to

    error = evidence.run.error
    assert error is not None
    frames = evidence.recorder.frames_of(error)
    call = symbolic_call(frames)
    upcoming, answers = _upcoming(evidence)
    if call is None:
        return declarations.judge(evidence, frames, upcoming) or _layer_alone(evidence, frames)
    layer, given, options = call
    tensors = tensors_in(given)
    ways = tuple(tuple(layers.Step(*step) for step in way_to(tensor)) for tensor in tensors)
    model = next(
        (f.f_locals.get("self") for f in frames if hasattr(f.f_locals.get("self"), "_compile_loss")), None
    )
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
    )
    before = {id(step.layer): step.layer for way in (case.way, *case.ways) for step in way}
    editor.about(model, [*before.values(), layer], name)
    return layers.judge(case)


def _layer_alone(evidence: Evidence, frames: list[Any]) -> Diagnosis | None:
    """A layer called by itself on an array."""
    from rnnmagic.frameworks.keras3.dryrun import shapes_in
    from rnnmagic.frameworks.keras3.graph import symbolic_call
    from rnnmagic.frameworks.keras3.wanted import Wanted, class_of, rank_wanted_by, rnn_width

    call = symbolic_call(frames, symbolic=False)
    if call is None or evidence.site is None:
        return None
    layer, given, _ = call
    shape = shapes_in(given)
    place = next((p for p in reversed(evidence.places) if p.call is not None), None)
    if not isinstance(shape, tuple) or place is None:
        return None
    assert place.call is not None
    nodes = argument_nodes(place.call, "__call__", type(layer))
    operand = name_operand(
        Operand("inputs", None, given, describe(given), node=nodes.get("inputs"), place=place),
        evidence.places,
        evidence.namespace,
    )
    rank = rank_wanted_by(layer)
    if rank is None:
        return None
    want = (None,) * (rank - 1) + (rnn_width(layer),)
    wish = Wanted(want, layer, False, class_of(layer) == "Embedding")
    if fits_in(shape, wish):
        return None
    case = inputs.Situation(operand, shape, want, "__call__", evidence.namespace)
    return of_finding(inputs.judge(case), case, wish, evidence)


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
        others = [n for n in evidence.namespace if n.lower().startswith(("x", "train_x", "seq", "win"))]
        for name in dict.fromkeys([*mentioned, *others]):
            value = evidence.namespace.get(name)
            described = describe(value)
            if described.carrier in ("array", "frame", "tensor") and len(described.shape or ()) >= 2:
                xs.append(Operand("x", None, value, described, name, name, is_global=True))
    return xs, ys


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
