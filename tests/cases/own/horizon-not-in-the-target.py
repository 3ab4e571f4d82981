# id: horizon-not-in-the-target
# source: own: windows made by a helper, the target column of the frame passed whole, arguments by keyword
# outcome: shape_error
# cause: sample_count
# array: frame["power"]|frame['power']|frame|seq
# layer: -
# kind: align|trim|select
# note: window i holds rows i to i+9; the row after it is i+10, its last row i+9: both fair
# %% setup
import numpy as np
import pandas as pd
from tensorflow import keras

def to_sequences(values, seq_size=10):
    out = []
    for i in range(len(values) - seq_size):
        out.append(values[i:(i + seq_size)])
    return np.array(out)
# %% setup
frame = pd.DataFrame({"wind": np.random.default_rng(234).random(90), "power": np.arange(90) / 90})
seq = to_sequences(frame[["wind", "power"]].values)
farm = keras.Sequential([keras.Input((10, 2)), keras.layers.LSTM(5), keras.layers.Dense(1)])
farm.compile(loss="mae", optimizer="adam")
# %% cell
farm.fit(
    x=seq,
    y=frame["power"],
    epochs=1,
    verbose=0,
)
# %% reference
farm.fit(
    x=seq,
    y=frame["power"].iloc[10:],
    epochs=1,
    verbose=0,
)
# %% check
import numpy as np

def pairs(call):  # arrays, or what a dataset of windows yields
    x, y = call["x"], call["y"]
    if hasattr(x, "element_spec"):
        batches = [(np.asarray(a), np.asarray(b)) for a, b in x]
        x, y = (np.concatenate(part) for part in zip(*batches))
    return np.asarray(x), np.asarray(y)

x, y = pairs([s for s in seen if s["method"] == "fit"][-1])
rows = np.rint(y.ravel() * 90).astype(int)
last = np.rint(x[:, -1, 1] * 90).astype(int)
assert len(x) == len(y) >= 75 and set((rows - last).tolist()) in ({0}, {1})
