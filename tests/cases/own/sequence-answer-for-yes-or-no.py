# id: sequence-answer-for-yes-or-no
# source: own: binary, functional, the builder in an earlier cell
# outcome: shape_error
# cause: sequence_kept
# array: -|buys
# layer: -|LSTM|Dense|TimeDistributed|SimpleRNN|out
# kind: layer_argument|wrap|select
# line: 3
# %% setup
import numpy as np
import keras
from keras import layers

def shopper(steps, width, units=5):
    i = keras.Input((steps, width))
    x = layers.SimpleRNN(units, return_sequences=True)(i)
    o = layers.Dense(1, activation="sigmoid", name="out")(x)
    return keras.Model(i, o)
# %% setup
visits, buys = np.random.default_rng(245).random((36, 10, 2)), np.arange(36) % 2
# %% cell
s = shopper(*visits.shape[1:])
s.compile("adam", "binary_crossentropy"); s.fit(visits, buys, epochs=1, verbose=0)
# %% reference
def shopper(steps, width, units=5):
    i = keras.Input((steps, width))
    x = layers.SimpleRNN(units)(i)
    o = layers.Dense(1, activation="sigmoid", name="out")(x)
    return keras.Model(i, o)

s = shopper(*visits.shape[1:])
s.compile("adam", "binary_crossentropy"); s.fit(visits, buys, epochs=1, verbose=0)
# %% check
assert tuple(after["s"].output_shape) == (None, 1)
assert any(call["method"] == "fit" for call in seen)
