# id: four-classes-three-outputs
# source: own: Dense(3) typed by hand, four classes in the one-hot target
# outcome: shape_error
# cause: target_shape|target_encoding
# array: onehot|-
# layer: Dense|-|dense
# kind: layer_argument
# note: all four classes occur, so no column can be dropped
# %% setup
import numpy as np
from keras import Input, Sequential
from keras.layers import GRU, Dense
from keras.utils import to_categorical

rng = np.random.default_rng(210)
calls_ = rng.normal(size=(48, 10, 3))
species = np.arange(48) % 4
onehot = to_categorical(species)
# %% cell
bird = Sequential([Input((10, 3)), GRU(6)])
bird.add(Dense(3, activation="softmax"))
bird.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
bird.fit(calls_, onehot, epochs=1, batch_size=12, verbose=0)
# %% reference
bird = Sequential([Input((10, 3)), GRU(6)])
bird.add(Dense(4, activation="softmax"))
bird.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
bird.fit(calls_, onehot, epochs=1, batch_size=12, verbose=0)
# %% check
import numpy as np

call = [s for s in seen if s["method"] == "fit"][-1]
assert call["model"].output_shape == (None, 4) and np.array_equal(call["y"], onehot)
