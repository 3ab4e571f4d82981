"""Put a layer before or after another one in the notebook's text, or take one out.

A layer stands in one of these ways, and the edit follows it: in a list (`Sequential([...])`), in
`model.add(...)`, applied at once (`LSTM(8)(x)`), or bound to a name and added or applied elsewhere.
A first layer's `input_shape=` is not handed on: who puts a layer before it, or takes it out, has to.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from rnnmagic.cells import Cell
from rnnmagic.modelsource.compare import automatic_name
from rnnmagic.modelsource.edits import Edits
from rnnmagic.modelsource.sites import WRAPPERS, CallSite
from rnnmagic.modelsource.text import Items, Text, text_of_cell, verified
from rnnmagic.source import CannotEdit, Change, parent_of, parse, statement_of


@dataclass(frozen=True)
class Standing:
    """Where a layer enters its model."""

    cell: Cell
    node: ast.expr
    """The layer there: its call, the wrapper's around it, or its name."""
    bound: ast.stmt | None = None
    """The assignment that binds it to the name, where it is bound."""
    bound_cell: Cell | None = None

    @property
    def text(self) -> Text:
        return text_of_cell(self.cell.transformed)

    @property
    def parent(self) -> ast.AST | None:
        return parent_of(self.node)

    def row(self) -> ast.List | ast.Tuple | None:
        """The list it is an item of."""
        parent = self.parent
        return parent if isinstance(parent, (ast.List, ast.Tuple)) else None

    def addition(self) -> ast.Expr | None:
        """The statement `model.add(...)`."""
        parent = self.parent
        if (
            isinstance(parent, ast.Call)
            and isinstance(parent.func, ast.Attribute)
            and parent.func.attr == "add"
        ):
            statement = parent_of(parent)
            return statement if isinstance(statement, ast.Expr) else None
        return None

    def application(self) -> ast.Call | None:
        """The call of the layer on a tensor."""
        parent = self.parent
        return parent if isinstance(parent, ast.Call) and parent.func is self.node else None


def _last_name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _outermost(call: ast.expr) -> ast.expr:
    """The wrapper around a layer's call, which stands in the model for it."""
    node = call
    while True:
        parent = parent_of(node)
        if isinstance(parent, (ast.keyword, ast.List)):
            above = parent_of(parent)
            parent = above if isinstance(above, ast.Call) and _last_name(above.func) in WRAPPERS else parent
        if not (
            isinstance(parent, ast.Call) and parent.func is not node and _last_name(parent.func) in WRAPPERS
        ):
            return node
        node = parent


def standing(site: CallSite) -> Standing:
    """Where the layer made by this call enters its model.

    Raises
    ------
    CannotEdit
        It does so in several places, or in a way that is not one of those known.
    """
    node = _outermost(site.call)
    here = Standing(site.cell, node)
    if here.row() is not None or here.addition() is not None or here.application() is not None:
        return here
    statement = parent_of(node)
    target = (
        statement.targets[0] if isinstance(statement, ast.Assign) and len(statement.targets) == 1 else None
    )
    if not isinstance(statement, ast.Assign) or not isinstance(target, (ast.Name, ast.Attribute)):
        raise CannotEdit("the layer is made in a way that cannot be followed")
    places: dict[int, Standing] = {}
    for cell, call in site.uses:
        inside = call.args[0] if _last_name(call.func) == "add" and call.args else call.func
        places[id(call)] = Standing(cell, inside, statement, site.cell)
    if not places:
        name = ast.unparse(target)
        for other in ast.walk(parse(site.cell.transformed) or ast.Module([], [])):
            if not (isinstance(other, (ast.Name, ast.Attribute)) and isinstance(other.ctx, ast.Load)):
                continue
            if ast.unparse(other) == name and Standing(site.cell, other).row() is not None:
                places[id(other)] = Standing(site.cell, other, statement, site.cell)
    if len(places) != 1:
        raise CannotEdit(
            "the layer is used in more than one place" if places else "no use of the layer was found"
        )
    return next(iter(places.values()))


def insert_layer_before(site: CallSite, layer: str) -> Edits:
    """The layer `layer` (an expression) between this layer and its input."""
    return _insert(site, layer, after=False)


def insert_layer_after(site: CallSite, layer: str) -> Edits:
    """The layer `layer` (an expression) between this layer and what takes its output."""
    return _insert(site, layer, after=True)


def _insert(site: CallSite, layer: str, *, after: bool) -> Edits:
    place = standing(site)
    row = place.row()
    if row is not None:
        items = Items.of_list(place.text, row)
        index = row.elts.index(place.node)
        changes = items.insert_after(index, layer) if after else items.insert_before(index, layer)
        return verified([(place.cell, change) for change in changes])
    addition = place.addition()
    if addition is not None:
        assert isinstance(addition.value, ast.Call)
        line = f"{place.text.of(addition.value.func)}({layer})"
        return verified([(place.cell, _new_line(place.text, addition, line, after=after))])
    application = place.application()
    if application is None:
        raise CannotEdit("the layer is used in a way that cannot be followed")
    edits: Edits = []
    if isinstance(place.node, ast.Attribute) and place.bound is not None and place.bound_cell is not None:
        # A model's class: made where this one is made, so that its weights are made once.
        text = text_of_cell(place.bound_cell.transformed)
        layer, line = _attribute_for(text, place.node, layer)
        edits.append((place.bound_cell, _new_line(text, place.bound, line, after=after)))
    applied = _apply_after if after else _apply_before
    edits += [(place.cell, change) for change in applied(place.text, application, layer)]
    return verified(edits)


def _attribute_for(text: Text, beside: ast.Attribute, layer: str) -> tuple[str, str]:
    """A name for a layer beside `self.lstm`, and the line that makes it."""
    owner = ast.unparse(beside.value)
    call = ast.parse(layer, mode="eval").body
    name = automatic_name(_last_name(call.func)) if isinstance(call, ast.Call) else "layer"
    taken = set(re.findall(rf"{re.escape(owner)}\.(\w+)", text.text))
    number = 1
    while (chosen := name if number == 1 else f"{name}_{number}") in taken:
        number += 1
    return f"{owner}.{chosen}", f"{owner}.{chosen} = {layer}"


def _argument(application: ast.Call) -> ast.expr:
    if application.args and not isinstance(application.args[0], (ast.List, ast.Tuple, ast.Starred)):
        return application.args[0]
    named = [
        keyword.value
        for keyword in application.keywords
        if keyword.arg in ("inputs", "sequence", "sequences")
    ]
    if not application.args and len(named) == 1 and not isinstance(named[0], (ast.List, ast.Tuple)):
        return named[0]
    raise CannotEdit("the layer is applied to more than one tensor")


def _assigned_name(application: ast.Call) -> str | None:
    """`x`, of `x = LSTM(8)(...)`."""
    statement = parent_of(application)
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        if isinstance(target, ast.Name):
            return target.id
    return None


def _apply_before(text: Text, application: ast.Call, layer: str) -> list[Change]:
    argument = _argument(application)
    name = _assigned_name(application)
    statement = statement_of(application)
    # A line of its own only where the name is taken anew anyway: `x` may be used again further down.
    if isinstance(argument, ast.Name) and argument.id == name and statement is not None:
        return [_new_line(text, statement, f"{name} = {layer}({name})", after=False)]
    start, end = text.span(argument)
    return [text.change(start, start, f"{layer}("), text.change(end, end, ")")]


def _apply_after(text: Text, application: ast.Call, layer: str) -> list[Change]:
    name = _assigned_name(application)
    statement = statement_of(application)
    if name is not None and statement is not None:
        return [_new_line(text, statement, f"{name} = {layer}({name})", after=True)]
    if isinstance(parent_of(application), ast.Assign):
        raise CannotEdit("the layer has more than one output")
    start, end = text.span(application)
    return [text.change(start, start, f"{layer}("), text.change(end, end, ")")]


def _new_line(text: Text, statement: ast.stmt, line: str, *, after: bool) -> Change:
    """A statement before or after another, on a line of its own if that one has one."""
    start, end = text.span(statement)
    alone = text.starts_line(start) and text.only_comment_until_line_end(end)
    if after:
        if not alone:
            return text.change(end, end, f"; {line}")
        below = text.line_end(end)
        return text.change(below, below, f"\n{text.indent(start)}{line}")
    if not text.starts_line(start):
        return text.change(start, start, f"{line}; ")
    return text.change(start, start, f"{line}\n{text.indent(start)}")


def _without_line(text: Text, statement: ast.stmt) -> Change:
    """A statement taken out; `pass` where it is the only one of its block."""
    start, end = text.span(statement)
    parent = parent_of(statement)
    block = next(
        (items for items in _blocks(parent) if statement in items),
        [],
    )
    if len(block) == 1 and not isinstance(parent, ast.Module):
        return text.change(start, end, "pass")
    follows = text.token_after(end)
    if follows is not None and follows.text == ";" and text.row(follows.start) == text.row(end):
        behind = text.token_after(follows.end)
        same_line = behind is not None and text.row(behind.start) == text.row(follows.end)
        return text.change(start, behind.start if behind is not None and same_line else follows.end, "")
    if not text.starts_line(start):
        before = text.token_before(start)
        return text.change(before.start if before is not None and before.text == ";" else start, end, "")
    first = text.starts[text.row(start)]
    return text.change(first, min(text.line_end(end) + 1, len(text.text)), "")


def _blocks(parent: ast.AST | None) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        found = getattr(parent, name, None)
        if isinstance(found, list):
            yield found


_ATOMS = (ast.Name, ast.Call, ast.Attribute, ast.Subscript, ast.Constant, ast.List, ast.Dict)


def remove_layer(site: CallSite) -> Edits:
    """Take the layer out of the model: what fed it feeds what it fed."""
    place = standing(site)
    edits: Edits = []
    if place.bound is not None and place.bound_cell is not None:
        bound_text = text_of_cell(place.bound_cell.transformed)
        edits.append((place.bound_cell, _without_line(bound_text, place.bound)))
    row, addition, application = place.row(), place.addition(), place.application()
    text = place.text
    if row is not None:
        items = Items.of_list(text, row)
        edits += [(place.cell, change) for change in items.remove(row.elts.index(place.node))]
    elif addition is not None:
        edits.append((place.cell, _without_line(text, addition)))
    elif application is not None:
        argument = _argument(application)
        statement = statement_of(application)
        if (
            isinstance(argument, ast.Name)
            and argument.id == _assigned_name(application)
            and statement is not None
        ):
            edits.append((place.cell, _without_line(text, statement)))
        else:
            written = text.of(argument)
            outer = parent_of(application)
            tight = (
                isinstance(outer, (ast.Attribute, ast.Subscript, ast.BinOp, ast.UnaryOp)) or "\n" in written
            )
            if tight and not isinstance(argument, _ATOMS):
                written = f"({written})"
            edits.append((place.cell, text.change(*text.span(application), written)))
    else:
        raise CannotEdit("the layer is used in a way that cannot be followed")
    return verified(edits)
