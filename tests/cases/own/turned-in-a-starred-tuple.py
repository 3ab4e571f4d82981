# id: turned-in-a-starred-tuple
# source: own: fit(*pair) in a with block
# outcome: shape_error
# cause: axis_order
# array: pair|pair[0]|imu
# layer: LSTM|InputLayer
# kind: transpose
# line: 3
# %% setup
import numpy as np
import tensorflow as tf

rng = np.random.default_rng(303)
imu = rng.normal(size=(40, 6, 50)).astype("float32")     # 6 channels of 50 samples
pair = imu, rng.integers(0, 2, 40)
n_steps, n_channels = 50, 6
m = tf.keras.Sequential([tf.keras.Input((n_steps, n_channels)), tf.keras.layers.LSTM(5), tf.keras.layers.Dense(1, activation="sigmoid")])
m.compile("adam", "binary_crossentropy")
# %% cell
with tf.device("/CPU:0"):
    m.fit(*pair, epochs=1, verbose=0)
# %% reference
with tf.device("/CPU:0"):
    m.fit(pair[0].transpose(0, 2, 1), pair[1], epochs=1, verbose=0)
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
assert np.allclose(at_the_rnn(call["model"], call["x"]), imu.transpose(0, 2, 1))
