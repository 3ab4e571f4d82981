# id: one-axis-too-many-in-front
# source: own: X[np.newaxis] left over from an earlier try
# outcome: shape_error
# cause: rank|sample_count
# array: inputs
# layer: -|LSTM|InputLayer
# kind: squeeze|reshape|select
# line: 2
# %% setup
import numpy as np
import tensorflow as tf
from tensorflow.keras.layers import LSTM, Dense

rng = np.random.default_rng(162)
inputs = rng.normal(size=(45, 10, 2))[np.newaxis]
answers = rng.normal(size=(45, 1))
m = tf.keras.Sequential([tf.keras.Input((10, 2)), LSTM(6), Dense(1)])
m.compile("adam", "mse")
# %% cell
m.fit(inputs, answers, epochs=1, verbose=0)
# %% reference
m.fit(inputs[0], answers, epochs=1, verbose=0)
# %% check
import numpy as np

assert np.array_equal(np.asarray(seen[-1]["x"]), inputs[0])
