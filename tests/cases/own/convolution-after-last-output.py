# id: convolution-after-last-output
# source: own: Conv1D on top of an LSTM that keeps its last output only
# outcome: shape_error
# cause: sequence_collapsed
# array: -
# layer: Conv1D|conv1d
# kind: layer_argument
# line: 5
# %% setup
import numpy as np
import keras
from keras.layers import Conv1D, Dense, GlobalMaxPooling1D, Input, LSTM

audio = np.random.default_rng(191).normal(size=(24, 20, 3)).astype("float32")
song = np.arange(24) % 3
# %% cell
jukebox = keras.Sequential()
jukebox.add(Input((20, 3)))
jukebox.add(LSTM(8, recurrent_dropout=0.0))
jukebox.add(Conv1D(4, kernel_size=3, activation="relu"))
jukebox.add(GlobalMaxPooling1D())
jukebox.add(Dense(3, activation="softmax"))
jukebox.compile("adam", "sparse_categorical_crossentropy")
jukebox.fit(audio, song, epochs=1, verbose=0)
# %% reference
jukebox = keras.Sequential()
jukebox.add(Input((20, 3)))
jukebox.add(LSTM(8, recurrent_dropout=0.0, return_sequences=True))
jukebox.add(Conv1D(4, kernel_size=3, activation="relu"))
jukebox.add(GlobalMaxPooling1D())
jukebox.add(Dense(3, activation="softmax"))
jukebox.compile("adam", "sparse_categorical_crossentropy")
jukebox.fit(audio, song, epochs=1, verbose=0)
# %% check
lstm = [l for l in after["jukebox"].layers if type(l).__name__ == "LSTM"][0]
assert lstm.return_sequences and lstm.output.shape[1] == 20
