# id: labels-in-words
# source: own: the labels are words
# outcome: shape_error
# cause: target_encoding|dtype
# array: labels
# layer: -|Dense
# kind: class_index|cast|one_hot
# line: 3
# %% setup
import numpy as np
from tensorflow import keras

rng = np.random.default_rng(223)
sounds = rng.normal(size=(36, 10, 4)).astype("float32")
labels = np.array(["dog", "cat", "owl"] * 12)
ear = keras.models.Sequential([keras.Input((10, 4)), keras.layers.GRU(5), keras.layers.Dense(3, activation="softmax")])
# %% cell
ear.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
ear.fit(sounds, labels, epochs=1, batch_size=12, verbose=0)
# %% reference
ear.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
ear.fit(sounds, np.unique(labels, return_inverse=True)[1], epochs=1, batch_size=12, verbose=0)
# %% check
import numpy as np

call = [s for s in seen if s["method"] == "fit"][-1]
got = np.asarray(call["y"])
numbers = got.argmax(1) if got.ndim == 2 and got.shape[1] == 3 else got.ravel()
assert ("sparse" in str(call["model"].loss)) == (numbers.shape == got.ravel().shape)
assert set(numbers.tolist()) == {0, 1, 2} and len(set(zip(labels.tolist(), numbers.tolist()))) == 3
