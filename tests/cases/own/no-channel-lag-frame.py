# id: no-channel-lag-frame
# source: own: a frame of ten lags of one price
# outcome: shape_error
# cause: feature_axis_missing|flattened
# array: lags
# layer: SimpleRNN
# kind: expand|reshape
# line: 2
# note: ten steps of one feature; reshape(-1, 1, 10) is one step of ten and no sequence at all
# %% setup
import numpy as np
import pandas as pd
from keras.models import Sequential
from keras.layers import SimpleRNN, Dense
# %% setup
price = pd.Series(np.random.default_rng(113).normal(size=130).cumsum(), name="price")
lags = pd.concat({f"lag_{k}": price.shift(k) for k in range(10, 0, -1)}, axis=1).dropna()
nxt = price.loc[lags.index]
# %% setup
rnn = Sequential()
rnn.add(SimpleRNN(8))
rnn.add(Dense(1))
rnn.compile(loss="mean_absolute_error", optimizer="sgd")
# %% oracle
want = lags.to_numpy()[:, :, None]
# %% cell
rnn.fit(lags, nxt, epochs=1, verbose=0); guess = rnn.predict(lags.tail(3), verbose=0)
# %% reference
rnn.fit(lags.to_numpy()[:, :, None], nxt, epochs=1, verbose=0); guess = rnn.predict(lags.tail(3).to_numpy()[:, :, None], verbose=0)
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
got = at_the_rnn(call["model"], call["x"])
if got.ndim == 3:
    assert got.shape == want.shape and np.allclose(got, want, atol=1e-4)
else:  # a declared Input adds the axis itself
    first = [l for l in call["model"].layers if type(l).__name__ == "SimpleRNN"][0]
    assert got.shape == (120, 10) and tuple(first.input.shape)[1:] == (10, 1)
assert after["guess"].shape == (3, 1)
