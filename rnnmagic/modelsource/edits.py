"""Change the arguments of a call in the notebook, in the layout that it has."""

from __future__ import annotations

import ast
from typing import Any

from rnnmagic.cells import Cell
from rnnmagic.modelsource.sites import CallSite, parameters_of, positional_name, resolve
from rnnmagic.modelsource.text import Items, text_of_cell, verified
from rnnmagic.source import CannotEdit, Change

Edits = list[tuple[Cell, Change]]


def _index(site: CallSite, name: str, namespace: dict[str, Any]) -> int | None:
    """Number of the positional argument that means this parameter, where the call has it."""
    target = site.target if site.target is not None else resolve(site.call.func, namespace)
    for index, argument in enumerate(site.call.args):
        if isinstance(argument, ast.Starred):
            if name in [p.name for p in parameters_of(target)[index:]] and not _keyword(site.call, name):
                raise CannotEdit(f"{name} may be among the arguments that * unpacks")
            return None
        if target is not None and positional_name(target, index) == name:
            return index
    return None


def _keyword(call: ast.Call, name: str) -> ast.keyword | None:
    return next((keyword for keyword in call.keywords if keyword.arg == name), None)


def argument_node(site: CallSite, name: str, namespace: dict[str, Any]) -> ast.expr | None:
    """The expression that the call passes for a parameter, by keyword or by its place."""
    keyword = _keyword(site.call, name)
    if keyword is not None:
        return keyword.value
    index = _index(site, name, namespace)
    return site.call.args[index] if index is not None else None


def set_argument(site: CallSite, name: str, text: str, namespace: dict[str, Any] | None = None) -> Edits:
    """Pass `text` for the parameter: in place of what is passed for it now, or as a new keyword.

    Raises
    ------
    CannotEdit
        The argument may come from `*args` or `**kwargs`.
    """
    namespace = namespace if namespace is not None else {}
    source = text_of_cell(site.cell.transformed)
    items = Items.of_call(source, site.call)
    node = argument_node(site, name, namespace)
    if node is not None:
        keyword = _keyword(site.call, name)
        first = source.span(keyword)[0] if keyword is not None else items.opening
        start, end = source.widened(*source.span(node), first, items.closing)
        return verified([(site.cell, source.change(start, end, text))])
    for keyword in site.call.keywords:
        if keyword.arg is None:
            passed = resolve(keyword.value, namespace)
            if isinstance(passed, dict) and name not in passed:
                continue
            raise CannotEdit(f"{name} may be among the arguments that ** unpacks")
    changes = items.insert_after(len(items.spans) - 1, f"{name}={text}")
    return verified([(site.cell, change) for change in changes])


def set_keyword(site: CallSite, name: str, text: str, namespace: dict[str, Any] | None = None) -> Edits:
    """As `set_argument`: `set_keyword(site, "return_sequences", "True", namespace)`."""
    return set_argument(site, name, text, namespace)


def remove_keyword(site: CallSite, name: str, namespace: dict[str, Any] | None = None) -> Edits:
    """Pass the argument no more; nothing to do where it is not passed.

    Raises
    ------
    CannotEdit
        It is passed by its place, and others after it.
    """
    source = text_of_cell(site.cell.transformed)
    items = Items.of_call(source, site.call)
    keyword = _keyword(site.call, name)
    node: ast.AST | None = keyword
    if node is None:
        index = _index(site, name, namespace or {})
        if index is None:
            return []
        if index != len(site.call.args) - 1:
            raise CannotEdit(f"{name} is passed by its place, with others after it")
        node = site.call.args[index]
    start = source.span(node)[0]
    number = next(i for i, (first, last) in enumerate(items.spans) if first <= start < last)
    return verified([(site.cell, change) for change in items.remove(number)])


def wrap_call(site: CallSite, template: str) -> Edits:
    """Put the call inside another: `wrap_call(site, "layers.TimeDistributed({})")`."""
    before, mark, after = template.partition("{}")
    if not mark:
        raise ValueError("the template needs a {} for the call")
    source = text_of_cell(site.cell.transformed)
    start, end = source.span(site.call)
    return verified(
        [(site.cell, source.change(start, start, before)), (site.cell, source.change(end, end, after))]
    )
