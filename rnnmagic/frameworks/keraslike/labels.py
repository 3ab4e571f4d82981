"""Class numbers: the one thing about a target that its shape does not tell."""

from __future__ import annotations

import sys
from typing import Any

from rnnmagic.values import as_shape, is_from

LABELS_READ = 1_000_000
"""Class numbers are looked at up to so many, of more a sample: a shape cannot tell one out of range."""


def ignored_class(loss: Any) -> int | None:
    """The class number that a loss leaves out of account, whatever the number of outputs."""
    ignored = getattr(loss, "ignore_class", None)
    if ignored is None:
        ignored = (getattr(loss, "_fn_kwargs", None) or {}).get("ignore_class")
    return ignored if isinstance(ignored, int) else None


def label_range(y: Any, *, ignored: int | None = None) -> tuple[int, int] | None:
    """Lowest and highest class number, of a sample where there are many; `None` for what holds none."""
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return None
    if is_from(y, "tensorflow") and hasattr(y, "numpy") and (as_shape(y.shape) or (LABELS_READ,))[0]:
        values = y[:LABELS_READ].numpy()
    else:
        values = getattr(y, "to_numpy", lambda: y)()
    if not isinstance(values, numpy.ndarray) or values.dtype.kind not in "iuf" or not values.size:
        return None
    # Not as a subclass of the user's, which might do more than give its elements.
    values = _sampled(values.view(numpy.ndarray))
    if ignored is not None:
        values = values[values != ignored]
    if not values.size or not numpy.isfinite(values).all():
        return None
    return int(values.min()), int(values.max())


def _sampled(values: Any) -> Any:
    """The first, the last and evenly spread samples of an array of many."""
    if values.size <= LABELS_READ:
        return values
    import numpy

    rows = max(1, LABELS_READ * len(values) // values.size // 3)
    spread = values[:: max(1, len(values) // rows)]
    return numpy.concatenate(
        [part.reshape(-1)[:LABELS_READ] for part in (values[:rows], spread, values[-rows:])]
    )
