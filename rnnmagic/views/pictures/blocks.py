"""An array as a labelled block: what is expected beside what came.

Three axes are a cuboid: timesteps to the right, features downwards, samples to the back. Two are a
table, one is a strip, four are so many cuboids. Edges grow with the logarithm of the size. An axis that
differs has a thick edge in another colour and a `≠` at its label; an edge of any size is dashed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rnnmagic.language import say
from rnnmagic.report import ArrayInfo, LayerInfo
from rnnmagic.views import wording
from rnnmagic.views.markup import Markup, el
from rnnmagic.views.wording import ShapeRow

WIDTH = 252
"""Of one drawing, in pixels."""
LEFT = 84
"""Where the front face begins."""
TOP, BOTTOM = 22, 30
"""Room for the title above the block, and for the label below."""
RISE = 0.7
"""How much the edge to the back rises."""
STRIP = 14.0
"""Height of what has no axis downwards."""
UNKNOWN_SIZE = 12
"""An edge of any size is as long as one of this size."""
NAME_LIMIT = 18

Direction = Literal["right", "down", "back", "beside"]
_DIRECTIONS: dict[int, tuple[Direction, ...]] = {
    1: ("right",),
    2: ("down", "right"),
    3: ("back", "right", "down"),
    4: ("beside", "back", "down", "right"),
}
_LONGEST = {"right": 84.0, "down": 54.0, "back": 26.0, "beside": 0.0}
_SHORTEST = {"right": 18.0, "down": 14.0, "back": 7.0, "beside": 0.0}


@dataclass(frozen=True)
class _Axis:
    """One axis: its size, its name if it has one, and how it is drawn."""

    size: int | None
    name: str
    place: int
    direction: Direction
    differs: bool

    @property
    def length(self) -> float:
        longest, shortest = _LONGEST[self.direction], _SHORTEST[self.direction]
        size = UNKNOWN_SIZE if self.size is None else max(self.size, 1)
        return shortest + (longest - shortest) * min(1.0, math.log2(size) / 10)

    @property
    def number(self) -> str:
        return "?" if self.size is None else f"{self.size:,}"

    @property
    def label(self) -> str:
        mark = f"{wording.DIFFERS_MARK} " if self.differs else ""
        return f"{mark}{self.number}"

    @property
    def spoken(self) -> str:
        number = say("any number of") if self.size is None else f"{self.size:,}"
        name = self.name or say("along axis {place}", place=self.place)
        differs = " " + say("(differs)") if self.differs else ""
        return f"{number} {name}{differs}"


def blocks(array: ArrayInfo | None, layer: LayerInfo | None) -> Markup | None:
    """What is expected beside what came; `None` where there is no shape to draw."""
    rows = wording.shape_rows(array, layer)
    expected = next((row for row in rows if row.label == "expected"), None)
    came = next((row for row in rows if row.label == "received"), None) or next(
        (row for row in rows if row.label == "variable"), None
    )
    pair = [row for row in (expected, came) if row is not None and row.shape is not None]
    if not pair or not all(1 <= len(row.shape or ()) <= 4 for row in pair):
        return None
    differing = wording.differing_axes(expected, came)
    drawings = [(_title(row), _axes(row, differing.get(row.label, frozenset()))) for row in pair]
    base = TOP + max(_height(axes) for _, axes in drawings)
    height = math.ceil(base + BOTTOM)
    parts: list[Markup] = []
    spoken = []
    for number, (title, axes) in enumerate(drawings):
        parts.append(el("text", f"{title}: ", x=f"{number * WIDTH + 4}", y="13", cls="caption"))
        parts += _drawn(axes, number * WIDTH, base)
        spoken.append(f"{title}: {' × '.join(axis.spoken for axis in axes)}.")
    width = WIDTH * len(pair)
    text = " ".join(spoken)
    return el(
        "svg",
        *parts,
        viewBox=f"0 0 {width} {height}",
        width=f"{width}",
        height=f"{height}",
        role="img",
        aria_label=text,
        cls="picture",
    )


def _title(row: ShapeRow) -> str:
    return wording.one_line(" ".join(part for part in (row.word, row.subject) if part), 34)


def _axes(row: ShapeRow, differing: frozenset[int]) -> list[_Axis]:
    shape = row.shape or ()
    names = row.axes if row.has_names and row.axes else ("",) * len(shape)
    directions = _DIRECTIONS[len(shape)]
    return [
        _Axis(
            size,
            "" if name == "?" else wording.one_line(wording.axis(name), NAME_LIMIT),
            place,
            direction,
            place in differing,
        )
        for place, (size, name, direction) in enumerate(zip(shape, names, directions, strict=True))
    ]


def _height(axes: list[_Axis]) -> float:
    """Of the block, and at least of the labels beside it."""
    along = {axis.direction: axis for axis in axes}
    high = along["down"].length if "down" in along else STRIP
    behind = 12.0 if "beside" in along else 0.0
    return max(high + (along["back"].length * RISE if "back" in along else 0.0) + behind, 30.0)


def _drawn(axes: list[_Axis], offset: int, base: float) -> Iterator[Markup]:
    """The block and its labels, the front face's lower left corner at (`LEFT`, `base`)."""
    along = {axis.direction: axis for axis in axes}
    wide = along["right"].length
    high = along["down"].length if "down" in along else STRIP
    deep = along["back"].length if "back" in along else 0.0
    x, y = offset + LEFT, base - high
    rise = deep * RISE
    if deep:
        top = f"l{deep:g} {-rise:g}h{wide:g}l{-deep:g} {rise:g}z"
        side = f"l{deep:g} {-rise:g}v{high:g}l{-deep:g} {rise:g}z"
        yield _path(x, y, top, "face light")
        yield _path(x + wide, y, side, "face dark")
    yield _path(x, y, f"h{wide:g}v{high:g}h{-wide:g}z", "face")
    right = along["right"]
    yield from _edge(right, x, base, f"h{wide:g}")
    yield from _label(right, x + wide / 2, base + 13, "middle")
    if "down" in along:
        down = along["down"]
        yield from _edge(down, x, y, f"v{high:g}")
        yield from _label(down, x - 7, y + high / 2, "end")
    if "back" in along:
        back = along["back"]
        yield from _edge(back, x + wide, y, f"l{deep:g} {-rise:g}")
        yield from _label(back, x + wide + deep + 6, y - rise + 4, "start")
    if "beside" in along:
        yield from _label(along["beside"], offset + 4, 30, "start", prefix="× ")


def _path(x: float, y: float, way: str, cls: str) -> Markup:
    return el("path", d=f"M{x:g} {y:g}{way}", cls=cls)


def _edge(axis: _Axis, x: float, y: float, way: str) -> Iterator[Markup]:
    """The edge drawn anew where it has something to say."""
    if axis.differs:
        yield _path(x, y, way, "edge odd")
    if axis.size is None:
        yield _path(x, y, way, "edge any")


def _label(axis: _Axis, x: float, y: float, anchor: str, prefix: str = "") -> Iterator[Markup]:
    cls = "number odd" if axis.differs else "number"
    yield el("text", f"{prefix}{axis.label} ", x=f"{x:g}", y=f"{y:g}", text_anchor=anchor, cls=cls)
    if axis.name:
        yield el("text", f"{axis.name} ", x=f"{x:g}", y=f"{y + 12:g}", text_anchor=anchor, cls="word")
