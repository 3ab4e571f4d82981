# id: longer-texts-at-predict
# source: own: padded to 20 for the training, to 26 for the new ones; a Flatten behind the GRU counts the steps
# outcome: shape_error
# cause: timesteps
# array: new_ids
# layer: InputLayer|Dense|Flatten|Functional|dense|Embedding|Sequential
# kind: truncate|select|pad|trim
# line: 2
# %% setup
import numpy as np
from tensorflow import keras
from tensorflow.keras import layers

rng = np.random.default_rng(242)
old_ids = keras.utils.pad_sequences([rng.integers(1, 50, size=n) for n in rng.integers(5, 20, 40)], maxlen=20)
new_ids = keras.utils.pad_sequences([rng.integers(1, 50, size=n) for n in rng.integers(8, 20, 10)], maxlen=26)
topic = rng.integers(0, 3, 40)
inp = keras.Input((20,))
h = layers.GRU(4, return_sequences=True)(layers.Embedding(50, 4)(inp))
clf = keras.Model(inp, layers.Dense(3, activation="softmax")(layers.Flatten()(h)))
clf.compile("adam", "sparse_categorical_crossentropy")
clf.fit(old_ids, topic, epochs=1, verbose=0)
# %% cell
pred = clf.predict(new_ids, verbose=0).argmax(-1)
# %% reference
pred = clf.predict(new_ids[:, -20:], verbose=0).argmax(-1)
# %% check
import numpy as np

x = np.asarray(seen[-1]["x"])
assert x.shape == (10, 20) and (np.array_equal(x, new_ids[:, -20:]) or np.array_equal(x, new_ids[:, :20]))
assert after["pred"].shape == (10,)
