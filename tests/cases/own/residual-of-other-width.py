# id: residual-of-other-width
# source: own: Add of the input and an LSTM of another width
# outcome: shape_error
# cause: merge
# array: -
# layer: Add|add
# kind: layer_argument|wrap|other
# line: 4
# note: LSTM(5), or a Dense(8) on the skip path
# %% setup
import numpy as np
from tensorflow.keras import layers, Model, Input

wave = np.random.default_rng(250).normal(size=(24, 10, 5))
nxt = np.random.default_rng(251).normal(size=(24, 1))
# %% cell
x = Input((10, 5))
h = layers.LSTM(8, return_sequences=True)(x)
h = layers.Add()([x, h])
res = Model(x, layers.Dense(1)(layers.GlobalAveragePooling1D()(h)))
res.compile("adam", "mse")
res.fit(wave, nxt, epochs=1, verbose=0)
# %% reference
x = Input((10, 5))
h = layers.LSTM(5, return_sequences=True)(x)
h = layers.Add()([x, h])
res = Model(x, layers.Dense(1)(layers.GlobalAveragePooling1D()(h)))
res.compile("adam", "mse")
res.fit(wave, nxt, epochs=1, verbose=0)
# %% check
model = after["res"]
assert tuple(model.output_shape) == (None, 1) and any(type(l).__name__ in ("Add", "Concatenate") for l in model.layers)
