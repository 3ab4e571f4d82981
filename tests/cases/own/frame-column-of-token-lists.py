# id: frame-column-of-token-lists
# source: own: a pandas column whose cells are lists
# outcome: shape_error
# cause: ragged
# array: reviews|reviews["ids"]|reviews['ids']|reviews.ids
# layer: -|Embedding|LSTM
# kind: pad
# line: 2
# %% setup
import numpy as np
import pandas as pd
from tensorflow.keras import models, layers
from tensorflow.keras.preprocessing.sequence import pad_sequences
# %% setup
rng = np.random.default_rng(154)
reviews = pd.DataFrame({"text": ["bla"] * 36, "stars": rng.integers(0, 2, 36)})
reviews["ids"] = [rng.integers(1, 30, size=n).tolist() for n in rng.integers(2, 9, size=36)]
rater = models.Sequential([layers.Embedding(30, 6, mask_zero=True), layers.LSTM(6), layers.Dense(1, activation="sigmoid")])
rater.compile(optimizer="adam", loss="binary_crossentropy")
# %% cell
rater.fit(reviews["ids"], reviews["stars"], epochs=1, verbose=0)
# %% reference
rater.fit(pad_sequences(reviews["ids"]), reviews["stars"], epochs=1, verbose=0)
# %% check
import numpy as np

x = np.asarray(seen[-1]["x"])
assert x.ndim == 2 and len(x) == 36
assert all([int(t) for t in row if t] == words for row, words in zip(x, reviews["ids"]))
