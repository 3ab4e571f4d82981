# id: labels-of-type-object
# source: own: the label column came out of a frame of mixed types
# outcome: shape_error
# cause: dtype
# array: wanted
# layer: -|Dense
# kind: cast
# line: 4
# %% setup
import numpy as np
import pandas as pd
from keras import Sequential, layers

rng = np.random.default_rng(171)
sheet = pd.DataFrame({"name": list("abcdef") * 8, "grade": rng.integers(0, 4, 48)})
seqs = rng.normal(size=(48, 7, 2))
wanted = sheet.values[:, 1]
# %% cell
school = Sequential([layers.Input((7, 2)), layers.GRU(6), layers.Dense(4, activation="softmax")])
school.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
school.fit(seqs, wanted, epochs=1, verbose=0)
# %% reference
school = Sequential([layers.Input((7, 2)), layers.GRU(6), layers.Dense(4, activation="softmax")])
school.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
school.fit(seqs, wanted.astype("int32"), epochs=1, verbose=0)
# %% check
import numpy as np

got = np.asarray(seen[-1]["y"])
assert got.dtype.kind in "fiu" and np.array_equal(got.ravel().astype(int), sheet["grade"].to_numpy())
