# id: scores-of-two-sequences
# source: own: dot-product attention with keras.ops, the keys not turned
# outcome: shape_error
# cause: merge|custom_op
# array: -
# layer: -|Matmul|matmul
# kind: other
# line: 5
# note: ops.swapaxes(keys, -1, -2)
# %% setup
import keras
import numpy as np
from keras import layers, ops

steps = np.random.default_rng(45).normal(size=(16, 6, 3))
goal = np.random.default_rng(46).normal(size=(16, 1))
# %% cell
begin = keras.Input((6, 3))
queries = layers.GRU(4, return_sequences=True)(begin)
keys = layers.GRU(4, return_sequences=True)(begin)
scores = ops.softmax(ops.matmul(queries, keys))
seen_by_each = ops.matmul(scores, keys)
net = keras.Model(begin, layers.Dense(1)(seen_by_each[:, -1]))
net.compile("adam", "mse")
net.fit(steps, goal, epochs=1, verbose=0)
# %% reference
begin = keras.Input((6, 3))
queries = layers.GRU(4, return_sequences=True)(begin)
keys = layers.GRU(4, return_sequences=True)(begin)
scores = ops.softmax(ops.matmul(queries, ops.swapaxes(keys, -1, -2)))
seen_by_each = ops.matmul(scores, keys)
net = keras.Model(begin, layers.Dense(1)(seen_by_each[:, -1]))
net.compile("adam", "mse")
net.fit(steps, goal, epochs=1, verbose=0)
# %% check
assert tuple(after["scores"].shape) == (None, 6, 6)
