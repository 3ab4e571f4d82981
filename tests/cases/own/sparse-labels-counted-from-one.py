# id: sparse-labels-counted-from-one
# source: own: classes 1 to 4 with Dense(4) and a sparse loss
# outcome: shape_error
# cause: target_encoding|target_shape|other
# array: klass|-
# layer: -|Dense
# kind: class_index|layer_argument|other|select|one_hot
# line: 4
# note: one less, or Dense(5) with a class that never occurs
# %% setup
import numpy as np
import keras
from keras.layers import Dense, Input, SimpleRNN

rng = np.random.default_rng(224)
ride, klass = rng.normal(size=(40, 9, 3)), np.arange(40) % 4 + 1
# %% cell
bike = keras.Sequential([Input((9, 3)), SimpleRNN(5), Dense(4, activation="softmax")])
bike.compile("adam", "sparse_categorical_crossentropy")
bike.fit(ride, klass, epochs=1, batch_size=10, verbose=0)
# %% reference
bike = keras.Sequential([Input((9, 3)), SimpleRNN(5), Dense(4, activation="softmax")])
bike.compile("adam", "sparse_categorical_crossentropy")
bike.fit(ride, klass - 1, epochs=1, batch_size=10, verbose=0)
# %% check
import numpy as np

call = [s for s in seen if s["method"] == "fit"][-1]
got, width = np.asarray(call["y"]), call["model"].output_shape[-1]
if got.ndim == 2 and got.shape[1] == width:
    got = got.argmax(1)
assert len(set(zip(klass.tolist(), got.ravel().tolist()))) == 4 and got.max() < width
