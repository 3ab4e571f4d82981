# id: clean-caught-and-repaired-by-hand
# source: own: the cell tries a shape, catches the refusal and goes on with the right one
# outcome: clean
# note: the user deals with the error, so there is nothing to report
# %% setup
import numpy as np
from tensorflow import keras

rng = np.random.default_rng(262)
model = keras.Sequential([keras.Input((6, 2)), keras.layers.LSTM(4), keras.layers.Dense(1)])
model.compile("adam", "mse")
rows = rng.normal(size=(20, 12))
# %% cell
model.fit(rows.reshape(-1, 6, 2), rows[:, :1], epochs=1, verbose=0)
try:
    out = model.predict(rows, verbose=0)
except ValueError as refused:
    print("no:", str(refused)[:40])
    out = model.predict(rows.reshape(-1, 6, 2), verbose=0)
assert out.shape == (20, 1)
