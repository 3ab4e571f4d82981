"""Find calls in the text of cells, and edit that text.

Positions come from the code objects themselves (PEP 657, or `executing` on Python 3.10), so that
the node is the call under way and not one that merely stands on the same line.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from types import FrameType, TracebackType
from typing import Any

from rnnmagic.cells import Cell, CellLog
from rnnmagic.endings import shielded


@lru_cache(maxsize=256)
def parse(text: str) -> ast.Module | None:
    """Syntax tree of a cell's Python; `None` when it has none. Shared: do not change it."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None
    for parent in ast.walk(tree):
        for child in ast.iter_child_nodes(parent):
            # Python shares one Load, one Add… among all trees: they have no one parent.
            if not isinstance(child, (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)):
                child.parent = parent  # type: ignore[attr-defined]
    return tree


def parent_of(node: ast.AST) -> ast.AST | None:
    return getattr(node, "parent", None)


def ancestors(node: ast.AST) -> Iterator[ast.AST]:
    step = parent_of(node)
    while step is not None:
        yield step
        step = parent_of(step)


def statement_of(node: ast.AST) -> ast.stmt | None:
    """The innermost statement that holds the node."""
    if isinstance(node, ast.stmt):
        return node
    return next((step for step in ancestors(node) if isinstance(step, ast.stmt)), None)


def top_statement_of(node: ast.AST) -> ast.stmt | None:
    """The statement of the cell's own level that holds the node."""
    chain = [node, *ancestors(node)]
    found = [step for step in chain if isinstance(step, ast.stmt)]
    return found[-1] if found else None


def function_of(node: ast.AST) -> ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | None:
    return next(
        (
            step
            for step in ancestors(node)
            if isinstance(step, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        ),
        None,
    )


def text_of(cell: Cell, node: ast.AST) -> str:
    """The node's source, on one line if it is short."""
    segment = ast.get_source_segment(cell.transformed, node)
    return segment if segment is not None else ast.unparse(node)


class SeenFrame:
    """What a frame saw. A frame itself holds those that it was called from, and through them all of an error's."""

    def __init__(self, frame: FrameType) -> None:
        self.f_code = frame.f_code
        self.f_globals = frame.f_globals
        inside = frame.f_code.co_name != "<module>"
        self.f_locals: dict[str, Any] = dict(frame.f_locals) if inside else frame.f_globals


@dataclass(frozen=True)
class Place:
    """One of the user's frames on the error's way: cell, frame, and the call under way there."""

    cell: Cell
    frame: FrameType | SeenFrame | None
    """`None` for a call that is written in the cell and has not been reached."""
    line: int
    node: ast.AST | None

    @property
    def call(self) -> ast.Call | None:
        return self.node if isinstance(self.node, ast.Call) else None

    @shielded
    def release(self) -> None:
        """Let go of the frame, and keep what it saw."""
        if isinstance(self.frame, FrameType):
            object.__setattr__(self, "frame", SeenFrame(self.frame))

    @property
    def in_function(self) -> bool:
        return self.frame is not None and self.frame.f_code.co_name != "<module>"

    @property
    def scopes(self) -> tuple[dict[str, Any], ...]:
        """Names that the frame sees, the innermost first."""
        return () if self.frame is None else (self.frame.f_locals, self.frame.f_globals)


def places(error: BaseException, log: CellLog) -> list[Place]:
    """The user's frames among the error's, outermost first."""
    found: list[Place] = []
    traceback: TracebackType | None = error.__traceback__
    while traceback is not None:
        cell = log.by_filename(traceback.tb_frame.f_code.co_filename)
        if cell is not None:
            found.append(Place(cell, traceback.tb_frame, traceback.tb_lineno, _node(cell, traceback)))
        traceback = traceback.tb_next
    return found


def _node(cell: Cell, traceback: TracebackType) -> ast.AST | None:
    tree = parse(cell.transformed)
    if tree is None:
        return None
    if sys.version_info >= (3, 11):
        positions = list(traceback.tb_frame.f_code.co_positions())
        line, end_line, column, end_column = positions[traceback.tb_lasti // 2]
        span = (line, column, end_line, end_column)
        exact: list[ast.AST] = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.expr)
            and (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset) == span
        ]
        calls = [node for node in exact if isinstance(node, ast.Call)]
        if calls or exact:
            return (calls or exact)[0]
    else:  # pragma: no cover - the line above covers newer versions
        from executing import Source

        node = Source.executing(traceback).node
        if node is not None:
            for candidate in ast.walk(tree):
                if isinstance(candidate, type(node)) and ast.dump(
                    candidate, include_attributes=True
                ) == ast.dump(node, include_attributes=True):
                    return candidate
    on_line = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt)
        and node.lineno <= traceback.tb_lineno <= (node.end_lineno or node.lineno)
    ]
    # Innermost statement; more than one on the same line cannot be told apart.
    innermost = [node for node in on_line if not any(parent_of(other) is node for other in on_line)]
    return innermost[0] if len(innermost) == 1 else None


@dataclass(frozen=True)
class Change:
    """Replace the text from (line, column) to (end_line, end_column) of a cell.

    Lines count from 1, columns are UTF-8 bytes from 0, as in `ast`, both in the transformed text.
    An insertion has start and end alike.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    text: str

    @classmethod
    def replacing(cls, node: ast.AST, text: str) -> Change:
        return cls(node.lineno, node.col_offset, node.end_lineno, node.end_col_offset, text)  # type: ignore[attr-defined]

    @classmethod
    def before(cls, statement: ast.stmt, lines: str) -> Change:
        """Whole lines before a statement, indented as it is."""
        if _shares_line(statement):
            rows = "".join(f"{row}; " for row in lines.splitlines())
            return cls(statement.lineno, statement.col_offset, statement.lineno, statement.col_offset, rows)
        line = min(
            [statement.lineno] + [decorator.lineno for decorator in getattr(statement, "decorator_list", [])]
        )
        indent = " " * statement.col_offset
        text = "".join(f"{indent}{row}\n" for row in lines.splitlines())
        return cls(line, 0, line, 0, text)


def _shares_line(statement: ast.stmt) -> bool:
    """Whether another statement stands before this one on its line."""
    body = getattr(parent_of(statement), "body", None)
    if not isinstance(body, list) or statement not in body:
        return False
    place = body.index(statement)
    return place > 0 and body[place - 1].end_lineno == statement.lineno


class CannotEdit(ValueError):
    """The cell as typed is not, line by line, the Python that ran."""


def edit(cell: Cell, changes: list[Change]) -> str:
    """The cell's source as typed, with the changes made.

    Raises
    ------
    CannotEdit
        A line to change is not the line that was typed (a magic, an indented or prompted cell).
    """
    shift = cell.offset
    ends_in_newline = cell.raw.endswith("\n")
    typed = cell.raw.splitlines(keepends=True)
    ran = cell.transformed.splitlines(keepends=True)
    if typed and not ends_in_newline:
        typed[-1] += "\n"
    original = list(typed)
    # From the end, so that positions stay true; insertions at one place keep their order.
    ordered = sorted(
        enumerate(changes), key=lambda pair: (pair[1].line, pair[1].column, pair[0]), reverse=True
    )
    for _, change in ordered:
        first, last = change.line - 1, change.end_line - 1
        for row in range(first, last + 1):
            if row == len(ran) and change.column == 0 and first == last and row + shift == len(original):
                # A line after the last one.
                typed.append("")
                original.append("")
                continue
            if row >= len(ran) or row + shift >= len(original):
                raise CannotEdit(f"line {row + 1} is not in the cell")
            if ran[row].rstrip() != original[row + shift].rstrip():
                raise CannotEdit(f"line {row + 1} was rewritten before it ran")
        head = typed[first + shift].encode()[: change.column].decode()
        tail = typed[last + shift].encode()[change.end_column :].decode()
        typed[first + shift : last + shift + 1] = (head + change.text + tail).splitlines(keepends=True)
    new = "".join(typed)
    return new if ends_in_newline else new.removesuffix("\n")


def edited_python(cell: Cell, changes: list[Change]) -> str:
    """As `edit`, for the Python that IPython made of the cell."""
    return edit(replace(cell, raw=cell.transformed, offset=0), changes)


def root_name(node: ast.AST) -> ast.Name | None:
    """The variable an expression starts from: `d` in `d["x"].values[:50].T`."""
    step: ast.AST | None = node
    while step is not None:
        if isinstance(step, ast.Name):
            return step
        if isinstance(step, (ast.Attribute, ast.Subscript, ast.Starred)):
            step = step.value
        elif isinstance(step, ast.Call):
            # x.astype(...) starts from x; np.asarray(x) from its first argument.
            if isinstance(step.func, ast.Attribute) and not _is_module_path(step.func.value):
                step = step.func.value
            else:
                step = step.args[0] if step.args else None
        elif isinstance(step, ast.BinOp):
            step = step.left if root_name(step.left) is not None else step.right
        else:
            return None
    return None


_MODULES = {"np", "numpy", "tf", "tensorflow", "pd", "pandas", "keras", "K", "ops", "torch", "jnp"}


def _is_module_path(node: ast.AST) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id in _MODULES


class Unknowable(Exception):
    """An expression whose value cannot be had without running the user's code."""


def value_of(node: ast.AST, *scopes: dict[str, Any]) -> Any:
    """The live object an expression stands for, without side effects.

    Names, attributes held in an instance's own dictionary, items of dicts and lists, and literals.

    Raises
    ------
    Unknowable
        Anything else.
    """
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        for scope in scopes:
            if node.id in scope:
                return scope[node.id]
        raise Unknowable(node.id)
    if isinstance(node, ast.Attribute):
        owner = value_of(node.value, *scopes)
        held = getattr(owner, "__dict__", None) if not isinstance(owner, type) else vars(owner)
        if isinstance(held, dict) and node.attr in held:
            return held[node.attr]
        if isinstance(owner, tuple) and node.attr in getattr(type(owner), "_fields", ()):
            return getattr(owner, node.attr)
        raise Unknowable(node.attr)
    if isinstance(node, ast.Subscript):
        owner = value_of(node.value, *scopes)
        if type(owner) in (dict, list, tuple):
            index = value_of(node.slice, *scopes)
            try:
                return owner[index]
            except Exception as error:
                raise Unknowable("subscript") from error
        raise Unknowable("subscript")
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = value_of(node.operand, *scopes)
        if isinstance(inner, (int, float)):
            return -inner
    if isinstance(node, (ast.Tuple, ast.List)):
        items = [value_of(item, *scopes) for item in node.elts]
        return tuple(items) if isinstance(node, ast.Tuple) else items
    if isinstance(node, ast.BinOp):
        left, right = value_of(node.left, *scopes), value_of(node.right, *scopes)
        if type(left) in (int, float) and type(right) in (int, float):
            operations: dict[type, Any] = {
                ast.Add: lambda: left + right,
                ast.Sub: lambda: left - right,
                ast.Mult: lambda: left * right,
                ast.FloorDiv: lambda: left // right if right else None,
            }
            operation = operations.get(type(node.op))
            if operation is not None:
                return operation()
    raise Unknowable(type(node).__name__)
