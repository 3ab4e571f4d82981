"""Arrays without elements: shape and element type of an array too big to work on.

A `Ghost` is a NumPy array whose every element is the same byte (stride 0), so that its shape, type
and views cost nothing. What would need the elements raises `CannotTell`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from rnnmagic.rehearsal.unknown import CannotTell

LIMIT = 1_000_000
"""Elements an array may have to be worked on as it is."""

_REDUCTIONS = [
    "sum",
    "mean",
    "std",
    "var",
    "min",
    "max",
    "prod",
    "median",
    "amin",
    "amax",
    "nanmin",
    "nanmax",
    "nanmean",
    "nanstd",
    "nansum",
    "ptp",
]
_POSITIONS = ("argmax", "argmin", "count_nonzero")


class Ghost(np.ndarray):
    """Shape and dtype of an array, and nothing else."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if method != "__call__" or ufunc.signature is not None:
            if ufunc is np.matmul and method == "__call__":
                return _matmul(*inputs[:2])
            raise CannotTell(f"{ufunc.__name__} of a big array")
        shape = np.broadcast_shapes(*(np.shape(value) for value in inputs))
        samples = [
            np.ones((), value.dtype) if isinstance(value, np.ndarray) and value.ndim else value
            for value in (_plain(value) for value in inputs)
        ]
        with np.errstate(all="ignore"):
            sample = ufunc(*samples, dtype=options.get("dtype"))
        if isinstance(sample, tuple):
            return tuple(ghost(shape, part.dtype) for part in sample)
        out = options.get("out")
        if out is not None:
            if out[0].shape != shape or not np.can_cast(sample.dtype, out[0].dtype, "same_kind"):
                raise ValueError(f"non-broadcastable output operand with shape {out[0].shape} for {shape}")
            return out[0]
        return ghost(shape, sample.dtype)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return apply(func.__name__, args, kwargs)

    def __getitem__(self, index: Any) -> Any:
        parts = index if isinstance(index, tuple) else (index,)
        if not any(isinstance(part, (list, np.ndarray)) for part in parts):
            found = self.view(np.ndarray)[index]
            return ghost(np.shape(found), self.dtype)
        return ghost(_picked(self.shape, parts), self.dtype)

    def __setitem__(self, index: Any, value: Any) -> None:
        place = self[index]
        np.broadcast_shapes(place.shape, np.shape(value))

    def __iter__(self) -> Any:
        if self.ndim == 0 or self.shape[0] > 1000:
            raise CannotTell("the elements of a big array")
        return iter([self[k] for k in range(self.shape[0])])

    def _refuse(self, *_args: Any, **_options: Any) -> Any:
        raise CannotTell("the values of a big array")

    __bool__ = __int__ = __float__ = __index__ = __contains__ = __array__ = _refuse
    __complex__ = item = tolist = tobytes = nonzero = sort = argsort = dot = _refuse
    tofile = dump = take = choose = compress = searchsorted = _refuse

    def __repr__(self) -> str:
        return f"Ghost{self.shape}"

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        return "?"

    def numpy(self) -> Ghost:
        """So that it can stand for a tensor as well."""
        return self

    def reshape(self, *shape: Any, **_options: Any) -> Any:
        sizes = shape[0] if len(shape) == 1 and not isinstance(shape[0], (int, np.integer)) else shape
        return ghost(resolve(self.size, sizes), self.dtype)

    def astype(self, dtype: Any, *_args: Any, **_options: Any) -> Any:
        return ghost(self.shape, np.dtype(dtype))

    def ravel(self, *_args: Any) -> Any:
        return ghost((self.size,), self.dtype)

    def flatten(self, *_args: Any, **_options: Any) -> Any:
        return ghost((self.size,), self.dtype)

    def copy(self, *_args: Any, **_options: Any) -> Any:
        return self

    def repeat(self, repeats: Any, axis: Any = None) -> Any:
        return apply("repeat", (self, repeats, axis), {})

    def clip(self, *_args: Any, **_options: Any) -> Any:
        return self

    def round(self, *_args: Any, **_options: Any) -> Any:
        return self


def _reducing(name: str) -> Callable[..., Any]:
    def method(self: Ghost, axis: Any = None, *_args: Any, **options: Any) -> Any:
        return _reduced(name, self, axis, bool(options.get("keepdims", False)))

    return method


for _name in (*_REDUCTIONS, *_POSITIONS):
    if hasattr(np.ndarray, _name):
        setattr(Ghost, _name, _reducing(_name))


def ghost(shape: Any, dtype: Any) -> Ghost:
    """An array of that shape and type that takes no memory."""
    return np.broadcast_to(np.zeros((), dtype), tuple(int(size) for size in shape)).view(Ghost)


def ghost_of(array: np.ndarray[Any, Any]) -> Ghost:
    return ghost(array.shape, array.dtype)


def stand_in(shape: tuple[int, ...], dtype: Any = "float32") -> Any:
    """Zeros, or a `Ghost` where those would be big."""
    return np.zeros(shape, dtype) if math.prod(shape) <= LIMIT else ghost(shape, dtype)


def resolve(size: int, shape: Any) -> tuple[int, ...]:
    """The sizes that a reshape gives; raises what NumPy raises where they do not fit."""
    sizes = [int(n) for n in (shape if np.iterable(shape) else (shape,))]
    if sizes.count(-1) > 1:
        raise ValueError("can only specify one unknown dimension")
    known = math.prod(n for n in sizes if n != -1)
    if -1 in sizes:
        if known == 0 or size % known:
            raise ValueError(f"cannot reshape array of size {size} into shape {tuple(sizes)}")
        sizes[sizes.index(-1)] = size // known
    elif known != size:
        raise ValueError(f"cannot reshape array of size {size} into shape {tuple(sizes)}")
    return tuple(sizes)


def _plain(value: Any) -> Any:
    return value.view(np.ndarray) if isinstance(value, Ghost) else value


def _picked(shape: tuple[int, ...], parts: tuple[Any, ...]) -> tuple[int, ...]:
    """Shape of `array[parts]` with one array of numbers among slices."""
    result: list[int] = []
    axis = 0
    arrays = [part for part in parts if isinstance(part, (list, np.ndarray))]
    if len(arrays) > 1 or any(part is None or part is Ellipsis for part in parts):
        raise CannotTell("the elements of a big array")
    for part in parts:
        if isinstance(part, slice):
            result.append(len(range(*part.indices(shape[axis]))))
        elif isinstance(part, (list, np.ndarray)):
            if isinstance(part, Ghost):
                if part.dtype.kind == "b":
                    raise CannotTell("how many elements of a big array are chosen")
                result.extend(part.shape)
            else:
                chosen = np.asarray(part)
                if chosen.dtype.kind == "b" and chosen.ndim != 1:
                    raise CannotTell("the elements of a big array")
                result.extend((int(chosen.sum()),) if chosen.dtype.kind == "b" else chosen.shape)
        axis += 1
    return (*result, *shape[axis:])


def _reduced(name: str, array: Any, axis: Any = None, keepdims: bool = False) -> Any:
    axes = range(array.ndim) if axis is None else (axis if isinstance(axis, tuple) else (axis,))
    dropped = {int(a) % array.ndim if array.ndim else 0 for a in axes}
    kept = [1 if k in dropped else n for k, n in enumerate(array.shape) if keepdims or k not in dropped]
    if name in _POSITIONS:
        dtype: Any = np.int64
    elif name in ("mean", "std", "var", "median", "nanmean", "nanstd") and array.dtype.kind in "iub":
        dtype = np.float64
    else:
        dtype = array.dtype
    return ghost(kept, dtype)


def _matmul(one: Any, two: Any) -> Any:
    first, second = np.shape(one), np.shape(two)
    if len(first) < 2 or len(second) != 2 or first[-1] != second[0]:
        raise CannotTell("a product of big arrays")
    return ghost((*first[:-1], second[1]), np.result_type(one.dtype, two.dtype))


# Functions, by the name they have in NumPy, TensorFlow or Keras


def _same(array: Any, *_args: Any, **_options: Any) -> Any:
    return array


def _cast(array: Any, dtype: Any = None, *_args: Any, **_options: Any) -> Any:
    if dtype is None:
        return array
    return array.astype(getattr(dtype, "name", dtype))


def _view(name: str) -> Callable[..., Any]:
    def function(array: Any, *args: Any, **options: Any) -> Any:
        found = getattr(np, name)(array.view(np.ndarray), *args, **options)
        if isinstance(found, list):
            return [ghost(part.shape, array.dtype) for part in found]
        return ghost(found.shape, array.dtype)

    return function


def _joined(name: str) -> Callable[..., Any]:
    def function(arrays: Any, axis: int = 0, *_args: Any, **_options: Any) -> Any:
        # Along one axis only the sizes matter; the others NumPy checks on arrays of few elements.
        shapes = [tuple(np.shape(array)) for array in arrays]
        dtype = np.result_type(*(array.dtype for array in arrays))
        if name == "stack":
            if len(set(shapes)) > 1:
                raise ValueError("all input arrays must have the same shape")
            whole = list(shapes[0])
            whole.insert(axis if axis >= 0 else axis + len(whole) + 1, len(shapes))
            return ghost(whole, dtype)
        if len({len(shape) for shape in shapes}) > 1:
            raise ValueError("all the input arrays must have same number of dimensions")
        whole = list(shapes[0])
        for shape in shapes[1:]:
            if any(
                a != b for k, (a, b) in enumerate(zip(shape, whole, strict=True)) if k != axis % len(whole)
            ):
                raise ValueError(
                    "all the input array dimensions except for the concatenation axis must match"
                )
        whole[axis] = sum(shape[axis] for shape in shapes)
        return ghost(whole, dtype)

    return function


def _repeat(array: Any, repeats: Any, axis: Any = None, **_options: Any) -> Any:
    if not isinstance(repeats, (int, np.integer)):
        raise CannotTell("how often a big array is repeated")
    if axis is None:
        return ghost((array.size * int(repeats),), array.dtype)
    shape = list(array.shape)
    shape[axis] *= int(repeats)
    return ghost(shape, array.dtype)


def _windows(array: Any, window_shape: Any, axis: Any = None, **_options: Any) -> Any:
    sizes = tuple(window_shape) if np.iterable(window_shape) else (int(window_shape),)
    axes = tuple(range(array.ndim)) if axis is None else (axis if isinstance(axis, tuple) else (axis,))
    shape = list(array.shape)
    for size, k in zip(sizes, axes, strict=True):
        shape[k] -= size - 1
    return ghost((*shape, *sizes), array.dtype)


def _categorical(array: Any, num_classes: Any = None, **_options: Any) -> Any:
    if num_classes is None:
        raise CannotTell("how many classes a big array has")
    shape = array.shape[:-1] if array.ndim > 1 and array.shape[-1] == 1 else array.shape
    return ghost((*shape, int(num_classes)), np.float64)


def _where(condition: Any, *choices: Any) -> Any:
    if not choices:
        raise CannotTell("where a big array is true")
    shape = np.broadcast_shapes(*(np.shape(value) for value in (condition, *choices)))
    return ghost(shape, np.result_type(*(_sample(value) for value in choices)))


def _sample(value: Any) -> Any:
    return value.dtype if isinstance(value, np.ndarray) else value


def _like(array: Any, *_args: Any, dtype: Any = None, **_options: Any) -> Any:
    return array if dtype is None else array.astype(dtype)


def _reshape(array: Any, shape: Any = None, *_args: Any, newshape: Any = None, **_options: Any) -> Any:
    return array.reshape(shape if newshape is None else newshape)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(("nan_to_num", "clip", "round", "around", "flip", "roll", "shuffle", "abs", "identity"), _same),
    **dict.fromkeys(("array", "asarray", "asanyarray", "ascontiguousarray", "cast", "constant"), _cast),
    **dict.fromkeys(("convert_to_tensor", "convert_to_numpy", "cast_v2"), _cast),
    **dict.fromkeys(("zeros_like", "ones_like", "empty_like", "full_like"), _like),
    **{
        name: _view(name)
        for name in ["transpose", "swapaxes", "moveaxis", "expand_dims", "squeeze", "broadcast_to", "atleast_2d", "atleast_3d", "array_split", "split", "rollaxis", "rot90"]
    },
    "concatenate": _joined("concatenate"),
    "concat": _joined("concatenate"),
    "stack": _joined("stack"),
    "vstack": _joined("concatenate"),
    "reshape": _reshape,
    "ravel": lambda array, *_a: array.ravel(),
    "repeat": _repeat,
    "sliding_window_view": _windows,
    "to_categorical": _categorical,
    "where": _where,
    "shape": lambda array: array.shape,
    "ndim": lambda array: array.ndim,
    "size": lambda array, axis=None: array.size if axis is None else array.shape[axis],
    "len": lambda array: len(array),
    "matmul": _matmul,
    "dot": _matmul,
}  # fmt: skip
for _name in (*_REDUCTIONS, *_POSITIONS):

    def _function(array: Any, axis: Any = None, *_args: Any, name: str = _name, **options: Any) -> Any:
        return _reduced(name, array, axis, bool(options.get("keepdims", False)))

    _FUNCTIONS[_name] = _function


def apply(name: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """What a function of that name makes of arguments with a ghost among them.

    Raises
    ------
    CannotTell
        It is not known what, or it depends on the elements.
    """
    function = _FUNCTIONS.get(name)
    if function is None:
        raise CannotTell(f"{name} of a big array")
    try:
        return function(*args, **options)
    except (TypeError, AttributeError) as error:
        # An option that this table does not know: no verdict on the user's code.
        raise CannotTell(f"{name} of a big array") from error
