# id: stateful-default-batch
# source: own: batch_shape of 10, fit with the default of 32
# outcome: shape_error
# cause: batch_remainder
# array: feed|-
# layer: GRU|InputLayer|-
# kind: batch|layer_argument|input_shape|other
# note: batch_size=10 divides the 60
# %% setup
import numpy as np
import tensorflow as tf

rng = np.random.default_rng(246)
feed, aim = rng.normal(size=(60, 6, 2)).astype("float32"), rng.normal(size=(60, 1)).astype("float32")
keeper = tf.keras.Sequential([tf.keras.Input(batch_shape=(10, 6, 2)), tf.keras.layers.GRU(5, stateful=True), tf.keras.layers.Dense(1)])
keeper.compile("adam", "mse")
# %% cell
for epoch in range(2):
    keeper.fit(feed, aim, epochs=1, shuffle=False, verbose=0)
    keeper.layers[0].reset_states() if hasattr(keeper.layers[0], "reset_states") else keeper.layers[0].reset_state()
# %% reference
for epoch in range(2):
    keeper.fit(feed, aim, batch_size=10, epochs=1, shuffle=False, verbose=0)
    keeper.layers[0].reset_states() if hasattr(keeper.layers[0], "reset_states") else keeper.layers[0].reset_state()
# %% check
import numpy as np

call = [s for s in seen if s["method"] == "fit"][-1]
assert np.array_equal(call["x"], feed) and np.array_equal(call["y"], aim)
