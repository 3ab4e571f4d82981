# id: tensor-from-unequal-lists
# source: own: tf.constant of a ragged list
# outcome: shape_error
# cause: ragged
# array: visits
# layer: -|Masking|SimpleRNN
# kind: pad
# line: 3
# %% setup
import numpy as np
import tensorflow as tf
from tensorflow.keras import layers

visits = [[[1.0, 80.0], [2.0, 82.5]], [[1.5, 70.0]], [[3.0, 91.0], [3.5, 90.0], [4.0, 88.0]], [[2.5, 65.0], [2.0, 66.0]]] * 6
ill = tf.constant([0, 1, 1, 0] * 6)
clinic = tf.keras.Sequential([layers.Input((None, 2)), layers.Masking(), layers.SimpleRNN(5), layers.Dense(1, activation="sigmoid")])
clinic.compile("adam", "binary_crossentropy")
# %% cell
# patients: visits: (dose, weight)
batch = tf.constant(visits)
clinic.fit(batch, ill, epochs=1, verbose=0)
# %% reference
# patients: visits: (dose, weight)
batch = tf.keras.utils.pad_sequences(visits, dtype="float32", padding="post")
clinic.fit(batch, ill, epochs=1, verbose=0)
# %% check
import numpy as np

def padded(row, items):  # the items in order, and only filling before or after them
    row, items, n = np.asarray(row), np.asarray(items), len(items)
    for part, rest in ((row[:n], row[n:]), (row[len(row) - n:], row[:len(row) - n])):
        if len(row) >= n and np.allclose(part, items) and (len(rest) == 0 or np.all(rest == rest.flat[0])):
            return True
    return False

x = np.asarray(seen[-1]["x"])
assert x.ndim == 3 and x.shape[0] == 24 and x.shape[2] == 2
assert all(padded(row, v) for row, v in zip(x, visits))
