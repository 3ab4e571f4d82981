# id: convolution-shortens-one-branch
# source: a Conv1D branch without padding beside an LSTM branch
# outcome: shape_error
# cause: merge
# array: -
# layer: Concatenate|concatenate|Merge|both
# kind: layer_argument
# %% setup
import numpy as np
from keras import Model, layers

rng = np.random.default_rng(529)
accel = rng.normal(size=(40, 20, 3)).astype("float32")
steps = rng.random((40, 1)).astype("float32")
# %% cell
sig = layers.Input(shape=(20, 3))
local = layers.Conv1D(6, 5, activation="relu")(sig)
longer = layers.LSTM(6, return_sequences=True)(sig)
both = layers.concatenate([local, longer], name="both")
h = layers.GRU(4)(both)
pedometer = Model(sig, layers.Dense(1)(h))
pedometer.compile(loss="mse", optimizer="adam")
pedometer.fit(accel, steps, epochs=1, verbose=0)
# %% reference
sig = layers.Input(shape=(20, 3))
local = layers.Conv1D(6, 5, activation="relu", padding="same")(sig)
longer = layers.LSTM(6, return_sequences=True)(sig)
both = layers.concatenate([local, longer], name="both")
h = layers.GRU(4)(both)
pedometer = Model(sig, layers.Dense(1)(h))
pedometer.compile(loss="mse", optimizer="adam")
pedometer.fit(accel, steps, epochs=1, verbose=0)
# %% check
assert tuple(after["pedometer"].output_shape) == (None, 1) and any(s["method"] == "fit" for s in seen)
assert after["pedometer"].get_layer("both").output.shape[1] == 20
