# id: bidirectional-then-lstm-built-earlier
# source: own: no Input, so the model of an earlier cell breaks only at fit
# outcome: shape_error
# cause: sequence_collapsed
# array: -
# layer: LSTM|lstm_1|upper
# kind: layer_argument
# line: 2
# note: the repair stands in the earlier cell
# %% setup
import numpy as np
import tensorflow as tf
from tensorflow.keras.layers import Bidirectional, Dense, Embedding, LSTM

ids = np.random.default_rng(184).integers(0, 25, size=(48, 9))
spam = np.random.default_rng(185).integers(0, 2, size=48)
# %% setup
spam_filter = tf.keras.Sequential()
spam_filter.add(Embedding(25, 6))
spam_filter.add(Bidirectional(LSTM(5)))
spam_filter.add(LSTM(4, name="upper"))
spam_filter.add(Dense(1, activation="sigmoid"))
spam_filter.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
# %% cell
spam_filter.fit(ids, spam, epochs=1, validation_split=0.25, verbose=0)
# %% reference
spam_filter = tf.keras.Sequential()
spam_filter.add(Embedding(25, 6))
spam_filter.add(Bidirectional(LSTM(5, return_sequences=True)))
spam_filter.add(LSTM(4, name="upper"))
spam_filter.add(Dense(1, activation="sigmoid"))
spam_filter.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
spam_filter.fit(ids, spam, epochs=1, validation_split=0.25, verbose=0)
# %% check
model = after["spam_filter"]
bi = [l for l in model.layers if type(l).__name__ == "Bidirectional"][0]
assert bi.return_sequences and tuple(model.output_shape)[-1] == 1 and len(model.output_shape) == 2
assert any(s["method"] == "fit" for s in seen)
