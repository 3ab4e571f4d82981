# id: ragged-lists-in-validation-too
# source: own: token lists for the training and for the validation, straight to fit
# outcome: shape_error
# cause: ragged
# array: tweets
# layer: -|Embedding|LSTM|InputLayer
# kind: pad
# line: 3
# note: one fix pads both; the declared length is 12
# %% setup
import numpy as np
import keras
from keras import layers

rng = np.random.default_rng(304)
tweets = [rng.integers(1, 40, size=n).tolist() for n in rng.integers(2, 12, 40)]
tweets_val = [rng.integers(1, 40, size=n).tolist() for n in rng.integers(2, 9, 10)]
angry, angry_val = rng.integers(0, 2, 40), rng.integers(0, 2, 10)
MAXLEN = 12
# %% setup
net = keras.Sequential([layers.Input((MAXLEN,)), layers.Embedding(40, 5, mask_zero=True), layers.LSTM(4), layers.Dense(1, activation="sigmoid")])
# %% cell
net.compile("adam", "binary_crossentropy")
net.fit(tweets, angry, validation_data=(tweets_val, angry_val), epochs=1, verbose=0)
# %% reference
from keras.utils import pad_sequences
net.compile("adam", "binary_crossentropy")
net.fit(pad_sequences(tweets, maxlen=MAXLEN), angry, validation_data=(pad_sequences(tweets_val, maxlen=MAXLEN), angry_val), epochs=1, verbose=0)
# %% check
import numpy as np

call = [s for s in seen if s["method"] == "fit"][-1]
for got, lists in ((call["x"], tweets), (call["validation_data"][0], tweets_val)):
    got = np.asarray(got)
    assert got.ndim == 2 and all([int(t) for t in row if t] == words for row, words in zip(got, lists))
