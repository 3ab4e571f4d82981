"""What each axis of an array means, as far as its shape, its name and the model allow.

Names are the field's: samples, timesteps, features, and for targets the same with `targets` last.
What cannot be known is `?`; two axes run together are joined by `*`.
"""

from __future__ import annotations

import re
from collections import Counter

from rnnmagic.language import later, say
from rnnmagic.report import Shape

INPUT_ROLES = frozenset({"x", "validation_x", "inputs"})
TARGET_ROLES = frozenset({"y", "validation_y"})
UNKNOWN = "?"
MERGED = "timesteps*features"

_INPUT_AXES = ("samples", "timesteps", "features")
_TARGET_AXES = ("samples", "timesteps", "targets")
_NAMES = (
    # In the order they are asked: `y_mask` is a mask, `X_lengths` are lengths.
    ("mask", re.compile(r"(^|_)masks?($|_)", re.I)),
    ("lengths", re.compile(r"(^|_)(seq_?)?len(gth)?s?($|_)", re.I)),
    ("sample_weight", re.compile(r"(^|_)(sample_weights?|sw)($|_)", re.I)),
    ("state", re.compile(r"(^|_)(state|hidden|h0|c0)($|_)", re.I)),
    ("y", re.compile(r"^(y|ys|target|targets|label|labels)(_|\d*$)|_(y|targets?|labels?)$|^Y(_|\d*$)")),
    ("x", re.compile(r"^(X|x|Xs|xs|input|inputs|seqs?|sequences?)(_|\d*$)|_(X|x|inputs?|sequences?)$")),
)

_WORDS = {
    "samples": later("samples"),
    "timesteps": later("timesteps"),
    "features": later("features"),
    "targets": later("targets"),
    "units": later("units"),
    "outputs": later("outputs"),
}


def axis_word(axis: str) -> str:
    """What a table calls an axis, in the language in use; a report holds the English names."""
    return "*".join(say(_WORDS[part]) if part in _WORDS else part for part in axis.split("*"))


def role_of_name(name: str | None) -> str | None:
    """The role that a variable's name suggests: `x`, `y`, `sample_weight`, `state`, `mask`, `lengths`."""
    if not name:
        return None
    return next((role for role, pattern in _NAMES if pattern.search(name)), None)


def axes_of(
    shape: Shape, *, name: str | None = None, role: str | None = None, wanted: Shape | None = None
) -> tuple[str, ...]:
    """A name for each axis of an array.

    Parameters
    ----------
    shape
        The array's shape, `None` for any size.
    name
        The variable's name, looked at only when there is no role.
    role
        What the array is for a model: see `ArrayInfo.role`.
    wanted
        The whole shape that the model wants in that role, batch axis included: `(None, 20, 3)`.

    Returns
    -------
    One name for each axis, `?` where nothing tells.

    Examples
    --------
    >>> axes_of((100, 20, 3), role="x")
    ('samples', 'timesteps', 'features')
    >>> axes_of((100, 60), role="x", wanted=(None, 20, 3))
    ('samples', 'timesteps*features')
    >>> axes_of((100, 3, 20), role="x", wanted=(None, 20, 3))
    ('samples', 'features', 'timesteps')
    >>> axes_of((100,), name="y_train")
    ('samples',)
    >>> axes_of((7, 8), name="W")
    ('?', '?')
    """
    role = role or role_of_name(name)
    rank = len(shape)
    if role in INPUT_ROLES:
        return _input_axes(shape, wanted)
    if role in TARGET_ROLES:
        return _target_axes(shape, wanted)
    if role in ("sample_weight", "mask"):
        return _padded(("samples", "timesteps"), rank)
    if role == "lengths":
        return _padded(("samples",), rank)
    if role == "state":
        return _padded(("samples", "units"), rank)
    if wanted is not None:
        return _input_axes(shape, wanted)
    return (UNKNOWN,) * rank


def _padded(names: tuple[str, ...], rank: int) -> tuple[str, ...]:
    """The names for the axes that there are, `?` for those beyond."""
    return (names + (UNKNOWN,) * rank)[:rank]


def _wanted_axes(wanted: Shape, last: str) -> tuple[str, ...]:
    if len(wanted) == 2:
        return ("samples", last)
    if len(wanted) == 3:
        return ("samples", "timesteps", last)
    return _padded(("samples", "timesteps"), len(wanted))


def _fits(shape: Shape, wanted: Shape) -> bool:
    return len(shape) == len(wanted) and all(
        have is None or want is None or have == want for have, want in zip(shape, wanted, strict=True)
    )


def _input_axes(shape: Shape, wanted: Shape | None) -> tuple[str, ...]:
    rank = len(shape)
    if wanted is None:
        # A 2-D input may hold features, timesteps or both run together: only a model tells.
        return _INPUT_AXES if rank == 3 else _padded(("samples",), rank)
    if _fits(shape, wanted):
        return _wanted_axes(wanted, "features")
    if len(wanted) == 3:
        return _against_sequence(shape, wanted[1], wanted[2])
    if len(wanted) == rank:
        return _wanted_axes(wanted, "features")
    return _padded(("samples",), rank)


def _against_sequence(shape: Shape, timesteps: int | None, features: int | None) -> tuple[str, ...]:
    """Axes of an array that does not fit `(None, timesteps, features)`, by the sizes that recur."""
    rank = len(shape)
    if rank == 3:
        return _reordered(shape, timesteps, features) or _INPUT_AXES
    if rank == 2:
        if timesteps is not None and features is not None:
            if shape == (timesteps, features):
                return ("timesteps", "features")
            if shape[1] == timesteps * features and features != 1:
                return ("samples", MERGED)
        if timesteps is not None and shape[1] == timesteps:
            return ("samples", "timesteps")
        if features is not None and shape[1] == features:
            # One row each, or a series that is not cut into windows yet: both have this shape.
            return (UNKNOWN, "features")
        if timesteps is None and features == 1:
            return ("samples", "timesteps")
        if (
            timesteps is None and features is not None and features > 1
            and shape[1] is not None and shape[1] % features == 0
        ):  # fmt: skip
            return ("samples", MERGED)
    return _padded(("samples",), rank)


def _reordered(shape: Shape, timesteps: int | None, features: int | None) -> tuple[str, ...] | None:
    """The axes in the order in which the wanted sizes stand in `shape`; `None` when that is not clear."""
    if timesteps is None or features is None or timesteps == features:
        return None
    count = Counter(shape)
    if count[timesteps] != 1 or count[features] != 1:
        return None
    names = {timesteps: "timesteps", features: "features"}
    return tuple("samples" if size is None else names.get(size, "samples") for size in shape)


def _target_axes(shape: Shape, wanted: Shape | None) -> tuple[str, ...]:
    rank = len(shape)
    if wanted is not None and _fits(shape, wanted):
        return _wanted_axes(wanted, "targets")
    if wanted is not None and len(wanted) == 3 and rank == 2:
        return ("samples", "timesteps") if shape[1] == wanted[1] else ("samples", "targets")
    if rank == 2:
        return ("samples", "targets")
    return _TARGET_AXES if rank == 3 else _padded(("samples",), rank)
