# id: flat-attribute-of-a-bunch
# source: own: rows read from CSV text and kept as attributes, a functional model, a decoy of the same shape
# outcome: shape_error
# cause: flattened
# array: data.x_train|data|x_train
# layer: LSTM|InputLayer|Functional|window
# kind: reshape
# line: 4
# %% setup
import io
from types import SimpleNamespace

import numpy as np
import pandas as pd
import keras
from keras import layers
# %% setup
rng = np.random.default_rng(105)
text = io.StringIO("\n".join(",".join(f"{v:.3f}" for v in row) for row in rng.normal(size=(70, 16))))
csv = pd.read_csv(text, header=None)
data = SimpleNamespace()
data.x_train = csv.iloc[:50, :15].to_numpy()
data.y_train = csv.iloc[:50, 15].to_numpy()
data.x_raw = rng.normal(size=(50, 15))
backup = data.x_train * 2
# %% setup
def gait_net(steps=5, width=3):
    entry = keras.Input((steps, width), name="window")
    return keras.Model(entry, layers.Dense(1)(layers.LSTM(8)(entry)))
# %% oracle
want = data.x_train.reshape(50, 5, 3)
# %% cell
gait = gait_net()
gait.compile("adam", "mae")
gait.fit(data.x_train, data.y_train, epochs=1, batch_size=10, verbose=0)
# %% reference
gait = gait_net()
gait.compile("adam", "mae")
gait.fit(data.x_train.reshape(-1, 5, 3), data.y_train, epochs=1, batch_size=10, verbose=0)
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
