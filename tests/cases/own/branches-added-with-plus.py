# id: branches-added-with-plus
# source: written after the code, by a reader of it
# outcome: shape_error
# cause: merge
# layer: Add|LSTM|GRU
# kind: layer_argument|wrap
# %% setup
import numpy as np, keras
from keras import layers
x = np.random.default_rng(0).normal(size=(20, 9, 3)); y = x[:, -1, :1]
# %% cell
i = keras.Input((9, 3))
a = layers.LSTM(8)(i)
b = layers.GRU(6)(i)
z = a + b
m = keras.Model(i, layers.Dense(1)(z)); m.compile("adam", "mse"); m.fit(x, y, verbose=0)
# %% check
assert seen[-1]["model"].output_shape == (None, 1)
