"""Operations on what an array is made of: another type, one array of a list, sequences of one length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rnnmagic.ops.base import Op, Spell, array_code, atom
from rnnmagic.report import Shape
from rnnmagic.values import describe


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
            return f'{atom(expression)}.astype("{self.dtype}")'
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
        return f"{atom(expression)}.to_tensor()"
