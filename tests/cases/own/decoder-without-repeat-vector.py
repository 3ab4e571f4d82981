# id: decoder-without-repeat-vector
# source: own: encoder, decoder, and nothing that repeats the code in between
# outcome: shape_error
# cause: sequence_collapsed
# array: -
# layer: LSTM|decoder
# kind: wrap|other|expand
# line: 4
# note: three future steps from twelve past ones: RepeatVector(3). return_sequences=True gives twelve steps and does not fit the target
# %% setup
import numpy as np
from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import Input, LSTM, RepeatVector, TimeDistributed, Dense

n_past, n_future = 12, 3
rng = np.random.default_rng(196)
past, future = rng.normal(size=(50, n_past, 2)), rng.normal(size=(50, n_future, 1))
# %% cell
s2s = Sequential([Input((n_past, 2))])
s2s.add(LSTM(8, name="encoder"))
s2s.add(LSTM(8, return_sequences=True, name="decoder"))
s2s.add(TimeDistributed(Dense(1)))
s2s.compile(loss="mse", optimizer="adam")
s2s.fit(past, future, epochs=1, verbose=0)
# %% reference
s2s = Sequential([Input((n_past, 2))])
s2s.add(LSTM(8, name="encoder"))
s2s.add(RepeatVector(n_future))
s2s.add(LSTM(8, return_sequences=True, name="decoder"))
s2s.add(TimeDistributed(Dense(1)))
s2s.compile(loss="mse", optimizer="adam")
s2s.fit(past, future, epochs=1, verbose=0)
# %% check
import numpy as np

assert tuple(after["s2s"].output_shape) == (None, 3, 1)
assert np.asarray(seen[-1]["y"]).shape == (50, 3, 1)
