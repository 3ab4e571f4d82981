# id: one-hot-with-sparse-loss
# source: own: one-hot targets and sparse_categorical_crossentropy, validation data too
# outcome: shape_error
# cause: target_encoding
# array: y_oh
# layer: -|Dense
# kind: class_index|loss
# line: 3
# %% setup
import numpy as np
import keras
from keras import layers

rng = np.random.default_rng(221)
beacon, room = rng.normal(size=(54, 6, 4)), rng.integers(0, 6, 54)
y_oh = keras.utils.to_categorical(room, 6)
v_beacon, v_room = rng.normal(size=(12, 6, 4)), keras.utils.to_categorical(rng.integers(0, 6, 12), 6)
# %% setup
model = keras.Sequential([layers.Input((6, 4)), layers.LSTM(6), layers.Dense(6, activation="softmax")])
# %% cell
model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(beacon, y_oh, validation_data=(v_beacon, v_room), epochs=1, verbose=0)
# %% reference
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(beacon, y_oh, validation_data=(v_beacon, v_room), epochs=1, verbose=0)
# %% check
import numpy as np

call = [s for s in seen if s["method"] == "fit"][-1]
for got, hot in ((call["y"], y_oh), (call["validation_data"][1], v_room)):
    got = np.asarray(got)
    if "sparse" in str(call["model"].loss):
        assert np.array_equal(got.ravel(), hot.argmax(1))
    else:
        assert "categorical" in str(call["model"].loss) and np.array_equal(got, hot)
