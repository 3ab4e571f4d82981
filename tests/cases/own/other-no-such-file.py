# id: other-no-such-file
# source: own: the weights file is not there
# outcome: other_error
# %% setup
import numpy as np
from tensorflow import keras

net = keras.Sequential([keras.Input((5, 2)), keras.layers.LSTM(3), keras.layers.Dense(1)])
x_test = np.zeros((4, 10))
# %% cell
net.load_weights("/nowhere/at/all/best.weights.h5")
net.predict(x_test)
