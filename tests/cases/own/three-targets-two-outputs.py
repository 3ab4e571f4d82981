# id: three-targets-two-outputs
# source: own: a regression on three columns with Dense(2), the model built in an earlier cell
# outcome: shape_error
# cause: target_shape
# array: cibles|-
# layer: Dense|-|sortie
# kind: layer_argument|select|truncate
# line: 2
# note: growing the layer is the likely one; two chosen columns are fair
# %% setup
import numpy as np
import pandas as pd
import tensorflow as tf

rng = np.random.default_rng(211)
mesures = rng.normal(size=(60, 8, 4)).astype("float32")
cibles = pd.DataFrame(rng.normal(size=(60, 3)), columns=["x", "y", "z"])
# %% setup
def construire():
    e = tf.keras.Input((8, 4))
    s = tf.keras.layers.Dense(2, name="sortie")(tf.keras.layers.LSTM(6)(e))
    return tf.keras.Model(e, s)

robot = construire()
robot.compile(optimizer="adam", loss="mse")
# %% cell
robot.fit(mesures, cibles, epochs=1, batch_size=20, verbose=0)
# %% reference
def construire():
    e = tf.keras.Input((8, 4))
    s = tf.keras.layers.Dense(3, name="sortie")(tf.keras.layers.LSTM(6)(e))
    return tf.keras.Model(e, s)

robot = construire()
robot.compile(optimizer="adam", loss="mse")
robot.fit(mesures, cibles, epochs=1, batch_size=20, verbose=0)
# %% check
import numpy as np

call = [s for s in seen if s["method"] == "fit"][-1]
y = np.asarray(call["y"])
assert y.shape == (60, call["model"].output_shape[-1]) and np.array_equal(np.asarray(call["x"]), mesures)
