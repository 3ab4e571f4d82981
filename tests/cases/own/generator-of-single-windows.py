# id: generator-of-single-windows
# source: own: a generator that yields a window and its number, no batch
# outcome: shape_error
# cause: batch_axis_missing
# array: -
# layer: LSTM|lstm|Sequential
# kind: expand
# line: 2
# note: batches of one
# %% setup
import keras
import numpy as np

rain = np.random.default_rng(49).normal(size=(90, 3))

def windows():
    while True:
        for day in range(80):
            yield rain[day : day + 7], rain[day + 7, 0]

river = keras.Sequential([keras.Input((7, 3)), keras.layers.LSTM(4), keras.layers.Dense(1)])
river.compile("adam", "mse")
# %% cell
river.fit(windows(), steps_per_epoch=4, epochs=1, verbose=0)
# %% reference
river.fit(((x[None], y[None]) for x, y in windows()), steps_per_epoch=4, epochs=1, verbose=0)
# %% check
import numpy as np

x, y = next(iter(seen[-1]["x"]))
assert np.shape(x) == (1, 7, 3) and np.shape(y) == (1,)
