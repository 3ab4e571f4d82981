# id: silent-three-outputs-one-number
# source: own: three outputs, one column of targets, mean absolute error; the fit stands in a function
# outcome: clean
# warning: broadcast_loss
# %% setup
import numpy as np
from tensorflow.keras import Input, Model
from tensorflow.keras.layers import LSTM, Dense

rng = np.random.default_rng(402)
tides = rng.normal(size=(60, 10, 2))
surge = rng.normal(size=(60, 1))

def build(width):
    begin = Input(shape=(10, 2))
    return Model(begin, Dense(width)(LSTM(5)(begin)))
# %% cell
def train(net, x, y):
    net.compile("rmsprop", "mean_absolute_error")
    return net.fit(x, y, epochs=1, verbose=0)

harbour = build(3)
history = train(harbour, tides, surge)
# %% reference
harbour = build(1)
harbour.compile("rmsprop", "mean_absolute_error")
harbour.fit(tides, surge, epochs=1, verbose=0)
