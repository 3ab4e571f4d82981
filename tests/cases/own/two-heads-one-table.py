# id: two-heads-one-table
# source: own: two outputs, the targets as the two columns of one array
# outcome: shape_error
# cause: target_shape
# array: both
# layer: -|Dense|Functional|temp|rain
# kind: select|reshape|other|wrap|layer_argument
# line: 3
# %% setup
import numpy as np
import keras
from keras import layers

rng = np.random.default_rng(213)
sky = rng.normal(size=(40, 9, 3))
both = np.stack([rng.normal(size=40), rng.integers(0, 2, 40)], axis=1)      # temperature, rain
entry = keras.Input((9, 3))
trunk = layers.GRU(6)(entry)
weather = keras.Model(entry, [layers.Dense(1, name="temp")(trunk), layers.Dense(1, activation="sigmoid", name="rain")(trunk)])
# %% cell
weather.compile("adam", loss=["mse", "binary_crossentropy"])
weather.fit(sky, both, epochs=1, verbose=0)
# %% reference
weather.compile("adam", loss=["mse", "binary_crossentropy"])
weather.fit(sky, [both[:, 0], both[:, 1]], epochs=1, verbose=0)
# %% check
import numpy as np

y = seen[-1]["y"]
parts = [y["temp"], y["rain"]] if isinstance(y, dict) else list(y)
assert len(parts) == 2 and all(np.array_equal(np.asarray(p).ravel(), both[:, k]) for k, p in enumerate(parts))
