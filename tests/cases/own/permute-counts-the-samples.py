# id: permute-counts-the-samples
# source: own: Permute with the axes as np.transpose has them
# outcome: shape_error
# cause: axis_order
# array: -
# layer: Permute|permute|time_first
# kind: layer_argument
# line: 4
# note: Permute((2, 1))
# %% setup
import keras
import numpy as np
from keras import layers

emg = np.random.default_rng(44).normal(size=(14, 4, 30))
grip = np.arange(14) % 3
# %% cell
hand = keras.Sequential([
    keras.Input((4, 30)),
    layers.Permute((0, 2, 1), name="time_first"),
    layers.LSTM(5),
    layers.Dense(3, activation="softmax"),
])
hand.compile("adam", "sparse_categorical_crossentropy")
hand.fit(emg, grip, epochs=1, verbose=0)
# %% reference
hand = keras.Sequential([
    keras.Input((4, 30)),
    layers.Permute((2, 1), name="time_first"),
    layers.LSTM(5),
    layers.Dense(3, activation="softmax"),
])
hand.compile("adam", "sparse_categorical_crossentropy")
hand.fit(emg, grip, epochs=1, verbose=0)
# %% check
assert tuple(seen[-1]["model"].layers[0].output.shape[1:]) == (30, 4)
