# id: dictionary-with-a-wrong-key
# source: own: a dict whose keys are not the names of the inputs
# outcome: shape_error
# cause: input_count
# array: feed|-|{"sensor": sensor, "site": site}|{'sensor': sensor, 'site': site}|site|sensor
# layer: InputLayer|Functional|-|place|sensor
# kind: reorder|other|select
# line: 3
# %% setup
import numpy as np
import tensorflow as tf

rng = np.random.default_rng(254)
sensor, site, fails = rng.normal(size=(30, 12, 2)), rng.normal(size=(30, 4)), rng.integers(0, 2, 30)
a = tf.keras.Input((12, 2), name="sensor")
b = tf.keras.Input((4,), name="place")
h = tf.keras.layers.Concatenate()([tf.keras.layers.GRU(4)(a), b])
mill = tf.keras.Model({"sensor": a, "place": b}, tf.keras.layers.Dense(1, activation="sigmoid")(h))
mill.compile("adam", "binary_crossentropy")
# %% cell
feed = {"sensor": sensor, "site": site}
mill.fit(feed, fails, epochs=1, verbose=0)
# %% reference
feed = {"sensor": sensor, "place": site}
mill.fit(feed, fails, epochs=1, verbose=0)
# %% check
import numpy as np

x = seen[-1]["x"]
a, b = (x["sensor"], x["place"]) if isinstance(x, dict) else x
assert np.array_equal(a, sensor) and np.array_equal(b, site)
