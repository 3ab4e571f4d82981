# id: trajectories-of-unequal-length
# source: own: np.array of a list of (n, 2) arrays, the train and the test list alike
# outcome: shape_error
# cause: ragged
# array: tracks_train
# layer: -|Masking|LSTM
# kind: pad
# line: 2
# note: both lists have the fault, and both must come to lengths that the model takes
# %% setup
import numpy as np
import keras
from keras import layers
# %% setup
rng = np.random.default_rng(151)
tracks_train = [rng.normal(size=(n, 2)) for n in rng.integers(4, 11, size=40)]
tracks_test = [rng.normal(size=(n, 2)) for n in rng.integers(4, 9, size=10)]
bird_train, bird_test = rng.integers(0, 3, 40), rng.integers(0, 3, 10)
# %% setup
flock = keras.Sequential([keras.Input((None, 2)), layers.Masking(), layers.LSTM(6), layers.Dense(3, activation="softmax")])
flock.compile("adam", "sparse_categorical_crossentropy")
# %% cell
Xtr = np.array(tracks_train)
Xte = np.array(tracks_test)
flock.fit(Xtr, bird_train, epochs=1, verbose=0)
score = flock.evaluate(Xte, bird_test, verbose=0)
# %% reference
Xtr = keras.utils.pad_sequences(tracks_train, dtype="float32", padding="post")
Xte = keras.utils.pad_sequences(tracks_test, dtype="float32", padding="post")
flock.fit(Xtr, bird_train, epochs=1, verbose=0)
score = flock.evaluate(Xte, bird_test, verbose=0)
# %% check
import numpy as np

def padded(row, items):  # the items in order, and only filling before or after them
    row, items, n = np.asarray(row), np.asarray(items), len(items)
    for part, rest in ((row[:n], row[n:]), (row[len(row) - n:], row[:len(row) - n])):
        if len(row) >= n and np.allclose(part, items) and (len(rest) == 0 or np.all(rest == rest.flat[0])):
            return True
    return False

for method, tracks in (("fit", tracks_train), ("evaluate", tracks_test)):
    x = np.asarray([s for s in seen if s["method"] == method][-1]["x"])
    assert x.ndim == 3 and x.shape[0] == len(tracks) and x.shape[2] == 2
    assert all(padded(row, t) for row, t in zip(x, tracks))
