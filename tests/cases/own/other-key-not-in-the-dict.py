# id: other-key-not-in-the-dict
# source: own: a KeyError while the data is fetched
# outcome: other_error
# %% setup
import numpy as np
import tensorflow as tf

store = {"train": np.zeros((30, 5, 2)), "labels": np.zeros(30)}
net = tf.keras.Sequential([tf.keras.layers.LSTM(3), tf.keras.layers.Dense(1)])
net.compile("adam", "mse")
# %% cell
net.fit(store["train"], store["lables"], epochs=1, verbose=0)
