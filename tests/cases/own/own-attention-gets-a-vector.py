# id: own-attention-gets-a-vector
# source: own: attention pooling written by hand, as in many answers, after an LSTM that gives its last output
# outcome: shape_error
# cause: custom_op|sequence_collapsed
# array: -
# layer: Focus|focus
# kind: layer_argument
# note: return_sequences=True on the LSTM
# %% setup
import keras
import numpy as np
from keras import layers, ops

class Focus(layers.Layer):
    def build(self, shape):
        self.query = self.add_weight(shape=(shape[-1],), name="query")

    def call(self, states):
        weights = ops.softmax(ops.einsum("btu,u->bt", states, self.query))
        return ops.einsum("bt,btu->bu", weights, states)

walks = np.random.default_rng(41).normal(size=(24, 9, 3))
tired = np.arange(24) % 2
# %% cell
gait = keras.Sequential([keras.Input((9, 3)), layers.LSTM(5), Focus(), layers.Dense(1, activation="sigmoid")])
gait.compile("adam", "binary_crossentropy")
gait.fit(walks, tired, epochs=1, verbose=0)
# %% reference
gait = keras.Sequential([keras.Input((9, 3)), layers.LSTM(5, return_sequences=True), Focus(), layers.Dense(1, activation="sigmoid")])
gait.compile("adam", "binary_crossentropy")
gait.fit(walks, tired, epochs=1, verbose=0)
# %% check
assert seen[-1]["model"].layers[0].return_sequences
