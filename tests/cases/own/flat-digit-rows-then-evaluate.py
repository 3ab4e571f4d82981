# id: flat-digit-rows-then-evaluate
# source: own: MNIST-like rows of 196 pixels, read row by row by a GRU; evaluate has the same fault
# outcome: shape_error
# cause: flattened
# array: pix_train
# layer: GRU|InputLayer
# kind: reshape
# line: 2
# %% setup
import numpy as np
from tensorflow import keras
# %% setup
SIDE = 14
rng = np.random.default_rng(103)
pix_train = rng.random((90, SIDE * SIDE)).astype("float32")
pix_test = rng.random((30, SIDE * SIDE)).astype("float32")
dig_train, dig_test = rng.integers(0, 10, 90), rng.integers(0, 10, 30)
noise = rng.random((90, SIDE * SIDE)).astype("float32")
# %% setup
reader = keras.Sequential([
    keras.Input((SIDE, SIDE)),
    keras.layers.GRU(8),
    keras.layers.Dense(10, activation="softmax"),
])
reader.compile(loss=keras.losses.SparseCategoricalCrossentropy(), optimizer=keras.optimizers.Adam(1e-3), metrics=["accuracy"])
# %% oracle
want, want_test = pix_train.reshape(-1, 14, 14), pix_test.reshape(-1, 14, 14)
# %% cell

reader.fit(x=pix_train, y=dig_train, epochs=1, batch_size=30, verbose=0)
test_loss, test_acc = reader.evaluate(x=pix_test, y=dig_test, verbose=0)
print("accuracy", test_acc)
# %% reference

reader.fit(x=pix_train.reshape(-1, SIDE, SIDE), y=dig_train, epochs=1, batch_size=30, verbose=0)
test_loss, test_acc = reader.evaluate(x=pix_test.reshape(-1, SIDE, SIDE), y=dig_test, verbose=0)
print("accuracy", test_acc)
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

for method, right in (("fit", want), ("evaluate", want_test)):
    call = [s for s in seen if s["method"] == method][-1]
    assert np.allclose(at_the_rnn(call["model"], call["x"]), right)
assert 0 <= after["test_acc"] <= 1
