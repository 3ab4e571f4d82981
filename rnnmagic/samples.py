"""One sample of the user's data before and after a fix, as a few plain numbers to be drawn.

A fix that scrambles the data runs as well as one that does not; drawn, the difference is seen. Only one
sample is ever touched: the array is cut before it is changed, and what the front end gets is at most
`STEPS` × `FEATURES` numbers. The user's array is not kept.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from rnnmagic import ops
from rnnmagic.values import is_from

STEPS, FEATURES = 24, 12
"""At most so many timesteps and features of a sample are drawn; the other way round where it is wider."""
POINTS = 96
"""At most so many of a single row of numbers."""
ELEMENTS = 100_000
"""A sample of more numbers is not looked at."""

Number = float | None
"""`None` is what is no finite number."""


@dataclass(frozen=True)
class Sample:
    """One sample as drawn: rows are timesteps, columns features; one row for a flat sample."""

    rows: tuple[tuple[Number, ...], ...]
    shape: tuple[int, ...]
    """Of the whole sample, without the axis of the samples."""
    flat: bool = False
    """The sample has one axis, or one that counts: it is drawn as a line."""
    every: int = 1
    """Of its first axis every so manieth place is in `rows`."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing was left out."""
        return sum(map(len, self.rows)) == math.prod(self.shape)


@dataclass(frozen=True)
class SamplePair:
    """The first sample as the model would read it without the fix, and with it."""

    before: Sample
    after: Sample
    first_feature: bool = False
    """Only the first of several features is drawn."""


def sample_pair(op: ops.Op, value: Any) -> SamplePair | None:
    """The first sample of `value` before and after an operation; `None` where that cannot be shown.

    Parameters
    ----------
    value
        The user's variable: a NumPy array, a data frame or a list of sequences. Of anything else
        nothing is drawn, because looking at it may run code that is not ours.
    """
    try:
        cut = _cut(op, value)
        if cut is None:
            return None
        first, part = cut
        # Padding stands at an end: there the whole length is drawn, thinned.
        thinned = isinstance(op, ops.Pad)
        before, after = _sample(first, thinned), _sample(op.apply(part)[0], thinned)
    except Exception:
        return None  # what cannot be done to one sample is not drawn
    if before is None or after is None or before.rows == after.rows:
        return None
    return SamplePair(before, after, _windows(op) is not None and _features(value) > 1)


def _cut(op: ops.Op, value: Any) -> tuple[Any, Any] | None:
    """What the model would take for the first sample, and as much of the value as makes one of the fix."""
    import numpy as np

    if type(value) in (list, tuple) or (type(value) is np.ndarray and value.dtype == object):
        return _cut_list(op, value)
    if is_from(value, "pandas", "DataFrame") or is_from(value, "pandas", "Series"):
        value = value.iloc[: _rows(op, tuple(value.shape)) or 0]
        value = np.asarray(value)
    if type(value) not in (np.ndarray, np.memmap) or value.dtype.kind not in "biuf" or not value.size:
        return None
    rows = _rows(op, value.shape)
    if _windows(op) is not None and rows is not None:
        rows = min(rows, len(value))
    if rows is None or rows > len(value):
        axis = _sample_axis(op)
        if axis is None:
            return None
        # Another axis becomes that of the samples: one place of it is one sample.
        part = value[(slice(None),) * axis + (slice(0, 1),)]
        return (value[0], part) if part.size <= ELEMENTS and value[0].size <= ELEMENTS else None
    part = value[:rows]
    if _windows(op) is not None and part.ndim == 2:
        part = part[:, :1]  # a stretch cut out of a long series is seen on one line
    if part.size > ELEMENTS:
        return None
    first = part if _makes_samples(op) else part[0]
    return first, part


def _windows(op: ops.Op) -> ops.Windows | None:
    """The cutting into windows that an operation begins with."""
    first = op.steps[0] if isinstance(op, ops.Chain) else op
    return first if isinstance(first, ops.Windows) else None


def _features(value: Any) -> int:
    return int(value.shape[1]) if len(value.shape) > 1 else 1


def _cut_list(op: ops.Op, value: Any) -> tuple[Any, Any] | None:
    """Of sequences of unequal length the first."""
    if not isinstance(op, (ops.Pad, ops.Stack, ops.ToArray, ops.Chain)) or not len(value):
        return None
    first = value[0]
    if not _is_plain(first) or len(first) > ELEMENTS:
        return None
    return first, value[:1]


def _is_plain(value: Any) -> bool:
    """A sequence of numbers, or of short lists of numbers, that runs no code of the user's when read."""
    import numpy as np

    if type(value) is np.ndarray:
        return bool(value.dtype.kind in "biuf")
    if type(value) not in (list, tuple):
        return False
    head = value[:POINTS]
    return all(
        type(item) in (int, float, bool)
        or (type(item) in (list, tuple) and len(item) <= ELEMENTS and _all_numbers(item))
        for item in head
    )


def _all_numbers(items: Any) -> bool:
    return all(type(item) in (int, float, bool) for item in items[:POINTS])


def _rows(op: ops.Op, shape: tuple[int, ...]) -> int | None:
    """How many places of the first axis make one sample; `None` when that axis does not count samples."""
    if isinstance(op, ops.Chain):
        steps: list[int | None] = []
        for step in op.steps:
            steps.append(_rows(step, shape))
            shape = tuple(size or 0 for size in step.shape(shape))
        if any(rows is None for rows in steps):
            return None
        # Rows are only cut into samples once; what comes after must keep them apart.
        return steps[0] if all(rows == 1 for rows in steps[1:]) else None
    if isinstance(op, ops.Reshape):
        inner, wanted = math.prod(shape[1:]), math.prod(op.tail)
        return max(1, -(-wanted // inner)) if inner and wanted > 0 else None
    if isinstance(op, ops.Windows):
        return 3 * op.timesteps + 1
    if isinstance(op, ops.Expand) and op.axis == 0:
        return shape[0] if math.prod(shape) <= ELEMENTS else None
    if isinstance(op, ops.Transpose):
        return 1 if op.axes[0] == 0 else None
    if isinstance(op, ops.Slice):
        return 1 if op.axis != 0 else None
    if isinstance(op, ops.Squeeze):
        return 1 if op.axis != 0 else None
    if isinstance(op, (ops.Expand, ops.FeatureMajor, ops.Cast, ops.Pad)):
        return 1
    return None


def _makes_samples(op: ops.Op) -> bool:
    """Whether the sample is made of the whole of what was cut: windows of a series, a batch of one."""
    first = op.steps[0] if isinstance(op, ops.Chain) else op
    return _windows(op) is not None or (isinstance(first, ops.Expand) and first.axis == 0)


def _sample_axis(op: ops.Op) -> int | None:
    """The axis that becomes that of the samples."""
    return op.axes[0] if isinstance(op, ops.Transpose) and op.axes[0] != 0 else None


def _sample(value: Any, thinned: bool) -> Sample | None:
    """A sample's first timesteps and features, or some of the timesteps, as plain numbers."""
    import numpy as np

    array = value if type(value) is np.ndarray else np.asarray(value)
    if array.dtype.kind not in "biuf" or not array.size or array.size > ELEMENTS:
        return None
    shape = tuple(int(size) for size in array.shape)
    while array.ndim > 2:
        array = array[..., 0]
    if array.ndim == 0:
        array = array.reshape(1)
    if array.ndim == 1 or array.shape[1] == 1:
        every = -(-len(array) // POINTS) if thinned else 1
        return Sample((_plain(array.reshape(-1)[::every][:POINTS]),), shape, True, every)
    steps, features = (STEPS, FEATURES) if len(array) >= array.shape[1] else (FEATURES, STEPS)
    every = -(-len(array) // steps) if thinned else 1
    return Sample(tuple(_plain(row[:features]) for row in array[::every][:steps]), shape, False, every)


def _plain(row: Any) -> tuple[Number, ...]:
    return tuple(number if math.isfinite(number) else None for number in map(float, row.tolist()))
