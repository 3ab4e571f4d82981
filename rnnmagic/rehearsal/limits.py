"""Calls on big data: answered by shape, or given up, so that their cost does not grow with it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from rnnmagic.rehearsal.ghost import LIMIT, Ghost, apply, ghost
from rnnmagic.rehearsal.safety import size_of, top_module
from rnnmagic.rehearsal.unknown import CannotTell

SHAPED = frozenset((
    "zeros", "ones", "empty", "full", "rand", "randn", "random", "random_sample", "normal", "uniform",
    "standard_normal", "integers", "randint", "choice", "random_integers", "poisson", "binomial", "exponential",
))  # fmt: skip
"""Functions that make an array of a given shape."""
_SHAPE_FIRST = ("zeros", "ones", "empty", "full", "random", "random_sample", "standard_normal")
_SIZED = frozenset((
    "arange", "linspace", "eye", "identity", "permutation", "tile", "outer", "meshgrid", "kron", "logspace",
    "indices",
))  # fmt: skip
_HARMLESS = frozenset((
    "isinstance", "type", "zip", "list", "tuple", "dict", "enumerate", "abs", "callable", "id",
))  # fmt: skip
_SCALERS = ("Scaler", "Normalizer")


def name_of(function: Any) -> str:
    return str(getattr(function, "__name__", None) or type(function).__name__)


def walk(value: Any, depth: int = 4) -> Iterator[Any]:
    """The values in small nested containers, without the containers of the call itself."""
    if depth and type(value) in (list, tuple, dict) and len(value) <= 100:
        if depth < 3:
            yield value
        for item in value.values() if type(value) is dict else value:
            yield from walk(item, depth - 1)
    else:
        yield value


def has_ghost(values: Any) -> bool:
    return any(type(value) is Ghost for value in walk(list(values)))


def on_ghosts(function: Any, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    top = top_module(function)
    if isinstance(function, np.ufunc) or (top == "builtins" and name in _HARMLESS):
        if name == "list" and type(args[0]) is Ghost:
            raise CannotTell("the elements of a big array")
        return function(*args, **options)
    if name == "train_test_split":
        return split(args, options)
    if top in ("numpy", "tensorflow", "keras", "tf_keras") or name in ("len", "abs", "round"):
        return apply(name, args, options)
    raise CannotTell(f"{name} of a big array")


def big_result(name: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """Creation of an array that is too big to make, by its shape alone."""
    if name not in SHAPED:
        return None
    sizes: Any
    if name in ("rand", "randn"):
        sizes = args
    else:
        sizes = options.get("size", options.get("shape"))
        if sizes is None:
            if name in _SHAPE_FIRST and args:
                sizes = args[0]
            else:
                sizes = next((value for value in args[1:] if type(value) in (tuple, list)), ())
            if name in ("normal", "uniform", "randint", "integers") and len(args) > 2:
                sizes = args[2]
            elif name == "choice" and len(args) > 1:
                sizes = args[1]
    try:
        shape = tuple(int(n) for n in sizes) if np.iterable(sizes) else (int(sizes),)
    except (TypeError, ValueError):
        return None
    if math.prod(shape) <= LIMIT:
        return None
    dtype = options.get("dtype")
    default = np.int64 if name in ("randint", "integers", "poisson", "binomial") else np.float64
    return ghost(shape, default if dtype is None else dtype)


def check_size(name: str, args: tuple[Any, ...], options: dict[str, Any]) -> None:
    """No work that grows with the user's data beyond what takes a moment."""
    values = [*args, *options.values()]
    total = sum(size_of(value) for value in values)
    numbers = [abs(int(v)) for v in values if type(v) in (int, float) and abs(v) < 1e18]
    if name in _SIZED:
        flat = [n for v in values if type(v) in (tuple, list) for n in v if type(n) is int]
        if name == "arange" and args:
            step = abs(args[2]) if len(args) > 2 and args[2] else 1
            total += int(max(numbers, default=0) / step)
        elif name in ("outer", "kron", "meshgrid"):
            total = math.prod(max(1, size_of(value)) for value in values)
        else:
            total = max(total, 1) * math.prod(max(1, abs(n)) for n in [*flat, *numbers[:1]])
    elif name == "repeat" and len(args) > 1 and type(args[1]) is int:
        total *= max(1, args[1])
    elif name in ("identity", "eye") and numbers:
        total = numbers[0] ** 2
    if total > 4 * LIMIT:
        raise CannotTell(f"{name} of something big")


def scaled(owner: Any, name: str, args: tuple[Any, ...]) -> Any:
    """A scaler's answer for a big array: it keeps the shape."""
    if not type(owner).__name__.endswith(_SCALERS) or type(args[0]) is not Ghost:
        raise CannotTell(f".{name}() of a big array")
    if args[0].ndim != 2:
        raise ValueError(
            f"Found array with dim {args[0].ndim}, while dim 2 is expected by {type(owner).__name__}."
        )
    return owner if name in ("fit", "partial_fit") else ghost(args[0].shape, np.float64)


def split(args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """`train_test_split` of big arrays."""
    count = len(args[0])
    test, train = options.get("test_size"), options.get("train_size")
    if test is None:
        test = 0.25 if train is None else 1 - train if isinstance(train, float) else count - train
    n_test = test if isinstance(test, int) else math.ceil(count * test)
    n_train = count - n_test
    if train is not None:
        n_train = train if isinstance(train, int) else math.floor(count * train)
    parts: list[Any] = []
    for array in args:
        if not isinstance(array, np.ndarray):
            raise CannotTell("a split of something big")
        if len(array) != count:
            raise ValueError("Found input variables with inconsistent numbers of samples")
        parts += [ghost((n, *array.shape[1:]), array.dtype) for n in (n_train, n_test)]
    return parts
