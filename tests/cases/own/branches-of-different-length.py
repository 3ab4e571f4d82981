# id: branches-of-different-length
# source: own: two series of different length joined along the features
# outcome: shape_error
# cause: merge
# array: -
# layer: Concatenate|join
# kind: layer_argument|wrap|reshape|other
# note: the last outputs, a pooling of each branch, or axis=1: all fair
# %% setup
import numpy as np
import tensorflow as tf
from tensorflow.keras.layers import Concatenate, Dense, GRU, Input, LSTM, GlobalMaxPooling1D

rng = np.random.default_rng(252)
daily, weekly, rise = rng.normal(size=(30, 21, 2)), rng.normal(size=(30, 3, 2)), rng.integers(0, 2, 30)
# %% cell
d, w = Input((21, 2)), Input((3, 2))
hd = GRU(4, return_sequences=True)(d)
hw = GRU(4, return_sequences=True)(w)
joined = Concatenate(name="join")([hd, hw])
out = Dense(1, activation="sigmoid")(LSTM(4)(joined))
fund = tf.keras.Model([d, w], out)
fund.compile("adam", "binary_crossentropy")
fund.fit([daily, weekly], rise, epochs=1, verbose=0)
# %% reference
d, w = Input((21, 2)), Input((3, 2))
hd = GRU(4, return_sequences=True)(d)
hw = GRU(4, return_sequences=True)(w)
joined = Concatenate(axis=1, name="join")([hd, hw])
out = Dense(1, activation="sigmoid")(LSTM(4)(joined))
fund = tf.keras.Model([d, w], out)
fund.compile("adam", "binary_crossentropy")
fund.fit([daily, weekly], rise, epochs=1, verbose=0)
# %% check
assert tuple(after["fund"].output_shape) == (None, 1) and len(after["fund"].inputs) == 2
assert any(s["method"] == "fit" for s in seen)
