# id: extra-feature-at-evaluate
# source: own: fit passes, evaluate gets one column more
# outcome: shape_error
# cause: features
# array: X_ev
# layer: LSTM|InputLayer|Functional|hours
# kind: select|truncate
# line: 4
# %% setup
import numpy as np
import tensorflow as tf

rng = np.random.default_rng(143)
X_tr, t_tr = rng.normal(size=(60, 24, 3)), rng.normal(size=60)
X_ev = np.concatenate([rng.normal(size=(20, 24, 3)), np.zeros((20, 24, 1))], axis=-1)   # and an hour-of-day nobody trained on
t_ev = rng.normal(size=20)
hours = tf.keras.Input((24, 3), name="hours")
load = tf.keras.Model(hours, tf.keras.layers.Dense(1)(tf.keras.layers.LSTM(6)(hours)))
load.compile("adam", "mae", metrics=["mse"])
# %% oracle
want = X_ev[..., :3]
# %% cell
load.fit(X_tr, t_tr, epochs=1, batch_size=20, verbose=0)

mae, mse = load.evaluate(X_ev, t_ev, batch_size=20, verbose=0)
print(mae, mse)
# %% reference
load.fit(X_tr, t_tr, epochs=1, batch_size=20, verbose=0)

mae, mse = load.evaluate(X_ev[..., :3], t_ev, batch_size=20, verbose=0)
print(mae, mse)
# %% check
import numpy as np

call = [s for s in seen if s["method"] == "evaluate"][-1]
assert np.allclose(np.asarray(call["x"]), want)
assert after["mae"] >= 0
