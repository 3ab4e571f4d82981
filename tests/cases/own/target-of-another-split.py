# id: target-of-another-split
# source: own: X_train with y_test
# outcome: shape_error
# cause: sample_count
# array: y_test
# layer: -
# kind: align|select|reorder|other|trim
# line: 3
# note: y_train is there, of the right length and the other half of the same split; cutting X_train to y_test pairs strangers
# %% setup
import numpy as np
import pandas as pd
import tensorflow as tf
from sklearn.model_selection import train_test_split

rng = np.random.default_rng(230)
curves, quality = rng.normal(size=(80, 10, 2)), rng.random(80)
X_train, X_test, y_train, y_test = train_test_split(curves, quality, test_size=0.25, random_state=1)
steel = tf.keras.Sequential([tf.keras.Input((10, 2)), tf.keras.layers.LSTM(5), tf.keras.layers.Dense(1)])
# %% cell
steel.compile("adam", "mse")
steel.fit(X_train, y_test, epochs=1, verbose=0)
# %% reference
steel.compile("adam", "mse")
steel.fit(X_train, y_train, epochs=1, verbose=0)
# %% check
import numpy as np

call = [s for s in seen if s["method"] == "fit"][-1]
x, y = np.asarray(call["x"]), np.asarray(call["y"])
row = [int(np.flatnonzero((curves == w).all(axis=(1, 2)))[0]) for w in x]
assert len(x) == len(y) and np.array_equal(y.ravel(), quality[row])
