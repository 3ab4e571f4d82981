"""`%rnnshapes`: what the kernel holds, by shape, element type and the meaning of each axis.

Values are looked at as in `rnnmagic.values`: by metadata, nothing is read, copied or consumed.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from types import ModuleType
from typing import Any

from rnnmagic.axes import INPUT_ROLES, TARGET_ROLES, UNKNOWN, axes_of, role_of_name
from rnnmagic.report import Shape
from rnnmagic.values import Described, as_shape, describe, is_from, notation

ROWS_AT_MOST = 100
NAMES_AT_MOST = 20_000
"""Further variables are not looked at when none is asked for by name."""
MODELS_AT_MOST = 20
"""Arrays are held against so many models."""
NAME_WIDTH = 40
HIDDEN = frozenset({"In", "Out", "get_ipython", "exit", "quit", "open"})

_LISTED = frozenset(
    {
        "array", "frame", "series", "tensor", "ragged_tensor", "dataset", "loader", "list", "ragged",
        "model", "symbolic",
    }
)  # fmt: skip
_FITTED = frozenset({"array", "frame", "series", "tensor", "list"})
"""What a model takes as it is, so that its shape can be held against the model's."""
_PLAIN = (bool, int, float, complex, str, bytes, type(None), type, ModuleType)
_PLAIN_NAMES = frozenset({"function", "builtin_function_or_method", "method", "generator", "coroutine"})


class UnknownNameError(LookupError):
    """A name that the kernel does not hold."""


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
            "name": _clip(self.name, 200),
            "carrier": self.carrier,
            "type_name": _clip(self.type_name, 80),
            "notation": _clip(self.notation, 80),
            "axes": [_clip(axis, 40) for axis in self.axes],
            "note": _clip(self.note, 120),
            "fits": [
                {"model": _clip(fit.model, NAME_WIDTH), "wants": fit.wants, "ok": fit.ok} for fit in self.fits
            ],
        }


@dataclass(frozen=True)
class ShapeTable:
    """The rows shown, in the order in which the variables were made, and how many were not looked at."""

    rows: tuple[ShapeRow, ...]
    hidden: int = 0


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
        hints = _Hints(namespace, asked)
        return ShapeTable(tuple(_row(name, namespace[name], hints) for name in asked))
    chosen: list[tuple[str, Described]] = []
    hidden = looked = 0
    for name, value in list(namespace.items()):
        if not isinstance(name, str) or name.startswith("_") or name in HIDDEN or _is_plain(value):
            continue
        if looked >= NAMES_AT_MOST or len(chosen) >= rows:
            hidden += 1
            continue
        looked += 1
        found = describe(value)
        if _has_shape(found):
            chosen.append((name, found))
    hints = _Hints(namespace, [name for name, _ in chosen])
    return ShapeTable(tuple(_row(name, namespace[name], hints, found) for name, found in chosen), hidden)


def _unknown(name: str, namespace: Mapping[str, Any]) -> str:
    shown = name if len(name) <= NAME_WIDTH else name[:NAME_WIDTH] + "…"
    known = [other for other in namespace if isinstance(other, str) and not other.startswith("_")]
    close = difflib.get_close_matches(name, known[:2_000], n=1)
    return f"There is no variable {shown!r} in this kernel." + (f" Did you mean {close[0]}?" if close else "")


def _is_plain(value: object) -> bool:
    """Whether a value has no shape by its type; the type is asked, never the value."""
    kind = type(value)
    return issubclass(kind, _PLAIN) or kind.__name__ in _PLAIN_NAMES


def _has_shape(found: Described) -> bool:
    if found.carrier not in _LISTED:
        return False
    if found.carrier == "list":
        # A list of names or of objects is not data for a network; numbers and sequences are.
        return found.dtype not in (None, "str", "object") or (
            found.shape is not None and len(found.shape) > 1
        )
    return True


class _Hints:
    """What the other variables tell about an array's axes: models that want it, partners in length."""

    def __init__(self, namespace: Mapping[str, Any], names: Iterable[str]) -> None:
        self.inputs: list[Shape] = []
        self.outputs: list[Shape] = []
        self.samples: set[int] = set()
        self.models: list[_Model] = []
        for name in dict.fromkeys([*list(namespace)[:NAMES_AT_MOST], *names]):
            if not isinstance(name, str) or name.startswith("_") or name in HIDDEN:
                continue
            value = namespace.get(name)
            if _is_keras_model(value):
                takes, gives = _attribute_shape(value, "input_shape"), _attribute_shape(value, "output_shape")
                self._add(self.inputs, takes)
                self._add(self.outputs, gives)
                if len(self.models) < MODELS_AT_MOST:
                    self.models.append(_Model(name, takes, gives, _takes_class_numbers(value)))
        for name in names:
            if role_of_name(name) in INPUT_ROLES | TARGET_ROLES:
                shape = describe(namespace[name]).shape
                if shape and shape[0] is not None:
                    self.samples.add(shape[0])

    @staticmethod
    def _add(shapes: list[Shape], shape: Shape | None) -> None:
        if shape is not None and shape not in shapes:
            shapes.append(shape)

    def axes(self, name: str, shape: Shape) -> tuple[str, ...]:
        role = role_of_name(name)
        if role in INPUT_ROLES:
            return axes_of(shape, role=role, wanted=_only(self.inputs))
        if role in TARGET_ROLES:
            return axes_of(shape, role=role, wanted=_only(self.outputs))
        if role is not None:
            return axes_of(shape, role=role)
        fitting = [want for want in self.inputs if _fits_exactly(shape, want)]
        if fitting:
            return axes_of(shape, role="x", wanted=fitting[0])
        if shape and shape[0] is not None and shape[0] > 1 and shape[0] in self.samples:
            return ("samples",) + (UNKNOWN,) * (len(shape) - 1)
        return (UNKNOWN,) * len(shape)

    def fits(self, name: str, shape: Shape) -> tuple[Fit, ...]:
        """What each model wants of this array, where its name or its sizes say that it is meant for one."""
        role = role_of_name(name)
        found: list[Fit] = []
        for model in self.models:
            if role in TARGET_ROLES:
                if model.gives is not None:
                    found.append(Fit(model.name, _sizes(model.gives), model.takes_target(shape)))
            elif model.takes is not None:
                ok = _agrees(shape, model.takes)
                if role in INPUT_ROLES or (role is None and _fits_exactly(shape, model.takes)):
                    found.append(Fit(model.name, _sizes(model.takes), ok))
        return tuple(found)


@dataclass(frozen=True)
class _Model:
    """A model by its variable: the shapes that it takes and gives, and whether its loss wants class numbers."""

    name: str
    takes: Shape | None
    gives: Shape | None
    class_numbers: bool

    def takes_target(self, shape: Shape) -> bool:
        """Whether Keras trains on this target as it is meant, without stretching one over the other."""
        gives = self.gives
        if gives is None:
            return False
        if self.class_numbers:
            # One number a prediction; Keras takes a last axis of size one away.
            gives = gives[:-1]
            return _agrees(shape, gives) or _agrees(shape, (*gives, 1))
        # Keras gives (N,) the missing last axis, and takes it away again.
        return _agrees(shape, gives) or (len(gives) == 2 and gives[-1] == 1 and len(shape) == 1)


def _takes_class_numbers(model: Any) -> bool:
    try:
        loss = model.loss
        name = loss if isinstance(loss, str) else getattr(loss, "name", None) or getattr(loss, "__name__", "")
    except Exception:  # a model that is not compiled, or of another make
        return False
    return isinstance(name, str) and "sparse" in name.lower()


def _agrees(shape: Shape, wanted: Shape) -> bool:
    return len(shape) == len(wanted) and all(
        want is None or have is None or have == want for have, want in zip(shape, wanted, strict=True)
    )


def _only(shapes: list[Shape]) -> Shape | None:
    """Several models with different wishes tell nothing about one array."""
    return shapes[0] if len(shapes) == 1 else None


def _fits_exactly(shape: Shape, wanted: Shape) -> bool:
    """Whether the sizes that the model names are those of the array; a model that names none proves nothing."""
    if len(shape) != len(wanted) or len(wanted) < 2 or all(size is None for size in wanted[1:]):
        return False
    return all(want is None or have == want for have, want in zip(shape, wanted, strict=True))


def _is_keras_model(value: object) -> bool:
    return any(is_from(value, package, "Model") for package in ("keras", "tf_keras"))


def _attribute_shape(value: object, attribute: str) -> Shape | None:
    try:
        return as_shape(getattr(value, attribute))
    except Exception:  # a model that is not built has none, and says so by raising
        return None


def _row(name: str, value: object, hints: _Hints, found: Described | None = None) -> ShapeRow:
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
                name, found.carrier, type_name, found.dtype or "", None, found.dtype, (), "no shape"
            )
        note = ""
        if found.lengths:
            note = f"lengths {found.lengths[0]}–{found.lengths[-1]}"
        return ShapeRow(
            name, found.carrier, type_name, notation(shape, found.dtype), shape, found.dtype,
            _axes(name, found, hints), note,
            hints.fits(name, shape) if found.carrier in _FITTED else (),
        )  # fmt: skip
    except Exception:
        return ShapeRow(name, "other", type_name, "", note="cannot be looked at")


def _axes(name: str, found: Described, hints: _Hints) -> tuple[str, ...]:
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
    note = "" if count is None else "1 layer" if count == 1 else f"{count} layers"
    if not what and _is_keras_model(model):
        note = f"{note}, not built" if note else "not built"
    return ShapeRow(name, "model", type_name, what, note=note)


def _signature(model: Any, side: str) -> str:
    """A model's input or output shapes, from its declaration; `""` when it has none."""
    try:
        raw = getattr(model, f"{side}_shape")
    except Exception:
        return ""
    single = as_shape(raw)
    if single is not None:
        return _sizes(single)
    many = list(raw.values()) if type(raw) is dict else raw if type(raw) in (list, tuple) else []
    shapes = [as_shape(one) for one in many]
    return ", ".join(_sizes(shape) for shape in shapes if shape is not None)


def _sizes(shape: Shape) -> str:
    inner = ", ".join(UNKNOWN if size is None else str(size) for size in shape)
    return f"({inner},)" if len(shape) == 1 else f"({inner})"


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
    note = "elements" if parts else "its elements declare no shape"
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
    try:
        return str(type(value).__name__)[:NAME_WIDTH]
    except Exception:
        return "?"


# Rendering


def _meaning(row: ShapeRow) -> str:
    """The last column: axes, then what else there is to say, then the type where it is no plain array."""
    parts = [", ".join(row.axes)] if row.axes else []
    if row.note:
        parts.append(row.note)
    if row.carrier not in ("array", "other"):
        parts.append(row.type_name)
    return " · ".join(parts)


def _clip(text: str, width: int) -> str:
    """One line without control characters, at most `width` long."""
    clean = "".join(char if char.isprintable() else "�" for char in text)
    return clean if len(clean) <= width else clean[: width - 1] + "…"


def _cells(table: ShapeTable) -> list[tuple[str, str, str]]:
    return [
        (
            _clip(row.name, NAME_WIDTH),
            _clip(row.notation, 80) or _clip(row.type_name, 80),
            _clip(_meaning(row), 120),
        )
        for row in table.rows
    ]


def _more(table: ShapeTable) -> str:
    if not table.hidden:
        return ""
    return f"… {table.hidden:,} more variables were not looked at; %rnnshapes with a name shows one."


EMPTY = "No array, table, dataset or model in this kernel."


def as_text(table: ShapeTable) -> str:
    """Aligned lines: name, notation, meaning of each axis."""
    cells = _cells(table)
    if not cells:
        return EMPTY
    first, second = (max(len(cell[column]) for cell in cells) for column in (0, 1))
    lines = [f"{name:<{first}}  {what:<{second}}  {axes}".rstrip() for name, what, axes in cells]
    return "\n".join([*lines, *([_more(table)] if table.hidden else [])])


def as_html(table: ShapeTable) -> str:
    """The same as a table; all text escaped."""
    cells = _cells(table)
    if not cells:
        return f"<p>{EMPTY}</p>"
    left = ' style="text-align:left"'
    head = "".join(f'<th scope="col"{left}>{title}</th>' for title in ("variable", "shape", "axes"))
    body = "".join(
        f"<tr><td{left}><code>{escape(name)}</code></td><td{left}><code>{escape(what)}</code></td>"
        f"<td{left}>{escape(axes)}</td></tr>"
        for name, what, axes in cells
    )
    more = f"<p>{escape(_more(table))}</p>" if table.hidden else ""
    return f'<table class="rnnmagic-shapes"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}'
