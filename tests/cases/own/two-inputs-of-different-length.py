# id: two-inputs-of-different-length
# source: own: one branch lost the rows that a shift made empty
# outcome: shape_error
# cause: sample_count
# array: calendar|clicks|label|[clicks, calendar]
# layer: -
# kind: trim|align|select|truncate
# line: 2
# note: the calendar lost its FIRST three rows (its own index says so), so the others lose theirs
# %% setup
import numpy as np
import pandas as pd
import keras
from keras import layers

rng = np.random.default_rng(235)
clicks = rng.normal(size=(50, 6, 2))
label = rng.integers(0, 2, 50)
calendar = pd.DataFrame({"row": np.arange(50.0), "was": pd.Series(np.arange(50.0)).shift(3)}).dropna()
# %% setup
a, b = keras.Input((6, 2), name="a"), keras.Input((2,), name="b")
shop = keras.Model([a, b], layers.Dense(1, activation="sigmoid")(layers.Concatenate()([layers.GRU(4)(a), b])))
shop.compile("adam", "binary_crossentropy")
# %% cell
shop.fit([clicks, calendar], label, epochs=1, verbose=0)
# %% reference
shop.fit([clicks[3:], calendar], label[3:], epochs=1, verbose=0)
# %% check
import numpy as np

call = seen[-1]
first, second = (call["x"]["a"], call["x"]["b"]) if isinstance(call["x"], dict) else call["x"]
rows = np.asarray(second)[:, 0].astype(int)
assert len(first) == len(rows) == len(call["y"]) >= 44
assert np.array_equal(np.asarray(first), clicks[rows]) and np.array_equal(np.ravel(call["y"]), label[rows])
