# id: shorter-windows-functional
# source: own: 24 steps declared, 18 in the data, the model built in an earlier cell
# outcome: shape_error
# cause: timesteps|input_declaration
# array: win|-
# layer: InputLayer|LSTM|Functional|hist
# kind: input_shape|pad|window
# line: 2
# note: the LSTM does not care, so the declaration (18 or None) is the thing to change; padding is fair
# %% setup
import numpy as np
import tensorflow as tf

rng = np.random.default_rng(243)
win, goal = rng.normal(size=(48, 18, 3)), rng.normal(size=(48, 1))
# %% setup
hist = tf.keras.layers.Input(shape=(24, 3), name="hist")
yhat = tf.keras.layers.Dense(1)(tf.keras.layers.LSTM(6)(hist))
net = tf.keras.models.Model(inputs=hist, outputs=yhat)
net.compile(loss="mse", optimizer="adam")
# %% cell
net.fit(win, goal, epochs=1, batch_size=12, verbose=0)
# %% reference
hist = tf.keras.layers.Input(shape=(None, 3), name="hist")
yhat = tf.keras.layers.Dense(1)(tf.keras.layers.LSTM(6)(hist))
net = tf.keras.models.Model(inputs=hist, outputs=yhat)
net.compile(loss="mse", optimizer="adam")
net.fit(win, goal, epochs=1, batch_size=12, verbose=0)
# %% check
import numpy as np

x = np.asarray(seen[-1]["x"])
assert len(x) == 48 and x.shape[2] == 3
if x.shape[1] == 18:
    assert np.array_equal(x, win)
else:
    assert x.shape[1] == 24 and (np.allclose(x[:, :18], win) or np.allclose(x[:, -18:], win))
