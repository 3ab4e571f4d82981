# id: two-faults-in-one-fit
# source: own: the rows are flat AND the targets are class numbers for a categorical loss
# outcome: shape_error
# cause: flattened|target_encoding
# array: wafer|bin_no
# layer: LSTM|InputLayer|-|Dense
# kind: reshape|one_hot|loss
# line: 2
# note: the two repairs are needed together; a fix that makes one of them only does not run
# %% setup
import numpy as np
from tensorflow import keras

rng = np.random.default_rng(306)
wafer, bin_no = rng.normal(size=(48, 24)), rng.integers(0, 4, 48)
fab = keras.Sequential([keras.Input((8, 3)), keras.layers.LSTM(5), keras.layers.Dense(4, activation="softmax")])
fab.compile(loss="categorical_crossentropy", optimizer="adam")
# %% cell
fab.fit(wafer, bin_no, epochs=1, batch_size=12, verbose=0)
# %% reference
fab.fit(wafer.reshape(-1, 8, 3), keras.utils.to_categorical(bin_no, 4), epochs=1, batch_size=12, verbose=0)
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
assert np.allclose(at_the_rnn(call["model"], call["x"]), wafer.reshape(-1, 8, 3), atol=1e-5)
y = np.asarray(call["y"])
assert np.array_equal(y.argmax(1) if y.ndim == 2 and y.shape[1] == 4 else y.ravel(), bin_no)
