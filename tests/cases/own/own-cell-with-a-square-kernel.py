# id: own-cell-with-a-square-kernel
# source: own: a recurrent cell whose input weight has the size of the state, called on an array
# outcome: shape_error
# cause: custom_op
# array: -|waves
# layer: RNN|rnn|Cell|cell
# kind: other
# line: 3
# note: the weight for the input is (features, units)
# %% setup
import keras
import numpy as np
from keras import ops

class Cell(keras.layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = self.state_size = units

    def build(self, shape):
        self.kernel = self.add_weight(shape=(self.units, self.units), name="kernel")
        self.loop = self.add_weight(shape=(self.units, self.units), name="loop")

    def call(self, inputs, states):
        new = ops.tanh(ops.matmul(inputs, self.kernel) + ops.matmul(states[0], self.loop))
        return new, [new]

waves = np.random.default_rng(51).normal(size=(9, 5, 2)).astype("float32")
# %% cell
reader = keras.layers.RNN(Cell(4))
last = reader(waves)
# %% reference
class Right(Cell):
    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], self.units), name="kernel")
        self.loop = self.add_weight(shape=(self.units, self.units), name="loop")

reader = keras.layers.RNN(Right(4))
last = reader(waves)
# %% check
assert tuple(after["last"].shape) == (9, 4)
