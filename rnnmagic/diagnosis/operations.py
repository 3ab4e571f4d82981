"""Which axes of which operands must be of one size in an operation that the user wrote.

Read off the operation as it is written and the live values in the frame: products (`matmul`, `@`, `tensordot`,
`einsum`) and sums.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from rnnmagic.report import Shape
from rnnmagic.source import Place, Unknowable, value_of
from rnnmagic.values import as_shape

ALIKE = (
    "tanh", "sigmoid", "relu", "softmax", "exp", "log", "sqrt", "square", "abs", "hard_sigmoid", "softplus", "gelu",
    "silu", "swish", "elu", "cast", "identity", "stop_gradient", "activation", "recurrent_activation", "dropout",
)  # fmt: skip
"""Functions whose answer has the shape of their first argument."""


@dataclass(frozen=True)
class Side:
    """One axis of an operand."""

    node: ast.expr
    shape: Shape
    axis: int

    @property
    def size(self) -> int | None:
        return self.shape[self.axis]


@dataclass(frozen=True)
class Meeting:
    """Two axes that must be of one size; with `stretches` one of them may be 1."""

    node: ast.expr
    first: Side
    second: Side
    stretches: bool = False

    @property
    def apart(self) -> bool:
        sizes = (self.first.size, self.second.size)
        return None not in sizes and sizes[0] != sizes[1] and not (self.stretches and 1 in sizes)


def meetings(node: ast.AST, place: Place) -> Iterator[Meeting]:
    """The axes that must agree in an operation and in those that it is made of."""
    for part in ast.walk(node):
        if isinstance(part, (ast.BinOp, ast.Call)):
            for first, one, second, two in _pairs(part, place):
                a, b = shape_of(first, place), shape_of(second, place)
                if a and b and -len(a) <= one < len(a) and -len(b) <= two < len(b):
                    sums = isinstance(part, ast.BinOp) and not isinstance(part.op, ast.MatMult)
                    yield Meeting(part, Side(first, a, one), Side(second, b, two), sums)


Pair = tuple[ast.expr, int, ast.expr, int]


def _pairs(node: ast.BinOp | ast.Call, place: Place) -> Iterator[Pair]:
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, ast.MatMult):
            yield from _product(node.left, node.right, place)
        elif isinstance(node.op, (ast.Add, ast.Sub, ast.Mult, ast.Div)):
            ranks = [len(shape_of(side, place) or ()) for side in (node.left, node.right)]
            for axis in range(1, min(ranks) + 1):
                yield node.left, -axis, node.right, -axis
        return
    name = called(node)
    arguments = node.args
    if name in ("matmul", "dot") and len(arguments) >= 2:
        turned = [_truth(node, key) for key in ("transpose_a", "transpose_b")]
        yield from _product(arguments[0], arguments[1], place, *turned)
    elif name in ("add", "multiply", "subtract") and len(arguments) == 2:
        for axis in (1, 2):
            yield arguments[0], -axis, arguments[1], -axis
    elif name == "tensordot" and len(arguments) >= 2:
        axes = next(
            (k.value for k in node.keywords if k.arg == "axes"), arguments[2] if arguments[2:] else None
        )
        yield from _contracted(arguments[0], arguments[1], axes, place)
    elif name == "einsum" and len(arguments) == 3 and isinstance(arguments[0], ast.Constant):
        yield from _einsum(str(arguments[0].value), arguments[1], arguments[2], place)


def _product(
    first: ast.expr, second: ast.expr, place: Place, turned_a: bool = False, turned_b: bool = False
) -> Iterator[Pair]:
    rank = len(shape_of(second, place) or ())
    one, two = -2 if turned_a else -1, -1 if turned_b or rank == 1 else -2
    yield first, one, second, two


def _contracted(first: ast.expr, second: ast.expr, axes: ast.expr | None, place: Place) -> Iterator[Pair]:
    try:
        told = value_of(axes, *place.scopes) if axes is not None else 2
    except Unknowable:
        return
    if isinstance(told, int):
        yield from ((first, place_ - told, second, place_) for place_ in range(told))
        return
    if not isinstance(told, (list, tuple)) or len(told) != 2:
        return
    one, two = ([item] if isinstance(item, int) else list(item) for item in told)
    yield from ((first, a, second, b) for a, b in zip(one, two, strict=False))


def _einsum(equation: str, first: ast.expr, second: ast.expr, place: Place) -> Iterator[Pair]:
    inputs = equation.replace(" ", "").split("->")[0].split(",")
    if len(inputs) != 2 or "..." in equation:
        return
    one, two = inputs
    # An operand of another rank has no axes by these letters.
    if [len(one), len(two)] != [len(shape_of(side, place) or ()) for side in (first, second)]:
        return
    for letter in one:
        if letter in two:
            yield first, one.index(letter), second, two.index(letter)


def called(call: ast.Call) -> str:
    """The last name of what is called."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _truth(call: ast.Call, name: str) -> bool:
    return any(
        k.arg == name and isinstance(k.value, ast.Constant) and bool(k.value.value) for k in call.keywords
    )


def shape_of(node: ast.expr, place: Place) -> Shape | None:
    """The shape of an expression: of the live value, or worked out for products, sums and activations."""
    try:
        return as_shape(getattr(value_of(node, *place.scopes), "shape", None))
    except Unknowable:
        pass
    if isinstance(node, ast.BinOp):
        left, right = shape_of(node.left, place), shape_of(node.right, place)
        if isinstance(node.op, ast.MatMult):
            return _multiplied(left, right)
        return left if right is None or len(left or ()) >= len(right) else right
    if isinstance(node, ast.Call) and node.args:
        name = called(node)
        first = shape_of(node.args[0], place)
        if name in ("matmul", "dot") and len(node.args) > 1 and not node.keywords:
            return _multiplied(first, shape_of(node.args[1], place))
        if name in ALIKE:
            return first
        units = _units(node.func, place)
        return (*first[:-1], units) if first and units is not None else None
    return None


def _units(func: ast.expr, place: Place) -> int | None:
    """`self.dense(x)`: as wide as the layer."""
    try:
        layer = value_of(func, *place.scopes)
    except Unknowable:
        return None
    units = getattr(layer, "units", None) if type(layer).__name__ == "Dense" else None
    return units if isinstance(units, int) else None


def _multiplied(first: Shape | None, second: Shape | None) -> Shape | None:
    if not first or not second:
        return None
    return first[:-1] if len(second) == 1 else (*first[:-1], second[-1])
