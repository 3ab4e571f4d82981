# id: word-numbers-as-strings
# source: own: "17" in place of 17, in an array of strings, at predict
# outcome: shape_error
# cause: dtype
# array: codes
# layer: -|Embedding
# kind: cast
# line: 3
# %% setup
import numpy as np
from tensorflow import keras
from tensorflow.keras.layers import Embedding, SimpleRNN, Dense

lm = keras.Sequential([keras.Input((4,), dtype="int32"), Embedding(40, 5), SimpleRNN(5), Dense(40, activation="softmax")])
lm.compile("adam", "sparse_categorical_crossentropy")
lines = ["3 17 22 9", "1 1 8 30", "39 2 5 6"]
# %% cell
codes = np.array([line.split() for line in lines])
nxt = lm.predict(codes, verbose=0).argmax(-1)
print(nxt.tolist())
# %% reference
codes = np.array([line.split() for line in lines]).astype("int32")
nxt = lm.predict(codes, verbose=0).argmax(-1)
print(nxt.tolist())
# %% check
import numpy as np

got = np.asarray(seen[-1]["x"])
assert got.dtype.kind in "iuf" and got.tolist() == [[3, 17, 22, 9], [1, 1, 8, 30], [39, 2, 5, 6]]
assert after["nxt"].shape == (3,)
