# id: columns-dropped-by-a-selector
# source: own: VarianceThreshold dropped a constant column, the model counts the columns of the frame
# outcome: shape_error
# cause: features|input_declaration
# array: seqs|-
# layer: SimpleRNN|LSTM|InputLayer
# kind: input_shape|layer_argument
# note: the data is right, five columns are gone on purpose; the declared width is what is wrong. Inventing a column is not a repair
# %% setup
import numpy as np
import pandas as pd
from sklearn.feature_selection import VarianceThreshold
from tensorflow.keras import Sequential, layers
# %% setup
rng = np.random.default_rng(142)
plant = pd.DataFrame(rng.normal(size=(120, 6)), columns=list("abcdef"))
plant["c"] = 1.0
kept = VarianceThreshold().fit_transform(plant)
seqs = kept.reshape(-1, 4, kept.shape[1])
fault = rng.integers(0, 2, len(seqs))
# %% cell
n_features = len(plant.columns)
clf = Sequential([
    layers.Input((4, n_features)),
    layers.SimpleRNN(6),
    layers.Dense(1, activation="sigmoid"),
])
clf.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
clf.fit(seqs, fault, epochs=1, verbose=0)
# %% reference
n_features = seqs.shape[-1]
clf = Sequential([
    layers.Input((4, n_features)),
    layers.SimpleRNN(6),
    layers.Dense(1, activation="sigmoid"),
])
clf.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
clf.fit(seqs, fault, epochs=1, verbose=0)
# %% check
import numpy as np

call = [s for s in seen if s["method"] == "fit"][-1]
assert np.array_equal(np.asarray(call["x"]), seqs)
