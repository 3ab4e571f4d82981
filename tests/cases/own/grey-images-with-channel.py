# id: grey-images-with-channel
# source: own: (N, 16, 16, 1) images read row by row, nothing declared
# outcome: shape_error
# cause: rank
# array: scans
# layer: LSTM
# kind: squeeze|reshape|select|wrap
# line: 5
# %% setup
import numpy as np
from keras.models import Sequential
from keras.layers import LSTM, Dense

scans = np.random.default_rng(160).random((40, 16, 16, 1)).astype("float32")
letter = np.random.default_rng(161).integers(0, 4, 40)
# %% cell
ocr = Sequential()
ocr.add(LSTM(8)); ocr.add(Dense(4, activation="softmax"))
ocr.compile(loss="sparse_categorical_crossentropy", optimizer="adam")
ocr.fit(scans, letter, epochs=1, validation_split=0.25, verbose=0)
# %% reference
ocr = Sequential()
ocr.add(LSTM(8)); ocr.add(Dense(4, activation="softmax"))
ocr.compile(loss="sparse_categorical_crossentropy", optimizer="adam")
ocr.fit(scans[..., 0], letter, epochs=1, validation_split=0.25, verbose=0)
# %% check
import numpy as np

def at_the_rnn(model, a):  # a Reshape or Permute at the front of the model is as good as one on the data
    a = np.asarray(a)
    for layer in model.layers:
        if type(layer).__name__ in ("Reshape", "Permute"):
            a = np.asarray(layer(a))
        elif type(layer).__name__ != "InputLayer":
            break
    return a

call = [s for s in seen if s["method"] == "fit"][-1]
assert len(call["x"]) == 40 and np.asarray(call["y"]).shape[0] == 40
got = at_the_rnn(call["model"], call["x"])
assert got.ndim != 3 or np.allclose(got, scans[..., 0])
