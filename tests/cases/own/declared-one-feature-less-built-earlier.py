# id: declared-one-feature-less-built-earlier
# source: own: the width was typed by hand and is one short, in a function of an earlier cell
# outcome: shape_error
# cause: input_declaration|features
# array: -|A_tr
# layer: LSTM|InputLayer
# kind: input_shape|select|truncate
# line: 3
# note: training and test data both have seven named columns, so the 6 is what is wrong; cutting a column off runs as well
# %% setup
import numpy as np
import pandas as pd
from keras import layers, models

names = ["co", "no2", "o3", "pm10", "pm25", "so2", "rh"]
air = pd.DataFrame(np.random.default_rng(208).normal(size=(90, 7)), columns=names)
cube = np.lib.stride_tricks.sliding_window_view(air.to_numpy(), 6, axis=0).transpose(0, 2, 1)
A_tr, A_te = cube[:60], cube[60:]
b_tr, b_te = air["pm25"].to_numpy()[5:65], air["pm25"].to_numpy()[65:]
# %% setup
def air_model():
    return models.Sequential([layers.Input((6, 6)), layers.LSTM(8), layers.Dense(1)])
# %% cell
net = air_model(); net.compile("adam", "mse")
net.fit(A_tr, b_tr, epochs=1, batch_size=15, verbose=0, validation_data=(A_te, b_te))
# %% reference
def air_model():
    return models.Sequential([layers.Input((6, 7)), layers.LSTM(8), layers.Dense(1)])

net = air_model(); net.compile("adam", "mse")
net.fit(A_tr, b_tr, epochs=1, batch_size=15, verbose=0, validation_data=(A_te, b_te))
# %% check
import numpy as np

call = [s for s in seen if s["method"] == "fit"][-1]
got, width = np.asarray(call["x"]), call["model"].input_shape[-1]
assert got.shape == (60, 6, width) and np.array_equal(got, A_tr[..., :width])
