"""Looks at the kernel's variables: by metadata as in `rnnmagic.values`, nothing is read, copied or consumed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from rnnmagic.axes import UNKNOWN, axes_of
from rnnmagic.interrupts import may_be_stopped
from rnnmagic.language import say, several
from rnnmagic.report import Shape
from rnnmagic.shapes.models import NAMES_AT_MOST, Hints, is_keras_model, is_plain, sizes
from rnnmagic.shapes.rows import NAME_WIDTH, ShapeRow, ShapeTable
from rnnmagic.values import Described, as_shape, class_name, describe, is_from, notation, variables

ROWS_AT_MOST = 100
HIDDEN = frozenset({"In", "Out", "get_ipython", "exit", "quit", "open"})

_LISTED = frozenset(
    {
        "array", "frame", "series", "tensor", "ragged_tensor", "dataset", "loader", "list", "ragged",
        "model", "symbolic",
    }
)  # fmt: skip
_FITTED = frozenset({"array", "frame", "series", "tensor", "list"})
"""What a model takes as it is, so that its shape can be held against the model's."""


class UnknownNameError(LookupError):
    """A name that the kernel does not hold."""


@may_be_stopped
def survey(
    namespace: Mapping[str, Any], names: Iterable[str] | None = None, *, rows: int = ROWS_AT_MOST
) -> ShapeTable:
    """Rows for the names asked for, or for all that has a shape.

    Parameters
    ----------
    namespace
        The user's variables; none is changed.
    names
        Variables to show, whatever they are. Without them: those with a shape, no name that
        begins with `_`.
    rows
        At most so many rows when no names are given.

    Raises
    ------
    UnknownNameError
        One of the names is not there. Its message is one line.
    """
    if names is not None:
        asked = list(dict.fromkeys(names))
        for name in asked:
            if name not in namespace:
                raise UnknownNameError(_unknown(name, namespace))
        hints = Hints(namespace, asked)
        return ShapeTable(tuple(_row(name, namespace[name], hints) for name in asked))
    chosen: list[tuple[str, Described]] = []
    hidden = looked = 0
    for name, value in variables(namespace):
        if name.startswith("_") or name in HIDDEN or is_plain(value):
            continue
        if looked >= NAMES_AT_MOST or len(chosen) >= rows:
            hidden += 1
            continue
        looked += 1
        found = describe(value)
        if _has_shape(found):
            chosen.append((name, found))
    hints = Hints(namespace, [name for name, _ in chosen])
    return ShapeTable(tuple(_row(name, namespace[name], hints, found) for name, found in chosen), hidden)


def _unknown(name: str, namespace: Mapping[str, Any]) -> str:
    shown = name if len(name) <= NAME_WIDTH else name[:NAME_WIDTH] + "…"
    known = [other for other, _ in variables(namespace) if not other.startswith("_")]
    close = difflib.get_close_matches(name, known[:2_000], n=1)
    if close:
        return say(
            "There is no variable {name} in this kernel. Did you mean {close}?",
            name=repr(shown),
            close=close[0],
        )
    return say("There is no variable {name} in this kernel.", name=repr(shown))


def _has_shape(found: Described) -> bool:
    if found.carrier not in _LISTED:
        return False
    if found.carrier == "list":
        # A list of names or of objects is not data for a network; numbers and sequences are.
        return found.dtype not in (None, "str", "object") or (
            found.shape is not None and len(found.shape) > 1
        )
    return True


def _row(name: str, value: object, hints: Hints, found: Described | None = None) -> ShapeRow:
    type_name = _type_name(value)
    try:
        found = found or describe(value)
        if found.carrier == "model":
            return _model_row(name, value, type_name)
        if found.carrier in ("dataset", "loader"):
            return _dataset_row(name, value, type_name, found)
        shape = found.shape
        if shape is None:
            return ShapeRow(
                name, found.carrier, type_name, found.dtype or "", None, found.dtype, (), say("no shape")
            )
        note = ""
        if found.lengths:
            note = say("lengths {shortest}–{longest}", shortest=found.lengths[0], longest=found.lengths[-1])
        return ShapeRow(
            name, found.carrier, type_name, notation(shape, found.dtype), shape, found.dtype,
            _axes(name, found, hints), note,
            hints.fits(name, shape) if found.carrier in _FITTED else (),
        )  # fmt: skip
    except Exception:
        return ShapeRow(name, "other", type_name, "", note=say("cannot be looked at"))


def _axes(name: str, found: Described, hints: Hints) -> tuple[str, ...]:
    shape = found.shape or ()
    if found.carrier == "symbolic":
        return axes_of(shape, role="x") if len(shape) == 3 else _samples_then_unknown(shape)
    if found.carrier in ("ragged", "ragged_tensor") and len(shape) >= 2:
        last = ("features",) if len(shape) > 2 else ()
        return ("samples", "timesteps", *last, *(UNKNOWN,) * (len(shape) - 3))
    return hints.axes(name, shape)


def _samples_then_unknown(shape: Shape) -> tuple[str, ...]:
    return ("samples", *(UNKNOWN,) * (len(shape) - 1)) if shape else ()


def _model_row(name: str, model: Any, type_name: str) -> ShapeRow:
    takes, gives = _signature(model, "input"), _signature(model, "output")
    what = f"{takes} → {gives}" if takes and gives else ""
    count = _layer_count(model)
    note = "" if count is None else several("{count} layer", "{count} layers", count)
    if not what and is_keras_model(model):
        note = say("{note}, not built", note=note) if note else say("not built")
    return ShapeRow(name, "model", type_name, what, note=note)


def _signature(model: Any, side: str) -> str:
    """A model's input or output shapes, from its declaration; `""` when it has none."""
    try:
        raw = getattr(model, f"{side}_shape")
    except Exception:
        return ""
    single = as_shape(raw)
    if single is not None:
        return sizes(single)
    many = list(raw.values()) if type(raw) is dict else raw if type(raw) in (list, tuple) else []
    shapes = [as_shape(one) for one in many]
    return ", ".join(sizes(shape) for shape in shapes if shape is not None)


def _layer_count(model: Any) -> int | None:
    try:
        if is_from(model, "torch", "Module"):
            return sum(1 for _ in model.children())
        return len(model.layers)
    except Exception:
        return None


def _dataset_row(name: str, data: Any, type_name: str, found: Described) -> ShapeRow:
    """A dataset by its declaration: asking for one element could consume or shuffle it."""
    parts: list[str] = []
    if found.carrier == "loader":
        tensors = getattr(getattr(data, "dataset", None), "tensors", ())
        size = getattr(data, "batch_size", None)
        for tensor in tensors if isinstance(tensors, (list, tuple)) else ():
            one = describe(tensor)
            if one.shape:
                shape = one.shape[1:] if size is None else (size, *one.shape[1:])
                parts.append(notation(shape, one.dtype))
    else:
        _spec_parts(getattr(data, "element_spec", None), parts)
    note = say("elements") if parts else say("its elements declare no shape")
    return ShapeRow(name, found.carrier, type_name, ", ".join(parts), note=note)


def _spec_parts(spec: Any, parts: list[str], depth: int = 0) -> None:
    if depth > 4 or len(parts) >= 8:
        return
    nested = spec.values() if isinstance(spec, dict) else spec if isinstance(spec, (tuple, list)) else None
    if nested is not None:
        for one in nested:
            _spec_parts(one, parts, depth + 1)
        return
    shape = as_shape(getattr(spec, "shape", None))
    if shape is not None:
        dtype = getattr(getattr(spec, "dtype", None), "name", None)
        parts.append(notation(shape, dtype if isinstance(dtype, str) else None))


def _type_name(value: object) -> str:
    return class_name(value)[:NAME_WIDTH]
