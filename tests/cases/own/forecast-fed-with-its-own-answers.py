# id: forecast-fed-with-its-own-answers
# source: own: the rolling forecast of many tutorials, the answer joined to the window as it comes
# outcome: shape_error
# cause: rank
# array: guess
# layer: -
# kind: expand
# line: 7
# note: np.expand_dims(guess, axis=1), which is (1, 1, 2)
# %% setup
import keras
import numpy as np

tide = np.stack([np.sin(np.arange(80) / 5), np.cos(np.arange(80) / 5)], axis=1)
past = np.array([tide[i : i + 8] for i in range(72)])
ahead = tide[8:80]
sea = keras.Sequential([keras.Input((8, 2)), keras.layers.GRU(4), keras.layers.Dense(2)])
sea.compile("adam", "mse")
sea.fit(past, ahead, epochs=1, verbose=0)
# %% cell
window = past[-1:]
told = []
for hour in range(3):
    guess = sea.predict(window, verbose=0)
    told.append(guess[0])
    window = np.concatenate((window[:, 1:, :], guess), axis=1)
# %% reference
window = past[-1:]
told = []
for hour in range(3):
    guess = sea.predict(window, verbose=0)
    told.append(guess[0])
    window = np.concatenate((window[:, 1:, :], guess[:, None, :]), axis=1)
# %% check
import numpy as np

assert np.shape(seen[-1]["x"]) == (1, 8, 2)
assert np.allclose(np.asarray(seen[-1]["x"])[0, :6], past[-1][2:], atol=1e-6)
assert np.allclose(np.asarray(seen[-1]["x"])[0, 6:], np.array(after["told"])[:2], atol=1e-6)
