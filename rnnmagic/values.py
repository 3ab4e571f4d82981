"""What a value of the kernel is, told from its metadata alone.

Nothing here reads the elements of an array, prints a value or runs a `repr`; the cost does not
grow with the data. The one exception, said where it happens, is a list of sequences, whose items
are asked for their lengths. Objects are untrusted: an attribute that raises or lies yields `None`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from rnnmagic.limit import Expired, limited
from rnnmagic.report import Shape

Carrier = Literal[
    "array", "frame", "series", "tensor", "ragged_tensor", "dataset", "loader", "list", "ragged",
    "mapping", "generator", "model", "layer", "symbolic", "scalar", "other",
]  # fmt: skip

LENGTHS_AT_MOST = 100_000
"""A list longer than this has its lengths sampled, not all read."""
MAX_RANK = 32
MAX_SIZE = 2**62
"""No array has an axis this long; Python cannot even print the number that an object may claim."""
LOOK_S = 0.5
"""For one object of the user's to say what its shape is."""
_KNOWN = frozenset(
    {"builtins", "numpy", "pandas", "tensorflow", "keras", "tf_keras", "torch", "jaxlib", "scipy", "sklearn"}
)
"""Packages whose objects answer at once."""


@dataclass(frozen=True)
class Described:
    """A value by its metadata. `lengths` is set for ragged data only, in timesteps."""

    carrier: Carrier
    shape: Shape | None
    dtype: str | None
    lengths: tuple[int, ...] | None = None
    inner: Shape = ()
    """For ragged data: the shape that one step has, `()` for plain numbers."""


def variables(namespace: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The variables of a namespace as they are now, by name.

    `globals()[1] = 2` makes a name of a number, and a `str` of a class of the user's may do anything when it is
    used: no such name can be written in a cell, and none is given here.
    """
    return [(name, value) for name, value in list(namespace.items()) if type(name) is str]


def module_of(value: object) -> str:
    """Top-level package of a value's type; the type is asked, never the value."""
    # Not by `getattr`: a metaclass may answer in the class's place.
    module = type.__dict__["__module__"].__get__(type(value))
    return module.split(".", 1)[0] if type(module) is str else ""


def class_name(value: object) -> str:
    """The name of a value's class; that of the class itself, whatever a metaclass says."""
    return str(type.__dict__["__name__"].__get__(type(value)))


def is_from(value: object, package: str, *names: str) -> bool:
    """Whether a class of that name in that package is among the value's bases.

    The type is looked at, so that no import is needed and no `__class__` is believed.
    """
    for base in type.__dict__["__mro__"].__get__(type(value)):
        module = type.__dict__["__dict__"].__get__(base).get("__module__")
        if module is None:
            # A class made in C, as NumPy's are, keeps it in its name.
            module = type.__dict__["__module__"].__get__(base)
        if (
            type(module) is str
            and module.split(".", 1)[0] == package
            and (not names or type.__dict__["__name__"].__get__(base) in names)
        ):
            return True
    return False


def as_shape(raw: object) -> Shape | None:
    """A shape of whatever an object calls its shape; `None` when it is none."""
    try:
        as_list = getattr(raw, "as_list", None)
        sizes = as_list() if callable(as_list) else raw
        if not isinstance(sizes, (tuple, list)) or len(sizes) > MAX_RANK:
            return None
        shape = tuple(None if size is None else int(size) for size in sizes)
    except Exception:
        return None
    return None if any(size is not None and not 0 <= size < MAX_SIZE for size in shape) else shape


def asked(value: object, name: str) -> Any:
    """An attribute of an object of the user's; `None` where it has none, and where it raises or loops."""
    try:
        with limited(LOOK_S):
            return getattr(value, name, None)
    except (Exception, Expired, SystemExit, GeneratorExit):
        return None


def has_array_metadata(value: object) -> bool:
    """Whether it has a shape and an element type; an object that raises when asked has none."""
    try:
        with limited(LOOK_S):
            return hasattr(value, "shape") and hasattr(value, "dtype")
    except (Exception, Expired, SystemExit, GeneratorExit):
        return False


def describe(value: object) -> Described:
    """Carrier, shape and element type of a value, by its metadata.

    Raises nothing, and takes `LOOK_S` at most: an object of the user's may do anything when it is asked.
    """
    try:
        if module_of(value) in _KNOWN:
            return _describe(value)
        with limited(LOOK_S):
            return _describe(value)
    except (Exception, Expired, SystemExit, GeneratorExit):
        return Described("other", None, None)


def _describe(value: object) -> Described:
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.ndarray):
        if value.dtype == object and value.ndim == 1 and len(value):
            return _sequence(value, carrier="array")
        return Described("array", tuple(value.shape), _dtype_name(value.dtype))
    if is_from(value, "pandas", "DataFrame"):
        return Described("frame", as_shape(value.shape), _frame_dtype(value))  # type: ignore[attr-defined]
    if is_from(value, "pandas", "Series"):
        if str(value.dtype) == "object":  # type: ignore[attr-defined]
            return _sequence(value.array, carrier="series")  # type: ignore[attr-defined]
        return Described("series", as_shape(value.shape), _dtype_name(value.dtype))  # type: ignore[attr-defined]
    if is_from(value, "tensorflow", "RaggedTensor"):
        return Described("ragged_tensor", as_shape(value.shape), _dtype_name(value.dtype))  # type: ignore[attr-defined]
    if is_from(value, "tensorflow", "DatasetV2", "Dataset"):
        return Described("dataset", None, None)
    if is_from(value, "torch", "DataLoader"):
        return Described("loader", None, None)
    for package in ("keras", "tf_keras"):
        if is_from(value, package, "KerasTensor"):
            return Described("symbolic", as_shape(value.shape), _dtype_name(value.dtype))  # type: ignore[attr-defined]
        if is_from(value, package, "Model", "Trainer"):
            return Described("model", None, None)
        if is_from(value, package, "Layer"):
            return Described("layer", None, None)
        if is_from(value, package, "PyDataset", "Sequence"):
            return Described("dataset", None, None)
    if is_from(value, "torch", "Module"):
        return Described("model", None, None)
    if is_from(value, "tensorflow") or is_from(value, "torch") or is_from(value, "jaxlib"):
        shape = as_shape(getattr(value, "shape", None))
        if shape is not None:
            return Described("tensor", shape, _dtype_name(getattr(value, "dtype", None)))
    if type(value) in (list, tuple):
        return _sequence(value, carrier="list")
    if isinstance(value, Mapping) and module_of(value) == "builtins":
        return Described("mapping", None, None)
    if class_name(value) in ("generator", "async_generator"):
        return Described("generator", None, None)
    if isinstance(value, (bool, int, float, complex, str, bytes)) or value is None:
        return Described("scalar", None, class_name(value))
    shape = as_shape(getattr(value, "shape", None))
    if shape is not None:
        return Described("array", shape, _dtype_name(getattr(value, "dtype", None)))
    return Described("other", None, None)


def _dtype_name(dtype: object) -> str | None:
    if dtype is None:
        return None
    name = getattr(dtype, "name", None)
    text = name if isinstance(name, str) else str(dtype)
    # A `str` of a class of the user's may do anything when it is used.
    text = str.__getitem__(text, slice(0, 200))
    text = text.rsplit(".", 1)[-1][:40]
    return "str" if text.startswith(("str", "<U", "|S", "bytes")) else text


def _frame_dtype(frame: Any) -> str | None:
    """One element type for a whole frame, as `frame.to_numpy()` would give it, unread."""
    kinds = {str(dtype) for dtype in frame.dtypes}
    if not kinds:
        return "float64"
    if len(kinds) == 1:
        only = kinds.pop()
        return "str" if only == "string" else only
    numeric = {"int", "uint", "float", "bool", "Int", "Float", "UInt"}
    if all(any(kind.startswith(name) for name in numeric) for kind in kinds):
        # pandas gives object for a mix of bool and numbers, and the wider number otherwise.
        if "bool" in kinds:
            return "object"
        return "float64" if any("loat" in kind for kind in kinds) else "int64"
    return "object"


def _sequence(value: Any, carrier: Carrier) -> Described:
    """A list, or a 1-D object array, of numbers or of sequences."""
    count = len(value)
    if count == 0:
        return Described(carrier, (0,), None)
    step = max(1, count // LENGTHS_AT_MOST)
    items = [value[i] for i in range(0, count, step)]
    outer = "object" if carrier in ("array", "series") else None
    if all(isinstance(item, (bool, int, float)) or is_from(item, "numpy", "generic") for item in items):
        if outer is None and any(is_from(item, "numpy", "str_") for item in items):
            return Described(carrier, (count,), "str")
        kind = (
            "bool" if all(isinstance(item, bool) for item in items)
            else "int64" if all(isinstance(item, (bool, int)) or is_from(item, "numpy", "integer") for item in items)
            else "float64"
        )  # fmt: skip
        return Described(carrier, (count,), outer or kind)
    if all(isinstance(item, (str, bytes)) for item in items):
        return Described(carrier, (count,), outer or "str")
    shapes: list[Shape | None] = []
    element_kinds: set[str | None] = set()
    for item in items:
        shape, element_kind = _item(item)
        shapes.append(shape)
        element_kinds.add(element_kind)
    if any(shape is None or not shape for shape in shapes):
        return Described(carrier, (count,), "object")
    lengths = tuple(sorted(int(shape[0] or 0) for shape in shapes if shape))
    inners = {shape[1:] for shape in shapes if shape}
    dtype = outer or (element_kinds.pop() if len(element_kinds) == 1 else "float64")
    if len(set(lengths)) > 1:
        inner = next(iter(inners)) if len(inners) == 1 else ()
        return Described("ragged", (count, None, *inner), dtype, lengths, inner)
    if len(inners) > 1:
        return Described("ragged", (count, lengths[0]), dtype, None)
    return Described(carrier, (count, lengths[0], *next(iter(inners))), dtype)


def _item(item: Any) -> tuple[Shape | None, str | None]:
    if type(item) in (list, tuple):
        if not item:
            return (0,), None
        first = item[0]
        if isinstance(first, (bool, int, float)):
            return (len(item),), "int64" if isinstance(first, int) else "float64"
        if isinstance(first, (str, bytes)):
            return (len(item),), "str"
        inner, kind = _item(first)
        return (None, None) if inner is None else ((len(item), *inner), kind)
    if isinstance(item, (str, bytes)):
        return None, "str"
    shape = as_shape(getattr(item, "shape", None))
    return shape, _dtype_name(getattr(item, "dtype", None))


NUMERIC = ("float", "int", "uint", "bool", "bfloat", "complex", "Float", "Int", "UInt")


def is_numeric(dtype: str | None) -> bool:
    """Whether a layer can take elements of that type."""
    return dtype is None or dtype.startswith(NUMERIC)


def notation(shape: Shape | None, dtype: str | None = None) -> str:
    """jaxtyping-like notation: `f32[32,20,1]`, `?` for an unknown size."""
    short = {
        "float16": "f16", "float32": "f32", "float64": "f64", "bfloat16": "bf16",
        "int8": "i8", "int16": "i16", "int32": "i32", "int64": "i64",
        "uint8": "u8", "uint16": "u16", "uint32": "u32", "uint64": "u64",
    }  # fmt: skip
    head = "" if dtype is None else short.get(dtype, dtype)
    if shape is None:
        return head
    return f"{head}[{','.join('?' if size is None else str(size) for size in shape)}]"
