# id: measured-values-into-an-embedding
# source: own: an Embedding copied from a text model stands before measured values
# outcome: shape_error
# cause: rank
# array: gait
# layer: Embedding|LSTM|InputLayer
# kind: other
# line: 2
# note: argmax over the sensors would run, and leave nothing of the measurements
# %% setup
import numpy as np
import keras
from keras import layers

rng = np.random.default_rng(77)
gait, limps = rng.normal(size=(36, 25, 6)), np.arange(36) % 2
walker = keras.Sequential([
    keras.Input((25,)),
    layers.Embedding(500, 16),
    layers.LSTM(5),
    layers.Dense(1, activation="sigmoid"),
])
walker.compile("adam", "binary_crossentropy")
# %% cell
walker.fit(gait, limps, epochs=1, batch_size=12, verbose=0)
# %% reference
walker = keras.Sequential([keras.Input((25, 6)), layers.LSTM(5), layers.Dense(1, activation="sigmoid")])
walker.compile("adam", "binary_crossentropy")
walker.fit(gait, limps, epochs=1, batch_size=12, verbose=0)
# %% check
import numpy as np

assert np.array_equal(np.asarray(seen[-1]["x"]), gait)
