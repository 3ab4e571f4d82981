# id: unequal-trips-and-a-list-of-labels
# source: own: sequences of unequal length and their labels, both in lists, the labels NumPy's numbers
# outcome: shape_error
# cause: ragged
# array: trips
# layer: -|GRU|InputLayer|Masking
# kind: pad
# line: 2
# note: pad the sequences, and one array of the labels
# %% setup
import keras
import numpy as np

rng = np.random.default_rng(50)
trips = [rng.normal(size=(n, 2)) + 3 for n in [4, 8, 5, 6] * 5]
kinds = list(np.arange(20) % 2)
city = keras.Sequential([keras.layers.Masking(), keras.layers.GRU(4), keras.layers.Dense(1, activation="sigmoid")])
city.compile("adam", "binary_crossentropy")
# %% cell
city.fit(trips, kinds, epochs=1, verbose=0)
# %% reference
city.fit(keras.utils.pad_sequences(trips, dtype="float32", padding="post"), np.array(kinds), epochs=1, verbose=0)
# %% check
import numpy as np

x = np.asarray(seen[-1]["x"])
assert x.shape == (20, 8, 2)
assert all(np.allclose(row[: len(trip)], trip) or np.allclose(row[-len(trip) :], trip) for row, trip in zip(x, trips))
assert np.array_equal(np.asarray(seen[-1]["y"]).ravel(), np.arange(20) % 2)
