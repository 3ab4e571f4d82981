# id: clean-tagging-with-step-weights
# source: own: labels for every step, a weight for every step, masked padding
# outcome: clean
# %% setup
import numpy as np
from keras import Sequential, layers, utils

rng = np.random.default_rng(264)
sents = [rng.integers(1, 30, n) for n in rng.integers(3, 10, 40)]
tags = [rng.integers(1, 5, len(s)) for s in sents]
# %% cell
X = utils.pad_sequences(sents, padding="post")
Y = utils.pad_sequences(tags, padding="post")
W = (X != 0).astype("float32")
tagger = Sequential([
    layers.Input((X.shape[1],), dtype="int32"),
    layers.Embedding(30, 6, mask_zero=True),
    layers.Bidirectional(layers.LSTM(4, return_sequences=True, dropout=0.1)),
    layers.TimeDistributed(layers.Dense(5, activation="softmax")),
])
tagger.compile("adam", "sparse_categorical_crossentropy", weighted_metrics=["accuracy"])
tagger.fit(X, Y, sample_weight=W, epochs=1, batch_size=10, verbose=0)
guess = tagger.predict(X[:3], verbose=0).argmax(-1)
print([[int(t) for t in g[:len(s)]] for g, s in zip(guess, sents)])
