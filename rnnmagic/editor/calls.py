"""Edits of the failing call, and of the constructor under way."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING

from rnnmagic.cells import Cell
from rnnmagic.editor.finder import Finder, SourceEdit
from rnnmagic.evidence import name_of
from rnnmagic.source import (
    CannotEdit,
    Change,
    Place,
    parse,
)
from rnnmagic.values import variables

if TYPE_CHECKING:
    from rnnmagic.evidence import Evidence, Operand
    from rnnmagic.modelsource import CallSite


class CallEdits(Finder):
    """By place in the text."""

    def set_call_argument(self, evidence: Evidence, name: str, text: str) -> SourceEdit:
        """Another value for an argument of the failing call."""
        from rnnmagic.modelsource import CallSite, set_argument

        place = evidence.site
        if place is None or place.call is None:
            raise CannotEdit("the failing call is not in a cell")
        target = getattr(type(evidence.model), evidence.method or "", None)
        bound = getattr(evidence.model, evidence.method or "", target)
        return SourceEdit(
            tuple(set_argument(CallSite(place.cell, place.call, bound), name, text, self.namespace))
        )

    def set_maker_argument(
        self, operand: Operand, makers: tuple[str, ...], name: str, text: str
    ) -> SourceEdit:
        """Another argument for the call that made an array: `to_categorical(ids)` with `num_classes`."""
        from rnnmagic.modelsource import CallSite, set_argument

        nodes: list[tuple[Cell, ast.AST]] = []
        if operand.node is not None and operand.place is not None:
            nodes.append((operand.place.cell, operand.node))
        for cell in reversed(list(self.evidence.run.log)):
            tree = parse(cell.transformed)
            for statement in reversed(tree.body) if tree is not None else []:
                if isinstance(statement, ast.Assign) and any(
                    isinstance(t, ast.Name) and t.id == operand.name for t in statement.targets
                ):
                    nodes.append((cell, statement.value))
        for cell, node in nodes[:2]:
            for call in ast.walk(node):
                if isinstance(call, ast.Call):
                    called = (
                        call.func.attr
                        if isinstance(call.func, ast.Attribute)
                        else getattr(call.func, "id", "")
                    )
                    if called in makers:
                        from rnnmagic.modelsource.naming import keras_package

                        keras = sys.modules.get(keras_package(self.namespace))
                        target = getattr(getattr(keras, "utils", None), called, None)
                        site = CallSite(cell, call, target)
                        return SourceEdit(tuple(set_argument(site, name, text, self.namespace)))
        raise CannotEdit("the call that made the array was not found")

    def item_where_made(self, name: str, index: str) -> SourceEdit:
        """`states = encoder.predict(x)` → `states = encoder.predict(x)[1:]`, where the variable was made last."""
        from rnnmagic.silent.origin import Origins

        origins = Origins(self.evidence.run)
        made = origins.before(name, len(origins.assigned))
        if made is None or not isinstance(made.value, ast.Call) or made.value.end_lineno is None:
            raise CannotEdit(f"the call that made {name} was not found")
        value = made.value
        if getattr(made.statement, "value", None) is not value:
            raise CannotEdit(f"{name} is made together with others")
        line, column = value.end_lineno, value.end_col_offset or 0
        return SourceEdit(((made.cell, Change(line, column, line, column, index)),))

    def reorder(self, evidence: Evidence, operands: list[Operand], order: tuple[int, ...]) -> SourceEdit:
        """The inputs of the failing call in another order."""
        changes = []
        for place, chosen in enumerate(order):
            node, given = operands[place].node, operands[chosen]
            where = operands[place].place
            if place == chosen:
                continue
            if node is None or where is None or given.expression is None:
                raise CannotEdit("the inputs are not written out in the call")
            changes.append((where.cell, Change.replacing(node, given.expression)))
        return SourceEdit(tuple(changes))

    def rename_keys(self, evidence: Evidence, renamed: dict[str, str]) -> SourceEdit:
        """Other keys for a dict of inputs that is written out in the failing call."""
        place = evidence.site
        given = {operand.index for operand in evidence.operands if isinstance(operand.index, str)}
        changes = []
        trees: list[tuple[Cell, ast.AST]] = []
        if place is not None and place.call is not None:
            trees.append((place.cell, place.call))
        cell = evidence.run.cell
        whole = parse(cell.transformed)
        if whole is not None:
            trees.append((cell, whole))
        for home, tree in trees:
            for node in ast.walk(tree):
                keys = node.keys if isinstance(node, ast.Dict) else []
                written = {key.value for key in keys if isinstance(key, ast.Constant)}
                if not set(renamed) <= written or not written <= given:
                    continue
                for key in keys:
                    if isinstance(key, ast.Constant) and key.value in renamed:
                        changes.append((home, Change.replacing(key, _quoted(renamed[key.value]))))
            if changes:
                break
        if not changes:
            return self._rename_in_call(evidence, renamed)
        return SourceEdit(tuple(changes))

    def _rename_in_call(self, evidence: Evidence, renamed: dict[str, str]) -> SourceEdit:
        """`fit({"new": d["old"], …})` for a dict `d` that another cell made."""
        whole = evidence.arguments.get("x")
        call = evidence.site.call if evidence.site is not None else None
        written = (
            {node.id for node in ast.walk(call) if isinstance(node, ast.Name)} if call is not None else set()
        )
        holder = name_of(whole, evidence.namespace, written)
        keys = list(whole) if type(whole) is dict else []
        if holder is None or holder not in written or not keys or not all(type(key) is str for key in keys):
            raise CannotEdit("the dict is not written out in the call")
        items = ", ".join(f"{_quoted(renamed.get(key, key))}: {holder}[{_quoted(key)}]" for key in keys)
        return self.set_call_argument(evidence, "x", f"{{{items}}}")

    def after_making(self, names: tuple[str, ...], line: str) -> SourceEdit:
        """A line after the last statement that made one of these variables."""
        from rnnmagic.statements import assigned

        for cell in reversed(list(self.evidence.run.log)):
            tree = parse(cell.transformed)
            for statement in reversed(tree.body) if tree is not None else []:
                if not assigned(statement).isdisjoint(names):
                    after = (statement.end_lineno or statement.lineno) + 1
                    return SourceEdit(((cell, Change(after, 0, after, 0, f"{line}\n")),))
        raise CannotEdit("the statement that made the variable was not found")

    def rename(self, cell: Cell, names: dict[ast.Name, str]) -> SourceEdit:
        """Other names where these stand in a cell."""
        return SourceEdit(tuple((cell, Change.replacing(node, new)) for node, new in names.items()))

    def _own_site(self, place: Place) -> CallSite:
        from rnnmagic.modelsource import CallSite

        assert place.call is not None
        return CallSite(place.cell, place.call)

    def set_own_argument(self, place: Place, cls: type, name: str, text: str) -> SourceEdit:
        """Another argument for the constructor that is under way."""
        from rnnmagic.modelsource import CallSite, set_argument

        assert place.call is not None
        return SourceEdit(
            tuple(set_argument(CallSite(place.cell, place.call, cls), name, text, self.namespace))
        )

    def rename_keyword(self, place: Place, old: str, new: str, text: str) -> SourceEdit:
        assert place.call is not None
        keyword = next(k for k in place.call.keywords if k.arg == old)
        return SourceEdit(((place.cell, Change.replacing(keyword, f"{new}={text}")),))

    def import_line(self, place: Place, line: str) -> SourceEdit:
        from rnnmagic.modelsource import add_import

        return SourceEdit(((place.cell, add_import(place.cell, line)),))

    def drop_keyword(self, place: Place, name: str) -> SourceEdit:
        from rnnmagic.modelsource import remove_keyword

        return SourceEdit(tuple(remove_keyword(self._own_site(place), name, self.namespace)))

    def input_in_front(self, place: Place, arguments: str) -> SourceEdit:
        """`Input(arguments)` in front of the layer whose constructor is under way."""
        from rnnmagic.modelsource import add_import, insert_layer_before, needs_import, spell
        from rnnmagic.modelsource.naming import keras_package

        site = self._own_site(place)
        package = sys.modules.get(keras_package(self.namespace))
        keras = next((n for n, v in variables(self.namespace) if v is package), None)
        tensorflow = next(
            (n for n, v in variables(self.namespace) if v is not None and v is sys.modules.get("tensorflow")),
            None,
        )
        if "Input" in self.namespace:
            text = f"Input({arguments})"
        elif keras is not None:
            text = f"{keras}.Input({arguments})"
        elif tensorflow is not None:
            text = f"{tensorflow}.keras.Input({arguments})"
        else:
            text = f"{spell('InputLayer', site, self.namespace)}({arguments})"
        changes = list(insert_layer_before(site, text))
        line = needs_import(text, self.namespace)
        if line is not None:
            changes.append((place.cell, add_import(place.cell, line)))
        return SourceEdit(tuple(changes))

    def replace_node(self, place: Place, node: ast.expr, text: str) -> SourceEdit:
        return SourceEdit(((place.cell, Change.replacing(node, text)),))


def _quoted(text: str) -> str:
    """A string as a literal, in double quotes where nothing in it needs another."""
    plain = text.isprintable() and not any(sign in text for sign in '"\\')
    return f'"{text}"' if plain else repr(text)
