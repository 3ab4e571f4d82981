"""An argument that a function of the user's only passes on: where it comes from."""

from __future__ import annotations

import ast
from typing import Any

from rnnmagic.cells import Cell
from rnnmagic.modelsource.edits import argument_node
from rnnmagic.modelsource.sites import CallSite, resolve
from rnnmagic.source import function_of, parse


def passed_for(
    site: CallSite, name: str, text: str, checked: Cell, namespace: dict[str, Any]
) -> tuple[CallSite, str] | None:
    """The one call of the checked cell that passes what a layer's argument is, and the parameter's name.

    `GRU(units)` in `def net(units)`, of which the checked cell calls `net(8)` once: there the number
    belongs. `None` where the parameter has another use too, or `text` is not a plain value.
    """
    home = function_of(site.call)
    node = argument_node(site, name, namespace)
    if not isinstance(home, ast.FunctionDef) or not isinstance(node, ast.Name) or not _is_plain(text):
        return None
    parameters = [*home.args.posonlyargs, *home.args.args, *home.args.kwonlyargs]
    if node.id not in [parameter.arg for parameter in parameters]:
        return None
    uses = [part for part in ast.walk(home) if isinstance(part, ast.Name) and part.id == node.id]
    function = namespace.get(home.name)
    if len(uses) != 1 or getattr(function, "__name__", None) != home.name:
        return None
    tree = parse(checked.transformed)
    calls = [
        part
        for part in (ast.walk(tree) if tree is not None else ())
        if isinstance(part, ast.Call)
        and function_of(part) is None
        and resolve(part.func, namespace) is function
    ]
    return (CallSite(checked, calls[0], function), node.id) if len(calls) == 1 else None


def _is_plain(text: str) -> bool:
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return False
    return True
