# id: silent-padded-recordings-without-masking
# source: own: recordings of different length in an array of zeros, and no Masking in front of the LSTM
# outcome: clean
# warning: pad_unmasked
# %% setup
import numpy as np
from tensorflow.keras import Sequential
from tensorflow.keras.layers import Input, LSTM, Dense, LayerNormalization

rng = np.random.default_rng(405)
takes = [rng.normal(size=(n, 3)) for n in rng.integers(6, 25, size=45)]
gesture = rng.integers(0, 4, size=45)
# %% cell
longest = max(len(take) for take in takes)
hand = np.zeros((len(takes), longest, 3), dtype="float32")
for row, take in zip(hand, takes):
    row[:len(take)] = take
reader = Sequential([Input((longest, 3)), LSTM(8), LayerNormalization(), Dense(4, activation="softmax")])
reader.compile("adam", "sparse_categorical_crossentropy")
reader.fit(hand, gesture, epochs=1, verbose=0)
# %% reference
from tensorflow.keras.layers import Masking

longest = max(len(take) for take in takes)
hand = np.zeros((len(takes), longest, 3), dtype="float32")
for row, take in zip(hand, takes):
    row[:len(take)] = take
reader = Sequential([Input((longest, 3)), Masking(), LSTM(8), LayerNormalization(), Dense(4, activation="softmax")])
reader.compile("adam", "sparse_categorical_crossentropy")
reader.fit(hand, gesture, epochs=1, verbose=0)
