# id: one-axis-too-many-inside
# source: own: windows kept as (N, 1, T, F), asked for a prediction with a functional model
# outcome: shape_error
# cause: rank
# array: q
# layer: GRU|InputLayer|Functional
# kind: squeeze|reshape|select
# line: 5
# %% setup
import numpy as np
import keras
from keras import layers as kl

rng = np.random.default_rng(163)
inp = keras.Input(shape=(9, 4))
net = keras.Model(inputs=inp, outputs=kl.Dense(2, activation="softmax")(kl.GRU(5)(inp)))
net.compile("adam", "sparse_categorical_crossentropy")
net.fit(rng.normal(size=(30, 9, 4)), rng.integers(0, 2, 30), epochs=1, verbose=0)
q = rng.normal(size=(6, 1, 9, 4))
r = rng.normal(size=(6, 1, 9, 4))
# %% cell
import matplotlib.pyplot as plt

fig, ax = plt.subplots()
out = net.predict(q, verbose=0)
ax.plot(out[:, 0])
plt.close(fig)
# %% reference
import matplotlib.pyplot as plt

fig, ax = plt.subplots()
out = net.predict(q[:, 0], verbose=0)
ax.plot(out[:, 0])
plt.close(fig)
# %% check
import numpy as np

assert np.allclose(np.asarray(seen[-1]["x"]), q[:, 0])
assert after["out"].shape == (6, 2)
