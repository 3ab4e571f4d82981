# id: target-with-an-axis-of-one
# source: own: one-hot targets kept as (N, 1, 3)
# outcome: shape_error
# cause: target_shape
# array: Y
# layer: -|Dense
# kind: squeeze|reshape|select
# line: 2
# %% setup
import numpy as np
import tensorflow as tf

rng = np.random.default_rng(214)
X = rng.normal(size=(33, 7, 2))
Y = np.eye(3)[rng.integers(0, 3, size=(33, 1))]
Z = np.eye(3)[rng.integers(0, 3, size=(33, 1))]
m = tf.keras.Sequential([tf.keras.Input((7, 2)), tf.keras.layers.SimpleRNN(5), tf.keras.layers.Dense(3, activation="softmax")])
m.compile("sgd", "categorical_crossentropy")
# %% cell
m.fit(X, Y, epochs=1, verbose=0); m.evaluate(X, Y, verbose=0)
# %% reference
m.fit(X, Y[:, 0], epochs=1, verbose=0); m.evaluate(X, Y[:, 0], verbose=0)
# %% check
import numpy as np

assert np.array_equal(np.asarray(seen[-1]["y"]), Y[:, 0])
assert np.array_equal(np.asarray([s for s in seen if s["method"] == "fit"][-1]["y"]), Y[:, 0])
