"""Where in the checked cell it failed, and which calls on models come after that."""

from __future__ import annotations

import ast
from typing import Any

from rnnmagic.evidence import Evidence
from rnnmagic.source import parse, top_statement_of
from rnnmagic.values import is_from

METHODS = ("fit", "evaluate", "predict", "train_on_batch", "test_on_batch", "predict_on_batch")


def later_calls(evidence: Evidence) -> list[ast.Call]:
    tree = parse(evidence.run.cell.transformed)
    here = failing_statement(evidence)
    if tree is None or here is None:
        return []
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and _is_call_on_model(node, evidence.namespace)
        and node.lineno >= here.lineno
    ]


def _is_call_on_model(node: ast.Call, namespace: dict[str, Any]) -> bool:
    """`model.fit(…)`, and `model(…)` of a PyTorch module."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr in METHODS
    return isinstance(node.func, ast.Name) and is_from(namespace.get(node.func.id), "torch", "Module")


def failing_statement(evidence: Evidence) -> ast.stmt | None:
    """The statement of the checked cell's own level that failed."""
    for found in evidence.places:
        if (
            found.cell.filename == evidence.run.cell.filename
            and not found.in_function
            and found.node is not None
        ):
            return top_statement_of(found.node)
    tree = parse(evidence.run.cell.transformed)
    line = next(
        (
            p.line
            for p in evidence.places
            if p.cell.filename == evidence.run.cell.filename and not p.in_function
        ),
        None,
    )
    for statement in tree.body if tree and line else []:
        if statement.lineno <= (line or 0) <= (statement.end_lineno or 0):
            return statement
    return None


def assigned(statement: ast.AST) -> set[str]:
    """The names that a statement binds, at any depth."""
    names: set[str] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names
