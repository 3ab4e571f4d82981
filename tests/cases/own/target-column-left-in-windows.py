# id: target-column-left-in-windows
# source: own: the frame was windowed whole, the target column with it
# outcome: shape_error
# cause: features
# array: X
# layer: LSTM|InputLayer
# kind: select|truncate
# line: 6
# note: a model for four columns would see the answer; the last column is the target
# %% setup
import numpy as np
import pandas as pd
from keras.models import Sequential
from keras.layers import LSTM, Dense, Input
# %% setup
rng = np.random.default_rng(140)
df = pd.DataFrame(rng.normal(size=(96, 4)), columns=["lights", "humidity", "pressure", "energy"])
feature_cols, target_col = ["lights", "humidity", "pressure"], "energy"
look_back = 7
arr = df.to_numpy()
X = np.array([arr[i:i + look_back] for i in range(len(arr) - look_back)])
y = df[target_col].to_numpy()[look_back:]
# %% oracle
want = X[:, :, :3]
# %% cell
model = Sequential()
model.add(Input((look_back, len(feature_cols))))
model.add(LSTM(8))
model.add(Dense(1))
model.compile(loss="mse", optimizer="adam"); model.fit(X, y, epochs=1, verbose=0)
# %% reference
model = Sequential()
model.add(Input((look_back, len(feature_cols))))
model.add(LSTM(8))
model.add(Dense(1))
model.compile(loss="mse", optimizer="adam"); model.fit(X[:, :, :-1], y, epochs=1, verbose=0)
# %% check
import numpy as np

assert np.allclose(np.asarray(seen[-1]["x"]), want)
