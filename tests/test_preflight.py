"""Before a training: what will fail later on is said at once, and everything else is as if nobody had looked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from test_model_survives import (
    SITUATIONS,
    Notebook,
    assert_nothing_patched,
    begin,
    differing,
    fingerprint,
    patched_places,
)

import rnnmagic
from rnnmagic.frameworks.keras3.engine import Keras3Engine
from rnnmagic.frameworks.keraslike import looks
from rnnmagic.frameworks.keraslike.ahead import foresee

keras = pytest.importorskip("keras")

START = """
import numpy as np, pandas as pd, keras, tensorflow as tf
from keras import Input, layers as L, ops
keras.backend.clear_session()
keras.utils.set_random_seed(11)
rng = np.random.default_rng(3)
X, X4 = (rng.normal(size=s).astype("float32") for s in ((20, 2, 3), (20, 2, 4)))
y, y3 = rng.normal(size=(20, 1)).astype("float32"), rng.normal(size=(20, 3)).astype("float32")
numbers = rng.integers(0, 4, size=20)
late = numbers.copy(); late[-1] = 4
table = pd.DataFrame(rng.normal(size=(20, 6)))
column = pd.Series(rng.normal(size=20))

class Say(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None): print(f"epoch {epoch} begins")
    def on_train_batch_end(self, batch, logs=None): print("a batch ends")
say = [Say()]

def plain(loss="mse", units=1, **options):
    model = keras.Sequential([Input((2, 3)), L.SimpleRNN(4), L.Dense(units)])
    model.compile("adam", loss, **options)
    return model

def stateful():
    model = keras.Sequential([Input(batch_shape=(8, 2, 3)), L.SimpleRNN(4, stateful=True), L.Dense(1)])
    model.compile("adam", "mse")
    return model

def whole(y_true, y_pred):
    return ops.mean(ops.reshape(y_true, (10, 1)) - y_pred)

sparse = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
"""


@pytest.fixture
def book() -> Iterator[Notebook]:
    notebook = Notebook()
    notebook.ok('%config RnnCheck.display = "text"')
    notebook.ok(START)
    yield notebook
    notebook.close()


@pytest.fixture
def dry_runs(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """One item for each dry run of a batch."""
    seen: list[Any] = []

    class Counted(Keras3Engine):
        def dry_run(self, model: Any, batch: Any, **options: Any) -> Any:
            seen.append(model)
            return super().dry_run(model, batch, **options)

    # Those of the look ahead alone: the fixes are tried with a dry run each.
    monkeypatch.setattr(looks, "engine_of", lambda model: Counted())
    return seen


TOLD = {
    "validation of another width": (
        "model = plain()",
        "model.fit(X, y, epochs=2, verbose=0, validation_data=(X4, y), callbacks=say)",
        "The validation after epoch 1 will fail. `X4` (20, 2, 4) has 4 features",
    ),
    "validation as a dataset": (
        "model = plain(); data = tf.data.Dataset.from_tensor_slices((X4, y)).batch(5)",
        "model.fit(X, y, verbose=0, validation_data=data, callbacks=say)",
        "The validation after epoch 1 will fail. `data`",
    ),
    "validation target": (
        "model = plain(units=3)",
        "model.fit(X, y3, verbose=0, validation_data=(X, y3[:, :2]), callbacks=say)",
        "The validation after epoch 1 will fail.",
    ),
    "validation of unequal numbers": (
        "model = plain()",
        "model.fit(X, y, verbose=0, validation_data=(X, y[:9]), callbacks=say)",
        "The validation after epoch 1 will fail. `X` holds 20 samples and `y[:9]` 9",
    ),
    "validation every other epoch": (
        "model = plain()",
        "model.fit(X, y, epochs=2, verbose=0, validation_data=(X4, y), validation_freq=2, callbacks=say)",
        "The validation after epoch 2 will fail.",
    ),
    "last batch of a stateful model": (
        "model = stateful()",
        "model.fit(X, y, batch_size=8, shuffle=False, verbose=0, callbacks=say)",
        "The last batch, of 4 samples, will fail. The stateful SimpleRNN",
    ),
    "last batch of a dataset": (
        "model = stateful(); data = tf.data.Dataset.from_tensor_slices((X, y)).batch(8).prefetch(2)",
        "model.fit(data, verbose=0, callbacks=say)",
        "The last batch, of 4 samples, will fail.",
    ),
    "metric": (
        "model = plain(sparse, 4, metrics=[keras.metrics.Precision()])",
        "model.fit(X, numbers, verbose=0, callbacks=say)",
        "A metric will fail. The loss takes `numbers` (20,)",
    ),
    "metric of one's own on the last batch": (
        "model = plain(metrics=[whole])",
        "model.fit(X[:15], y[:15], batch_size=10, verbose=0, callbacks=say)",
        "The last batch, of 5 samples, will fail.",
    ),
    "class number out of range": (
        "model = plain(sparse, 4)",
        "model.fit(X, late, batch_size=5, shuffle=False, verbose=0, callbacks=say)",
        "The loss will fail. `late` holds class numbers from 0 to 4",
    ),
    "class number of the validation": (
        "model = plain(sparse, 4)",
        "model.fit(X, numbers, verbose=0, validation_data=(X, late), callbacks=say)",
        "The loss will fail. `late` holds class numbers from 0 to 4",
    ),
    "predict on a fixed batch": (
        "model = stateful()",
        "model.predict(X, batch_size=8, verbose=0)",
        "The last batch, of 4 samples, will fail.",
    ),
}


@pytest.mark.parametrize(("build", "call", "words"), TOLD.values(), ids=list(TOLD))
def test_told_before_the_first_step(
    book: Notebook, capsys: pytest.CaptureFixture[str], build: str, call: str, words: str
) -> None:
    book.ok(build)
    without = book.fails(call)
    book.ok(START)
    book.ok(build)
    capsys.readouterr()
    error = book.fails("%%rnncheck\n" + call)
    text = " ".join(capsys.readouterr().out.split())
    assert type(error) is type(without)
    begins = text.find("epoch 0 begins")
    assert words in text[: begins if begins >= 0 else len(text)]
    report = rnnmagic.last_report()
    (told,) = report.told
    assert told.line == 2
    assert report.outcome == "shape_error" and told.summary.endswith(report.summary)
    assert report.cause == told.cause
    assert all(fix.verified for fix in told.fixes)
    assert report.to_dict()["told"][0]["summary"] == told.summary


def test_what_fails_at_once_is_not_told_twice(book: Notebook, capsys: pytest.CaptureFixture[str]) -> None:
    book.ok("model = plain()")
    capsys.readouterr()
    book.fails("%%rnncheck\nmodel.fit(X4, y, verbose=0)")
    assert "will fail" not in capsys.readouterr().out
    report = rnnmagic.last_report()
    assert report.outcome == "shape_error" and report.told == ()


def test_a_fix_is_told_and_can_be_taken_after_an_interrupt(book: Notebook) -> None:
    book.ok("model = plain()")
    book.ok(
        "class Stop(keras.callbacks.Callback):\n    def on_epoch_begin(self, *a): raise KeyboardInterrupt"
    )
    book.run("%%rnncheck\nmodel.fit(X, y, validation_data=(X4, y), verbose=0, callbacks=[Stop()])")
    report = rnnmagic.last_report()
    assert report.outcome == "other_error" and report.told[0].fixes[0].verified
    book.ok("%rnnfix 1")
    assert "X4[..., :3]" in book.shell.rl_next_input


# What is right is left alone

FITS = {
    "array": "model.fit(X, y, verbose=0)",
    "last batch smaller": "model.fit(X, y, batch_size=8, verbose=0)",
    "validation": "model.fit(X, y, validation_data=(X[:7], y[:7]), verbose=0)",
    "validation as a list": "model.fit(X, y, validation_data=[X[:7], y[:7]], verbose=0)",
    "validation with weights": "model.fit(X, y, validation_data=(X[:7], y[:7], np.ones(7)), verbose=0)",
    "validation split": "model.fit(X, y, validation_split=0.3, verbose=0)",
    "validation that never comes": "model.fit(X, y, validation_data=(X4, y), validation_freq=3, verbose=0)",
    "no epochs": "model.fit(X, y, epochs=0, validation_data=(X4, y), verbose=0)",
    "target of one axis": "plain().fit(X, y[:, 0], verbose=0)",
    "list of one input": "model.fit([X], [y], verbose=0)",
    "tensor": "model.fit(tf.constant(X), tf.constant(y), verbose=0)",
    "weights": "model.fit(X, y, sample_weight=np.ones(20), verbose=0)",
    "frame": "flat.fit(table, column, verbose=0)",
    "frame of mixed numbers": "flat.fit(table.assign(a=1).iloc[:, 1:], column, verbose=0)",
    "series": "single.fit(column, column, verbose=0)",
    "series as validation": "single.fit(column, column, validation_data=(column, column), verbose=0)",
    "dataset": "model.fit(tf.data.Dataset.from_tensor_slices((X, y)).batch(8), verbose=0)",
    "dataset for validation": "model.fit(X, y, validation_data=tf.data.Dataset.from_tensor_slices((X, y)).batch(7), verbose=0)",
    "dataset of whole batches": "state.fit(tf.data.Dataset.from_tensor_slices((X, y)).batch(8, drop_remainder=True), verbose=0)",
    "dataset cut to whole batches": "state.fit(tf.data.Dataset.from_tensor_slices((X, y)).batch(8).take(2), verbose=0)",
    "endless dataset": "state.fit(tf.data.Dataset.from_tensor_slices((X, y)).repeat().batch(8), steps_per_epoch=3, verbose=0)",
    "steps that leave the rest out": "state.fit(X, y, batch_size=8, steps_per_epoch=2, verbose=0)",
    "stateful": "state.fit(X[:16], y[:16], batch_size=8, verbose=0)",
    "stateful, not built": "fresh.fit(X[:16], y[:16], batch_size=8, verbose=0)",
    "class numbers": "classes.fit(X, numbers, verbose=0)",
    "an ignored class": "ignoring.fit(X, np.where(numbers == 1, -1, numbers), verbose=0)",
    "class weights": "classes.fit(X, numbers, class_weight={0: 1.0, 1: 2.0, 2: 1.0, 3: 1.0}, verbose=0)",
    "evaluate": "model.evaluate(X, y, verbose=0)",
    "predict": "model.predict(X[:3], verbose=0)",
}
MODELS = """
model, state, classes = plain(), stateful(), plain(sparse, 4)
ignoring = plain(keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1), 4)
flat = keras.Sequential([Input((6,)), L.Dense(1)]); flat.compile("adam", "mse")
single = keras.Sequential([Input((1,)), L.Dense(1)]); single.compile("adam", "mse")
fresh = keras.Sequential([L.SimpleRNN(4, stateful=True), L.Dense(1)]); fresh.compile("adam", "mse")
"""


def test_correct_calls_are_silent(book: Notebook, capsys: pytest.CaptureFixture[str]) -> None:
    book.ok(MODELS)
    places = patched_places()
    for name, call in FITS.items():
        capsys.readouterr()
        book.ok("%%rnncheck\n" + call)
        report = rnnmagic.last_report()
        assert (report.outcome, report.told, report.trouble) == ("clean", (), None), name
        assert "will fail" not in capsys.readouterr().out, name
        assert_nothing_patched(places)


FEEDS = """
taken = []
def feed():
    while True:
        taken.append("generator"); yield X[:10], y[:10]
class Feed(keras.utils.PyDataset):
    def __len__(self): return 2
    def __getitem__(self, index):
        taken.append(index); return X[:10], y[:10]
signature = (tf.TensorSpec((None, 2, 3), tf.float32), tf.TensorSpec((None, 1), tf.float32))
data = tf.data.Dataset.from_generator(feed, output_signature=signature)
model = plain()
"""


@pytest.mark.parametrize("feed", ["feed()", "Feed()", "data", "data.unbatch().batch(7).prefetch(1)"])
def test_nothing_is_consumed(book: Notebook, feed: str) -> None:
    book.ok(FEEDS)
    book.ok(f"given = {feed}")
    model, given, (x, y) = book["model"], book["given"], (book["X"], book["y"])
    assert foresee(model, "fit", {"x": given, "steps_per_epoch": 2}) is None
    assert foresee(model, "fit", {"x": x, "y": y, "validation_data": given, "validation_steps": 2}) is None
    assert book["taken"] == []
    steps = "steps_per_epoch=2, " if feed != "Feed()" else ""
    book.ok(f"%%rnncheck\nmodel.fit(given, {steps}verbose=0)")
    assert rnnmagic.last_report().told == ()


@pytest.mark.parametrize("situation", SITUATIONS.values(), ids=list(SITUATIONS))
def test_looking_changes_nothing(book: Notebook, situation: Any) -> None:
    """To the last bit, for a model of every kind, whether the call would pass or not."""
    begin(book, situation)
    model, space = book["model"], book.shell.user_ns
    before = fingerprint(model)
    for x in ("X", "X4", "X2"):
        arguments = {"x": space[x], "y": space["y"], "batch_size": 8, "epochs": 2}
        foresee(model, "fit", arguments | {"validation_data": (space["X4"], space["y"])})
        foresee(model, "fit", arguments | {"validation_data": (space["X"], space["numbers"])})
    assert not (changed := differing(before, fingerprint(model))), "\n".join(changed)


def test_the_training_is_the_same_to_the_last_bit(book: Notebook) -> None:
    build = """
    model = keras.Sequential([
        L.LSTM(4, dropout=.3, recurrent_dropout=.3, return_sequences=True), L.BatchNormalization(),
        L.GRU(3, dropout=.2), L.Dropout(.5), L.Dense(1)])
    model.compile("adam", "mse", metrics=["mae"])
    """
    results = []
    for magic in ("", "%%rnncheck\n"):
        book.ok(START)
        book.ok(build)
        book.ok(f"{magic}h = model.fit(X, y, batch_size=8, epochs=2, validation_split=.2, verbose=0)")
        results.append((book["h"].history, [w.tobytes() for w in book["model"].get_weights()]))
        results[-1] += (np.random.random(), [layer.name for layer in book["model"].layers])
    assert results[0] == results[1]


def test_the_traceback_is_that_without_the_check(book: Notebook) -> None:
    call = "model.fit(X, y, verbose=0, validation_data=(X4, y))"
    seen = []
    for magic in ("", "%%rnncheck\n"):
        book.ok(START)
        book.ok("model = plain()")
        error = book.fails(magic + call)
        frames, step = [], error.__traceback__
        while step is not None:
            frames.append(step.tb_frame.f_code.co_name)
            step = step.tb_next
        seen.append((frames, str(error), error.__cause__, str(error.__context__)))
    assert seen[0] == seen[1]


# One look for each kind of batch


def test_a_model_is_looked_at_once(book: Notebook, dry_runs: list[Any]) -> None:
    book.ok("model = plain()")
    book.ok("%%rnncheck\nfor _ in range(3): model.fit(X, y, validation_data=(X[:7], y[:7]), verbose=0)")
    assert len(dry_runs) == 1  # the look for silent mistakes after the cell included
    book.ok("%%rnncheck\nmodel.fit(X[:9], y[:9], batch_size=4, verbose=0); model.evaluate(X, y, verbose=0)")
    assert len(dry_runs) == 1
    book.ok('model.compile("adam", "mae")')
    book.ok("%%rnncheck\nmodel.fit(X, y, verbose=0)")
    assert len(dry_runs) == 2


def test_a_loop_over_folds_is_told_once(book: Notebook, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    book.ok(
        "%%rnncheck\nfor fold in range(3):\n    model = plain()\n    try:\n"
        "        model.fit(X, y, verbose=0, validation_data=(X4, y))\n    except ValueError: pass"
    )
    assert capsys.readouterr().out.count("will fail") == 1
    assert rnnmagic.last_report().outcome == "clean" and len(rnnmagic.last_report().told) == 1


# Settings


def test_stop(book: Notebook, capsys: pytest.CaptureFixture[str]) -> None:
    book.ok("model = plain(); model.fit(X, y, verbose=0)")
    before = fingerprint(book["model"])
    capsys.readouterr()
    error = book.fails(
        "%%rnncheck --preflight stop\nmodel.fit(X, y, verbose=0, validation_data=(X4, y), callbacks=say)"
    )
    assert isinstance(error, rnnmagic.ShapeError) and isinstance(error, ValueError)
    assert "The validation after epoch 1 will fail. `X4` (20, 2, 4)" in str(error)
    assert "epoch 0 begins" not in capsys.readouterr().out
    assert differing(before, fingerprint(book["model"])) == []
    report = rnnmagic.last_report()
    assert report.outcome == "shape_error" and report.fixes[0].verified
    assert report.array is not None and report.array.name == "X4"
    book.ok("%%rnncheck --preflight stop\nmodel.fit(X, y, verbose=0, validation_data=(X, y))")


def test_stop_only_where_it_is_certain(book: Notebook) -> None:
    book.ok('model = plain(sparse, 4); model.compile("adam", sparse, jit_compile=True)')
    book.ok("%%rnncheck --preflight stop\nmodel.fit(X, late, verbose=0)")  # a loss of nan, no error
    assert "or be nan" not in str(rnnmagic.last_report().trouble)
    assert [told.summary[:31] for told in rnnmagic.last_report().told] == ["The loss will fail, or be nan. "]


def test_off(book: Notebook, dry_runs: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    book.ok("model = plain()")
    book.ok('%config RnnCheck.preflight = "off"')
    capsys.readouterr()
    book.fails("%%rnncheck\nmodel.fit(X, y, verbose=0, validation_data=(X4, y))")
    assert "will fail" not in capsys.readouterr().out and dry_runs == []
    assert rnnmagic.last_report().outcome == "shape_error" and rnnmagic.last_report().told == ()
    book.fails("%%rnncheck --preflight tell\nmodel.fit(X, y, verbose=0, validation_data=(X4, y))")
    assert len(rnnmagic.last_report().told) == 1


def test_our_own_trouble_is_not_the_users(book: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: Any, **_options: Any) -> Any:
        raise RuntimeError("ours")

    monkeypatch.setattr("rnnmagic.frameworks.keraslike.ahead.batches_of", broken)
    book.ok("model = plain()")
    book.ok("%%rnncheck --preflight stop\nmodel.fit(X, y, verbose=0)")
    assert rnnmagic.last_report().outcome == "clean"


def test_steps_of_ones_own_are_not_judged(book: Notebook) -> None:
    """A `test_step` may take what `compile` knows nothing of."""
    book.ok(
        """
        class Own(keras.Sequential):
            def test_step(self, data):
                x, y = data
                return {"loss": tf.reduce_mean(self(x[..., :3]) - y)}
        model = Own([Input((2, 3)), L.SimpleRNN(4), L.Dense(1)]); model.compile("adam", "mse")
        """
    )
    book.ok("%%rnncheck --preflight stop\nmodel.fit(X, y, validation_data=(X4, y), verbose=0)")
    assert rnnmagic.last_report().told == ()


def test_what_a_layer_prints_is_printed_once(book: Notebook, capsys: pytest.CaptureFixture[str]) -> None:
    book.ok(
        """
        class Loud(L.Layer):
            def call(self, x):
                print("called"); return x
        model = keras.Sequential([Loud(), L.SimpleRNN(4), L.Dense(1)]); model.compile("adam", "mse")
        """
    )
    counts = []
    for magic in ("", "%%rnncheck\n"):
        book.ok(
            'model = keras.Sequential([Loud(), L.SimpleRNN(4), L.Dense(1)]); model.compile("adam", "mse")'
        )
        capsys.readouterr()
        book.ok(magic + "model.fit(X, y, verbose=0)")
        counts.append(capsys.readouterr().out.count("called"))
    assert counts[0] == counts[1]
