# id: validation-dataset-not-batched
# source: own: the training dataset is batched, the validation dataset is not
# outcome: shape_error
# cause: batch_axis_missing
# array: holdout
# layer: GRU|InputLayer|-
# kind: batch|expand
# line: 4
# %% setup
import numpy as np
import tensorflow as tf
from tensorflow import keras

rng = np.random.default_rng(123)
x, y = rng.normal(size=(70, 12, 3)).astype("float32"), rng.normal(size=(70, 1)).astype("float32")
train = tf.data.Dataset.from_tensor_slices((x[:50], y[:50])).shuffle(50, seed=1).batch(10)
holdout = tf.data.Dataset.from_tensor_slices((x[50:], y[50:]))
# %% cell
net = keras.Sequential([keras.layers.Input(shape=(12, 3)), keras.layers.GRU(6), keras.layers.Dense(1)])
net.compile(optimizer="adam", loss="mse")
hist = net.fit(train, validation_data=holdout, epochs=1, verbose=0)
# %% reference
net = keras.Sequential([keras.layers.Input(shape=(12, 3)), keras.layers.GRU(6), keras.layers.Dense(1)])
net.compile(optimizer="adam", loss="mse")
hist = net.fit(train, validation_data=holdout.batch(10), epochs=1, verbose=0)
# %% check
call = [s for s in seen if s["method"] == "fit"][-1]
vx, vy = next(iter(call["validation_data"]))
assert len(vx.shape) == 3 and tuple(vx.shape[1:]) == (12, 3) and vy.shape[0] == vx.shape[0]
assert "val_loss" in after["hist"].history
