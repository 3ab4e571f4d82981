"""Writes an operation on an array into the cells, at the place where it can be run again."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING, Any

from rnnmagic.cells import Cell
from rnnmagic.diagnosis.carriers import RAGGED_MAKERS
from rnnmagic.editor import Editor
from rnnmagic.evidence import Evidence, Operand
from rnnmagic.ops import Op
from rnnmagic.source import Change, parent_of, parse, statement_of
from rnnmagic.statements import assigned, failing_statement, later_calls
from rnnmagic.values import class_name, variables

if TYPE_CHECKING:
    from rnnmagic.placing import Placed


class Writer:
    """Writes operations into the cells of one `Placed`."""

    def __init__(
        self, evidence: Evidence, editor: Editor, placed: Placed, made_here: bool, at_call: bool = False
    ) -> None:
        self.evidence, self.editor, self.placed = evidence, editor, placed
        self.made_here = made_here
        """Put lines right after the statement of this cell that makes the variable."""
        self.at_call = at_call
        """Leave the variable as it is, and change what the call is passed."""
        self.used_made = False
        self.statement = failing_statement(evidence)
        self.cell = evidence.run.cell

    def spell(self, module: str) -> str:
        text, line = spelling(module, self.evidence.namespace)
        if line is not None and self.statement is not None:
            self.placed.add(self.cell, Change.before(self.statement, line))
        return text

    def write(self, operand: Operand, op: Op, *, first: bool) -> bool:
        """Write one operation; False when there is no place for it."""
        name = operand.name
        if op.only_here:
            if operand.node is None or operand.place is None:
                return False
            self._wrap(operand.place.cell, operand.node, operand.expression or "", operand, op)
            return True
        if operand.is_variable and name is not None and not self.at_call:
            maker = self._maker(name)
            if op.repeatable or maker is not None:
                if self._assign(name, operand, op, maker):
                    self.placed.rebinds[name] = op
                    self.placed.repeatable &= op.repeatable
                    return True
            if self._at_uses(operand, op):
                self.placed.rebinds[name] = op
                self.placed.repeatable = False
                return True
            if not first:
                return False
        if operand.node is not None and operand.place is not None:
            self._wrap(operand.place.cell, operand.node, operand.expression or "", operand, op)
            self._same_text(operand, op)
            return True
        if self._starred(operand, op):
            return True
        if operand.expression and operand.name and (op.repeatable or self._maker(operand.name)):
            # An item of a dict or list that nobody wrote out: `kw["x"] = …` before the call.
            if self.statement is None:
                return False
            code = op.code(operand.expression, operand.value, self.spell)
            self.placed.add(self.cell, Change.before(self.statement, f"{operand.expression} = {code}"))
            return True
        return False

    def _starred(self, operand: Operand, op: Op) -> bool:
        """`fit(*pair)` written out, `fit(**table)` with one item replaced: the operation on the item that needs it."""
        site = self.evidence.site
        if site is None or site.call is None:
            return False
        for argument in site.call.args:
            if isinstance(argument, ast.Starred) and isinstance(argument.value, ast.Name):
                held: Any = self.evidence.namespace.get(argument.value.id)
                if type(held) not in (list, tuple) or not any(item is operand.value for item in held):
                    continue
                items = [f"{argument.value.id}[{place}]" for place in range(len(held))]
                texts = [
                    op.code(text, operand.value, self.spell) if held[place] is operand.value else text
                    for place, text in enumerate(items)
                ]
                self.placed.add(site.cell, Change.replacing(argument, ", ".join(texts)))
                return True
        for keyword in site.call.keywords:
            if keyword.arg is None and isinstance(keyword.value, ast.Name):
                table: Any = self.evidence.namespace.get(keyword.value.id)
                keys = [k for k, v in table.items() if v is operand.value] if type(table) is dict else []
                if len(keys) == 1 and isinstance(keys[0], str):
                    item = f"{keyword.value.id}[{keys[0]!r}]"
                    code = op.code(item, operand.value, self.spell)
                    whole = f"{{**{keyword.value.id}, {keys[0]!r}: {code}}}"
                    self.placed.add(site.cell, Change.replacing(keyword.value, whole))
                    return True
        return False

    def _maker(self, name: str) -> ast.stmt | None:
        """The statement of the checked cell, before the failing one, that makes the variable anew."""
        tree = parse(self.cell.transformed)
        if tree is None or self.statement is None:
            return None
        found = None
        for statement in tree.body:
            if statement is self.statement:
                break
            if name in assigned(statement):
                value = getattr(statement, "value", None)
                itself = value is not None and any(
                    isinstance(n, ast.Name) and n.id == name for n in ast.walk(value)
                )
                # `X = f(X)` is not safe by itself, but it is as it was before.
                found = found if itself and found is None else statement
        return found

    def _assign(self, name: str, operand: Operand, op: Op, maker: ast.stmt | None) -> bool:
        if self.statement is None:
            return False
        code = f"{name} = {op.code(name, operand.value, self.spell)}"
        if self.made_here:
            if maker is not None:
                self.used_made = True
                line = (maker.end_lineno or maker.lineno) + 1
                self.placed.add(self.cell, Change(line, 0, line, 0, f"{code}\n"))
                return True
            if not op.repeatable:
                return False
            # With others that the cell makes: before anything uses it.
            first = self._first_use(name)
            self.placed.add(self.cell, Change.before(first or self.statement, code))
            return True
        anchor: ast.stmt = self.statement
        if name in assigned(self.statement) and operand.node is not None:
            anchor = statement_of(operand.node) or anchor
        self.placed.add(self.cell, Change.before(anchor, code))
        return True

    def _first_use(self, name: str) -> ast.stmt | None:
        tree = parse(self.cell.transformed)
        for statement in tree.body if tree else []:
            if any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(statement)):
                return statement
        return None

    def _at_uses(self, operand: Operand, op: Op) -> bool:
        """Into every call on a model, from the failing one on, that is passed the variable."""
        nodes: list[tuple[Cell, ast.expr]] = []
        if operand.node is not None and operand.place is not None:
            nodes.append((operand.place.cell, operand.node))
        for call in later_calls(self.evidence):
            pending: list[ast.expr] = [*call.args, *(k.value for k in call.keywords)]
            while pending:
                node = pending.pop()
                if isinstance(node, (ast.Tuple, ast.List)):
                    pending.extend(node.elts)
                elif isinstance(node, ast.Name) and node.id == operand.name and node is not operand.node:
                    nodes.append((self.cell, node))
        nodes = nodes or self._gathered(operand)
        for cell, node in nodes:
            self._wrap(cell, node, operand.name or "", operand, op)
        return bool(nodes)

    def _gathered(self, operand: Operand) -> list[tuple[Cell, ast.expr]]:
        """Where the cell puts the variable into what it passes on: `dict(x=X)`, `{"x": X}`, `(X, y)`."""
        tree = parse(self.cell.transformed)
        found: list[tuple[Cell, ast.expr]] = []
        for node in ast.walk(tree) if tree is not None else []:
            values: list[ast.expr] = []
            if isinstance(node, ast.Dict):
                values = node.values
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "dict":
                values = [keyword.value for keyword in node.keywords]
            elif isinstance(node, ast.Assign) and isinstance(node.value, (ast.Tuple, ast.List)):
                values = node.value.elts
            found += [(self.cell, v) for v in values if isinstance(v, ast.Name) and v.id == operand.name]
        return found

    def _same_text(self, operand: Operand, op: Op) -> None:
        """Later calls that are passed the same expression, in the same place if it stands in two."""
        assert operand.node is not None
        told = ast.dump(operand.node)
        twice = (
            sum(other.node is not None and ast.dump(other.node) == told for other in self.evidence.operands)
            > 1
        )
        where = _argument(parent_of(operand.node), operand.node) if twice else None
        for call in later_calls(self.evidence):
            for node in (*call.args, *(k.value for k in call.keywords)):
                if where is not None and _argument(call, node) != where:
                    continue
                if node is not operand.node and ast.dump(node) == told:
                    self._wrap(self.cell, node, operand.expression or "", operand, op)

    def _wrap(self, cell: Cell, node: ast.expr, text: str, operand: Operand, op: Op) -> None:
        target: ast.expr = node
        parent = parent_of(node)
        if op.kind == "pad" and isinstance(parent, ast.Call) and parent.args[:1] == [node]:
            called = (
                parent.func.attr if isinstance(parent.func, ast.Attribute) else getattr(parent.func, "id", "")
            )
            if called in RAGGED_MAKERS:
                # np.array(sequences) becomes pad_sequences(sequences), which makes an array itself.
                target = parent
        self.placed.add(cell, Change.replacing(target, op.code(text, operand.value, self.spell)))


def _argument(call: ast.AST | None, node: ast.expr) -> int | str | None:
    """The place or the keyword by which a call is passed an expression."""
    if not isinstance(call, ast.Call):
        return None
    named = {id(keyword.value): keyword.arg for keyword in call.keywords}
    return next((place for place, one in enumerate(call.args) if one is node), named.get(id(node)))


def spelling(module: str, namespace: dict[str, Any]) -> tuple[str, str | None]:
    """How the notebook writes a module, and the import line that it lacks, if any."""
    wanted = sys.modules.get(module)
    for name, value in variables(namespace):
        if value is wanted and wanted is not None and not name.startswith("_"):
            return name, None
    if module == "keras":
        from rnnmagic.modelsource.naming import keras_package, same_keras

        for name, value in variables(namespace):
            if class_name(value) in ("module", "KerasLazyLoader") and getattr(value, "__name__", "").endswith(
                "keras"
            ):
                if not name.startswith("_"):
                    return name, None
        for name in ("tf", "tensorflow"):
            held = namespace.get(name)
            if getattr(held, "__name__", "") == "tensorflow" and same_keras(held, namespace):
                return f"{name}.keras", None
        package = keras_package(namespace)
        return package, f"import {package}"
    if module == "numpy":
        return "np", "import numpy as np"
    return ("tf", "import tensorflow as tf") if module == "tensorflow" else (module, f"import {module}")
