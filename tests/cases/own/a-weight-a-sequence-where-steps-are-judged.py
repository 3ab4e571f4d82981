# id: a-weight-a-sequence-where-steps-are-judged
# source: one weight for each sequence, the model answers at every step
# outcome: shape_error
# cause: target_shape|sample_count|rank
# array: trust
# layer: -|Dense
# kind: expand|reshape|other
# %% setup
import numpy as np
import keras
from keras import layers

rng = np.random.default_rng(555)
X, Y = rng.normal(size=(40, 20, 3)).astype("float32"), rng.normal(size=(40, 20, 1)).astype("float32")
trust = np.linspace(0.1, 1, 40)
net = keras.Sequential([keras.Input((None, 3)), layers.GRU(6, return_sequences=True), layers.Dense(1)])
net.compile("adam", "mse")
# %% cell
net.fit(X, Y, sample_weight=trust, epochs=1, batch_size=10, verbose=0)
# %% reference
net.fit(X, Y, sample_weight=trust[:, None], epochs=1, batch_size=10, verbose=0)
# %% check
import numpy as np
call = [s for s in seen if s["method"] == "fit"][-1]
assert np.array_equal(np.asarray(call["x"]), X) and np.array_equal(np.asarray(call["y"]), Y)
