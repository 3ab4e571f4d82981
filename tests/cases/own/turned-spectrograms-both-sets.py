# id: turned-spectrograms-both-sets
# source: own: mel bands before frames, in the training and the validation set, in a function of an earlier cell
# outcome: shape_error
# cause: axis_order
# array: spec_tr
# layer: LSTM|InputLayer
# kind: transpose
# line: 2
# note: both sets have the fault; one fix repairs both
# %% setup
import numpy as np
from tensorflow import keras

def experiment(xt, yt, xv, yv, epochs=1):
    net = keras.Sequential([keras.Input((36, 12)), keras.layers.LSTM(6), keras.layers.Dense(5, activation="softmax")])
    net.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    out = net.fit(xt, yt, validation_data=(xv, yv), epochs=epochs, batch_size=16, verbose=0)
    return net, out.history
# %% setup
rng = np.random.default_rng(134)
n_mels, n_frames = 12, 36
spec_tr, spec_va = rng.random((64, n_mels, n_frames)), rng.random((16, n_mels, n_frames))
genre_tr, genre_va = rng.integers(0, 5, 64), rng.integers(0, 5, 16)
# %% oracle
want, want_val = spec_tr.transpose(0, 2, 1), spec_va.transpose(0, 2, 1)
# %% cell
net, history = experiment(spec_tr, genre_tr, spec_va, genre_va)
print(history["val_accuracy"])
# %% reference
net, history = experiment(spec_tr.transpose(0, 2, 1), genre_tr, spec_va.transpose(0, 2, 1), genre_va)
print(history["val_accuracy"])
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
assert np.allclose(at_the_rnn(call["model"], call["validation_data"][0]), want_val, atol=1e-5)
assert "val_accuracy" in after["history"]
