# id: flat-rows-in-a-dataset
# source: own: a tf.data pipeline of flat rows, training and validation
# outcome: shape_error
# cause: flattened
# array: train_ds
# layer: LSTM|InputLayer
# kind: reshape
# line: 4
# note: train_ds.map(reshape), where it is made or at the call; val_ds has the same fault
# %% setup
import numpy as np
import tensorflow as tf

rng = np.random.default_rng(301)
rows, cls = rng.normal(size=(60, 32)).astype("float32"), rng.integers(0, 3, 60)
train_ds = tf.data.Dataset.from_tensor_slices((rows[:48], cls[:48])).batch(16)
val_ds = tf.data.Dataset.from_tensor_slices((rows[48:], cls[48:])).batch(6)
TIMESTEPS, FEATURES = 8, 4
# %% cell
model = tf.keras.Sequential([tf.keras.Input((TIMESTEPS, FEATURES)), tf.keras.layers.LSTM(5), tf.keras.layers.Dense(3, "softmax")])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(train_ds, validation_data=val_ds, epochs=1, verbose=0)
# %% reference
fold = lambda x, y: (tf.reshape(x, (-1, TIMESTEPS, FEATURES)), y)
model = tf.keras.Sequential([tf.keras.Input((TIMESTEPS, FEATURES)), tf.keras.layers.LSTM(5), tf.keras.layers.Dense(3, "softmax")])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(train_ds.map(fold), validation_data=val_ds.map(fold), epochs=1, verbose=0)
# %% check
import numpy as np

def at_the_rnn(model, a):  # a Reshape or Permute at the front of the model is as good as one on the data
    a = np.asarray(a)
    for layer in model.layers:
        if type(layer).__name__ in ("Reshape", "Permute"):
            a = np.asarray(layer(a))
        elif type(layer).__name__ != "InputLayer":
            break
    return a

call = [s for s in seen if s["method"] == "fit"][-1]
for ds, part in ((call["x"], rows[:48]), (call["validation_data"], rows[48:])):
    got = np.concatenate([np.asarray(x) for x, _ in ds])
    assert np.allclose(at_the_rnn(call["model"], got), part.reshape(-1, 8, 4))
