# id: turned-channels-listed-first
# source: own: np.array([one, two, three]) of three sets of windows, in the cell
# outcome: shape_error
# cause: axis_order
# array: X
# layer: -|GRU|InputLayer
# kind: transpose
# line: 4
# note: X is (channel, window, time); np.stack(…, axis=-1) or a transpose (1, 2, 0)
# %% setup
import numpy as np
from keras import Input, Sequential, layers

rng = np.random.default_rng(131)
acc_x, acc_y, acc_z = (rng.normal(size=(60, 25)) for _ in range(3))
falls = rng.integers(0, 2, 60)
watch = Sequential([Input((25, 3)), layers.GRU(6), layers.Dense(1, activation="sigmoid")])
watch.compile("adam", "binary_crossentropy", metrics=["accuracy"])
# %% oracle
want = np.stack([acc_x, acc_y, acc_z], axis=-1)
# %% cell
X = np.array([acc_x, acc_y, acc_z])

watch.fit(X, falls, epochs=1, batch_size=20, verbose=0)
# %% reference
X = np.stack([acc_x, acc_y, acc_z], axis=-1)

watch.fit(X, falls, epochs=1, batch_size=20, verbose=0)
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
assert np.allclose(at_the_rnn(call["model"], call["x"]), want, atol=1e-5)
