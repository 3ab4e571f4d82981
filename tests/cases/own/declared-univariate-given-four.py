# id: declared-univariate-given-four
# source: own: input_shape=(n, 1) copied from a tutorial, four columns in the data
# outcome: shape_error
# cause: features|input_declaration
# array: okna|-
# layer: LSTM|InputLayer
# kind: input_shape|select
# note: opening the model to the four columns is the likely one, one chosen column is fair too
# %% setup
import numpy as np
from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import LSTM, Dense, Dropout

rng = np.random.default_rng(144)
okna = rng.normal(size=(80, 12, 4)).astype("float32")
cel = okna[:, -1, 0] * 0.5
# %% cell
siec = Sequential()
siec.add(LSTM(8, return_sequences=True, input_shape=(okna.shape[1], 1)))
siec.add(Dropout(0.2))
siec.add(LSTM(8))
siec.add(Dense(units=1))
siec.compile(optimizer="adam", loss="mean_squared_error")
siec.fit(okna, cel, epochs=1, batch_size=20, verbose=0)
# %% reference
siec = Sequential()
siec.add(LSTM(8, return_sequences=True, input_shape=(okna.shape[1], okna.shape[2])))
siec.add(Dropout(0.2))
siec.add(LSTM(8))
siec.add(Dense(units=1))
siec.compile(optimizer="adam", loss="mean_squared_error")
siec.fit(okna, cel, epochs=1, batch_size=20, verbose=0)
# %% check
import numpy as np

call = [s for s in seen if s["method"] == "fit"][-1]
got = np.asarray(call["x"])
if got.shape[2:] == (4,):
    assert np.array_equal(got, okna) and call["model"].input_shape[-1] == 4
else:
    assert any(np.array_equal(got, okna[:, :, k:k + 1]) for k in range(4))
