# id: clean-turned-and-cut-on-purpose
# source: own: axes turned because the file has them otherwise, days cut out of hours, snapshots stacked behind each other
# outcome: clean
# %% setup
import numpy as np
import keras
from keras import layers

rng = np.random.default_rng(411)
archive = rng.normal(size=(18, 18, 3)).cumsum(axis=0)       # time, station, variable
hourly = rng.normal(size=(40 * 24, 2))
snapshots = [rng.normal(size=(20, 4)) for _ in range(20)]   # each (robot, joint), one for each moment
alarm = rng.integers(0, 2, 18)
# %% cell
stations = archive.transpose(1, 0, 2)
one = keras.Sequential([keras.Input((18, 3)), layers.LSTM(4), layers.Dense(1, activation="sigmoid")])
one.compile("adam", "binary_crossentropy")
one.fit(stations, alarm, epochs=1, verbose=0)

by_day = hourly.reshape(40, 24, 2)
flat = by_day.reshape(40, -1)
again = flat.reshape(len(flat), 24, 2)
two = keras.Sequential([keras.Input((24, 2)), layers.LSTM(4), layers.Dense(1)])
two.compile("adam", "mse")
two.fit(again[:-1], by_day[1:, 0, :1], epochs=1, verbose=0)

robots = np.stack(snapshots, axis=1)
three = keras.Sequential([keras.Input((20, 4)), layers.GRU(4), layers.Dense(1)])
three.compile("adam", "mse")
three.fit(robots, rng.normal(size=(20, 1)), epochs=1, verbose=0)
