# id: declared-the-wrong-way-round
# source: own: input_shape=(features, timesteps)
# outcome: shape_error
# cause: input_declaration
# array: -|gaits
# layer: SimpleRNN|InputLayer
# kind: input_shape
# note: the array is (samples, timesteps, features), as its line says; turning it would give the network time for features
# %% setup
import numpy as np
from keras.models import Sequential
from keras.layers import SimpleRNN, Dense

samples, timesteps, features = 50, 18, 5
gaits = np.random.default_rng(201).normal(size=(samples, timesteps, features))
limp = np.random.default_rng(202).integers(0, 2, samples)
# %% cell
net = Sequential()
net.add(SimpleRNN(8, input_shape=(features, timesteps)))
net.add(Dense(1, activation="sigmoid"))
net.compile(optimizer="adam", loss="binary_crossentropy")
net.fit(gaits, limp, epochs=1, batch_size=10, verbose=0)
# %% reference
net = Sequential()
net.add(SimpleRNN(8, input_shape=(timesteps, features)))
net.add(Dense(1, activation="sigmoid"))
net.compile(optimizer="adam", loss="binary_crossentropy")
net.fit(gaits, limp, epochs=1, batch_size=10, verbose=0)
# %% check
import numpy as np

call = [s for s in seen if s["method"] == "fit"][-1]
assert np.array_equal(np.asarray(call["x"]), gaits)
assert call["model"].layers[0].input.shape[2] == 5
