# id: turned-time-first
# source: own: recordings stacked along axis 1, so that time comes first
# outcome: shape_error
# cause: axis_order
# array: torque
# layer: -|LSTM|InputLayer|Functional
# kind: transpose
# line: 2
# note: swapaxes(0, 1) is meant; a reshape to (50, 30, 2) mixes the runs
# %% setup
import numpy as np
import tensorflow as tf
# %% setup
rng = np.random.default_rng(130)
runs = [rng.normal(size=(30, 2)) for _ in range(50)]
torque = np.stack(runs, axis=1)
wear = rng.random(50)
print(torque.shape, wear.shape)
# %% setup
inp = tf.keras.Input((30, 2))
reg = tf.keras.Model(inp, tf.keras.layers.Dense(1)(tf.keras.layers.LSTM(8)(inp)))
reg.compile(loss="mse", optimizer="adam")
# %% oracle
want = np.stack(runs)
# %% cell
reg.fit(torque, wear, epochs=1, batch_size=10, verbose=0)
# %% reference
reg.fit(np.swapaxes(torque, 0, 1), wear, epochs=1, batch_size=10, verbose=0)
# %% check
import numpy as np

assert np.allclose(np.asarray(seen[-1]["x"]), want)
