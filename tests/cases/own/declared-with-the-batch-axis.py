# id: declared-with-the-batch-axis
# source: own: Input(shape=…) with the number of samples in front, a functional model
# outcome: shape_error
# cause: input_declaration
# array: -
# layer: GRU|InputLayer|gru
# kind: input_shape
# note: shape=(25, 6) or batch_shape
# %% setup
import numpy as np
import tensorflow as tf

n, steps, width = 64, 25, 6
rng = np.random.default_rng(200)
quakes, magnitude = rng.normal(size=(n, steps, width)), rng.random(n)
# %% cell
wave_in = tf.keras.layers.Input(shape=(n, steps, width))
hidden = tf.keras.layers.GRU(6)(wave_in)
richter = tf.keras.Model(wave_in, tf.keras.layers.Dense(1)(hidden))
richter.compile(loss="mae", optimizer="adam")
richter.fit(quakes, magnitude, epochs=1, batch_size=16, verbose=0)
# %% reference
wave_in = tf.keras.layers.Input(shape=(steps, width))
hidden = tf.keras.layers.GRU(6)(wave_in)
richter = tf.keras.Model(wave_in, tf.keras.layers.Dense(1)(hidden))
richter.compile(loss="mae", optimizer="adam")
richter.fit(quakes, magnitude, epochs=1, batch_size=16, verbose=0)
# %% check
import numpy as np

call = [s for s in seen if s["method"] == "fit"][-1]
assert np.array_equal(call["x"], quakes) and tuple(call["model"].input_shape)[1:] in ((25, 6), (None, 6))
