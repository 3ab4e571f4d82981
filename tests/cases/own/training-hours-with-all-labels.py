# id: training-hours-with-all-labels
# source: a course's lesson on targets
# outcome: shape_error
# cause: sample_count
# array: kind|train
# layer: -
# kind: align|trim
# %% setup
import numpy as np, keras
from keras import layers
rng = np.random.default_rng(0)
hours = rng.normal(size=(120, 24, 1)).astype("float32")
kind = rng.integers(0, 3, 120)
# %% oracle
expected = kind[:100]
# %% cell
train = hours[:100]
m = keras.Sequential([keras.Input((24, 1)), layers.GRU(8), layers.Dense(3, activation="softmax")])
m.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
m.fit(train, kind, epochs=1, verbose=0)
