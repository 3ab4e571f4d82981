# id: wind-direction-in-words
# source: own: a frame with one column of words, nothing declared
# outcome: shape_error
# cause: dtype
# array: X|met
# layer: -|LSTM
# kind: one_hot|class_index|select|cast|other
# line: 3
# note: coding the words, or leaving their column out, are both fair; the numbers must stay what they are
# %% setup
import numpy as np
import pandas as pd
import tensorflow as tf

rng = np.random.default_rng(174)
met = pd.DataFrame({"temp": rng.normal(15, 5, 80).round(2), "dir": rng.choice(["N", "E", "S", "W"], 80), "gust": rng.random(80).round(3)})
storm = rng.integers(0, 2, 20)
model = tf.keras.Sequential([tf.keras.layers.LSTM(6), tf.keras.layers.Dense(1, activation="sigmoid")])
model.compile("adam", "binary_crossentropy")
# %% cell
X = met.to_numpy().reshape(-1, 4, 3)
model.fit(X, storm, epochs=1, verbose=0)
# %% reference
X = met.assign(dir=met["dir"].astype("category").cat.codes).to_numpy(dtype="float32").reshape(-1, 4, 3)
model.fit(X, storm, epochs=1, verbose=0)
# %% check
import numpy as np

got = np.asarray(seen[-1]["x"])
assert got.shape[:2] == (20, 4) and got.dtype.kind in "fiu"
columns = got.reshape(80, -1).T
for name in ("temp", "gust"):
    assert any(np.allclose(column, met[name], rtol=1e-4) for column in columns)
