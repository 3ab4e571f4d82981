"""`rnnmagic.expect`: what passes, what it says when something does not fit, and that it leaves no trace."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from keras_state import differing, fingerprint

import rnnmagic
from rnnmagic import language

X_train = np.random.default_rng(0).random((40, 12, 3)).astype("float32")
y_train = np.tile([0, 1], 20)
flat = X_train.reshape(40, 36)


def build(*, sequence: bool = False, declared: bool = True, compiled: bool = True, outputs: int = 1) -> Any:
    first = [keras.Input((12, 3))] if declared else []
    model = keras.Sequential(
        [*first, layers.LSTM(4, return_sequences=sequence), layers.Dense(outputs, activation="sigmoid")]
    )
    if compiled:
        model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model


def said(test: Callable[[], None], error: type[Exception] = rnnmagic.ExpectationError) -> str:
    """The message, its lines joined."""
    with pytest.raises(error) as caught:
        test()
    return " ".join(str(caught.value).split())


def test_what_fits_passes() -> None:
    model = build()
    assert rnnmagic.expect(model, X_train, y_train, input=(None, 12, 3), output=(None, 1)) is None
    rnnmagic.expect(build(compiled=False), X_train, output=(40, 1))
    rnnmagic.expect(build(declared=False), X_train, y_train)
    rnnmagic.expect(model, output=(None, 1))
    rnnmagic.expect(None, X_train, input=(40, 12, 3))
    rnnmagic.expect(model, tf.data.Dataset.from_tensor_slices((X_train, y_train)).batch(8))


@pytest.mark.parametrize("make", [build, lambda: build(declared=False)], ids=["built", "unbuilt"])
@pytest.mark.parametrize("data", [X_train, flat], ids=["fits", "does not"])
def test_nothing_is_changed(make: Callable[[], Any], data: Any) -> None:
    model = make()
    copy, counted = data.copy(), keras.backend.get_uid("lstm")
    before = fingerprint(model)
    try:
        rnnmagic.expect(model, data, y_train, output=(None, 1))
    except rnnmagic.ExpectationError:
        assert data is flat
    assert differing(before, fingerprint(model)) == []
    assert np.array_equal(copy, data) and keras.backend.get_uid("lstm") == counted + 1


def test_flat_data_with_names_axes_and_layer() -> None:
    model = build()
    name = model.layers[0].name
    text = said(lambda: rnnmagic.expect(model, flat, y_train))
    assert text.startswith("`flat` is a flat table (40, 36); the layer wants (samples, timesteps, features).")
    assert f"expected [?,12,3] samples, timesteps, features by {name}" in text
    assert "received f32[40,36] samples, timesteps*features flat" in text


def test_the_report_is_there_as_data() -> None:
    with pytest.raises(rnnmagic.ExpectationError) as caught:
        rnnmagic.expect(build(), flat, y_train)
    found = caught.value.report.to_dict()
    assert (found["cause"], found["array"]["name"], found["layer"]["expected"]) == (
        "flattened",
        "flat",
        [None, 12, 3],
    )
    assert found["fixes"] == []


def test_a_target_that_the_loss_would_stretch() -> None:
    text = said(lambda: rnnmagic.expect(build(sequence=True), X_train, y_train))
    assert "answers with a sequence, (40, 12, 1)" in text and "`y_train` (40,) has one a sample" in text


def test_the_shapes_that_the_teacher_wants() -> None:
    turned = X_train.transpose(0, 2, 1)
    text = said(lambda: rnnmagic.expect(build(), turned, input=(None, 12, 3)))
    assert "`turned` has the shape (40, 3, 12); (any, 12, 3) is expected" in text
    assert "3 timesteps in place of 12, 12 features in place of 3" in text
    model = build(sequence=True)
    text = said(lambda: rnnmagic.expect(model, X_train, y_train, output=(None, 1), hint="One a patient."))
    assert text.startswith("`model` answers (40, 12, 1) where (any, 1) is expected.")
    assert "return_sequences=True" in text and text.endswith("One a patient.")


def test_targets_that_do_not_fit() -> None:
    model = build()
    assert "40 samples and `y_train[:9]` 9" in said(lambda: rnnmagic.expect(model, X_train, y_train[:9]))
    one_hot = keras.utils.to_categorical(y_train)
    assert "`one_hot` (40, 2) is one-hot" in said(lambda: rnnmagic.expect(model, X_train, one_hot))
    bare = build(compiled=False)
    assert "`bare` has no loss yet: compile it" in said(lambda: rnnmagic.expect(bare, X_train, y_train))


def test_only_the_question() -> None:
    text = said(lambda: rnnmagic.expect(build(), flat, y_train, reveal="question", hint="Read the task."))
    assert text.startswith("What does each axis of flat stand for") and text.endswith("Read the task.")
    assert "12" not in text and "36" not in text and "lstm" not in text


def test_several_outputs_by_place_and_by_name() -> None:
    x = keras.Input((12, 3))
    state = layers.LSTM(4)(x)
    model = keras.Model(x, [layers.Dense(1)(state), layers.Dense(5)(state)])
    rnnmagic.expect(model, X_train, output=[(None, 1), (None, 5)])
    text = said(lambda: rnnmagic.expect(model, X_train, output=[(None, 1), (None, 4)]))
    assert "`model` answers at output 1 (40, 5) where (any, 4) is expected." in text
    assert "at output 1 (40, 5) where nothing" in said(
        lambda: rnnmagic.expect(model, X_train, output=(None, 1))
    )


def test_no_model_at_all() -> None:
    model = None
    assert said(lambda: rnnmagic.expect(model, X_train, y_train)).startswith(
        "`model` is None; a model is expected."
    )
    assert "`build` is of type function" in said(lambda: rnnmagic.expect(build, X_train))


def test_in_the_language_of_the_student() -> None:
    turned, nothing, model = X_train.transpose(0, 2, 1), None, build(sequence=True)
    wanted = (None, 12, 3)
    language.choose("es")
    try:
        text = said(lambda: rnnmagic.expect(None, turned, input=wanted))
        assert text.startswith(
            "`turned` tiene la forma (40, 3, 12); se espera (cualquiera, 12, 3), es decir,"
        )
        assert "3 pasos de tiempo en lugar de 12, 12 características en lugar de 3." in text
        assert "Tiene 2 ejes en lugar de 3." in said(lambda: rnnmagic.expect(None, flat, input=wanted))
        assert "`nothing` es None y no tiene forma; se espera un array de forma" in said(
            lambda: rnnmagic.expect(None, nothing, input=wanted)
        )
        text = said(lambda: rnnmagic.expect(model, X_train, output=(None, 1)))
        assert text.startswith("`model` responde (40, 12, 1) donde se espera (cualquiera, 1).")
        text = said(lambda: rnnmagic.expect(build(), flat, reveal="question"))
        assert text.startswith("¿Qué representa cada eje de flat")
    finally:
        language.choose("auto")


def test_an_error_of_the_students_own_code_is_passed_on() -> None:
    class Own(keras.Model):
        def call(self, x: Any) -> Any:
            return undefined_name(x)  # noqa: F821

    with pytest.raises(rnnmagic.ExpectationError, match="undefined_name") as caught:
        rnnmagic.expect(Own(), X_train)
    assert isinstance(caught.value.__cause__, NameError)


def test_what_cannot_be_told_is_no_mistake_of_the_student() -> None:
    assert "consumed" in said(lambda: rnnmagic.expect(build(), (x for x in X_train)), NotImplementedError)
    said(lambda: rnnmagic.expect(build(declared=False), output=(None, 1)), NotImplementedError)


def test_options_that_are_none() -> None:
    said(lambda: rnnmagic.expect(build(), X_train, output=(None, "1")), TypeError)
    said(lambda: rnnmagic.expect(build(), X_train, input=12), TypeError)  # type: ignore[arg-type]
    said(lambda: rnnmagic.expect(build(), X_train, reveal="all of it"), ValueError)  # type: ignore[arg-type]


def test_names_where_the_source_is_not_known() -> None:
    scope: dict[str, Any] = {}
    exec("import rnnmagic\ndef test_q1(model, windows):\n    rnnmagic.expect(model, windows)", scope)
    assert "`windows` is a flat table" in said(lambda: scope["test_q1"](build(), flat))


def test_a_stateful_model_with_its_batch_size() -> None:
    model = keras.Sequential(
        [keras.Input((12, 3), batch_size=8), layers.LSTM(4, stateful=True), layers.Dense(1)]
    )
    model.compile("adam", "mse")
    rnnmagic.expect(model, X_train, y_train, batch_size=8)
    assert "8" in said(lambda: rnnmagic.expect(model, X_train, y_train, batch_size=16))


def test_importing_rnnmagic_does_not_bring_it() -> None:
    code = "import rnnmagic, sys; print('rnnmagic.expectation' in sys.modules, rnnmagic.expect.__module__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "rnnmagic.expectation"]
