# id: three-grus-two-silent
# source: own: three stacked GRU layers in one list, neither of the first two returns its sequence
# outcome: shape_error
# cause: sequence_collapsed
# array: -
# layer: GRU|gru_1
# kind: layer_argument
# note: both of the first two lack the argument; one fix sets both
# %% setup
import numpy as np
from tensorflow.keras import Sequential
from tensorflow.keras.layers import GRU, Dense, Dropout, Input
x = np.random.default_rng(180).normal(size=(40, 15, 3))
t = np.random.default_rng(181).normal(size=40)
# %% cell
net = Sequential([
    Input((15, 3)),
    GRU(8, activation="tanh"),
    Dropout(0.1),
    GRU(6),
    GRU(4),
    Dense(1),
])
net.compile(loss="mse", optimizer="adam")
net.fit(x, t, epochs=1, verbose=0)
print(net.predict(x[:2], verbose=0))
# %% reference
net = Sequential([
    Input((15, 3)),
    GRU(8, activation="tanh", return_sequences=True),
    Dropout(0.1),
    GRU(6, return_sequences=True),
    GRU(4),
    Dense(1),
])
net.compile(loss="mse", optimizer="adam")
net.fit(x, t, epochs=1, verbose=0)
print(net.predict(x[:2], verbose=0))
# %% check
grus = [l for l in after["net"].layers if type(l).__name__ == "GRU"]
assert [g.return_sequences for g in grus] == [True, True, False] and grus[2].input.shape[1] in (15, None)
assert tuple(after["net"].output_shape) == (None, 1)
