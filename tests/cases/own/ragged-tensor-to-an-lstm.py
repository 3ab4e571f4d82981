# id: ragged-tensor-to-an-lstm
# source: own: tf.ragged.constant, as in Keras 2 it was taken
# outcome: shape_error
# cause: ragged
# array: waves
# layer: -|LSTM|InputLayer|Masking
# kind: pad
# line: 2
# note: waves.to_tensor()
# %% setup
import numpy as np
import tensorflow as tf

lengths = [3, 6, 2, 5] * 5
rng = np.random.default_rng(305)
values = rng.normal(size=(sum(lengths), 2)).astype("float32") + 5
waves = tf.RaggedTensor.from_row_lengths(values, lengths)
calm = np.array([0, 1, 1, 0] * 5)
sea = tf.keras.Sequential([tf.keras.layers.LSTM(4), tf.keras.layers.Dense(1, activation="sigmoid")])
sea.compile("adam", "binary_crossentropy")
# %% cell
sea.fit(waves, calm, epochs=1, verbose=0)
# %% reference
sea.fit(waves.to_tensor(), calm, epochs=1, verbose=0)
# %% check
import numpy as np

def padded(row, items):  # the items in order, and only filling before or after them
    row, items, n = np.asarray(row), np.asarray(items), len(items)
    for part, rest in ((row[:n], row[n:]), (row[len(row) - n:], row[:len(row) - n])):
        if len(row) >= n and np.allclose(part, items) and (len(rest) == 0 or np.all(rest == rest.flat[0])):
            return True
    return False

x = np.asarray(seen[-1]["x"])
assert x.ndim == 3 and len(x) == 20 and x.shape[2] == 2
assert all(padded(row, part) for row, part in zip(x, np.split(values, np.cumsum(lengths)[:-1])))
