# id: flat-dict-item-through-a-helper
# source: own: the fit stands in a function of an earlier cell and gets a dictionary
# outcome: shape_error
# cause: flattened
# array: lot|lot["x"]|lot['x']|batch|batch["x"]|batch['x']
# layer: GRU|InputLayer|Bidirectional
# kind: reshape
# line: 3
# %% setup
import numpy as np
import tensorflow as tf

def train_on(net, lot, **options):
    log = net.fit(lot["x"], lot["y"], **options)
    return log.history["loss"][-1]
# %% setup
rng = np.random.default_rng(106)
batch = {"x": rng.normal(size=(64, 40)), "y": rng.integers(0, 3, 64), "who": rng.integers(0, 9, 64)}
other = rng.normal(size=(64, 40))
# %% setup
SEQ, CH = 10, 4
net = tf.keras.Sequential([
    tf.keras.Input(shape=(SEQ, CH)),
    tf.keras.layers.Bidirectional(tf.keras.layers.GRU(4)),
    tf.keras.layers.Dense(3, "softmax"),
])
net.compile("adam", "sparse_categorical_crossentropy")
# %% oracle
want = batch["x"].reshape(64, 10, 4)
# %% cell
print("start")
last = train_on(net, batch, epochs=1, verbose=0)
print(f"loss {last:.2f}")
# %% reference
print("start")
last = train_on(net, batch | {"x": batch["x"].reshape(-1, SEQ, CH)}, epochs=1, verbose=0)
print(f"loss {last:.2f}")
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
assert after["last"] > 0
