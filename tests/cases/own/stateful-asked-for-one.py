# id: stateful-asked-for-one
# source: own: trained in batches of 8, predict with one window
# outcome: shape_error
# cause: batch_remainder
# array: heute
# layer: LSTM|InputLayer|-|Functional|Sequential
# kind: batch|pad|other|input_shape|layer_argument|wrap
# line: 2
# note: the window repeated or filled to a batch of 8 and the first answer taken, or a twin model of batch 1 with the weights copied
# %% setup
import numpy as np
import keras
from keras.layers import LSTM, Dense, Input

rng = np.random.default_rng(247)
alt = rng.normal(size=(32, 7, 2)).astype("float32")
heute = rng.normal(size=(1, 7, 2)).astype("float32")
wetter = keras.Sequential([Input(batch_shape=(8, 7, 2)), LSTM(5, stateful=True), Dense(1)])
wetter.compile("adam", "mse")
wetter.fit(alt, alt[:, -1, :1], batch_size=8, epochs=1, shuffle=False, verbose=0)
# %% cell
antwort = wetter.predict(heute, verbose=0)
print(antwort[0])
# %% reference
antwort = wetter.predict(np.repeat(heute, 8, axis=0), batch_size=8, verbose=0)[:1]
print(antwort[0])
# %% check
import numpy as np

x = np.asarray(seen[-1]["x"])
assert x.shape[1:] == (7, 2) and np.allclose(x[0], heute[0]) and len(after["antwort"]) >= 1
