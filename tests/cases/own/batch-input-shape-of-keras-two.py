# id: batch-input-shape-of-keras-two
# source: own: batch_input_shape= of an old book
# outcome: shape_error
# cause: input_declaration
# array: -
# layer: LSTM
# kind: input_shape|layer_argument|other
# line: 3
# note: Keras 3 calls it Input(batch_shape=…) or batch_shape=…
# %% setup
import numpy as np
from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import Dense, LSTM, Input

alice = np.random.default_rng(205).normal(size=(40, 10, 2))
bob = alice[:, -1, :1]
# %% cell
m = Sequential()
m.add(LSTM(6, batch_input_shape=(8, 10, 2), stateful=True))
m.add(Dense(1))
m.compile("adam", "mse")
m.fit(alice, bob, batch_size=8, epochs=1, shuffle=False, verbose=0)
# %% reference
m = Sequential()
m.add(Input(batch_shape=(8, 10, 2)))
m.add(LSTM(6, stateful=True))
m.add(Dense(1))
m.compile("adam", "mse")
m.fit(alice, bob, batch_size=8, epochs=1, shuffle=False, verbose=0)
# %% check
import numpy as np

call = [s for s in seen if s["method"] == "fit"][-1]
assert np.array_equal(call["x"], alice)
lstm = [l for l in call["model"].layers if type(l).__name__ == "LSTM"][0]
assert lstm.stateful and lstm.units == 6
