"""Does an array look padded? Told from a small sample of its rows."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, Literal

from rnnmagic.values import is_from

ROWS, ELEMENTS = 64, 4096
FEATURES = 4


@dataclass(frozen=True)
class Padding:
    """Runs of zeros at one side of the rows of a sample."""

    side: Literal["pre", "post"]
    longest: int


def rows_of(value: Any) -> Any:
    """At most 64 rows and about 4096 elements of an array, spread over its length."""
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return None
    shape = tuple(getattr(value, "shape", ()))
    if len(shape) not in (2, 3) or not shape[0] or shape[0] is None or shape[1] is None:
        return None
    width = 1 if len(shape) == 2 else min(FEATURES, shape[2])
    count = max(1, min(ROWS, shape[0], ELEMENTS // max(1, shape[1] * width)))
    if is_from(value, "pandas", "DataFrame"):
        return value.iloc[:: max(1, shape[0] // count)].iloc[:count].to_numpy()
    if not isinstance(value, numpy.ndarray):
        return numpy.asarray(value[:count])
    part = value[:: max(1, shape[0] // count)][:count]
    return part if part.ndim == 2 else part[:, :, :: max(1, shape[2] // width)][:, :, :width]


def steps_of(value: Any, *, ids: bool) -> Any:
    """The sample of `rows_of` as the first layer reads it: ids `(N, T)`, or numbers `(N, T, F)`.

    Keras adds a last axis of size 1, or takes it away, where the model is declared so.
    """
    rows = rows_of(value)
    if rows is None:
        return None
    if ids:
        return rows[:, :, 0] if rows.ndim == 3 and rows.shape[2] == 1 else rows
    return rows[:, :, None] if rows.ndim == 2 else rows


def has_masked_step(value: Any, maker: Any) -> bool | None:
    """Whether the sample has a timestep that the layer masks; `None` when that cannot be told."""
    try:
        rows = steps_of(value, ids=type(maker).__name__ == "Embedding")
        if rows is None or rows.dtype.kind not in "iuf":
            return None
        if type(maker).__name__ == "Embedding" and rows.ndim == 2:
            return bool((rows == 0).any())
        if type(maker).__name__ == "Masking" and rows.ndim == 3:
            return bool((rows == maker.mask_value).all(axis=-1).any())
    except Exception:
        return None
    return None


def filler_of(value: Any) -> float | None:
    """The number other than zero that whole timesteps at one end of a row consist of, `None` without one."""
    try:
        rows = steps_of(value, ids=False)
        if rows is None or rows.dtype.kind not in "if":
            return None
        for end in (rows[:, -1], rows[:, 0]):
            # The longest rows end in a step of their own, which is whole too when a step is one number.
            whole = end[(end == end[:, :1]).all(axis=-1)][:, 0]
            values, counts = sys.modules["numpy"].unique(whole[whole != 0], return_counts=True)
            if len(counts) and counts.max() >= len(rows) // 2 and counts.max() > 3:
                return float(values[counts.argmax()])
    except Exception:
        return None
    return None


def padding_of(value: Any, *, ids: bool, padded_by_name: bool, filler: float = 0.0) -> Padding | None:
    """The padding of an array of ids `(N, T)` or of numbers `(N, T, F)`, `(N, T)` for one a step; `None` when in doubt.

    Padding is a run of zeros, or of another `filler`, at one and the same side of every row, of a length that differs from
    row to row, with no zero anywhere else: real zeros stand in the middle too, an image has them at
    both sides, and a one-hot step is never all zero.
    """
    try:
        rows = steps_of(value, ids=ids)
        if rows is None or rows.dtype.kind not in "iuf" or rows.ndim != (2 if ids else 3):
            return None
        one_a_step = not ids and (len(value.shape) == 2 or value.shape[-1] == 1)
    except Exception:
        return None
    if one_a_step and not padded_by_name:
        # One number a step: a signal that is switched on late or off early looks just like that.
        return None
    empty = rows == filler if rows.ndim == 2 else (rows == filler).all(axis=-1)
    count, steps = empty.shape
    empty = empty[~empty.all(axis=1)]
    if count < 4 or steps < 4 or len(empty) < max(4, count // 2):
        return None
    leading = (~empty).argmax(axis=1)
    trailing = (~empty[:, ::-1]).argmax(axis=1)
    inside = empty.sum(axis=1) - leading - trailing
    if (inside > 0).mean() > 0.02:
        return None
    for side, runs, others in (("post", trailing, leading), ("pre", leading, trailing)):
        if (others > 0).mean() > 0.02 or (runs > 0).mean() < 0.5:
            continue
        if len(set(runs.tolist())) < 3 or runs.max() < max(3, steps // 5):
            continue
        typical = float(sorted(runs.tolist())[len(runs) // 2])
        # A recurrent layer forgets what it read first, not what it read last.
        if typical < max(2.0, steps * (0.12 if side == "post" else 0.33)):
            continue
        return Padding(side, int(runs.max()))  # type: ignore[arg-type]
    return None
