"""`%rnnshapes` and the names of axes, without a kernel and without TensorFlow."""

from __future__ import annotations

import doctest
import time
from typing import Any

import numpy as np
import pytest

import rnnmagic.axes
from rnnmagic.axes import axes_of, role_of_name
from rnnmagic.shapes import ROWS_AT_MOST, UnknownNameError, as_html, as_text, survey

S, T, F = "samples", "timesteps", "features"


def line(name: str, value: Any, **others: Any) -> str:
    """The one line of a variable, among others."""
    found = [text for text in as_text(survey({name: value} | others)).splitlines() if text.startswith(name)]
    return " ".join(found[0].split())


@pytest.mark.parametrize(
    ("shape", "keywords", "axes"),
    [
        ((100, 20, 3), {"role": "x"}, (S, T, F)),
        ((100, 20, 3), {"name": "X_train"}, (S, T, F)),
        ((100, 20, 3), {"name": "weights_of_mine"}, ("?", "?", "?")),
        ((100, 20), {"role": "x"}, (S, "?")),
        ((100,), {"role": "x"}, (S,)),
        ((), {"role": "x"}, ()),
        ((100, 20, 3), {"role": "x", "wanted": (None, 20, 3)}, (S, T, F)),
        ((100, 20, 3), {"role": "x", "wanted": (None, None, 3)}, (S, T, F)),
        ((100, 60), {"role": "x", "wanted": (None, 20, 3)}, (S, "timesteps*features")),
        ((100, 60), {"role": "x", "wanted": (None, None, 3)}, (S, "timesteps*features")),
        ((100, 20), {"role": "x", "wanted": (None, 20, 1)}, (S, T)),
        ((100, 20), {"role": "x", "wanted": (None, None, 1)}, (S, T)),
        ((20, 3), {"role": "x", "wanted": (None, 20, 3)}, (T, F)),
        ((5000, 3), {"role": "x", "wanted": (None, 20, 3)}, ("?", F)),
        ((100, 3, 20), {"role": "x", "wanted": (None, 20, 3)}, (S, F, T)),
        ((20, 100, 3), {"role": "x", "wanted": (None, 20, 3)}, (T, S, F)),
        ((20, 20, 3), {"role": "x", "wanted": (None, 20, 3)}, (S, T, F)),
        ((100, 25, 4), {"role": "x", "wanted": (None, 20, 3)}, (S, T, F)),
        ((100, 16), {"role": "x", "wanted": (None, 8)}, (S, F)),
        ((100, 5, 8, 8, 1), {"role": "x"}, (S, "?", "?", "?", "?")),
        ((100, 5, 8, 8, 1), {"role": "x", "wanted": (None, 5, 8, 8, 1)}, (S, T, "?", "?", "?")),
        ((None, None, 3), {"role": "x"}, (S, T, F)),
        ((100,), {"role": "y"}, (S,)),
        ((100, 5), {"role": "y"}, (S, "targets")),
        ((100, 20, 5), {"role": "y"}, (S, T, "targets")),
        ((100, 20), {"role": "y", "wanted": (None, 20, 1)}, (S, T)),
        ((100, 20), {"role": "sample_weight"}, (S, T)),
        ((32, 16), {"role": "state"}, (S, "units")),
        ((100, 20), {"name": "X_mask"}, (S, T)),
        ((100,), {"name": "seq_lengths"}, (S,)),
    ],
)
def test_axes(shape: tuple[int | None, ...], keywords: dict[str, Any], axes: tuple[str, ...]) -> None:
    assert axes_of(shape, **keywords) == axes


def test_axes_are_as_many_as_the_shape_has() -> None:
    roles = [
        None,
        "x",
        "y",
        "validation_x",
        "validation_y",
        "sample_weight",
        "state",
        "inputs",
        "mask",
        "other",
    ]
    wishes = [None, (None,), (None, 8), (None, 20, 3), (None, None, 3), (None, 5, 8, 8, 1)]
    for rank in range(7):
        for role in roles:
            for wanted in wishes:
                assert len(axes_of((20, 3, 20, 3, 8, 1)[:rank], role=role, wanted=wanted)) == rank


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("X_train", "x"), ("X", "x"), ("x2", "x"), ("train_x", "x"), ("inputs", "x"), ("sequences", "x"),
        ("y_train", "y"), ("y", "y"), ("labels", "y"), ("train_labels", "y"), ("Y", "y"),
        ("sample_weight", "sample_weight"), ("lengths", "lengths"), ("padding_mask", "mask"),
        ("yellow", None), ("Xavier", None), ("data", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_role_of_name(name: str | None, role: str | None) -> None:
    assert role_of_name(name) == role


def test_docstring_examples() -> None:
    result = doctest.testmod(rnnmagic.axes)
    assert result.attempted > 0
    assert result.failed == 0


def test_the_line_of_the_readme() -> None:
    assert line("X_train", np.zeros((100, 20, 3))) == "X_train f64[100,20,3] samples, timesteps, features"


def test_unsure_is_a_question_mark() -> None:
    assert line("W", np.zeros((7, 8))) == "W f64[7,8] ?, ?"


def test_partner_with_as_many_samples() -> None:
    assert line("scores", np.zeros(100), X_train=np.zeros((100, 20, 3))) == "scores f64[100] samples"
    assert line("scores", np.zeros(99), X_train=np.zeros((100, 20, 3))) == "scores f64[99] ?"


def test_ragged_list() -> None:
    assert line("data", [[1, 2, 3], [4, 5]]) == "data i64[2,?] samples, timesteps · lengths 2–3 · list"


def test_frame_and_series() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(np.zeros((100, 6)))
    assert line("df", frame) == "df f64[100,6] ?, ? · DataFrame"
    assert line("y", frame[0]) == "y f64[100] samples · Series"


def fake_keras(name: str, **attributes: Any) -> Any:
    """An object whose type says that it is a Keras model, as the listing looks at types alone."""
    base = type("Model", (), {"__module__": "keras.src.models.model"})
    return type(name, (base,), attributes)()


def test_model() -> None:
    model = fake_keras("Sequential", input_shape=(None, 20, 3), output_shape=(None, 5), layers=[1, 2, 3])
    assert line("model", model) == "model (?, 20, 3) → (?, 5) 3 layers · Sequential"


def test_model_that_is_not_built() -> None:
    def unbuilt(self: object) -> None:
        raise AttributeError("not built")

    model = fake_keras("Sequential", input_shape=property(unbuilt), output_shape=property(unbuilt), layers=[])
    assert line("model", model) == "model Sequential 0 layers, not built · Sequential"


def test_model_tells_the_axes_of_other_names() -> None:
    model = fake_keras("Sequential", input_shape=(None, 20, 3), output_shape=(None, 5), layers=[1])
    assert line("windows", np.zeros((64, 20, 3)), model=model).endswith("samples, timesteps, features")
    assert line("X", np.zeros((64, 60)), model=model).endswith("samples, timesteps*features")


def test_dataset_is_told_by_its_declaration_and_not_consumed() -> None:
    class Spec:
        def __init__(self, *shape: int | None) -> None:
            self.shape, self.dtype = shape, np.dtype("float32")

    def consumed(self: object) -> None:
        raise AssertionError("the dataset was asked for elements")

    base = type("DatasetV2", (), {"__module__": "tensorflow.python.data.ops.dataset_ops"})
    attributes = {"element_spec": (Spec(None, 20, 3), Spec(None)), "__iter__": consumed, "__len__": consumed}
    assert line("ds", type("Batch", (base,), attributes)()) == "ds f32[?,20,3], f32[?] elements · Batch"


def test_hidden_and_plain_names_are_left_out() -> None:
    namespace = {
        "_x": np.zeros(3), "In": ["a", "b"], "Out": {}, "n": 3, "text": "abc", "np": np, "f": len,
        "names": ["a", "b"], "empty": [], "rows": [{"a": 1}],
    }  # fmt: skip
    assert survey(namespace).rows == ()
    assert as_text(survey(namespace)) == "No array, table, dataset or model in this kernel."


def test_asked_by_name_shows_anything_in_that_order() -> None:
    table = survey({"a": np.zeros(3), "b": 5, "_c": np.zeros(2)}, ["b", "_c", "a", "b"])
    assert [row.name for row in table.rows] == ["b", "_c", "a"]
    assert table.rows[0].note == "no shape"


def test_unknown_name() -> None:
    with pytest.raises(
        UnknownNameError, match=r"^There is no variable 'X_trian' in this kernel\. Did you mean X_train\?$"
    ):
        survey({"X_train": np.zeros(3)}, ["X_trian"])


def raises(self: object, *args: object) -> Any:
    raise RuntimeError("hostile")


HOSTILE = {
    "repr": {"__repr__": raises, "__str__": raises},
    "shape": {"shape": property(raises)},
    "array": {"__array__": raises, "shape": (3,)},
    "len": {"__len__": raises, "__iter__": raises, "__getitem__": raises},
    "getattr": {"__getattr__": raises},
    "getattribute": {"__getattribute__": raises},
    "class": {"__class__": property(raises)},
    "eq": {"__eq__": raises, "__hash__": None, "__bool__": raises},
    "lying-shape": {"shape": "abc"},
    "negative-shape": {"shape": (-1, 3)},
    "endless-shape": {"shape": tuple(range(10_000))},
    "dtype": {"shape": (3,), "dtype": property(raises)},
}


@pytest.mark.parametrize("attributes", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("base", [object, list, dict])
def test_hostile_objects_are_harmless(attributes: dict[str, Any], base: type) -> None:
    namespace = {"bad": type("Bad", (base,), attributes)(), "good": np.zeros(3)}
    text = as_text(survey(namespace))
    assert "good" in text
    assert as_text(survey(namespace, ["bad"])).startswith("bad")
    as_html(survey(namespace, ["bad"]))


def test_hostile_subclass_of_an_array() -> None:
    class Bad(np.ndarray):
        @property
        def shape(self) -> Any:
            raise RuntimeError

        def __array_finalize__(self, other: Any) -> None: ...

    assert "good" in as_text(survey({"bad": np.zeros(3).view(Bad), "good": np.zeros(3)}))


def test_text_of_the_kernel_is_escaped() -> None:
    evil = type("<img src=x onerror=alert(1)>", (), {"shape": (3,), "dtype": "<script>"})()
    page = as_html(survey({"<b>name</b>": np.zeros(3), "evil": evil}, ["<b>name</b>", "evil"]))
    assert "<b>" not in page
    assert "<script>" not in page
    assert "<img" not in page


def test_control_characters_do_not_break_lines() -> None:
    assert len(as_text(survey({"a\n\x1b[31mb": np.zeros(3)})).splitlines()) == 1


@pytest.mark.parametrize(
    "make", [lambda i: i, lambda i: np.zeros(3), lambda i: [1, 2, 3], lambda i: object(), lambda i: {"a": i}],
    ids=["numbers", "arrays", "lists", "objects", "dicts"],
)  # fmt: skip
def test_fifty_thousand_names(make: Any) -> None:
    namespace = {f"name_{i}": make(i) for i in range(50_000)}
    start = time.process_time()
    table = survey(namespace)
    text = as_text(table)
    took = time.process_time() - start
    assert took < 10
    assert len(text.splitlines()) <= ROWS_AT_MOST + 1
    if table.rows:
        assert text.splitlines()[-1].startswith(f"… {50_000 - ROWS_AT_MOST:,} more variables")


def test_an_array_is_never_read() -> None:
    """A file of 80 GB mapped into memory is as good as a small one."""
    huge = np.lib.stride_tricks.as_strided(np.zeros(1), (10**8, 20, 5), (0, 0, 0))
    start = time.process_time()
    assert line("X", huge) == "X f64[100000000,20,5] samples, timesteps, features"
    assert time.process_time() - start < 5
