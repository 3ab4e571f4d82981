# id: turned-matlab-export
# source: own: a .mat file gives (feature, time, trial)
# outcome: shape_error
# cause: axis_order
# array: mat|mat["X"]|mat['X']
# layer: -|LSTM|InputLayer
# kind: transpose
# line: 2
# note: all three axes are the other way round: mat["X"].T
# %% setup
import numpy as np
import tensorflow as tf
from tensorflow.keras.layers import LSTM, Dense, Input

rng = np.random.default_rng(133)
mat = {"__header__": b"MATLAB 5.0", "X": rng.normal(size=(4, 25, 60)), "Y": rng.integers(0, 3, size=60), "fs": 250}
net = tf.keras.Sequential([Input((25, 4)), LSTM(7), Dense(3, activation="softmax")])
net.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
# %% oracle
want = mat["X"].T
# %% cell
net.fit(mat["X"], mat["Y"], epochs=1, verbose=0, batch_size=20)
# %% reference
net.fit(mat["X"].transpose(2, 1, 0), mat["Y"], epochs=1, verbose=0, batch_size=20)
# %% check
import numpy as np

assert np.allclose(np.asarray(seen[-1]["x"]), want)
