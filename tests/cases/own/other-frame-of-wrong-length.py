# id: other-frame-of-wrong-length
# source: own: a pandas shape error next to a good model
# outcome: other_error
# note: predict ran; it is the frame that does not fit
# %% setup
import numpy as np
import pandas as pd
from tensorflow.keras import Sequential, layers

X = np.random.default_rng(272).normal(size=(24, 8, 2))
model = Sequential([layers.Input((8, 2)), layers.GRU(4), layers.Dense(1)])
dates = pd.date_range("2026-01-01", periods=32)
# %% cell
forecast = model.predict(X, verbose=0).ravel()
result = pd.DataFrame({"forecast": forecast}, index=dates)
