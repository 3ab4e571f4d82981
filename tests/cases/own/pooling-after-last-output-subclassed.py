# id: pooling-after-last-output-subclassed
# source: own: a subclassed model of an earlier cell, GlobalAveragePooling1D over one vector
# outcome: shape_error
# cause: sequence_collapsed
# array: -
# layer: GlobalAveragePooling1D|pool
# kind: layer_argument|other
# line: 4
# note: return_sequences=True is meant; dropping the pooling runs as well
# %% setup
import numpy as np
import tensorflow as tf
from tensorflow.keras import layers

class Scorer(tf.keras.Model):
    def __init__(self, units):
        super().__init__()
        self.rnn = layers.GRU(units)
        self.pool = layers.GlobalAveragePooling1D(name="pool")
        self.head = layers.Dense(1)

    def call(self, x):
        x = self.rnn(x)
        x = self.pool(x)
        return self.head(x)
# %% setup
essays, marks = np.random.default_rng(192).normal(size=(30, 13, 4)), np.random.default_rng(193).random(30)
# %% cell
scorer = Scorer(6)
scorer.compile(optimizer="adam", loss="mse")
scorer.fit(essays, marks, epochs=1, verbose=0)
# %% reference
class Scorer(tf.keras.Model):
    def __init__(self, units):
        super().__init__()
        self.rnn = layers.GRU(units, return_sequences=True)
        self.pool = layers.GlobalAveragePooling1D(name="pool")
        self.head = layers.Dense(1)

    def call(self, x):
        x = self.rnn(x)
        x = self.pool(x)
        return self.head(x)

scorer = Scorer(6)
scorer.compile(optimizer="adam", loss="mse")
scorer.fit(essays, marks, epochs=1, verbose=0)
# %% check
assert any(s["method"] == "fit" for s in seen)
assert after["scorer"].predict(essays[:2], verbose=0).shape == (2, 1)
