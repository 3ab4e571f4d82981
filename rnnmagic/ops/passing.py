"""Operations on what one call is passed: another variable, or columns one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rnnmagic.ops.base import Op, Spell, array_code, as_array
from rnnmagic.report import Shape
from rnnmagic.values import describe


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
