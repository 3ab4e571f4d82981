# id: other-name-in-a-helper
# source: own: a NameError inside a function that an earlier cell defined, arrays of doubtful shape around
# outcome: other_error
# %% setup
import numpy as np
import keras

def run(m, x, y):
    m.compile("adam", loss_fn)
    m.fit(x, y, epochs=1, verbose=0)

flat = np.zeros((20, 12), "float32")
m = keras.Sequential([keras.Input((6, 2)), keras.layers.LSTM(4), keras.layers.Dense(1)])
# %% cell
run(m, flat, np.zeros(20))
