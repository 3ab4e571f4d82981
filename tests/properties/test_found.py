"""Notebooks that a random search found, each of which rnnmagic once got wrong."""

from __future__ import annotations

import pytest
from holding import holds
from plan import Notebook
from playing import Stage

STAGE = Stage()

START = """\
import keras, numpy as np, pandas as pd
from keras import layers
keras.utils.set_random_seed(3)
X = np.random.default_rng(3).normal(size=(8, 4, 2)).astype("float32")
y = np.arange(8) % 2
"""
FOUND = {
    # The failing evaluation had written the states of the RNN, and nobody put them back.
    "states written by an evaluation": Notebook(
        (
            START,
            """\
model = keras.Sequential([
    keras.Input(batch_shape=(4, 4, 2)),
    layers.SimpleRNN(3, stateful=True),
    layers.Dense(3, "sigmoid"),
])
model.compile("adam", "binary_crossentropy")
""",
            "model.evaluate(X, y[:, None], batch_size=4, verbose=0)",
        )
    ),
    # No matter of shapes: what the call did stands, and so must what it did to Keras's own counters.
    "no target for a model without weights": Notebook(
        (
            START,
            """\
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.rnn, self.out = layers.SimpleRNN(3), layers.Dense(2, "softmax")

    def call(self, x):
        return self.out(self.rnn(x))

net = Net()
net.compile("adam", "categorical_crossentropy")
""",
            "net.evaluate(X, None, verbose=0)",
        )
    ),
    # The repaired cell ran once, but not in the session in which it had failed.
    "a cell that cuts its own array": Notebook(
        (
            START,
            """\
model = keras.Sequential([keras.Input((None, 2)), layers.SimpleRNN(3), layers.Dense(1)])
model.compile("adam", "mse")
""",
            "X = X[0]\nmodel.fit(X, y[:4], verbose=0)",
        )
    ),
    # A whole batch was to become one sample; the last batch is shorter than the others.
    "a flat dataset with a short last batch": Notebook(
        (
            START + "import tensorflow as tf\nds = tf.data.Dataset.from_tensor_slices(X.ravel()).batch(24)\n",
            """\
model = keras.Sequential([layers.SimpleRNN(3), layers.Dense(1)])
model.compile("adam", "mse")
model.predict(ds, verbose=0)
""",
        )
    ),
    # A Series that failed in its __init__ recurses without end when it is asked for any attribute.
    "an object that is not fit to be asked": Notebook((START, "y = y.reshape(8, 1, 1)", "z = pd.Series(y)")),
}


@pytest.mark.parametrize("notebook", FOUND.values(), ids=list(FOUND))
def test_found(notebook: Notebook) -> None:
    holds(STAGE, notebook)
