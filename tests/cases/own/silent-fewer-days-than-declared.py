# id: silent-fewer-days-than-declared
# source: own: trained on two weeks, asked about ten days; the model says `input_shape` in its first layer
# outcome: clean
# warning: timesteps_unchecked
# %% setup
import numpy as np
from tensorflow import keras

rng = np.random.default_rng(404)
past = rng.normal(size=(50, 14, 3))
sales = rng.normal(size=50)
shop = keras.Sequential()
shop.add(keras.layers.GRU(6, input_shape=(14, 3)))
shop.add(keras.layers.Dense(1))
shop.compile("adam", "mae")
shop.fit(past, sales, epochs=1, verbose=0)
recent = rng.normal(size=(7, 10, 3))
# %% cell
tomorrow = shop.predict(recent, verbose=0)
# %% reference
tomorrow = shop.predict(past[:7], verbose=0)
