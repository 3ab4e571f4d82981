"""What an operation is, and what all of them need to write themselves as code."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from rnnmagic.report import Shape

Spell = Callable[[str], str]
"""How the notebook writes a module: `numpy` → `np`, `keras` → `keras` or `tf.keras`."""


def product(sizes: Shape) -> int | None:
    total = 1
    for size in sizes:
        if size is None:
            return None
        total *= size
    return total


def as_array(value: Any) -> Any:
    """A frame, series or list as the NumPy array that Keras would make of it."""
    import numpy as np

    return value if isinstance(value, np.ndarray) or hasattr(value, "numpy") else np.asarray(value)


def array_code(expression: str, value: Any, spell: Spell) -> str:
    """The expression, turned into an array where it is a frame, series, list or tensor."""
    numpy = sys.modules.get("numpy")
    if isinstance(value, AnArray) or (numpy is not None and isinstance(value, numpy.ndarray)):
        return atom(expression)
    return f"{spell('numpy')}.asarray({expression})"


def atom(expression: str) -> str:
    """Parenthesised where a method call would bind tighter than the expression."""
    simple = expression.replace("_", "a").replace(".", "a")
    if simple.isalnum() or (expression.endswith((")", "]")) and not _has_operator(expression)):
        return expression
    return f"({expression})"


def _has_operator(expression: str) -> bool:
    import ast

    try:
        node = ast.parse(expression, mode="eval").body
    except SyntaxError:
        return True
    return not isinstance(node, (ast.Call, ast.Subscript, ast.Attribute, ast.Name))


class Op:
    """One operation. `value` in `code` is the live object, asked only for what it is."""

    kind = "other"
    repeatable = False
    only_here = False
    """Meant for one place in one call, not for the variable."""
    taken_for_granted = False
    """Says of the data what only the data can show: no rehearsal on shapes proves it."""

    def shape(self, shape: Shape) -> Shape:
        raise NotImplementedError

    def apply(self, value: Any) -> Any:
        raise NotImplementedError

    def code(self, expression: str, value: Any, spell: Spell) -> str:
        raise NotImplementedError


def sizes_text(shape: Shape) -> str:
    return ", ".join(str(size) for size in shape)


class AnArray:
    """Stands for "an array by now" in the code of a chain."""
