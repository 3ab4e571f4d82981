# id: stateful-validation-rest
# source: the training data divide into batches, the validation data do not
# outcome: shape_error
# cause: batch_remainder
# array: x_val|-
# layer: GRU|InputLayer|Sequential
# kind: trim|truncate|batch|layer_argument|input_shape
# %% setup
import numpy as np
import tensorflow as tf
from tensorflow import keras

BATCH = 20
rng = np.random.default_rng(525)
x_train, y_train = rng.normal(size=(120, 7, 2)).astype("float32"), rng.normal(size=120).astype("float32")
x_val, y_val = rng.normal(size=(50, 7, 2)).astype("float32"), rng.normal(size=50).astype("float32")
# %% setup
net = keras.Sequential()
net.add(keras.layers.Input(batch_shape=(BATCH, 7, 2)))
net.add(keras.layers.GRU(5, stateful=True))
net.add(keras.layers.Dense(1))
net.compile(optimizer="adam", loss="mse")
# %% cell
for epoch in range(2):
    net.fit(x_train, y_train, batch_size=BATCH, epochs=1, shuffle=False, validation_data=(x_val, y_val), verbose=0)
    net.layers[0].reset_states()
# %% reference
for epoch in range(2):
    net.fit(x_train, y_train, batch_size=BATCH, epochs=1, shuffle=False, validation_data=(x_val[:40], y_val[:40]), verbose=0)
    net.layers[0].reset_states()
# %% check
import numpy as np
call = [s for s in seen if s["method"] == "fit"][-1]
vx, vy = call["validation_data"]
vx, vy = np.asarray(vx), np.asarray(vy).ravel()
assert len(vx) == len(vy) and len(vx) >= 40 and len(np.asarray(call["x"])) >= 100
start = int(np.flatnonzero((x_val == vx[0]).all(axis=(1, 2)))[0])
assert np.array_equal(vx, x_val[start:start + len(vx)]) and np.allclose(vy, y_val[start:start + len(vx)])
