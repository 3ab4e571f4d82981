"""Short notebooks for the tests of robustness: what stands before the checked cell, and the cell."""

from __future__ import annotations

from dataclasses import dataclass

BEGIN = """
import random
import keras, numpy as np, tensorflow as tf
keras.utils.clear_session()
keras.utils.set_random_seed(7)
generator = np.random.default_rng(3)
dice = random.Random(4)
"""


@dataclass(frozen=True)
class Notebook:
    """`setup` runs unchecked, `cell` is the checked one without its magic line."""

    setup: str
    cell: str
    error: str | None = None
    """Name of the cell's own error; `None` where it runs."""
    cause: str | None = None
    """Of the report, or of its notice where the cell runs."""


TRAINED = """
model = keras.Sequential([
    keras.Input((6, 3)), keras.layers.LSTM(4, dropout=0.2, recurrent_dropout=0.1), keras.layers.Dropout(0.3),
    keras.layers.Dense(1)])
model.compile("adam", "mse")
good = generator.normal(size=(16, 6, 3)).astype("float32")
X_train = good.reshape(16, 18)
y_train = generator.normal(size=(16, 1)).astype("float32")
model.fit(good, y_train, epochs=1, verbose=0)
"""
NOTEBOOKS = {
    "flat rows": Notebook(
        TRAINED, "model.fit(X_train, y_train, epochs=1, verbose=0)", "ValueError", "flattened"
    ),
    "not built": Notebook(
        """
model = keras.Sequential([keras.layers.GRU(4, return_sequences=True), keras.layers.LSTM(3), keras.layers.Dense(2)])
model.compile("rmsprop", "mse")
X_train = generator.normal(size=(16, 6)).astype("float32")
y_train = generator.normal(size=(16, 2)).astype("float32")
""",
        "model.fit(X_train, y_train, epochs=1, verbose=0)",
        "ValueError",
        "feature_axis_missing",
    ),
    "stateful": Notebook(
        """
model = keras.Sequential([
    keras.Input((5, 2), batch_size=4), keras.layers.LSTM(3, stateful=True), keras.layers.Dense(1)])
model.compile("sgd", "mse")
X_train = generator.normal(size=(12, 5, 2)).astype("float32")
y_train = generator.normal(size=(12, 1)).astype("float32")
model.fit(X_train, y_train, batch_size=4, epochs=1, verbose=0)
X_test = X_train[:6]
""",
        "model.predict(X_test, batch_size=4, verbose=0)",
        "InvalidArgumentError",
        "batch_remainder",
    ),
    "later": Notebook(
        TRAINED.replace("X_train = good.reshape(16, 18)", "X_train = good")
        + "X_val = good[:8].reshape(8, 18)\ny_val = y_train[:8]\n",
        "model.fit(X_train, y_train, validation_data=(X_val, y_val), epochs=1, verbose=0)",
        "ValueError",
        "flattened",
    ),
    "silent": Notebook(
        """
model = keras.Sequential([keras.Input((6, 3)), keras.layers.LSTM(4), keras.layers.Dense(1)])
model.compile("adam", "mse")
X_train = generator.normal(size=(16, 6, 3)).astype("float32")
y_train = generator.normal(size=(16, 6, 1)).astype("float32")
""",
        "model.fit(X_train, y_train, epochs=1, verbose=0)",
        None,
        "broadcast_loss",
    ),
    "ragged": Notebook(
        """
model = keras.Sequential([keras.Input((None, 2)), keras.layers.LSTM(4), keras.layers.Dense(1)])
model.compile("adam", "mse")
X_train = [[[1.0, 2.0]] * (3 + n % 5) for n in range(20000)]
y_train = generator.normal(size=(20000, 1)).astype("float32")
""",
        "model.fit(np.array(X_train), y_train, epochs=1, verbose=0)",
        "ValueError",
        "ragged",
    ),
}
