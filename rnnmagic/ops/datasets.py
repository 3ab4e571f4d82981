"""Operations on a `tf.data` dataset."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from rnnmagic.ops.arrays import Expand, Reshape, Transpose
from rnnmagic.ops.base import Op, Spell, atom, sizes_text
from rnnmagic.report import Shape


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
        return f"{atom(expression)}.batch({self.size})"


@dataclass(frozen=True)
class Padded(Op):
    """A dataset of single sequences of unequal length, in batches that are filled up with zeros."""

    size: int = 32
    kind: str = "batch"
    repeatable: bool = False

    def shape(self, shape: Shape) -> Shape:
        return (None, *shape)

    def apply(self, value: Any) -> Any:
        return value.padded_batch(self.size)

    def code(self, expression: str, value: Any, spell: Spell) -> str:
        return f"{atom(expression)}.padded_batch({self.size})"


@dataclass(frozen=True)
class Rebatched(Op):
    """A dataset of batches, in whole batches of another size."""

    size: int
    kind: str = "batch"
    repeatable: bool = False

    def shape(self, shape: Shape) -> Shape:
        return (self.size, *shape[1:])

    def apply(self, value: Any) -> Any:
        return value.unbatch().batch(self.size, drop_remainder=True)

    def code(self, expression: str, value: Any, spell: Spell) -> str:
        return f"{atom(expression)}.unbatch().batch({self.size}, drop_remainder=True)"


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
            text = f"{tf}.reshape(x, (-1, {sizes_text(inner.tail)}))"
        elif isinstance(inner, Transpose):
            text = f"{tf}.transpose(x, ({sizes_text(inner.axes)}))"
        else:
            assert isinstance(inner, Expand)
            text = f"{tf}.expand_dims(x, {inner.axis})"
        if len(self.names) > 1:
            text = f"({', '.join([text, *self.names[1:]])})"
        return f"{atom(expression)}.map(lambda {', '.join(self.names)}: {text})"


@dataclass(frozen=True)
class Yielded(Op):
    """An operation on the x of every batch that a generator yields, or on x and y of a single sample."""

    inner: Op
    names: tuple[str, ...]
    every: bool = False
    """Whether the targets are changed alike: a batch of one is a batch of x and of y."""
    kind: str = "reshape"
    repeatable: bool = False
    only_here = True

    def shape(self, shape: Shape) -> Shape:
        return self.inner.shape(shape)

    def apply(self, value: Any) -> Any:
        for item in value:
            parts = item if type(item) is tuple else (item,)
            changed = [
                self.inner.apply(part) if self.every or not at else part for at, part in enumerate(parts)
            ]
            yield tuple(changed) if len(changed) > 1 else changed[0]

    def code(self, expression: str, value: Any, spell: Spell) -> str:
        import numpy as np

        wide = np.empty(0)  # what a generator yields is taken for arrays
        texts = [
            self.inner.code(name, wide, spell) if self.every or not at else name
            for at, name in enumerate(self.names)
        ]
        item = f"({', '.join(texts)})" if len(texts) > 1 else texts[0]
        return f"({item} for {', '.join(self.names)} in {expression})"


@dataclass(frozen=True)
class Unbatched(Op):
    """A dataset that was batched twice, in batches again."""

    kind: str = "batch"
    repeatable: bool = False

    def shape(self, shape: Shape) -> Shape:
        return shape[1:]

    def apply(self, value: Any) -> Any:
        return value.unbatch()

    def code(self, expression: str, value: Any, spell: Spell) -> str:
        return f"{atom(expression)}.unbatch()"


@dataclass(frozen=True)
class Regrouped(Op):
    """A dataset of (a, b, y) as one of ((a, b), y)."""

    count: int
    kind: str = "reorder"
    repeatable: bool = False

    def shape(self, shape: Shape) -> Shape:
        return shape

    def apply(self, value: Any) -> Any:
        return value.map(lambda *items: (items[: self.count], *items[self.count :]))

    def code(self, expression: str, value: Any, spell: Spell) -> str:
        names = [f"x{place}" for place in range(1, self.count + 1)]
        return f"{atom(expression)}.map(lambda {', '.join(names)}, y: (({', '.join(names)}), y))"


@dataclass(frozen=True)
class ShapesTold(Op):
    """A dataset that does not know its shapes, told those that the model takes."""

    shapes: tuple[Shape, ...]
    kind: str = "other"
    repeatable: bool = False
    taken_for_granted = True

    def shape(self, shape: Shape) -> Shape:
        return self.shapes[0]

    def apply(self, value: Any) -> Any:
        ensure = sys.modules["tensorflow"].ensure_shape
        return value.map(lambda *items: tuple(ensure(i, s) for i, s in zip(items, self.shapes, strict=True)))

    def code(self, expression: str, value: Any, spell: Spell) -> str:
        tf, names = spell("tensorflow"), ("x", "y", "w")[: len(self.shapes)]
        told = [f"{tf}.ensure_shape({name}, {shape})" for name, shape in zip(names, self.shapes, strict=True)]
        return f"{atom(expression)}.map(lambda {', '.join(names)}: ({', '.join(told)}))"
