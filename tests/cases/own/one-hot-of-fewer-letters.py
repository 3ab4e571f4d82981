# id: one-hot-of-fewer-letters
# source: own: to_categorical of the new words finds fewer letters than the training had
# outcome: shape_error
# cause: features
# array: fresh
# layer: GRU|InputLayer
# kind: one_hot|pad
# line: 4
# note: to_categorical wants num_classes=9; zeros at the end are the same thing
# %% setup
import numpy as np
import keras
from keras.utils import to_categorical

rng = np.random.default_rng(141)
alphabet = "abcdefghi"
train_ids = rng.integers(0, 9, size=(60, 6)); train_ids[0, :] = 8
fresh_ids = rng.integers(0, 7, size=(10, 6)); fresh_ids[0, :] = 6
train_hot = to_categorical(train_ids)
is_noun = rng.integers(0, 2, 60)
# %% setup
words = keras.Sequential([keras.Input((6, len(alphabet))), keras.layers.GRU(6), keras.layers.Dense(1, activation="sigmoid")])
words.compile("adam", "binary_crossentropy")
words.fit(train_hot, is_noun, epochs=1, verbose=0)
# %% oracle
want = np.eye(9)[fresh_ids]
# %% cell
fresh = to_categorical(fresh_ids)

noun = words.predict(fresh, verbose=0)
# %% reference
fresh = to_categorical(fresh_ids, num_classes=len(alphabet))

noun = words.predict(fresh, verbose=0)
# %% check
import numpy as np

assert np.array_equal(np.asarray(seen[-1]["x"]), want)
assert after["noun"].shape == (10, 1)
