# id: silent-channels-first-reshaped
# source: own: (recording, lead, tick) cut anew to (recording, tick, lead) with the array's own sizes, then split
# outcome: clean
# warning: scrambled
# %% setup
import numpy as np
import keras
from sklearn.model_selection import train_test_split

rng = np.random.default_rng(406)
ecg = np.sin(np.arange(90)[None, None] / rng.uniform(3, 9, size=(36, 4, 1)))
rhythm = rng.integers(0, 3, 36)
# %% cell
beats = ecg.reshape(ecg.shape[0], ecg.shape[2], ecg.shape[1]).astype("float32")
beats_train, beats_test, rhythm_train, rhythm_test = train_test_split(beats, rhythm, test_size=0.25, random_state=1)
monitor = keras.Sequential([keras.Input((90, 4)), keras.layers.GRU(6), keras.layers.Dense(3, activation="softmax")])
monitor.compile("adam", "sparse_categorical_crossentropy")
monitor.fit(beats_train, rhythm_train, validation_data=(beats_test, rhythm_test), epochs=1, verbose=0)
# %% reference
beats = ecg.transpose(0, 2, 1).astype("float32")
beats_train, beats_test, rhythm_train, rhythm_test = train_test_split(beats, rhythm, test_size=0.25, random_state=1)
monitor = keras.Sequential([keras.Input((90, 4)), keras.layers.GRU(6), keras.layers.Dense(3, activation="softmax")])
monitor.compile("adam", "sparse_categorical_crossentropy")
monitor.fit(beats_train, rhythm_train, validation_data=(beats_test, rhythm_test), epochs=1, verbose=0)
