"""Operations on PyTorch tensors, as a user of PyTorch would write them."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from rnnmagic.ops.arrays import Chain, Expand, FeatureMajor, Reshape, Slice, Squeeze, Transpose, Windows
from rnnmagic.ops.base import Op, Spell, atom, sizes_text
from rnnmagic.ops.labels import ClassIndex, Shift
from rnnmagic.report import Shape


@dataclass(frozen=True)
class OnTensor(Op):
    """An operation known from arrays, done with a tensor's own methods."""

    inner: Op

    @property
    def kind(self) -> str:  # type: ignore[override]
        return self.inner.kind

    @property
    def repeatable(self) -> bool:  # type: ignore[override]
        return self.inner.repeatable

    def shape(self, shape: Shape) -> Shape:
        return self.inner.shape(shape)

    def _text(self, head: str) -> str:
        op = self.inner
        if isinstance(op, Reshape):
            return f"{head}.reshape(-1, {sizes_text(op.tail)})"
        if isinstance(op, FeatureMajor):
            return f"{head}.reshape(-1, {op.features}, {op.timesteps}).transpose(1, 2)"
        if isinstance(op, Expand):
            return f"{head}.unsqueeze({op.axis})"
        if isinstance(op, Squeeze):
            return f"{head}.squeeze({op.axis})"
        if isinstance(op, Transpose):
            moved = [place for place, axis in enumerate(op.axes) if axis != place]
            if len(moved) == 2:
                return f"{head}.transpose({moved[0]}, {moved[1]})"
            return f"{head}.permute({sizes_text(op.axes)})"
        if isinstance(op, Slice):
            index = "" if op.axis == 0 else "..., " if op.axis < 0 else ":, " * op.axis
            return f"{head}[{index}{op._text()}]"
        if isinstance(op, Windows):
            return f"{head}.unfold(0, {op.timesteps}, 1){'' if op.keep_last else '[:-1]'}.transpose(1, 2)"
        if isinstance(op, ClassIndex):
            return f"{head}.argmax(dim=-1)"
        assert isinstance(op, Shift)
        return f"{head} - {op.lowest}"

    def apply(self, value: Any) -> Any:
        # The text is made of whole numbers and method names of ours alone.
        return eval(self._text("value"), {"value": value})

    def code(self, expression: str, value: Any, spell: Spell) -> str:
        return self._text(atom(expression))


@dataclass(frozen=True)
class TensorCast(Op):
    """Elements of another type: `.float()`, `.long()`. Shape as before."""

    method: str
    kind: str = "cast"
    repeatable: bool = True

    def shape(self, shape: Shape) -> Shape:
        return shape

    def apply(self, value: Any) -> Any:
        return getattr(value, self.method)()

    def code(self, expression: str, value: Any, spell: Spell) -> str:
        return f"{atom(expression)}.{self.method}()"


@dataclass(frozen=True)
class ToTensor(Op):
    """An array, frame or list as a tensor."""

    dtype: str = "float32"
    kind: str = "cast"
    repeatable: bool = True

    def shape(self, shape: Shape) -> Shape:
        return shape

    def apply(self, value: Any) -> Any:
        torch: Any = sys.modules["torch"]
        return torch.as_tensor(_plain(value), dtype=getattr(torch, self.dtype))

    def code(self, expression: str, value: Any, spell: Spell) -> str:
        torch = spell("torch")
        text = f"{atom(expression)}.to_numpy()" if hasattr(value, "to_numpy") else expression
        return f"{torch}.as_tensor({text}, dtype={torch}.{self.dtype})"


def _plain(value: Any) -> Any:
    return value.to_numpy() if hasattr(value, "to_numpy") else value


@dataclass(frozen=True)
class PadSequences(Op):
    """Sequences of unequal length as one tensor, filled up at the end: `(N, longest, …)`."""

    longest: int
    dtype: str = "float32"
    value: float = 0.0
    inner: Shape = ()
    tensors: bool = False
    """Whether the sequences are tensors already."""
    kind: str = "pad"
    repeatable: bool = True

    def shape(self, shape: Shape) -> Shape:
        return (shape[0], self.longest, *self.inner)

    def apply(self, value: Any) -> Any:
        torch: Any = sys.modules["torch"]
        rows = [torch.as_tensor(row, dtype=getattr(torch, self.dtype)) for row in value]
        return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=self.value)

    def code(self, expression: str, value: Any, spell: Spell) -> str:
        torch = spell("torch")
        rows = expression
        if not self.tensors:
            rows = f"[{torch}.as_tensor(s, dtype={torch}.{self.dtype}) for s in {expression}]"
        filled = f", padding_value={self.value:g}" if self.value else ""
        return f"{torch}.nn.utils.rnn.pad_sequence({rows}, batch_first=True{filled})"


def for_tensor(op: Op) -> Op | None:
    """The same operation on a tensor; `None` when there is none."""
    if isinstance(op, Chain):
        steps = [for_tensor(step) for step in op.steps]
        kept = [step for step in steps if step is not None]
        return Chain(tuple(kept), op.kind, op.repeatable) if len(kept) == len(steps) else None
    known = (Reshape, FeatureMajor, Expand, Squeeze, Transpose, Slice, ClassIndex, Shift)
    if isinstance(op, Windows):
        return OnTensor(op)
    return OnTensor(op) if isinstance(op, known) else None
