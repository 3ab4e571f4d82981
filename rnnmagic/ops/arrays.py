"""Operations on the axes of an array: order, number and length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rnnmagic.ops.base import AnArray, Op, Spell, array_code, as_array, atom, product, sizes_text
from rnnmagic.report import Shape
from rnnmagic.values import describe


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
        return f"{array_code(expression, value, spell)}.reshape(-1, {sizes_text(self.tail)})"


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
class Shared(Op):
    """One sample without its batch axis, for each of `count` samples."""

    count: int
    kind: str = "expand"
    repeatable: bool = False

    def shape(self, shape: Shape) -> Shape:
        return (self.count, *shape)

    def apply(self, value: Any) -> Any:
        import numpy as np

        return np.repeat(np.expand_dims(as_array(value), 0), self.count, axis=0)

    def code(self, expression: str, value: Any, spell: Spell) -> str:
        numpy = spell("numpy")
        return f"{numpy}.repeat({numpy}.expand_dims({expression}, 0), {self.count}, axis=0)"


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
        return f"{spell('numpy')}.transpose({expression}, ({sizes_text(self.axes)}))"


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
            value = AnArray()
        return expression


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
            return f"{atom(expression)}[{self._text()}]"
        array = array_code(expression, value, spell)
        head = "..., " if self.axis < 0 else ":, " * self.axis
        return f"{array}[{head}{self._text()}]"


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
