# id: weights-of-a-smaller-model
# source: own: set_weights from a model of other units
# outcome: shape_error
# cause: weights
# array: -|saved
# layer: LSTM|GRU|-|Sequential|Dense
# kind: layer_argument|other|input_shape
# note: the new model has to have the units of the old one
# %% setup
import numpy as np
from tensorflow import keras
from tensorflow.keras.layers import GRU, Dense, Input

def net(units):
    m = keras.Sequential([Input((None, 3)), GRU(units), Dense(1)])
    m.compile("adam", "mse")
    return m

first = net(6)
saved = first.get_weights()
X = np.random.default_rng(255).normal(size=(10, 8, 3))
# %% cell
again = net(8)
again.set_weights(saved)
print(again.predict(X, verbose=0)[:2])
# %% reference
again = net(6)
again.set_weights(saved)
print(again.predict(X, verbose=0)[:2])
# %% check
import numpy as np

assert all(np.array_equal(a, b) for a, b in zip(after["again"].get_weights(), saved))
assert seen[-1]["method"] == "predict"
