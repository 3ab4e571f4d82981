# id: token-lists-straight-to-fit
# source: own: a plain list of lists of word numbers
# outcome: shape_error
# cause: ragged
# array: phrases
# layer: -|Embedding|LSTM|GRU
# kind: pad
# line: 5
# %% setup
import numpy as np
from tensorflow import keras

phrases = [[3, 7, 1], [4, 4], [9, 2, 6, 8, 5], [1], [2, 2, 2, 2], [5, 6]] * 5
polite = np.array([1, 0, 1, 0, 0, 1] * 5)
# %% cell
net = keras.Sequential([keras.layers.Embedding(10, 4, mask_zero=True), keras.layers.GRU(6),
                        keras.layers.Dense(1, activation="sigmoid")])
net.compile("adam", "binary_crossentropy", metrics=["accuracy"])
net.fit(phrases, polite, epochs=1, verbose=0)
# %% reference
net = keras.Sequential([keras.layers.Embedding(10, 4, mask_zero=True), keras.layers.GRU(6),
                        keras.layers.Dense(1, activation="sigmoid")])
net.compile("adam", "binary_crossentropy", metrics=["accuracy"])
net.fit(keras.utils.pad_sequences(phrases, padding="post"), polite, epochs=1, verbose=0)
# %% check
import numpy as np

x = np.asarray(seen[-1]["x"])
assert x.ndim == 2 and len(x) == 30
assert all([int(t) for t in row if t] == words for row, words in zip(x, phrases))
