# id: label-a-step-answer-a-sequence-end
# source: own: the target has a label for each step, the LSTM keeps its last output
# outcome: shape_error
# cause: target_shape|sequence_collapsed
# array: asleep|-
# layer: Dense|-|LSTM
# kind: layer_argument|select
# note: return_sequences=True gives one answer a step; the label of the last step is fair too
# %% setup
import numpy as np
from tensorflow import keras

rng = np.random.default_rng(212)
eeg = rng.normal(size=(30, 12, 2))
asleep = rng.integers(0, 2, size=(30, 12, 1)).astype("float32")
# %% cell
net = keras.Sequential([keras.Input((12, 2)), keras.layers.LSTM(6), keras.layers.Dense(1, activation="sigmoid")])
net.compile("adam", "binary_crossentropy", metrics=["accuracy"])
net.fit(eeg, asleep, epochs=1, batch_size=10, verbose=0)
# %% reference
net = keras.Sequential([keras.Input((12, 2)), keras.layers.LSTM(6, return_sequences=True), keras.layers.Dense(1, activation="sigmoid")])
net.compile("adam", "binary_crossentropy", metrics=["accuracy"])
net.fit(eeg, asleep, epochs=1, batch_size=10, verbose=0)
# %% check
import numpy as np

call = [s for s in seen if s["method"] == "fit"][-1]
y = np.asarray(call["y"])
if call["model"].output_shape == (None, 12, 1):
    assert y.shape[:2] == (30, 12)
else:
    assert call["model"].output_shape == (None, 1) and np.array_equal(y.ravel(), asleep[:, -1, 0])
