# id: timestamps-among-the-features
# source: own: the time column stayed in the frame
# outcome: shape_error
# cause: dtype|features
# array: fenster
# layer: -|LSTM|InputLayer
# kind: select|cast
# line: 5
# note: the first column holds the hour of the reading and is no feature; the model was declared for the other two
# %% setup
import numpy as np
import pandas as pd
import keras

rng = np.random.default_rng(173)
mess = pd.DataFrame({"zeit": pd.date_range("2026-01-01", periods=60, freq="h"), "druck": rng.random(60), "fluss": rng.random(60)})
fenster = np.stack([mess.values[i:i + 6] for i in range(54)])
ziel = mess["druck"].values[6:]
# %% oracle
want = np.stack([mess[["druck", "fluss"]].to_numpy()[i:i + 6] for i in range(54)])
# %% cell
pumpe = keras.Sequential([keras.Input((6, 2)), keras.layers.LSTM(6), keras.layers.Dense(1)])
pumpe.compile("adam", "mse")

pumpe.fit(fenster, ziel, epochs=1, verbose=0)
# %% reference
pumpe = keras.Sequential([keras.Input((6, 2)), keras.layers.LSTM(6), keras.layers.Dense(1)])
pumpe.compile("adam", "mse")

pumpe.fit(fenster[..., 1:].astype("float32"), ziel, epochs=1, verbose=0)
# %% check
import numpy as np

got = np.asarray(seen[-1]["x"])
assert got.dtype.kind == "f" and got.shape == want.shape and np.allclose(got, want, rtol=1e-5)
