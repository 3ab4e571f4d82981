"""How an array was made: the statements of the cells, followed from name to name."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rnnmagic.cells import Cell, Run
from rnnmagic.evidence import Operand
from rnnmagic.source import Unknowable, function_of, parse, value_of

STEPS_AT_MOST = 16
MODULES = ("np", "numpy", "tf", "tensorflow", "jnp", "keras", "ops", "K", "jax", "torch")
SAME_NUMBERS = ("astype", "copy", "ascontiguousarray", "float32", "convert_to_tensor", "cast")
"""Calls that leave shape and order of an array as they are."""


def safe_value(node: ast.AST, namespace: dict[str, Any]) -> Any:
    """As `source.value_of`, with slices and shapes of live arrays, which cost nothing to take.

    Raises
    ------
    Unknowable
        Anything that would run code of the user's.
    """
    if isinstance(node, ast.Attribute) and node.attr in ("shape", "T", "ndim"):
        owner = safe_value(node.value, namespace)
        if _is_ndarray(owner):
            return getattr(owner, node.attr)
    if isinstance(node, ast.Subscript):
        owner = safe_value(node.value, namespace)
        if _is_ndarray(owner) or type(owner) in (tuple, list, dict):
            index = _index(node.slice, namespace)
            try:
                return owner[index]
            except Exception as error:
                raise Unknowable("subscript") from error
    if isinstance(node, (ast.Tuple, ast.List)):
        items = [safe_value(item, namespace) for item in node.elts]
        return tuple(items) if isinstance(node, ast.Tuple) else items
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = safe_value(node.operand, namespace)
        if type(inner) in (int, float):
            return -inner
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.FloorDiv, ast.Mult, ast.Add, ast.Sub)):
        left, right = safe_value(node.left, namespace), safe_value(node.right, namespace)
        if type(left) is int and type(right) is int:
            constants = ast.BinOp(ast.Constant(left), node.op, ast.Constant(right))
            return value_of(constants, namespace)
        raise Unknowable("operator")
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "len" and node.args:
        owner = safe_value(node.args[0], namespace)
        if _is_ndarray(owner) or type(owner) in (tuple, list, dict):
            return len(owner)
    return value_of(node, namespace)


def _is_ndarray(value: Any) -> bool:
    return type(value).__module__ == "numpy" and type(value).__name__ == "ndarray"


def _index(node: ast.AST, namespace: dict[str, Any]) -> Any:
    """An index of plain numbers and slices: a view of the array, never a copy."""
    if isinstance(node, ast.Tuple):
        return tuple(_index(item, namespace) for item in node.elts)
    if isinstance(node, ast.Slice):
        ends = [
            None if end is None else safe_value(end, namespace) for end in (node.lower, node.upper, node.step)
        ]
        if all(end is None or type(end) is int for end in ends):
            return slice(*ends)
        raise Unknowable("slice")
    value = node.value if isinstance(node, ast.Constant) else safe_value(node, namespace)
    if value is None or value is Ellipsis or type(value) in (int, str):
        return value
    raise Unknowable("index")


@dataclass(frozen=True)
class Assigned:
    """One name bound by an assignment: `name = value`, the nth of the session."""

    name: str
    value: ast.expr
    cell: Cell
    order: int
    statement: ast.stmt


@dataclass(frozen=True)
class Step:
    """An expression on an array's way, and the name that its value was given, if any."""

    node: ast.expr
    cell: Cell
    order: int
    name: str | None
    """The variable that holds this expression's value, in another element type perhaps."""


class Origins:
    """The assignments of the cells, in the order in which they ran last."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.assigned: list[Assigned] = []
        cells: dict[Any, Cell] = {}
        for cell in [*run.log, run.cell]:
            cells.pop(cell.key, None)
            cells[cell.key] = cell
        self._comments: dict[int, dict[int, str]] = {}
        for cell in cells.values():
            self._read(cell)

    def _read(self, cell: Cell) -> None:
        tree = parse(cell.transformed)
        if tree is None:
            return
        nodes = [
            node
            for node in ast.walk(tree)
            if isinstance(node, (ast.Assign, ast.AnnAssign)) and function_of(node) is None
        ]
        for node in sorted(nodes, key=lambda n: (n.lineno, n.col_offset)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                for name, value in _pairs(target, node.value):
                    self.assigned.append(Assigned(name, value, cell, len(self.assigned), node))

    def before(self, name: str, order: int) -> Assigned | None:
        """The latest assignment of a name before the nth."""
        return next((a for a in reversed(self.assigned[:order]) if a.name == name), None)

    def after(self, name: str, order: int) -> bool:
        """Whether a name was bound again after the nth assignment."""
        return any(assigned.name == name for assigned in self.assigned[order + 1 :])

    def steps(self, operand: Operand) -> Iterator[Step]:
        """The expressions that an operand was made by, the last first."""
        node: ast.expr | None = operand.node
        if node is None:
            if operand.name is None:
                return
            node = ast.Name(operand.name, ast.Load())
        yield from self.follow(node, self.run.cell, len(self.assigned))

    def follow(self, node: ast.expr, cell: Cell, order: int) -> Iterator[Step]:
        name: str | None = None
        for _ in range(STEPS_AT_MOST):
            if isinstance(node, ast.Name):
                found = self.before(node.id, order)
                if found is None:
                    return
                node, cell, order, name = found.value, found.cell, found.order, found.name
                continue
            yield Step(node, cell, order, name)
            if not (isinstance(node, ast.Call) and called_name(node) in SAME_NUMBERS):
                name = None
            inner = source_of(node)
            if inner is None:
                return
            node = inner

    def comment(self, assigned: Assigned) -> str:
        """The comment at the end of the statement's last line, or of its first."""
        cell = assigned.cell
        if id(cell) not in self._comments:
            self._comments[id(cell)] = _comments(cell.transformed)
        comments = self._comments[id(cell)]
        statement = assigned.statement
        return comments.get(statement.end_lineno or 0) or comments.get(statement.lineno) or ""


def _pairs(target: ast.expr, value: ast.expr | None) -> Iterator[tuple[str, ast.expr]]:
    if value is None:
        return
    if isinstance(target, ast.Name):
        yield target.id, value
        return
    if not isinstance(target, (ast.Tuple, ast.List)):
        return
    names = target.elts
    if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(names):
        for name, item in zip(names, value.elts, strict=True):
            yield from _pairs(name, item)
    elif isinstance(value, ast.Call) and called_name(value) == "train_test_split":
        for index, name in enumerate(names):
            if isinstance(name, ast.Name) and index // 2 < len(value.args):
                yield name.id, value.args[index // 2]
    elif isinstance(value, ast.Attribute) and value.attr == "shape":
        # `n, t, f = X.shape`: each name is one size of X.
        for index, name in enumerate(names):
            if isinstance(name, ast.Name):
                yield name.id, ast.Subscript(value, ast.Constant(index), ast.Load())


def called_name(call: ast.Call) -> str:
    """`reshape` of `np.reshape(a, s)` and of `a.reshape(s)`."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def is_method(call: ast.Call) -> bool:
    """Whether a call is one of an array's methods, not a function of a module."""
    if not isinstance(call.func, ast.Attribute):
        return False
    step: ast.expr = call.func.value
    while isinstance(step, ast.Attribute):
        step = step.value
    return not (isinstance(step, ast.Name) and step.id in MODULES)


def array_of(call: ast.Call) -> ast.expr | None:
    """The array that a method or function works on."""
    if is_method(call):
        return call.func.value  # type: ignore[attr-defined,no-any-return]
    if call.args:
        return call.args[0]
    return next((k.value for k in call.keywords if k.arg in ("a", "x", "tensor", "arrays")), None)


def rest_of(call: ast.Call) -> list[ast.expr]:
    """The positional arguments beside the array."""
    return list(call.args) if is_method(call) else list(call.args[1:])


def source_of(node: ast.expr) -> ast.expr | None:
    """The array that an expression is made from."""
    if isinstance(node, ast.Call):
        return array_of(node)
    if isinstance(node, ast.Subscript):
        return node.value
    if isinstance(node, ast.Attribute):
        return node.value if node.attr in ("T", "values") else None
    if isinstance(node, ast.BinOp):
        return node.left if not isinstance(node.left, ast.Constant) else node.right
    return None


def _comments(text: str) -> dict[int, str]:
    found: dict[int, str] = {}
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                found[token.start[0]] = token.string.lstrip("# ").strip()
    except (tokenize.TokenError, SyntaxError):
        pass
    return found
