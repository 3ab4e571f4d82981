# id: horizon-five-outputs-four
# source: own: five future values in the target, Dense(4)
# outcome: shape_error
# cause: target_shape
# array: t_future|-
# layer: Dense|-
# kind: layer_argument|truncate|select
# note: HORIZON is a constant of an earlier cell. Four of the five values, the first ones, are fair too
# %% setup
import numpy as np
from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import Input, LSTM, Dense

HORIZON = 4
level = np.cumsum(np.random.default_rng(215).normal(size=120)).astype("float32")
t_past = np.array([level[i - 20:i, None] for i in range(20, 115)])
t_future = np.array([level[i:i + 5] for i in range(20, 115)])
# %% cell
net = Sequential()
net.add(Input((20, 1)))
net.add(LSTM(8))
net.add(Dense(HORIZON))
net.compile(loss="mae", optimizer="adam")
net.fit(t_past, t_future, epochs=1, batch_size=19, verbose=0)
# %% reference
net = Sequential()
net.add(Input((20, 1)))
net.add(LSTM(8))
net.add(Dense(t_future.shape[1]))
net.compile(loss="mae", optimizer="adam")
net.fit(t_past, t_future, epochs=1, batch_size=19, verbose=0)
# %% check
import numpy as np

call = [s for s in seen if s["method"] == "fit"][-1]
y, width = np.asarray(call["y"]), call["model"].output_shape[-1]
assert width in (4, 5) and np.array_equal(y, t_future[:, :width])
