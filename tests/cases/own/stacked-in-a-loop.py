# id: stacked-in-a-loop
# source: own: three LSTM added by a for loop
# outcome: shape_error
# cause: sequence_collapsed
# array: -
# layer: LSTM|lstm_1
# kind: layer_argument
# line: 5
# note: return_sequences=True on all of them gives a sequence where one number is wanted; all but the last, or a pooling after the loop
# %% setup
import numpy as np
import keras
from keras import layers

sales, demand = np.random.default_rng(194).normal(size=(36, 12, 2)), np.random.default_rng(195).normal(size=(36, 1))
depth = 3
# %% cell
deep = keras.Sequential()
deep.add(keras.Input((12, 2)))
for k in range(depth):
    deep.add(layers.LSTM(6))
deep.add(layers.Dense(1))
deep.compile("adam", "mse")
deep.fit(sales, demand, epochs=1, verbose=0)
# %% reference
deep = keras.Sequential()
deep.add(keras.Input((12, 2)))
for k in range(depth):
    deep.add(layers.LSTM(6, return_sequences=k < depth - 1))
deep.add(layers.Dense(1))
deep.compile("adam", "mse")
deep.fit(sales, demand, epochs=1, verbose=0)
# %% check
rnns = [l for l in after["deep"].layers if type(l).__name__ == "LSTM"]
assert len(rnns) == 3 and rnns[0].return_sequences and rnns[1].return_sequences
assert tuple(after["deep"].output_shape) == (None, 1)
