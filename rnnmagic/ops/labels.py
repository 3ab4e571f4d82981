"""Operations on class labels: one-hot columns, class numbers and texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rnnmagic.ops.base import Op, Spell, as_array, atom
from rnnmagic.report import Shape


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
        shifted = f"{atom(expression)} - {self.offset}" if self.offset else expression
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
        sign = "-" if self.lowest >= 0 else "+"
        return f"{atom(expression)} {sign} {abs(self.lowest)}"


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
class WordNumbers(Op):
    """Words `(samples, timesteps)` to ids from 1 on, in sorted order of the words; 0 stays free for padding."""

    kind: str = "class_index"
    repeatable: bool = False

    def shape(self, shape: Shape) -> Shape:
        return shape

    def apply(self, value: Any) -> Any:
        import numpy as np

        array = as_array(value)
        return np.unique(array, return_inverse=True)[1].reshape(array.shape) + 1

    def code(self, expression: str, value: Any, spell: Spell) -> str:
        numbers = f"{spell('numpy')}.unique({expression}, return_inverse=True)[1]"
        return f"{numbers}.reshape({atom(expression)}.shape) + 1"
