# id: clean-zeros-that-mean-zero
# source: own: rain that did not fall, words that do not occur, one-hot letters, pictures with an empty margin
# outcome: clean
# note: zeros are data here, and no mask is wanted
# %% setup
import numpy as np
import keras
from keras import layers

rng = np.random.default_rng(410)
rain = rng.gamma(1.0, 2.0, size=(50, 20, 2)) * (rng.random((50, 20, 1)) < 0.3)
counts = rng.poisson(0.05, size=(50, 12, 40)).astype("float32")
letters = np.eye(6, dtype="float32")[rng.integers(0, 6, size=(50, 15))]
pictures = np.zeros((50, 14, 14), "float32")
for picture in pictures:
    top, bottom = rng.integers(1, 4), rng.integers(9, 13)
    picture[top:bottom, 3:11] = rng.random((bottom - top, 8))
switched_on = (np.arange(30) >= rng.integers(3, 25, size=(50, 1))).astype("float32")[..., None]
bits = rng.integers(0, 2, size=(50, 18))
goal = rng.normal(size=(50,))
# %% cell
def small(shape):
    net = keras.Sequential([keras.Input(shape), layers.GRU(4), layers.Dense(1)])
    net.compile("adam", "mse")
    return net

for data in (rain, letters, pictures):
    small(data.shape[1:]).fit(data, goal, epochs=1, batch_size=25, verbose=0)
lamp = small((30, 1))
lamp.fit(switched_on, goal, epochs=1, batch_size=25, verbose=0)
coins = keras.Sequential([layers.Embedding(2, 3), layers.LSTM(4), layers.Dense(1)])
coins.compile("adam", "mse")
coins.fit(bits, goal, epochs=1, verbose=0)
bag = small((12, 40))
bag.fit(counts, goal[:, None], epochs=1, verbose=0)
