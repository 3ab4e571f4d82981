# id: kernel-of-an-own-layer-turned
# source: own: tf.matmul in an own layer, the weight built (out, in)
# outcome: shape_error
# cause: custom_op
# array: -
# layer: Project|project
# kind: other|layer_argument|transpose|reshape
# note: the weight the other way round, or transpose_b=True
# %% setup
import numpy as np
import tensorflow as tf
from tensorflow import keras
# %% setup
class Project(keras.layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.units = units

    def build(self, shape):
        self.kernel = self.add_weight(shape=(self.units, shape[-1]), name="kernel")

    def call(self, x):
        return tf.matmul(x, self.kernel)
# %% setup
rng = np.random.default_rng(256)
seqs, cls = rng.normal(size=(30, 9, 4)), rng.integers(0, 3, 30)
# %% cell
m = keras.Sequential([keras.Input((9, 4)), keras.layers.LSTM(6), Project(3), keras.layers.Softmax()])
m.compile("adam", "sparse_categorical_crossentropy")
m.fit(seqs, cls, epochs=1, verbose=0)
# %% reference
class Project(keras.layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.units = units

    def build(self, shape):
        self.kernel = self.add_weight(shape=(self.units, shape[-1]), name="kernel")

    def call(self, x):
        return tf.matmul(x, self.kernel, transpose_b=True)

m = keras.Sequential([keras.Input((9, 4)), keras.layers.LSTM(6), Project(3), keras.layers.Softmax()])
m.compile("adam", "sparse_categorical_crossentropy")
m.fit(seqs, cls, epochs=1, verbose=0)
# %% check
assert tuple(after["m"].output_shape) == (None, 3) and any(s["method"] == "fit" for s in seen)
