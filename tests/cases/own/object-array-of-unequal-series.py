# id: object-array-of-unequal-series
# source: own: np.array(…, dtype=object) silenced NumPy, Keras does not take it
# outcome: shape_error
# cause: ragged
# array: X_obj
# layer: -|LSTM
# kind: pad
# line: 2
# note: each item is one series of numbers, so a feature axis is wanted too
# %% setup
import numpy as np
import tensorflow as tf
# %% setup
rng = np.random.default_rng(152)
series = [np.round(rng.normal(size=n), 3) for n in rng.integers(5, 12, size=32)]
X_obj = np.array(series, dtype=object)
y_cls = rng.integers(0, 2, size=32)
model = tf.keras.Sequential([
    tf.keras.Input((None, 1)),
    tf.keras.layers.Masking(0.0),
    tf.keras.layers.LSTM(6),
    tf.keras.layers.Dense(1, activation="sigmoid"),
])
model.compile(loss="binary_crossentropy", optimizer="adam")
# %% cell
model.fit(X_obj, y_cls, epochs=1, batch_size=8, verbose=0)
# %% reference
model.fit(tf.keras.utils.pad_sequences(X_obj, dtype="float32", padding="post")[..., None], y_cls, epochs=1, batch_size=8, verbose=0)
# %% check
import numpy as np

def padded(row, items):  # the items in order, and only filling before or after them
    row, items, n = np.asarray(row), np.asarray(items), len(items)
    for part, rest in ((row[:n], row[n:]), (row[len(row) - n:], row[:len(row) - n])):
        if len(row) >= n and np.allclose(part, items) and (len(rest) == 0 or np.all(rest == rest.flat[0])):
            return True
    return False

x = np.asarray(seen[-1]["x"])
assert x.shape[0] == 32 and (x.ndim == 2 or x.shape[2:] == (1,))
assert all(padded(row.reshape(-1), s.astype("float32")) for row, s in zip(x, series))
