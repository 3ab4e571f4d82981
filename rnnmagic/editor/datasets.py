"""Edits of the expression that a dataset was put together by."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from rnnmagic.cells import Cell
from rnnmagic.editor.finder import Finder, SourceEdit
from rnnmagic.evidence import Operand
from rnnmagic.source import CannotEdit, Change, parent_of, text_of

if TYPE_CHECKING:
    from rnnmagic.silent.origin import Step

BATCHING = ("batch", "padded_batch", "ragged_batch")


class DatasetEdits(Finder):
    """By the operand that is a dataset."""

    def without_batch(self, operand: Operand) -> SourceEdit:
        """The last `.batch(…)` on the dataset's way taken out: `raw.batch(4).prefetch(1)` → `raw.prefetch(1)`.

        Raises
        ------
        CannotEdit
            No such call is written in the cells, outside of functions.
        """
        step, call = self._method_call(operand, BATCHING)
        assert isinstance(call.func, ast.Attribute), "a method is an attribute"
        return SourceEdit(((step.cell, self._without(step.cell, call, call.func.value)),))

    def drop_remainder(self, operand: Operand, method: str) -> SourceEdit:
        """`drop_remainder=True` for the `batch(…)` or `window(…)` that the dataset was made with.

        Raises
        ------
        CannotEdit
            No such call is written in the cells, outside of functions.
        """
        from rnnmagic.modelsource import CallSite, set_argument

        step, call = self._method_call(operand, (method,))
        site = CallSite(step.cell, call, getattr(operand.value, method, None))
        return SourceEdit(tuple(set_argument(site, "drop_remainder", "True", self.namespace)))

    def _method_call(self, operand: Operand, methods: tuple[str, ...]) -> tuple[Step, ast.Call]:
        """The last call of one of these methods on the way that the dataset was made."""
        from rnnmagic.silent.origin import Origins, called_name, is_method

        origins = Origins(self.evidence.run)
        node: ast.expr | None = operand.node
        if node is None and operand.name is not None:
            node = ast.Name(operand.name, ast.Load())
        if node is None:
            raise CannotEdit("the dataset has no name")
        here = self.evidence.run.cell
        line = getattr(node, "lineno", None)
        # What the cell would have bound after the call has not happened.
        order = next(
            (
                one.order
                for one in origins.assigned
                if one.cell is here and line and one.statement.lineno >= line
            ),
            len(origins.assigned),
        )
        for step in origins.follow(node, here, order):
            call = step.node
            if isinstance(call, ast.Call) and is_method(call) and called_name(call) in methods:
                return step, call
        raise CannotEdit(f"no call of {methods[0]} was found")

    @staticmethod
    def _without(cell: Cell, call: ast.Call, inner: ast.expr) -> Change:
        """The call's text up to the dot of its method is what it was called on, comments and brackets as they are."""
        statement = parent_of(call)
        if isinstance(statement, ast.Assign) and isinstance(inner, ast.Name) and _is_line(statement):
            if [getattr(target, "id", None) for target in statement.targets] == [inner.id]:
                # `ds = ds.batch(4)` does nothing else.
                return _taken_out(statement)
        end_line, end_column = inner.end_lineno, inner.end_col_offset
        if end_line is None or end_column is None or call.end_lineno is None or call.end_col_offset is None:
            raise CannotEdit("the call has no place")
        between = text_of(cell, call)[len(text_of(cell, inner)) :]
        if ")" in between.split("batch", 1)[0]:
            # `(a or b).batch(4)`: the brackets belong to what is kept.
            return Change.replacing(call, f"({text_of(cell, inner)})")
        return Change(end_line, end_column, call.end_lineno, call.end_col_offset, "")


def _is_line(statement: ast.stmt) -> bool:
    """Whether a statement of the cell's own level stands alone on its lines, right beside another one."""
    body = getattr(parent_of(statement), "body", [])
    if not isinstance(parent_of(statement), ast.Module) or len(body) < 2:
        return False
    place, end = body.index(statement), statement.end_lineno or 0
    before = body[place - 1].end_lineno if place else 0
    if statement is body[-1]:
        return bool(before == statement.lineno - 1)
    return bool(before < statement.lineno and body[place + 1].lineno == end + 1)


def _taken_out(statement: ast.stmt) -> Change:
    """The statement with its line: up to the next one, or from the end of the one before the last."""
    body = getattr(parent_of(statement), "body", [])
    end = statement.end_lineno or statement.lineno
    if statement is not body[-1]:
        return Change(statement.lineno, 0, end + 1, 0, "")
    before = body[-2]
    return Change(before.end_lineno, before.end_col_offset, end, statement.end_col_offset or 0, "")
