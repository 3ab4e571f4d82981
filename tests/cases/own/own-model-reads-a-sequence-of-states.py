# id: own-model-reads-a-sequence-of-states
# source: own: a model class of one's own whose GRU lacks return_sequences
# outcome: shape_error
# cause: custom_op|sequence_collapsed
# array: -
# layer: -
# kind: layer_argument
# note: return_sequences=True in the class's constructor
# %% setup
import keras
import numpy as np
import tensorflow as tf

class Reader(keras.Model):
    def __init__(self, width):
        super().__init__()
        self.memory = keras.layers.GRU(width)
        self.judge = keras.layers.Dense(1)

    def call(self, x):
        states = self.memory(x)
        last, mean = states[:, -1, :], tf.reduce_mean(states, axis=1)
        return self.judge(tf.concat([last, mean], axis=-1))

notes = np.random.default_rng(42).normal(size=(18, 6, 4)).astype("float32")
mood = np.random.default_rng(43).normal(size=(18, 1)).astype("float32")
# %% cell
reader = Reader(7)
reader.compile("adam", "mse")
reader.fit(notes, mood, epochs=1, verbose=0)
# %% reference
reader = Reader(7)
reader.memory = keras.layers.GRU(7, return_sequences=True)
reader.compile("adam", "mse")
reader.fit(notes, mood, epochs=1, verbose=0)
# %% check
assert seen[-1]["model"].memory.return_sequences
