"""Which models are going to read an array that a cell was making when it failed, and whether they mask."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from rnnmagic import frameworks
from rnnmagic.evidence import Evidence
from rnnmagic.frameworks.wanted import is_rnn, is_rnn_class, layers_within, makes_mask
from rnnmagic.modelsource.abstract import Event, Value
from rnnmagic.modelsource.trace import Trace
from rnnmagic.source import Unknowable, ancestors, parse, top_statement_of, value_of
from rnnmagic.values import variables

ENTRIES = (
    "fit", "evaluate", "predict", "train_on_batch", "test_on_batch", "predict_on_batch",
)  # fmt: skip


def is_masked_later(evidence: Evidence) -> bool:
    """Whether every model that is going to read the array masks.

    These are the models that the cell passes it to; where it is passed to none, all that there are and
    that read sequences. False where no model is known: the padding has to be masked by whoever comes.
    """
    trace = Trace(evidence.run.log, evidence.namespace, evidence.run.cell)
    judged = [_masks(reader, trace, evidence.namespace) for reader in _readers(evidence)]
    told = [masks for masks in judged if masks is not None]
    if not told:
        told = list(_of_all(trace, evidence.namespace))
    return bool(told) and all(told)


def _readers(evidence: Evidence) -> Iterator[ast.expr]:
    """What the array is passed to in the checked cell: models, and whatever else has a `fit`."""
    tree = parse(evidence.run.cell.transformed)
    here = [place for place in evidence.places if place.cell is evidence.run.cell and not place.in_function]
    node = here[-1].node if here else None
    statement = None if node is None else top_statement_of(node)
    if tree is None or node is None or statement is None:
        return
    for outer in ancestors(node):
        if isinstance(outer, ast.Call):
            yield from _receivers(outer)
    names = _bound_in(statement)
    for later in tree.body:
        if later.lineno <= statement.lineno:
            continue
        for part in ast.walk(later):
            if isinstance(part, ast.Call) and _mentions(names, *part.args, *(k.value for k in part.keywords)):
                yield from _receivers(part)
        if _mentions(names, later):
            names |= _bound_in(later)


def _receivers(call: ast.Call) -> Iterator[ast.expr]:
    """Whose method is called, or what itself; and what is passed along: `train(model, X)`."""
    yield from (node for node in call.args if isinstance(node, (ast.Name, ast.Attribute)))
    if isinstance(call.func, ast.Attribute) and call.func.attr in ENTRIES:
        yield call.func.value
    elif isinstance(call.func, (ast.Name, ast.Attribute, ast.Subscript)):
        yield call.func


def _bound_in(statement: ast.stmt) -> set[str]:
    """Names that a statement gives a value to."""
    found = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    # `data["x"] = …`, `self.x = …`: what holds it.
    for target in getattr(statement, "targets", ()):
        while isinstance(target, (ast.Attribute, ast.Subscript)):
            target = target.value
        if isinstance(target, ast.Name):
            found.add(target.id)
    return found


def _mentions(names: set[str], *nodes: ast.AST) -> bool:
    return any(isinstance(n, ast.Name) and n.id in names for node in nodes for n in ast.walk(node))


def _masks(reader: ast.expr, trace: Trace, namespace: dict[str, Any]) -> bool | None:
    """Whether what is written there is a model that masks; `None` where it is no model, or unknown."""
    try:
        live = value_of(reader, namespace)
    except Unknowable:
        live = None
    traced = trace.find(ast.unparse(reader))
    if traced is not None and not _is_model(traced):
        traced = None
    last = len(trace.cells) - 1
    if traced is not None and any(event.run == last for event in traced.events.values()):
        # The checked cell makes it, perhaps only after the line that failed; what lives may be the old one.
        return any(_makes_mask(event) for event in traced.events.values())
    if frameworks.is_model(live):
        return makes_mask(live)
    return None if traced is None else any(_makes_mask(event) for event in traced.events.values())


def _of_all(trace: Trace, namespace: dict[str, Any]) -> Iterator[bool]:
    """Of each model with a recurrent layer, those that the checked cell is only going to make too."""
    last = len(trace.cells) - 1
    coming = {
        name: value
        for name, value in trace.scope.names.items()
        if _is_model(value) and any(event.run == last for event in value.events.values())
    }
    for value in coming.values():
        if any(isinstance(e.target, type) and is_rnn_class(e.target) for e in value.events.values()):
            yield any(_makes_mask(event) for event in value.events.values())
    for name, held in variables(namespace):
        if name in coming or name.startswith("_") or not frameworks.is_model(held):
            continue
        if any(is_rnn(layer) for layer in layers_within(held)):
            yield makes_mask(held)


def _is_model(value: Value) -> bool:
    """Whether a value of the trace was made by calling a class of models."""
    made = value.made
    if made is None:
        return False
    if isinstance(made.target, type):
        return hasattr(made.target, "train_step") or hasattr(made.target, "fit")
    return made.kind in ("Sequential", "Model", "Functional")


def _makes_mask(event: Event) -> bool:
    zero = event.given.get("mask_zero")
    return event.kind == "Masking" or (zero is not None and not (zero.known and not zero.object))
