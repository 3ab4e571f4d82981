# id: dot-of-two-branches-along-time
# source: own: Dot along the timesteps of two sequences of unlike length
# outcome: shape_error
# cause: merge
# array: -
# layer: Dot|dot|match
# kind: layer_argument
# line: 5
# note: axes=[2, 2]
# %% setup
import keras
import numpy as np
from keras import layers

asked = np.random.default_rng(47).normal(size=(12, 4, 3))
text = np.random.default_rng(48).normal(size=(12, 9, 3))
# %% cell
one, two = keras.Input((4, 3)), keras.Input((9, 3))
read = layers.LSTM(6, return_sequences=True)(one)
kept = layers.LSTM(6, return_sequences=True)(two)
match = layers.Dot(axes=(1, 1), name="match")([read, kept])
found = layers.Dot(axes=(2, 1))([layers.Softmax()(match), kept])
answer = keras.Model([one, two], layers.Dense(2)(found)).predict([asked, text], verbose=0)
# %% reference
one, two = keras.Input((4, 3)), keras.Input((9, 3))
read = layers.LSTM(6, return_sequences=True)(one)
kept = layers.LSTM(6, return_sequences=True)(two)
match = layers.Dot(axes=(2, 2), name="match")([read, kept])
found = layers.Dot(axes=(2, 1))([layers.Softmax()(match), kept])
answer = keras.Model([one, two], layers.Dense(2)(found)).predict([asked, text], verbose=0)
# %% check
assert after["answer"].shape == (12, 4, 2)
