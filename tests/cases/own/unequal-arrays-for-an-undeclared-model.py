# id: unequal-arrays-for-an-undeclared-model
# source: written after the code, by a reader of it
# outcome: shape_error
# cause: ragged
# array: trips
# kind: pad
# %% setup
import numpy as np, keras
trips = [np.random.default_rng(i).normal(size=(n, 2)) for i, n in enumerate([5, 9, 7, 3] * 5)]
s = np.arange(20) % 2
m = keras.Sequential([keras.layers.Masking(), keras.layers.GRU(4), keras.layers.Dense(1)]); m.compile("adam", "mse")
# %% cell
m.fit(trips, s, epochs=1, verbose=0)
# %% check
x = np.asarray(seen[-1]["x"])
for row, t in zip(x, trips): assert any(np.allclose(row[i:i+len(t)], t, atol=1e-4) for i in range(len(row)-len(t)+1))
