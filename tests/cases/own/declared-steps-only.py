# id: declared-steps-only
# source: own: Input((timesteps,)) for a series of one feature, the data (N, T, 1)
# outcome: shape_error
# cause: input_declaration
# array: -
# layer: LSTM|InputLayer|Bidirectional
# kind: input_shape|expand|wrap|reshape
# note: Input((window, 1)); a Reshape layer after the Input is as good
# %% setup
import numpy as np
import keras
from keras import layers

window = 24
load = np.sin(np.arange(150) / 4)
past = np.stack([load[i:i + window] for i in range(120)])[:, :, None]
nxt = load[window:window + 120]
# %% cell
forecaster = keras.Sequential([
    keras.Input(shape=(window,)),
    layers.Bidirectional(layers.LSTM(4)),
    layers.Dense(1),
])
forecaster.compile(loss="mse", optimizer="rmsprop")
forecaster.fit(past, nxt, epochs=1, batch_size=40, verbose=0)
print(forecaster.predict(past[-1:], verbose=0))
# %% reference
forecaster = keras.Sequential([
    keras.Input(shape=(window, 1)),
    layers.Bidirectional(layers.LSTM(4)),
    layers.Dense(1),
])
forecaster.compile(loss="mse", optimizer="rmsprop")
forecaster.fit(past, nxt, epochs=1, batch_size=40, verbose=0)
print(forecaster.predict(past[-1:], verbose=0))
# %% check
import numpy as np

call = [s for s in seen if s["method"] == "fit"][-1]
assert np.array_equal(np.asarray(call["x"]).reshape(120, 24), past[:, :, 0])
rnn = [l for l in call["model"].layers if type(l).__name__ == "Bidirectional"][0]
assert tuple(rnn.input.shape)[1:] in ((24, 1), (None, 1))
