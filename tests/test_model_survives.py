"""A failure leaves the user's model as it was, so that the correct call works on the same object.

Plain Keras breaks a model by a failed first call (`Creating variables on a non-first call…`, stale dropout
masks, metrics that stick to the wrong target). Here every situation goes through the whole path in a checked
cell, and a twin that never failed says what the weights must be, to the last bit.
"""

from __future__ import annotations

import atexit
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from textwrap import dedent
from typing import Any
from unittest import mock

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import rnnmagic

keras = pytest.importorskip("keras")
pytest.importorskip("tensorflow")

from keras_state import (  # noqa: E402
    assert_nothing_patched,
    differing,
    fingerprint,
    patched_places,
    plain,
    weights,
)

START = """
import numpy as np, keras, tensorflow as tf
from keras import Input, layers as L, ops
keras.backend.clear_session()
keras.utils.set_random_seed(11)
rng = np.random.default_rng(3)
X, X4, X2 = (rng.normal(size=s).astype("float32") for s in ((20, 2, 3), (20, 2, 4), (20, 6)))
y, y3 = rng.normal(size=(20, 1)).astype("float32"), rng.normal(size=(20, 3)).astype("float32")
numbers = rng.integers(0, 4, size=(20, 1)); hot = keras.utils.to_categorical(numbers, 4)
"""


@dataclass
class Situation:
    build: str
    bad: str
    good: str
    only: str = "shape_error"
    """The report's outcome."""


FIT = "model.fit(X, y, batch_size=10, epochs=2, verbose=0)"
SITUATIONS = {
    "deferred sequential": Situation(
        'model = keras.Sequential([L.SimpleRNN(4, unroll=True), L.Dense(1)]); model.compile("adam", "mse")',
        "model.fit(X2, y, verbose=0)",
        FIT,
    ),
    "declared sequential": Situation(
        'model = keras.Sequential([Input((2, 3)), L.LSTM(4), L.Dense(1)]); model.compile("adam", "mse")',
        "model.fit(X4, y, verbose=0)",
        FIT,
    ),
    "functional": Situation(
        'i = Input((2, 3)); model = keras.Model(i, L.Dense(1)(L.GRU(4)(i))); model.compile("rmsprop", "mse")',
        "model.fit(X4, y, verbose=0)",
        FIT,
    ),
    "subclassed": Situation(
        """
        class Net(keras.Model):
            def __init__(self):
                super().__init__()
                self.rnn, self.out = L.SimpleRNN(4, unroll=True), L.Dense(1)
            def call(self, x):
                return self.out(self.rnn(x))
        model = Net(); model.compile("adam", "mse")
        """,
        "model.fit(X2, y, verbose=0)",
        FIT,
    ),
    "dropout and recurrent dropout": Situation(
        """
        model = keras.Sequential([
            Input((2, 3)), L.LSTM(4, dropout=.3, recurrent_dropout=.3), L.Dropout(.2), L.Dense(1)])
        model.compile("adam", "mse")
        """,
        "model.fit(X4, y, verbose=0)",
        FIT,
    ),
    "deferred with dropout": Situation(
        """
        model = keras.Sequential([L.GRU(4, dropout=.3, recurrent_dropout=.3), L.Dense(1)])
        model.compile("adam", "mse")
        """,
        "model.fit(X, y3[:, :2].repeat(5, 0), verbose=0)",
        FIT,
    ),
    "stateful remainder": Situation(
        """
        model = keras.Sequential([Input(batch_shape=(8, 2, 3)), L.SimpleRNN(4, stateful=True, unroll=True), L.Dense(1)])
        model.compile("adam", "mse")
        """,
        "model.fit(X, y, batch_size=8, shuffle=False, verbose=0)",
        "model.fit(X[:16], y[:16], batch_size=8, shuffle=False, verbose=0)",
    ),
    "validation data after an epoch": Situation(
        'model = keras.Sequential([Input((2, 3)), L.SimpleRNN(4, unroll=True), L.Dense(1)]); model.compile("adam", "mse")',
        "model.fit(X, y, validation_data=(X4, y), verbose=0)",
        "model.fit(X, y, validation_data=(X[:6], y[:6]), verbose=0)",
    ),
    "metric alone": Situation(
        """
        model = keras.Sequential([Input((2, 3)), L.SimpleRNN(4, unroll=True), L.Dense(4, activation="softmax")])
        model.compile("adam", "sparse_categorical_crossentropy", metrics=[keras.metrics.Precision()])
        """,
        "model.fit(X, numbers, verbose=0)",
        'model.compile("adam", "categorical_crossentropy", metrics=[keras.metrics.Precision()])\n'
        "model.fit(X, hot, verbose=0)",
    ),
    "loss mismatch": Situation(
        """
        model = keras.Sequential([L.SimpleRNN(4, unroll=True), L.Dense(4, activation="softmax")])
        model.compile("adam", "categorical_crossentropy")
        """,
        "model.fit(X, numbers, verbose=0)",
        "model.fit(X, hot, verbose=0)",
    ),
    "batch normalization": Situation(
        """
        model = keras.Sequential([L.BatchNormalization(), L.SimpleRNN(4, unroll=True), L.BatchNormalization(), L.Dense(1)])
        model.compile("adam", "mse")
        """,
        "model.fit(X2, y, verbose=0)",
        FIT,
    ),
    "bidirectional": Situation(
        """
        model = keras.Sequential([Input((2, 3)), L.Bidirectional(L.SimpleRNN(4, dropout=.2, unroll=True)), L.Dense(1)])
        model.compile("adam", "mse")
        """,
        "model.fit(X4, y, verbose=0)",
        FIT,
    ),
    "train_on_batch": Situation(
        'model = keras.Sequential([L.SimpleRNN(4, unroll=True), L.Dense(1)]); model.compile("adam", "mse")',
        "model.train_on_batch(X2, y)",
        "for _ in range(3): model.train_on_batch(X, y)",
    ),
    "predict, then fit": Situation(
        'model = keras.Sequential([L.SimpleRNN(4, unroll=True), L.Dense(1)]); model.compile("adam", "mse")',
        "model.predict(X2, verbose=0)",
        "p = model.predict(X, verbose=0); " + FIT,
    ),
    "accuracy resolved on the first target": Situation(
        """
        model = keras.Sequential([L.SimpleRNN(4, unroll=True), L.Dense(4, activation="softmax")])
        model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
        """,
        "model.fit(X, numbers, verbose=0)",
        "h = model.fit(X, hot, verbose=0); kind = type(model._compile_metrics._flat_metrics[0].metrics[0]).__name__\n"
        'assert kind == "CategoricalAccuracy", kind',
    ),
    "nested model": Situation(
        """
        i = Input((2, 3)); encoder = keras.Model(i, L.SimpleRNN(4, dropout=.2, unroll=True)(i))
        model = keras.Sequential([encoder, L.Dense(1)]); model.compile("adam", "mse")
        """,
        "model.fit(X4, y, verbose=0)",
        FIT,
    ),
    "own train_step": Situation(
        """
        class Own(keras.Sequential):
            def train_step(self, data):
                x, y = data
                with tf.GradientTape() as tape:
                    loss = self.compute_loss(y=y, y_pred=self(x, training=True))
                self.optimizer.apply(tape.gradient(loss, self.trainable_variables), self.trainable_variables)
                return {"loss": loss}
        model = Own([Input((2, 3)), L.SimpleRNN(4, unroll=True), L.Dense(1)]); model.compile("adam", "mse")
        """,
        "model.fit(X4, y, verbose=0)",
        FIT,
    ),
    "eager": Situation(
        """
        model = keras.Sequential([L.SimpleRNN(4, dropout=.2, unroll=True), L.Dense(1)])
        model.compile("adam", "mse", run_eagerly=True)
        """,
        "model.fit(X2, y, verbose=0)",
        "model.fit(X, y, verbose=0)",
    ),
    "after a good fit": Situation(
        """
        model = keras.Sequential([Input((2, 3)), L.SimpleRNN(4, dropout=.2, unroll=True), L.Dense(1)])
        model.compile("adam", "mse"); model.fit(X, y, verbose=0)
        """,
        "model.fit(X4, y, verbose=0)",
        FIT,
    ),
    "dataset never batched": Situation(
        """
        model = keras.Sequential([Input((2, 3)), L.SimpleRNN(4, unroll=True), L.Dense(1)]); model.compile("adam", "mse")
        data = tf.data.Dataset.from_tensor_slices((X, y))
        """,
        "model.fit(data, verbose=0)",
        "model.fit(data.batch(10), verbose=0)",
    ),
    "called directly": Situation(
        'model = keras.Sequential([L.SimpleRNN(4, dropout=.2, unroll=True), L.Dense(1)]); model.compile("adam", "mse")',
        "model(X2)",
        "o = model(X); " + FIT,
    ),
}
ALL = pytest.mark.parametrize("situation", SITUATIONS.values(), ids=list(SITUATIONS))


# Running


class Notebook:
    """A terminal IPython with rnnmagic, and its variables."""

    def __init__(self) -> None:
        self.shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
        self.shell.extension_manager.load_extension("rnnmagic")
        self._forget()

    def close(self) -> None:
        """Let go of everything: IPython keeps each shell, and what it holds, until the process ends."""
        self.shell.extension_manager.unload_extension("rnnmagic")
        atexit.unregister(self.shell.atexit_operations)
        self._forget()

    def _forget(self) -> None:
        # Each collects garbage, which goes through all of TensorFlow's modules.
        with mock.patch("gc.collect"):
            self.shell.reset(new_session=False)
            keras.backend.clear_session()

    def run(self, code: str) -> Any:
        return self.shell.run_cell(dedent(code).strip("\n"), store_history=True)

    def ok(self, code: str) -> None:
        result = self.run(code)
        error = result.error_before_exec or result.error_in_exec
        assert result.success, f"{type(error).__name__}: {error}"

    def fails(self, code: str) -> Exception:
        result = self.run(code)
        assert not result.success, "the cell was meant to fail"
        return result.error_in_exec

    def __getitem__(self, name: str) -> Any:
        return self.shell.user_ns[name]


@pytest.fixture
def book() -> Iterator[Notebook]:
    notebook = Notebook()
    yield notebook
    notebook.close()


def begin(book: Notebook, situation: Situation, start: str = START) -> None:
    book.ok(start)
    book.ok(situation.build)


# The tests


@ALL
def test_correct_call_after_a_failure(book: Notebook, situation: Situation) -> None:
    begin(book, situation)
    book.ok(situation.good)
    expected, dice = weights(book["model"]), (random.getstate(), plain(np.random.get_state()))

    begin(book, situation)
    places = patched_places()
    model = book["model"]
    before = fingerprint(model)
    book.fails("%%rnncheck\n" + situation.bad)
    assert rnnmagic.last_report().outcome == situation.only
    assert rnnmagic.last_report().trouble is None
    assert not (changed := differing(before, fingerprint(model))), "\n".join(changed)
    assert_nothing_patched(places)

    book.ok("%%rnncheck\n" + situation.good)
    assert rnnmagic.last_report().outcome == "clean"
    assert weights(model) == expected
    assert (random.getstate(), plain(np.random.get_state())) == dice


def test_the_situations_are_real(book: Notebook) -> None:
    """Without the check the correct call fails in some of them: else this file would prove nothing."""
    broken = []
    for situation in (SITUATIONS[n] for n in ("deferred sequential", "subclassed", "loss mismatch")):
        begin(book, situation)
        before = fingerprint(book["model"])
        book.fails(situation.bad)
        if differing(before, fingerprint(book["model"])) and not book.run(situation.good).success:
            broken.append(situation)
    assert broken


def test_failing_twice_and_in_another_way(book: Notebook) -> None:
    situation = SITUATIONS["deferred with dropout"]
    begin(book, situation)
    book.ok(situation.good)
    expected = weights(book["model"])
    begin(book, situation)
    before = fingerprint(book["model"])
    for bad in ("model.fit(X2, y, verbose=0)", "model.predict(X2, verbose=0)", "model.fit(X, y[:-1])"):
        book.fails("%%rnncheck\n" + bad)
        assert differing(before, fingerprint(book["model"])) == []
    book.ok("%%rnncheck\n" + situation.good)
    assert weights(book["model"]) == expected


def test_apply_the_fix_and_go_on(book: Notebook) -> None:
    situation = replace(
        SITUATIONS["declared sequential"], bad="model.fit(X2, y, batch_size=10, epochs=2, verbose=0)"
    )
    begin(book, situation)
    book.ok("whole = X2.reshape(-1, 2, 3)\nmodel.fit(whole, y, batch_size=10, epochs=2, verbose=0)")
    expected = weights(book["model"])
    begin(book, situation)
    table = book["X2"]
    kept = table.tobytes()
    book.fails("%%rnncheck\n" + situation.bad)
    rnnmagic.last_report().apply(1)
    assert book["X2"].shape == (20, 2, 3)
    assert book["X2"] is not table and table.shape == (20, 6) and table.tobytes() == kept
    book.ok("%%rnncheck\n" + situation.bad)
    assert weights(book["model"]) == expected


LATER = """
class Late(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch == 1: raise {error}
"""


@pytest.mark.parametrize("error", ["RuntimeError('disk full')", "ValueError('bad day')", "KeyboardInterrupt"])
def test_training_is_kept_after_another_error(book: Notebook, error: str) -> None:
    """Two epochs are two epochs' worth of work: only a shape error takes anything back."""
    situation = SITUATIONS["functional"]
    call = "model.fit(X, y, batch_size=10, epochs=5, verbose=0, callbacks=[Late()])"
    begin(book, situation)
    untrained = weights(book["model"])
    book.ok(LATER.format(error=error))
    book.fails(call)
    expected = weights(book["model"])

    begin(book, situation)
    book.ok(LATER.format(error=error))
    places = patched_places()
    book.fails("%%rnncheck\n" + call)
    assert rnnmagic.last_report().outcome == "other_error"
    assert weights(book["model"]) == expected != untrained
    assert int(book["model"].optimizer.iterations.numpy()) == 4
    assert_nothing_patched(places)
    book.ok("%%rnncheck\n" + situation.good)


FEEDS = {
    "generator": """
        def feed():
            while True:
                taken.append(1)
                yield X4[:10], y[:10]
        data = feed()
        """,
    "dataset": """
        def feed():
            for _ in range(3):
                taken.append(1)
                yield X4[:10], y[:10]
        data = tf.data.Dataset.from_generator(feed, output_signature=(
            tf.TensorSpec((None, 2, 4), tf.float32), tf.TensorSpec((None, 1), tf.float32)))
        """,
    "PyDataset": """
        class Feed(keras.utils.PyDataset):
            def __len__(self): return 2
            def __getitem__(self, index):
                taken.append(index)
                return X4[:10], y[:10]
        data = Feed()
        """,
    "iterable array": """
        class Asked(np.ndarray):
            def __getitem__(self, key):
                taken.append(key)
                return super().__getitem__(key)
            def __iter__(self):
                taken.append("iter")
                return super().__iter__()
        data = X4.view(Asked)
        """,
}


@pytest.mark.parametrize("feed", FEEDS.values(), ids=list(FEEDS))
def test_data_are_not_consumed(book: Notebook, feed: str) -> None:
    """The failing call itself takes some: exactly as many as without the check."""
    build = 'model = keras.Sequential([Input((2, 3)), L.SimpleRNN(4, unroll=True), L.Dense(1)]); model.compile("adam", "mse")'
    target = ", y" if "Asked" in feed else ", steps_per_epoch=2"
    counts = []
    for magic in ("", "%%rnncheck\n"):
        book.ok(START)
        book.ok(build)
        book.ok("taken = []\n" + dedent(feed))
        book.fails(f"{magic}model.fit(data{target}, verbose=0)")
        counts.append(len(book["taken"]))
    assert counts[0] == counts[1]


def test_array_is_handed_over_untouched(book: Notebook) -> None:
    begin(book, SITUATIONS["declared sequential"])
    arrays = {name: (book[name], book[name].tobytes()) for name in ("X", "X4", "y")}
    book.ok("X4.flags.writeable = False")
    book.fails("%%rnncheck\nmodel.fit(X4, y, verbose=0)")
    for name, (array, content) in arrays.items():
        assert book[name] is array and array.tobytes() == content
