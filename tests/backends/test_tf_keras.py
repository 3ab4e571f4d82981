"""tf_keras: the model survives a failure, the traceback is the user's own, and nothing is left behind."""

from __future__ import annotations

import random
import resource
import sys
import traceback
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from unittest import mock

import numpy as np
import pytest
import test_model_survives as survives
import tf_keras as keras
from test_model_survives import Notebook, Situation, begin, differing, fingerprint

import rnnmagic
from rnnmagic import frameworks

START = survives.START.replace(
    "import numpy as np, keras,", "import tf_keras as keras, numpy as np,"
).replace("from keras import Input, layers as L, ops", "from tf_keras import Input, layers as L")
SITUATIONS = dict(survives.SITUATIONS)
SITUATIONS["accuracy resolved on the first target"] = replace(
    SITUATIONS["accuracy resolved on the first target"],
    good="model.fit(X, hot, verbose=0)\n"
    'assert "categorical" in model.compiled_metrics.metrics[0]._fn.__name__\n'
    'assert "sparse" not in model.compiled_metrics.metrics[0]._fn.__name__',
)
SITUATIONS["own train_step"] = replace(
    SITUATIONS["own train_step"],
    build=SITUATIONS["own train_step"].build.replace(
        "self.optimizer.apply(tape.gradient(loss, self.trainable_variables), self.trainable_variables)",
        "w = self.trainable_variables; self.optimizer.apply_gradients(zip(tape.gradient(loss, w), w))",
    ),
)
SITUATIONS["lstm and gru"] = Situation(
    "model = keras.Sequential([L.LSTM(4, return_sequences=True, dropout=.2), L.GRU(4), L.Dense(1)]); "
    'model.compile("adam", "mse")',
    "model.fit(X2, y, verbose=0)",
    survives.FIT,
)
SITUATIONS["an optimizer of the old kind"] = Situation(
    'model = keras.Sequential([L.SimpleRNN(4), L.Dense(1)]); model.compile(keras.optimizers.legacy.Adam(), "mse")',
    "model.fit(X2, y, verbose=0)",
    survives.FIT,
)


@pytest.fixture
def book() -> Iterator[Notebook]:
    with mock.patch("gc.collect"):
        keras.backend.clear_session()
    notebook = Notebook()
    yield notebook
    notebook.close()


def weights(model: Any) -> list[bytes]:
    found = model.optimizer.variables if model.optimizer else ()
    held = [*model.variables, *(found() if callable(found) else found)]
    return [np.asarray(variable).tobytes() for variable in held]


def patched_places() -> dict[str, Any]:
    from tensorflow.python.util import traceback_utils as tf_traceback_utils
    from tf_keras.src import backend, losses
    from tf_keras.src.engine import base_layer, base_layer_utils, training
    from tf_keras.src.layers.rnn import gru, lstm
    from tf_keras.src.utils import layer_utils, losses_utils, traceback_utils

    owners = [
        training.Model, base_layer.Layer, base_layer_utils, layer_utils.CallFunctionSpec, losses_utils,
        losses.LossFunctionWrapper, traceback_utils, tf_traceback_utils, backend, lstm, gru,
    ]  # fmt: skip
    return {f"{owner.__name__}.{name}": value for owner in owners for name, value in vars(owner).items()} | {
        "meta_path": tuple(sys.meta_path)
    }


def assert_nothing_patched(before: dict[str, Any]) -> None:
    after = patched_places()
    assert [
        name for name, value in before.items() if after.get(name) is not value and after.get(name) != value
    ] == []


@pytest.mark.parametrize("situation", SITUATIONS.values(), ids=list(SITUATIONS))
def test_correct_call_after_a_failure(book: Notebook, situation: Situation) -> None:
    begin(book, situation, START)
    book.ok(situation.good)
    expected, dice = weights(book["model"]), random.getstate()

    begin(book, situation, START)
    places = patched_places()
    model = book["model"]
    before = fingerprint(model)
    book.fails("%%rnncheck\n" + situation.bad)
    report = rnnmagic.last_report()
    assert report.outcome == situation.only
    assert report.trouble is None
    assert not (changed := differing(before, fingerprint(model))), "\n".join(changed)
    assert_nothing_patched(places)

    book.ok("%%rnncheck\n" + situation.good)
    assert rnnmagic.last_report().outcome == "clean"
    if "recurrent_dropout" not in situation.build:
        # With that one plain tf_keras does not always train the same twice, on a busy machine.
        assert weights(model) == expected
    assert random.getstate() == dice


def test_the_situations_are_real(book: Notebook) -> None:
    """Without the check a correct call fails after a wrong one: else the test above would prove nothing."""
    for name in ("deferred sequential", "subclassed"):
        begin(book, SITUATIONS[name], START)
        book.fails(SITUATIONS[name].bad)
        book.fails(SITUATIONS[name].good)


TRACED = {
    "while fit is traced": "model.fit(X4, y, verbose=0)",
    "at once": "model.train_on_batch(X4, y)",
    "model called": "model(X4)",
    "layer called": "L.LSTM(4)(X2)",
    "network built": "keras.Sequential([Input((2, 3)), L.LSTM(4), L.LSTM(4)])",
    "numbers of samples": "model.fit(X, y[:-1], verbose=0)",
    "not compiled": "keras.Sequential([L.Dense(1)]).fit(X, y)",
}


@pytest.mark.parametrize("call", TRACED.values(), ids=list(TRACED))
def test_the_traceback_is_as_without_rnnmagic(book: Notebook, call: str) -> None:
    """The same frames, to the line, and the same words."""
    told = []
    for magic in ("", "%%rnncheck\n"):
        begin(book, SITUATIONS["declared sequential"], START)
        error = book.fails(magic + call)
        steps = [
            (step.name, step.filename, step.lineno)
            for step in traceback.extract_tb(error.__traceback__)
            if "tf_keras" in step.filename or "tensorflow" in step.filename
        ]
        told.append((type(error), str(error), steps, error.__suppress_context__, error.__cause__))
    assert told[0] == told[1]


def compiled(*layers: Any, loss: str = "mse") -> Any:
    model = keras.Sequential(list(layers))
    model.compile("adam", loss)
    return model


L = keras.layers
rng = np.random.default_rng(2)
X, X4 = (rng.normal(size=shape).astype("float32") for shape in ((20, 2, 3), (20, 2, 4)))
y = rng.normal(size=(20, 1)).astype("float32")


def foresee(model: Any, **arguments: Any) -> Any:
    framework = frameworks.of(model)
    assert framework is not None
    return framework.foresee(
        model, "fit", {"epochs": 1, "initial_epoch": 0, "validation_freq": 1} | arguments
    )


def test_a_wrong_validation_is_foreseen() -> None:
    model = compiled(keras.Input((2, 3)), L.LSTM(4), L.Dense(1))
    before = fingerprint(model)
    found = foresee(model, x=X, y=y, validation_data=(X4, y))
    assert (found.when, found.certain) == ("validation", True)
    assert foresee(model, x=X, y=y, validation_data=(X, y)) is None
    assert not differing(before, fingerprint(model))


def test_a_remainder_of_a_stateful_model_is_foreseen() -> None:
    model = compiled(keras.Input(batch_shape=(8, 2, 3)), L.GRU(4, stateful=True), L.Dense(1))
    found = foresee(model, x=X, y=y, batch_size=8)
    assert (found.when, found.samples) == ("last", 4)
    assert foresee(model, x=X[:16], y=y[:16], batch_size=8) is None


def test_lists_of_numbers_are_arrays() -> None:
    """tf_keras takes them, Keras 3 does not."""
    model = compiled(L.Dense(1))
    framework = frameworks.of(model)
    assert framework is not None
    call = {"x": [[1.0, 2.0], [3.0, 4.0]], "y": [0, 1]}
    assert framework.try_call(model, "fit", call, open_sandbox=True).ok
    model.fit(**call, verbose=0)
    assert not framework.try_call(model, "fit", call | {"y": np.array([0, 1])}, open_sandbox=True).ok


def test_a_dry_run_makes_no_weights() -> None:
    """400 MB of weights that the model has not got yet, and neither takes."""
    model = compiled(L.LSTM(4), L.Dense(100_000), L.Dense(1000))
    framework = frameworks.of(model)
    assert framework is not None
    framework.try_call(compiled(L.LSTM(4)), "predict", {"x": X}, open_sandbox=True)
    before, dice = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, random.getstate()
    trial = framework.try_call(model, "predict", {"x": X}, open_sandbox=True)
    assert trial.ok and trial.outputs == (20, 1000)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000  # kB
    assert not model.built and not model.layers[0].weights
    assert random.getstate() == dice


def test_wrong_timesteps_are_an_error(book: Notebook) -> None:
    """Keras 3 takes them without a word in a Sequential; tf_keras does not."""
    begin(book, SITUATIONS["lstm and gru"], START)
    book.ok("model = keras.Sequential([Input((2, 3)), L.LSTM(4), L.Dense(1)]); model.compile('adam', 'mse')")
    book.ok("longer = np.concatenate([X, X], axis=1)")
    book.fails("%%rnncheck\nmodel.fit(longer, y, verbose=0)")
    report = rnnmagic.last_report()
    assert (report.cause, report.array.name) == ("timesteps", "longer")
    assert report.fixes[0].verified


def test_a_fix_is_spelt_with_the_keras_of_the_notebook(book: Notebook) -> None:
    book.ok(
        "import numpy as np\nfrom tf_keras.layers import LSTM, Dense\nfrom tf_keras.models import Sequential"
    )
    book.ok("rows = [[[1.0]] * n for n in (2, 3, 4)]\ny = np.zeros(3)")
    book.ok("model = Sequential([LSTM(2), Dense(1)]); model.compile('adam', 'mse')")
    book.fails("%%rnncheck\nmodel.fit(rows, y, verbose=0)")
    report = rnnmagic.last_report()
    assert report.cause == "ragged"
    assert "import tf_keras" in report.fixes[0].edits[0].new
    assert "tf_keras.utils.pad_sequences" in report.fixes[0].code
    assert report.fixes[0].verified


def test_containers_that_tensorflow_wraps_are_put_back(tmp_path):
    """A list or dict as an attribute of a layer is a wrapper, with the content in another object."""

    class Counting(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.seen, self.by_name, self.none = [1], {"a": 1}, []
            self.dense = keras.layers.Dense(2)

    model = keras.Sequential([keras.Input((3,)), Counting(), keras.layers.Dense(1)])
    layer = model.layers[0]
    held = frameworks.of(model).snapshot(model)
    layer.seen.append(2)
    layer.seen[0] = 3
    layer.none.append(4)
    layer.by_name["b"] = 5
    del layer.by_name["a"]
    held.roll_back()
    assert (list(layer.seen), list(layer.none), dict(layer.by_name)) == ([1], [], {"a": 1})
    # TensorFlow refuses to save what was changed behind its back.
    model.save_weights(tmp_path / "weights")
