"""What a value is, told from its metadata."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rnnmagic.values import as_shape, describe, is_from, is_numeric, module_of, notation


def ragged_array() -> Any:
    array = np.empty(2, dtype=object)
    array[:] = [[1, 2, 3], [4, 5]]
    return array


@pytest.mark.parametrize(
    ("value", "carrier", "shape", "dtype"),
    [
        (np.zeros((2, 3)), "array", (2, 3), "float64"),
        (np.zeros((2, 3), "f4"), "array", (2, 3), "float32"),
        (np.zeros(()), "array", (), "float64"),
        (np.array(["a", "b"]), "array", (2,), "str"),
        (np.zeros((0, 3)), "array", (0, 3), "float64"),
        ([1, 2, 3], "list", (3,), "int64"),
        ([1, 2.5], "list", (2,), "float64"),
        ([True, False], "list", (2,), "bool"),
        (["a"], "list", (1,), "str"),
        ([], "list", (0,), None),
        ([[1, 2], [3, 4]], "list", (2, 2), "int64"),
        ([[[1.0], [2.0]]], "list", (1, 2, 1), "float64"),
        (((1, 2), (3, 4)), "list", (2, 2), "int64"),
        ([[1, 2, 3], [4, 5]], "ragged", (2, None), "int64"),
        ([np.zeros((2, 3)), np.zeros((4, 3))], "ragged", (2, None, 3), "float64"),
        (ragged_array(), "ragged", (2, None), "object"),
        ({"a": 1}, "mapping", None, None),
        ((i for i in range(3)), "generator", None, None),
        (5, "scalar", None, "int"),
        (None, "scalar", None, "NoneType"),
        (object(), "other", None, None),
    ],
)
def test_describe(value: Any, carrier: str, shape: Any, dtype: str | None) -> None:
    found = describe(value)
    assert (found.carrier, found.shape, found.dtype) == (carrier, shape, dtype)


def test_lengths_of_ragged_data_are_sorted() -> None:
    assert describe([[1, 2, 3], [4, 5], [6, 7, 8, 9]]).lengths == (2, 3, 4)
    assert describe([[1, 2], [3, 4]]).lengths is None


def test_pandas() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1, 2], "b": [1.5, 2.5]})
    found = describe(frame)
    assert (found.carrier, found.shape, found.dtype) == ("frame", (2, 2), frame.to_numpy().dtype.name)
    found = describe(frame["a"])
    assert (found.carrier, found.shape, found.dtype) == ("series", (2,), "int64")
    assert describe(pandas.Series([[1, 2], [3]], dtype=object)).carrier == "ragged"


@pytest.mark.parametrize(
    "columns", [{"a": [1], "b": [True]}, {"a": [1], "b": ["x"]}, {"a": [True], "b": [False]}]
)
def test_frame_of_mixed_types_is_what_numpy_makes_of_it(columns: dict[str, list[Any]]) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(columns)
    assert describe(frame).dtype == frame.to_numpy().dtype.name


@pytest.mark.parametrize("raw", ["abc", 5, None, (1, -2), (1, "x"), tuple(range(100)), object()])
def test_no_shape(raw: Any) -> None:
    assert as_shape(raw) is None


def test_shape_of_tensorflow_kind() -> None:
    class TensorShape:
        def as_list(self) -> list[int | None]:
            return [None, 3]

    assert as_shape(TensorShape()) == (None, 3)


def test_types_are_asked_and_never_values() -> None:
    class Liar:
        __module__ = "elsewhere.deep"

        @property
        def __class__(self) -> Any:
            raise RuntimeError

    assert module_of(Liar()) == "elsewhere"
    assert is_from(Liar(), "elsewhere")
    assert is_from(Liar(), "elsewhere", "Liar")
    assert not is_from(Liar(), "elsewhere", "Other")
    assert describe(Liar()).carrier == "other"


@pytest.mark.parametrize(
    ("shape", "dtype", "text"),
    [
        ((32, 20, 1), "float32", "f32[32,20,1]"),
        ((None, 20), "int64", "i64[?,20]"),
        ((3,), None, "[3]"),
        ((), "float64", "f64[]"),
        (None, "int", "int"),
        ((2,), "object", "object[2]"),
    ],
)
def test_notation(shape: Any, dtype: str | None, text: str) -> None:
    assert notation(shape, dtype) == text


@pytest.mark.parametrize(
    ("dtype", "numeric"),
    [("float32", True), ("int8", True), ("bool", True), ("object", False), ("str", False), (None, True)],
)
def test_is_numeric(dtype: str | None, numeric: bool) -> None:
    assert is_numeric(dtype) is numeric


def test_what_numpy_makes_in_c_is_of_numpy() -> None:
    """Its classes keep their module in their name, not in their dictionary."""
    assert is_from(np.int64(3), "numpy", "generic") and is_from(np.float32(3), "numpy", "generic")
    assert is_from(np.zeros(2), "numpy", "ndarray") and not is_from(np.zeros(2), "pandas")
    assert not is_from(3, "numpy") and is_from(3, "builtins", "int")
