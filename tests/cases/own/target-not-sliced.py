# id: target-not-sliced
# source: own: the windows are sliced at the call, the target is not
# outcome: shape_error
# cause: sample_count
# array: Yw|Xw|Xw[:64]
# layer: -
# kind: trim|align|select|truncate
# line: 2
# %% setup
import numpy as np
import tensorflow as tf

rng = np.random.default_rng(232)
Xw, Yw = rng.normal(size=(100, 12, 2)), rng.normal(size=(100, 1))
m = tf.keras.Sequential([tf.keras.Input((12, 2)), tf.keras.layers.SimpleRNN(6), tf.keras.layers.Dense(1)])
m.compile(optimizer="adam", loss="huber")
# %% cell
m.fit(Xw[:64], Yw, batch_size=16, epochs=1, verbose=0)
print(m.evaluate(Xw[64:], Yw[64:], verbose=0))
# %% reference
m.fit(Xw[:64], Yw[:64], batch_size=16, epochs=1, verbose=0)
print(m.evaluate(Xw[64:], Yw[64:], verbose=0))
# %% check
import numpy as np

call = [s for s in seen if s["method"] == "fit"][-1]
n = len(call["x"])
assert n >= 64 and np.array_equal(call["x"], Xw[:n]) and np.array_equal(call["y"], Yw[:n])
