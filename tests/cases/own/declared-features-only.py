# id: declared-features-only
# source: own: input_shape=(features,) as for a Dense network
# outcome: shape_error
# cause: input_declaration
# array: -
# layer: LSTM|InputLayer
# kind: input_shape
# line: 2
# %% setup
import numpy as np
from tensorflow import keras
from tensorflow.keras.layers import LSTM, Dense

rng = np.random.default_rng(203)
X_all, Y_all = rng.normal(size=(70, 16, 7)).astype("float32"), rng.integers(0, 2, 70)
# %% cell
model = keras.Sequential([LSTM(8, input_shape=(X_all.shape[2],)), Dense(1, activation="sigmoid")])
model.compile("adam", "binary_crossentropy"); model.fit(X_all, Y_all, epochs=1, verbose=0)
# %% reference
model = keras.Sequential([LSTM(8, input_shape=(None, X_all.shape[2])), Dense(1, activation="sigmoid")])
model.compile("adam", "binary_crossentropy"); model.fit(X_all, Y_all, epochs=1, verbose=0)
# %% check
import numpy as np

call = [s for s in seen if s["method"] == "fit"][-1]
assert np.array_equal(call["x"], X_all) and call["model"].layers[0].input.shape[1] in (None, 16)
assert call["model"].layers[0].input.shape[2] == 7
