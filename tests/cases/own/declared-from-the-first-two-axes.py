# id: declared-from-the-first-two-axes
# source: own: input_shape=X.shape[:2]
# outcome: shape_error
# cause: input_declaration
# array: -|ticks
# layer: GRU|InputLayer
# kind: input_shape
# note: declared (48, 12) for data (48, 12, 2): X.shape[1:] was meant
# %% setup
import numpy as np
import tensorflow as tf

ticks = np.random.default_rng(206).normal(size=(48, 12, 2))
up = np.random.default_rng(207).integers(0, 2, 48)
# %% cell
trader = tf.keras.Sequential([
    tf.keras.layers.Input(shape=ticks.shape[:2]),
    tf.keras.layers.GRU(6),
    tf.keras.layers.Dense(1, activation="sigmoid")])
trader.compile(loss="binary_crossentropy", optimizer="adam")
trader.fit(ticks, up, epochs=1, verbose=0)
# %% reference
trader = tf.keras.Sequential([
    tf.keras.layers.Input(shape=ticks.shape[1:]),
    tf.keras.layers.GRU(6),
    tf.keras.layers.Dense(1, activation="sigmoid")])
trader.compile(loss="binary_crossentropy", optimizer="adam")
trader.fit(ticks, up, epochs=1, verbose=0)
# %% check
import numpy as np

call = [s for s in seen if s["method"] == "fit"][-1]
assert np.array_equal(call["x"], ticks) and tuple(call["model"].input_shape)[1:] in ((12, 2), (None, 2))
