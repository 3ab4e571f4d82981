"""What is known of one variable, and of all that are shown: plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rnnmagic.report import Shape

NAME_WIDTH = 40


@dataclass(frozen=True)
class Fit:
    """Whether a model takes an array: the model's variable, the shape it wants, and the verdict."""

    model: str
    wants: str
    ok: bool


@dataclass(frozen=True)
class ShapeRow:
    """One variable. `notation` is `f64[100,20,3]`, or `(?, 20, 3) → (?, 1)` for a model."""

    name: str
    carrier: str
    type_name: str
    notation: str
    shape: Shape | None = None
    dtype: str | None = None
    axes: tuple[str, ...] = ()
    note: str = ""
    """What the shape does not say: lengths of ragged data, number of layers."""
    fits: tuple[Fit, ...] = ()
    """What each model of the kernel wants here, where the name or the sizes say that it is meant for one."""

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types, every text on one line and without what hides or turns text."""
        return {
            "name": clip(self.name, 200),
            "carrier": self.carrier,
            "type_name": clip(self.type_name, 80),
            "notation": clip(self.notation, 80),
            "axes": [clip(axis, 40) for axis in self.axes],
            "note": clip(self.note, 120),
            "fits": [
                {"model": clip(fit.model, NAME_WIDTH), "wants": fit.wants, "ok": fit.ok} for fit in self.fits
            ],
        }


@dataclass(frozen=True)
class ShapeTable:
    """The rows shown, in the order in which the variables were made, and how many were not looked at."""

    rows: tuple[ShapeRow, ...]
    hidden: int = 0


def clip(text: str, width: int) -> str:
    """One line without control characters, at most `width` long."""
    clean = "".join(char if char.isprintable() else "�" for char in text)
    return clean if len(clean) <= width else clean[: width - 1] + "…"
