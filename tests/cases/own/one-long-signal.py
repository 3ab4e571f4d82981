# id: one-long-signal
# source: own: a one-dimensional series to an LSTM that declares nothing, the look-back in a variable
# outcome: shape_error
# cause: unwindowed|rank|feature_axis_missing
# array: signal
# layer: LSTM
# kind: window
# note: one sample of one step a row would run and has no sequence in it
# %% setup
import numpy as np
from keras.models import Sequential
from keras.layers import LSTM, Dense

LOOK_BACK = 12
signal = np.sin(np.arange(160) / 7) + np.arange(160) * 1e-3
nxt = np.roll(signal, -1)
# %% cell
net = Sequential()
net.add(LSTM(6))
net.add(Dense(1))
net.compile(loss="mse", optimizer="adam")
net.fit(signal, nxt, epochs=1, verbose=0)
# %% reference
net = Sequential()
net.add(LSTM(6))
net.add(Dense(1))
net.compile(loss="mse", optimizer="adam")
windows = np.lib.stride_tricks.sliding_window_view(signal, LOOK_BACK)[..., None]
net.fit(windows, nxt[LOOK_BACK - 1:], epochs=1, verbose=0)
# %% check
import numpy as np

def pairs(call):  # arrays, or what a dataset of windows yields
    x, y = call["x"], call["y"]
    if hasattr(x, "element_spec"):
        batches = [(np.asarray(a), np.asarray(b)) for a, b in x]
        x, y = (np.concatenate(part) for part in zip(*batches))
    return np.asarray(x), np.asarray(y)

x, y = pairs([s for s in seen if s["method"] == "fit"][-1])
assert x.ndim == 3 and x.shape[1] > 1 and x.shape[2] == 1 and len(x) == len(y) >= 10
for window, target in zip(x[:, :, 0], y.ravel()):
    start = int(np.argmin(np.abs(signal - window[0])))
    end = start + x.shape[1]
    assert np.allclose(window, signal[start:end], atol=1e-5)
    assert any(np.isclose(target, nxt[k], atol=1e-5) for k in (end - 1, end) if k < 160)
