# id: frame-rows-for-windows
# source: own: a frame passed as it is to a model of windows, its own column the target
# outcome: shape_error
# cause: unwindowed
# array: pegel
# layer: LSTM|InputLayer
# kind: window
# line: 2
# note: any stride; the target may be the last row's or the next one's
# %% setup
import numpy as np
import pandas as pd
import tensorflow as tf

rng = np.random.default_rng(240)
pegel = pd.DataFrame(rng.normal(size=(140, 3)), columns=["regen", "abfluss", "schnee"], index=pd.date_range("2026-03-01", periods=140, freq="D"))
stand = pd.Series(np.arange(140) / 140, index=pegel.index)
FENSTER = 14
fluss = tf.keras.Sequential([tf.keras.Input((FENSTER, 3)), tf.keras.layers.LSTM(6), tf.keras.layers.Dense(1)])
fluss.compile(loss="mse", optimizer="adam")
# %% cell
fluss.fit(pegel, stand, epochs=1, batch_size=20, verbose=0)
# %% reference
werte = pegel.to_numpy()
X = np.stack([werte[i:i + FENSTER] for i in range(len(werte) - FENSTER)])
fluss.fit(X, stand.to_numpy()[FENSTER:], epochs=1, batch_size=20, verbose=0)
# %% check
import numpy as np

def pairs(call):  # arrays, or what a dataset of windows yields
    x, y = call["x"], call["y"]
    if hasattr(x, "element_spec"):
        batches = [(np.asarray(a), np.asarray(b)) for a, b in x]
        x, y = (np.concatenate(part) for part in zip(*batches))
    return np.asarray(x), np.asarray(y)

x, y = pairs([s for s in seen if s["method"] == "fit"][-1])
rows = pegel.to_numpy()
assert x.ndim == 3 and x.shape[1:] == (14, 3) and len(x) == len(y) and len(x) >= 9
for window, target in zip(x, y.ravel()):
    start = int(np.argmin(np.abs(rows - window[0]).sum(axis=1)))
    assert np.allclose(window, rows[start:start + 14], atol=1e-5)
    assert round(float(target) * 140) in (start + 13, start + 14)
