# id: sample-weight-of-the-other-split
# source: own: the weights were computed for the test labels
# outcome: shape_error
# cause: sample_count
# array: w
# layer: -
# kind: align|trim|select|pad|other|reorder
# line: 3
# note: the weights of the training rows stand in the namespace under another name; padding with ones only invents
# %% setup
import numpy as np
import keras
from sklearn.utils.class_weight import compute_sample_weight

rng = np.random.default_rng(233)
Atr, btr = rng.normal(size=(60, 8, 2)), (rng.random(60) > 0.8).astype(int)
Ate, bte = rng.normal(size=(15, 8, 2)), (rng.random(15) > 0.5).astype(int)
w_train = compute_sample_weight("balanced", btr)
w = compute_sample_weight("balanced", bte)
# %% setup
fraud = keras.Sequential([keras.Input((8, 2)), keras.layers.LSTM(4), keras.layers.Dense(1, activation="sigmoid")])
fraud.compile("adam", "binary_crossentropy")
# %% cell
# unbalanced, so weigh
fraud.fit(Atr, btr, sample_weight=w, epochs=1, batch_size=20, verbose=0)
# %% reference
# unbalanced, so weigh
fraud.fit(Atr, btr, sample_weight=w_train, epochs=1, batch_size=20, verbose=0)
# %% check
import numpy as np

call = [s for s in seen if s["method"] == "fit"][-1]
assert np.array_equal(call["x"], Atr) and np.array_equal(np.ravel(call["y"]), btr)
