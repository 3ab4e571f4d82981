# id: two-columns-one-sigmoid
# source: own: a one-hot binary target against one sigmoid output
# outcome: shape_error
# cause: target_encoding|target_shape
# array: default_hot|-
# layer: -|Dense
# kind: class_index|select|layer_argument
# line: 2
# note: the second column, argmax, or Dense(2) with softmax; not the first column
# %% setup
import numpy as np
import pandas as pd
from tensorflow.keras import Sequential
from tensorflow.keras.layers import Dense, Input, LSTM

rng = np.random.default_rng(222)
payments = rng.normal(size=(50, 12, 2))
default_ = pd.Series(rng.choice(["no", "yes"], 50))
default_hot = pd.get_dummies(default_).to_numpy("float32")
bank = Sequential([Input((12, 2)), LSTM(6), Dense(1, activation="sigmoid")])
bank.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
# %% cell
bank.fit(payments, default_hot, epochs=1, batch_size=10, verbose=0)
# %% reference
bank.fit(payments, default_hot[:, 1], epochs=1, batch_size=10, verbose=0)
# %% check
import numpy as np

call = [s for s in seen if s["method"] == "fit"][-1]
got = np.asarray(call["y"])
if got.ndim == 2 and got.shape[1] == 2:
    assert call["model"].output_shape[-1] == 2 and np.array_equal(got, default_hot)
else:
    assert np.array_equal(got.ravel(), default_hot.argmax(1))
