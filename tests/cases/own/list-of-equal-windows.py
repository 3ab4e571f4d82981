# id: list-of-equal-windows
# source: own: a list of windows of the same length, never made an array
# outcome: shape_error
# cause: rank|dtype|sample_count|input_count|ragged|batch_axis_missing|other
# array: batches
# layer: -|LSTM|InputLayer
# kind: cast|reshape|expand|batch|other|pad|wrap
# line: 2
# note: Keras takes a list of arrays for a list of inputs; np.array(batches) or np.stack
# %% setup
import numpy as np
import keras

rng = np.random.default_rng(155)
stream = rng.normal(size=(90, 3)).astype("float32")
batches, after_it = [], []
for k in range(0, 80, 2):
    batches.append(stream[k:k + 8])
    after_it.append(stream[k + 8, 0])
after_it = np.array(after_it)
net = keras.Sequential([keras.Input((8, 3)), keras.layers.LSTM(6), keras.layers.Dense(1)])
net.compile("adam", "mse")
# %% cell
net.fit(batches, after_it, epochs=1, verbose=0)
# %% reference
net.fit(np.array(batches), after_it, epochs=1, verbose=0)
# %% check
import numpy as np

assert np.allclose(np.asarray(seen[-1]["x"]), np.stack(batches))
