"""Operations on data, each with three faces: on shapes, on values and as the code a user types.

`shape` and `code` cost nothing; `apply` is NumPy work (views where NumPy can give views) and never
changes the array it is given. `repeatable` says that doing it twice gives what once gave, so that
`X = X.reshape(-1, 20, 3)` may stand in a cell that is run again, and `X = X.T` may not.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rnnmagic.report import Shape
from rnnmagic.values import describe

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
    if isinstance(value, _AnArray) or (numpy is not None and isinstance(value, numpy.ndarray)):
        return _atom(expression)
    return f"{spell('numpy')}.asarray({expression})"


def _atom(expression: str) -> str:
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

    def shape(self, shape: Shape) -> Shape:
        raise NotImplementedError

    def apply(self, value: Any) -> Any:
        raise NotImplementedError

    def code(self, expression: str, value: Any, spell: Spell) -> str:
        raise NotImplementedError


def _sizes(shape: Shape) -> str:
    return ", ".join(str(size) for size in shape)


@dataclass(frozen=True)
class Reshape(Op):
    """`(N, …)` to `(N, *tail)`, elements in the order in which they stand."""

    tail: tuple[int, ...]
    kind: str = "reshape"
    repeatable: bool = True

    def shape(self, shape: Shape) -> Shape:
        total, inner = product(shape), product(self.tail)
        return (None if total is None or not inner else total // inner, *self.tail)

    def apply(self, value: Any) -> Any:
        return as_array(value).reshape((-1, *self.tail))

    def code(self, expression: str, value: Any, spell: Spell) -> str:
        return f"{array_code(expression, value, spell)}.reshape(-1, {_sizes(self.tail)})"


@dataclass(frozen=True)
class FeatureMajor(Op):
    """`(N, F*T)` with each feature's timesteps side by side, to `(N, T, F)`."""

    timesteps: int
    features: int
    kind: str = "reshape"
    repeatable: bool = False

    def shape(self, shape: Shape) -> Shape:
        return (shape[0], self.timesteps, self.features)

    def apply(self, value: Any) -> Any:
        return as_array(value).reshape(-1, self.features, self.timesteps).swapaxes(1, 2)

    def code(self, expression: str, value: Any, spell: Spell) -> str:
        array = array_code(expression, value, spell)
        return f"{array}.reshape(-1, {self.features}, {self.timesteps}).transpose(0, 2, 1)"


@dataclass(frozen=True)
class Expand(Op):
    """A new axis of size 1 at `axis` (0: one sample becomes a batch; -1: one feature)."""

    axis: int
    kind: str = "expand"
    repeatable: bool = False

    def shape(self, shape: Shape) -> Shape:
        place = self.axis if self.axis >= 0 else len(shape) + 1 + self.axis
        return (*shape[:place], 1, *shape[place:])

    def apply(self, value: Any) -> Any:
        import numpy as np

        return np.expand_dims(as_array(value), self.axis)

    def code(self, expression: str, value: Any, spell: Spell) -> str:
        return f"{spell('numpy')}.expand_dims({expression}, axis={self.axis})"


@dataclass(frozen=True)
class Squeeze(Op):
    """An axis of size 1 taken out."""

    axis: int
    kind: str = "squeeze"
    repeatable: bool = False

    def shape(self, shape: Shape) -> Shape:
        place = self.axis % len(shape)
        return (*shape[:place], *shape[place + 1 :])

    def apply(self, value: Any) -> Any:
        import numpy as np

        return np.squeeze(as_array(value), axis=self.axis)

    def code(self, expression: str, value: Any, spell: Spell) -> str:
        return f"{spell('numpy')}.squeeze({expression}, axis={self.axis})"


@dataclass(frozen=True)
class Transpose(Op):
    """Axes in another order; every sample stays whole."""

    axes: tuple[int, ...]
    kind: str = "transpose"
    repeatable: bool = False

    def shape(self, shape: Shape) -> Shape:
        return tuple(shape[axis] for axis in self.axes)

    def apply(self, value: Any) -> Any:
        return as_array(value).transpose(self.axes)

    def code(self, expression: str, value: Any, spell: Spell) -> str:
        return f"{spell('numpy')}.transpose({expression}, ({_sizes(self.axes)}))"


@dataclass(frozen=True)
class Chain(Op):
    """Several operations, one after the other; the kind is the last one's unless given."""

    steps: tuple[Op, ...]
    kind: str = "reshape"
    repeatable: bool = False

    def shape(self, shape: Shape) -> Shape:
        for step in self.steps:
            shape = step.shape(shape)
        return shape

    def apply(self, value: Any) -> Any:
        for step in self.steps:
            value = step.apply(value)
        return value

    def code(self, expression: str, value: Any, spell: Spell) -> str:
        for step in self.steps:
            expression = step.code(expression, value, spell)
            value = _AnArray()
        return expression


class _AnArray:
    """Stands for "an array by now" in the code of a chain."""


@dataclass(frozen=True)
class Slice(Op):
    """Part of one axis: `start:stop` along `axis` (1 is time, -1 the features)."""

    axis: int
    start: int | None
    stop: int | None
    kind: str = "select"
    repeatable: bool = False

    def shape(self, shape: Shape) -> Shape:
        place = self.axis % len(shape)
        size = shape[place]
        new = None if size is None else len(range(size)[self.start : self.stop])
        return (*shape[:place], new, *shape[place + 1 :])

    def _text(self) -> str:
        return f"{'' if self.start is None else self.start}:{'' if self.stop is None else self.stop}"

    def apply(self, value: Any) -> Any:
        if self.axis == 0:
            return value[self.start : self.stop]
        array = as_array(value)
        index = [slice(None)] * array.ndim
        index[self.axis] = slice(self.start, self.stop)
        return array[tuple(index)]

    def code(self, expression: str, value: Any, spell: Spell) -> str:
        if self.axis == 0:
            return f"{_atom(expression)}[{self._text()}]"
        array = array_code(expression, value, spell)
        head = "..., " if self.axis < 0 else ":, " * self.axis
        return f"{array}[{head}{self._text()}]"


@dataclass(frozen=True)
class Cast(Op):
    """Elements of a type that a layer can compute with. Shape as before."""

    dtype: str
    kind: str = "cast"
    repeatable: bool = True

    def shape(self, shape: Shape) -> Shape:
        return shape

    def apply(self, value: Any) -> Any:
        import numpy as np

        return np.asarray(value, dtype=self.dtype)

    def code(self, expression: str, value: Any, spell: Spell) -> str:
        if describe(value).carrier in ("list", "ragged"):
            return f'{spell("numpy")}.asarray({expression}, dtype="{self.dtype}")'
        if describe(value).carrier == "frame":
            return f'{_atom(expression)}.astype("{self.dtype}")'
        return f'{array_code(expression, value, spell)}.astype("{self.dtype}")'


@dataclass(frozen=True)
class ToArray(Op):
    """A list of numbers or of equal sequences, as one array."""

    dtype: str | None = None
    kind: str = "cast"
    repeatable: bool = True

    def shape(self, shape: Shape) -> Shape:
        return shape

    def apply(self, value: Any) -> Any:
        import numpy as np

        return np.asarray(value, dtype=self.dtype)

    def code(self, expression: str, value: Any, spell: Spell) -> str:
        kind = "" if self.dtype is None else f', dtype="{self.dtype}"'
        return f"{spell('numpy')}.array({expression}{kind})"


@dataclass(frozen=True)
class Stack(Op):
    """An object array of equal arrays, as one array of numbers."""

    dtype: str = "float32"
    kind: str = "cast"
    repeatable: bool = True

    def shape(self, shape: Shape) -> Shape:
        return shape

    def apply(self, value: Any) -> Any:
        import numpy as np

        return np.stack(list(value)).astype(self.dtype)

    def code(self, expression: str, value: Any, spell: Spell) -> str:
        return f'{spell("numpy")}.stack(list({expression})).astype("{self.dtype}")'


@dataclass(frozen=True)
class Pad(Op):
    """Sequences of different length made equal, with `value` at the `side` ("post" or "pre")."""

    maxlen: int
    side: str = "post"
    value: float = 0.0
    dtype: str = "float32"
    inner: Shape = ()
    truncating: str = "post"
    kind: str = "pad"
    repeatable: bool = True

    def shape(self, shape: Shape) -> Shape:
        return (shape[0], self.maxlen, *self.inner)

    def apply(self, value: Any) -> Any:
        import numpy as np

        rows = list(value)
        inner = tuple(int(size or 0) for size in self.inner)
        out = np.full((len(rows), self.maxlen, *inner), self.value, dtype=self.dtype)
        for place, row in enumerate(rows):
            row = np.asarray(row, dtype=self.dtype)
            row = row[-self.maxlen :] if self.truncating == "pre" else row[: self.maxlen]
            if not len(row):
                continue
            if self.side == "pre":
                out[place, -len(row) :] = row
            else:
                out[place, : len(row)] = row
        return out

    def code(self, expression: str, value: Any, spell: Spell) -> str:
        parts = [expression, f"maxlen={self.maxlen}", f'padding="{self.side}"']
        if self.truncating != "pre":
            parts.append(f'truncating="{self.truncating}"')
        if self.dtype != "int32":
            parts.append(f'dtype="{self.dtype}"')
        if self.value:
            parts.append(f"value={self.value:g}")
        return f"{spell('keras')}.utils.pad_sequences({', '.join(parts)})"


@dataclass(frozen=True)
class Dense(Op):
    """A ragged tensor as an even one, filled with zeros at the end."""

    inner: Shape = ()
    kind: str = "pad"
    repeatable: bool = False

    def shape(self, shape: Shape) -> Shape:
        return shape

    def apply(self, value: Any) -> Any:
        return value.to_tensor()

    def code(self, expression: str, value: Any, spell: Spell) -> str:
        return f"{_atom(expression)}.to_tensor()"


@dataclass(frozen=True)
class Windows(Op):
    """`(rows, F)` to `(rows - T, T, F)`: every stretch of T rows that has a row after it."""

    timesteps: int
    keep_last: bool = False
    kind: str = "window"
    repeatable: bool = False

    def shape(self, shape: Shape) -> Shape:
        rows = shape[0]
        count = None if rows is None else rows - self.timesteps + (1 if self.keep_last else 0)
        return (count, self.timesteps, *(shape[1:] or (1,)))

    def apply(self, value: Any) -> Any:
        import numpy as np

        array = as_array(value)
        if array.ndim == 1:
            array = array[:, None]
        windows = np.lib.stride_tricks.sliding_window_view(array, self.timesteps, axis=0)
        windows = np.moveaxis(windows, -1, 1)
        return windows if self.keep_last else windows[:-1]

    def code(self, expression: str, value: Any, spell: Spell) -> str:
        shape = describe(value).shape or (None, None)
        array = array_code(expression, value, spell)
        if len(shape) == 1:
            array = f"{array}.reshape(-1, 1)"
        tail = "" if self.keep_last else "[:-1]"
        view = f"{spell('numpy')}.lib.stride_tricks.sliding_window_view({array}, {self.timesteps}, axis=0)"
        return f"{view}{tail}.swapaxes(1, 2)"


@dataclass(frozen=True)
class OneHot(Op):
    """Class numbers `(N,)` to one column a class, `(N, classes)`."""

    classes: int
    offset: int = 0
    kind: str = "one_hot"
    repeatable: bool = False

    def shape(self, shape: Shape) -> Shape:
        inner = shape[:-1] if len(shape) > 1 and shape[-1] == 1 else shape
        return (*inner, self.classes)

    def apply(self, value: Any) -> Any:
        import numpy as np

        numbers = as_array(value).astype("int64") - self.offset
        if numbers.ndim > 1 and numbers.shape[-1] == 1:
            numbers = numbers[..., 0]
        return np.eye(self.classes, dtype="float32")[numbers]

    def code(self, expression: str, value: Any, spell: Spell) -> str:
        shifted = f"{_atom(expression)} - {self.offset}" if self.offset else expression
        return f"{spell('keras')}.utils.to_categorical({shifted}, {self.classes})"


@dataclass(frozen=True)
class Shift(Op):
    """Class numbers that start at `lowest`, counted from 0."""

    lowest: int
    kind: str = "class_index"
    repeatable: bool = False

    def shape(self, shape: Shape) -> Shape:
        return shape

    def apply(self, value: Any) -> Any:
        return value - self.lowest

    def code(self, expression: str, value: Any, spell: Spell) -> str:
        return f"{_atom(expression)} - {self.lowest}"


@dataclass(frozen=True)
class ClassIndex(Op):
    """One-hot rows `(N, classes)` to class numbers `(N,)`."""

    kind: str = "class_index"
    repeatable: bool = False

    def shape(self, shape: Shape) -> Shape:
        return shape[:-1]

    def apply(self, value: Any) -> Any:
        return as_array(value).argmax(axis=-1)

    def code(self, expression: str, value: Any, spell: Spell) -> str:
        return f"{spell('numpy')}.argmax({expression}, axis=-1)"


@dataclass(frozen=True)
class LabelNumbers(Op):
    """Text labels to class numbers, in sorted order of the labels."""

    kind: str = "class_index"
    repeatable: bool = True

    def shape(self, shape: Shape) -> Shape:
        return shape

    def apply(self, value: Any) -> Any:
        import numpy as np

        return np.unique(as_array(value), return_inverse=True)[1]

    def code(self, expression: str, value: Any, spell: Spell) -> str:
        return f"{spell('numpy')}.unique({expression}, return_inverse=True)[1]"


@dataclass(frozen=True)
class Batched(Op):
    """A dataset of single samples, in batches."""

    size: int = 32
    kind: str = "batch"
    repeatable: bool = False

    def shape(self, shape: Shape) -> Shape:
        return (None, *shape)

    def apply(self, value: Any) -> Any:
        return value.batch(self.size)

    def code(self, expression: str, value: Any, spell: Spell) -> str:
        return f"{_atom(expression)}.batch({self.size})"


@dataclass(frozen=True)
class Mapped(Op):
    """An operation on the x of every batch of a dataset."""

    inner: Op
    names: tuple[str, ...]
    kind: str = "reshape"
    repeatable: bool = False

    def shape(self, shape: Shape) -> Shape:
        return self.inner.shape(shape)

    def apply(self, value: Any) -> Any:
        def change(x: Any, *rest: Any) -> Any:
            changed = self._tensor(x)
            return (changed, *rest) if rest else changed

        return value.map(change)

    def _tensor(self, x: Any) -> Any:
        tf = sys.modules["tensorflow"]
        if isinstance(self.inner, Reshape):
            return tf.reshape(x, (-1, *self.inner.tail))
        if isinstance(self.inner, Transpose):
            return tf.transpose(x, self.inner.axes)
        assert isinstance(self.inner, Expand)
        return tf.expand_dims(x, self.inner.axis)

    def code(self, expression: str, value: Any, spell: Spell) -> str:
        tf, inner = spell("tensorflow"), self.inner
        if isinstance(inner, Reshape):
            text = f"{tf}.reshape(x, (-1, {_sizes(inner.tail)}))"
        elif isinstance(inner, Transpose):
            text = f"{tf}.transpose(x, ({_sizes(inner.axes)}))"
        else:
            assert isinstance(inner, Expand)
            text = f"{tf}.expand_dims(x, {inner.axis})"
        if len(self.names) > 1:
            text = f"({', '.join([text, *self.names[1:]])})"
        return f"{_atom(expression)}.map(lambda {', '.join(self.names)}: {text})"


@dataclass(frozen=True)
class Replace(Op):
    """Another variable in this one's place."""

    name: str
    value: Any
    kind: str = "select"
    repeatable: bool = False
    only_here: bool = True

    def shape(self, shape: Shape) -> Shape:
        return describe(self.value).shape or shape

    def apply(self, value: Any) -> Any:
        return self.value

    def code(self, expression: str, value: Any, spell: Spell) -> str:
        return self.name


@dataclass(frozen=True)
class SplitColumns(Op):
    """A table `(N, k)` as a list of its k columns, one for each output of a model."""

    count: int
    kind: str = "select"
    repeatable: bool = False
    only_here: bool = True

    def shape(self, shape: Shape) -> Shape:
        return (shape[0],)

    def apply(self, value: Any) -> Any:
        array = as_array(value)
        return [array[:, place] for place in range(self.count)]

    def code(self, expression: str, value: Any, spell: Spell) -> str:
        array = array_code(expression, value, spell)
        return f"[{', '.join(f'{array}[:, {place}]' for place in range(self.count))}]"
