# id: clean-masks-kept-and-lengths-free
# source: own: a mask through Dropout, TimeDistributed and Bidirectional; a convolution with no mask before it; a Sequential without Input fed with two lengths; quantiles against one target
# outcome: clean
# %% setup
import numpy as np
import keras
from keras import layers, ops

rng = np.random.default_rng(412)
notes = keras.utils.pad_sequences([rng.integers(1, 30, n) for n in rng.integers(3, 17, 60)], padding="post")
steps = notes.shape[1]
urgent = rng.integers(0, 2, 60)
short, long = rng.normal(size=(40, 8, 2)), rng.normal(size=(10, 13, 2))
level = rng.normal(size=(40, 1))

def pinball(y, q):
    error = y - q
    return ops.mean(ops.maximum(ops.array([0.1, 0.5, 0.9]) * error, (ops.array([0.1, 0.5, 0.9]) - 1) * error))
# %% cell
ids = keras.Input((steps,), dtype="int32")
h = layers.Embedding(30, 6, mask_zero=True)(ids)
h = layers.Dropout(0.1)(layers.TimeDistributed(layers.Dense(6))(h))
h = layers.Bidirectional(layers.LSTM(4, return_sequences=True))(h)
h = layers.RepeatVector(3)(layers.GRU(4)(h))
triage = keras.Model(ids, layers.Dense(1, activation="sigmoid")(layers.LSTM(3)(h)))
triage.compile("adam", "binary_crossentropy", metrics=["accuracy"])
triage.fit(notes, urgent, epochs=1, verbose=0)

bands = keras.Sequential([layers.Conv1D(4, 3, padding="same"), layers.LSTM(4), layers.Dense(3)])
bands.compile("adam", pinball)
bands.fit(short, level, epochs=1, verbose=0)
bands.predict(long, verbose=0).shape

topics = keras.Sequential([keras.Input((steps,)), layers.Embedding(30, 6, mask_zero=True), layers.Conv1D(4, 3), layers.GlobalMaxPooling1D(), layers.Dense(1)])
topics.compile("adam", "mse")
topics.fit(notes, urgent, epochs=1, verbose=0)
