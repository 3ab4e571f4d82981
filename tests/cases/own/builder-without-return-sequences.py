# id: builder-without-return-sequences
# source: own: the two LSTM stand in a function of an earlier cell
# outcome: shape_error
# cause: sequence_collapsed
# array: -
# layer: LSTM|lstm_1
# kind: layer_argument
# line: 2
# note: the line is the cell's; the repair stands in the function
# %% setup
import numpy as np
from tensorflow import keras

def make(units, steps=10, width=3):
    """Two recurrent layers and a regression head."""
    net = keras.Sequential(name="tide")
    net.add(keras.Input((steps, width)))
    net.add(keras.layers.LSTM(units, kernel_regularizer="l2"))
    net.add(keras.layers.LSTM(units // 2))
    net.add(keras.layers.Dense(1))
    net.compile("adam", "mse")
    return net
# %% setup
sea, height = np.random.default_rng(188).normal(size=(44, 10, 3)), np.random.default_rng(189).normal(size=(44, 1))
# %% cell
tide = make(8)
for _ in range(2):
    tide.fit(sea, height, epochs=1, batch_size=22, verbose=0)
# %% reference
def make(units, steps=10, width=3):
    net = keras.Sequential(name="tide")
    net.add(keras.Input((steps, width)))
    net.add(keras.layers.LSTM(units, kernel_regularizer="l2", return_sequences=True))
    net.add(keras.layers.LSTM(units // 2))
    net.add(keras.layers.Dense(1))
    net.compile("adam", "mse")
    return net

tide = make(8)
for _ in range(2):
    tide.fit(sea, height, epochs=1, batch_size=22, verbose=0)
# %% check
rnns = [l for l in after["tide"].layers if type(l).__name__ == "LSTM"]
assert rnns[0].return_sequences and not rnns[1].return_sequences and rnns[1].input.shape[1] == 10
