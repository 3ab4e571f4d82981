"""Failures on a model that plain Keras breaks by them, in words that every backend of Keras 3 understands."""

from __future__ import annotations

from dataclasses import dataclass

START = """
import random, numpy as np, keras
from keras import Input, layers as L
keras.backend.clear_session()
random.seed(11); np.random.seed(11)
if keras.backend.backend() == "torch":
    import torch; torch.manual_seed(11)
rng = np.random.default_rng(3)
X, X4, X2 = (rng.normal(size=s).astype("float32") for s in ((20, 2, 3), (20, 2, 4), (20, 6)))
y = rng.normal(size=(20, 1)).astype("float32")
numbers = rng.integers(0, 4, size=(20, 1)); hot = np.eye(4, dtype="float32")[numbers[:, 0]]
"""


@dataclass(frozen=True)
class Situation:
    build: str
    bad: str
    good: str
    foreseen: str = ""
    """What is said before the call begins."""
    not_on: tuple[str, ...] = ()


def _net(*layers: str, loss: str = "mse", more: str = "") -> str:
    return f'model = keras.Sequential([{", ".join(layers)}]); model.compile("adam", "{loss}"{more})'


IN, RNN, OUT = "Input((2, 3))", "L.SimpleRNN(4)", "L.Dense(1)"
DROPPING = "L.SimpleRNN(4, dropout=.3, recurrent_dropout=.3)"
FIT = "model.fit(X, y, batch_size=10, epochs=2, verbose=0)"

SITUATIONS = {
    "first fit": Situation(_net(IN, DROPPING, OUT), "model.fit(X4, y, verbose=0)", FIT),
    "first fit, nothing declared": Situation(_net(DROPPING, OUT), "model.fit(X2, y, verbose=0)", FIT),
    "fit after a good one": Situation(
        _net(IN, DROPPING, "L.Dropout(.2)", OUT) + "; model.fit(X, y, verbose=0)",
        "model.fit(X4, y, verbose=0)",
        FIT,
    ),
    "predict after a good fit": Situation(
        _net(IN, RNN, OUT) + "; model.fit(X, y, verbose=0)", "model.predict(X4, verbose=0)", FIT
    ),
    "train_on_batch after a good one": Situation(
        _net(IN, RNN, OUT) + "; model.train_on_batch(X, y)", "model.train_on_batch(X4, y)", FIT
    ),
    "evaluate after a good fit": Situation(
        _net(IN, RNN, OUT) + "; model.fit(X, y, verbose=0)", "model.evaluate(X4, y, verbose=0)", FIT
    ),
    "validation after an epoch": Situation(
        _net(IN, DROPPING, OUT),
        "model.fit(X, y, validation_data=(X4, y), verbose=0)",
        FIT,
        "The validation after epoch 1 will fail.",
    ),
    "last batch of a stateful layer": Situation(
        _net("Input(batch_shape=(8, 2, 3))", "L.SimpleRNN(4, stateful=True)", OUT),
        "model.fit(X, y, batch_size=8, shuffle=False, verbose=0)",
        "model.fit(X[:16], y[:16], batch_size=8, shuffle=False, verbose=0)",
        "The last batch, of 4 samples, will fail.",
        ("torch",),  # where Keras trains no stateful layer at all
    ),
    "last batch of a stateful layer, predicting": Situation(
        _net("Input(batch_shape=(8, 2, 3))", "L.SimpleRNN(4, stateful=True)", OUT),
        "model.predict(X, batch_size=8, verbose=0)",
        "p = model.predict(X[:16], batch_size=8, verbose=0)",
        "The last batch, of 4 samples, will fail.",
    ),
    "loss": Situation(
        _net(RNN, 'L.Dense(4, activation="softmax")', loss="categorical_crossentropy", more=', metrics=["accuracy"]'),
        "model.fit(X, numbers, verbose=0)",
        "model.fit(X, hot, verbose=0)",
    ),
    "called directly": Situation(_net(DROPPING, OUT), "model(X2)", "o = model(X); " + FIT),
}  # fmt: skip
