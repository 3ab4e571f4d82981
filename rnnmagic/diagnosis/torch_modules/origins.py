"""Where a value in the user's code came from: the statement that made it, the modules it went through."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from rnnmagic.diagnosis.torch_modules.stack import is_tensor, kinds
from rnnmagic.source import Place, function_of, parse, statement_of


def resolve(node: ast.AST | None, place: Place) -> Any:
    """The live module that an expression stands for (`self.lstm`, `model.fc`), or `None`."""
    if isinstance(node, ast.Name):
        return next((scope[node.id] for scope in place.scopes if node.id in scope), None)
    if isinstance(node, ast.Attribute):
        owner = resolve(node.value, place)
        held = getattr(owner, "__dict__", {})
        return held.get("_modules", {}).get(node.attr, held.get(node.attr))
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        parts = getattr(resolve(node.value, place), "__dict__", {}).get("_modules", {})
        return parts.get(str(node.slice.value))
    return None


def is_module(value: Any) -> bool:
    return "_modules" in getattr(value, "__dict__", {}) and "Module" in kinds(value)


def is_rnn(value: Any) -> bool:
    return is_module(value) and bool(kinds(value) & {"RNNBase"})


def maker_of(name: str, place: Place, before: ast.AST) -> ast.Assign | None:
    """The statement nearest above, in the same function, that gives the name its value."""
    home: Any = function_of(before) or parse(place.cell.transformed)
    line = (statement_of(before) or before).lineno  # type: ignore[attr-defined]
    found = [
        node
        for node in (ast.walk(home) if home is not None else ())
        if isinstance(node, ast.Assign)
        and node.lineno < line
        and any(isinstance(part, ast.Name) and part.id == name for t in node.targets for part in _parts(t))
    ]
    return max(found, key=lambda node: node.lineno, default=None)


def _parts(target: ast.expr) -> list[ast.expr]:
    return list(target.elts) if isinstance(target, (ast.Tuple, ast.List)) else [target]


def modules_behind(node: ast.AST | None, place: Place | None, depth: int = 0) -> Iterator[Any]:
    """Modules called in an expression, and where its names were given their value; the last first."""
    if node is None or place is None or depth > 4:
        return
    for part in ast.walk(node):
        if isinstance(part, ast.Call):
            module = resolve(part.func, place)
            if is_module(module):
                yield module
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            maker = maker_of(part.id, place, node)
            if maker is not None:
                yield from modules_behind(maker.value, place, depth + 1)


def head_behind(node: ast.AST | None, place: Place | None) -> tuple[Any, Any]:
    """The last Linear that an answer went through, and the model that it is a part of."""
    for module in modules_behind(node, place):
        linears = [part for part in module.modules() if "Linear" in kinds(part)]
        if linears:
            return linears[-1], module
    return None, None


def tuple_of_rnn(value: Any) -> bool:
    """What a recurrent layer gives: its output and its states."""
    return type(value) is tuple and len(value) == 2 and is_tensor(value[0])
