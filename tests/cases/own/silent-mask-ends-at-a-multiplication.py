# id: silent-mask-ends-at-a-multiplication
# source: own: Masking on padded walks, then `h * 0.5`, which drops the mask without a word
# outcome: clean
# warning: mask_lost
# %% setup
import numpy as np
import keras
from keras import layers

rng = np.random.default_rng(403)
gait = np.zeros((40, 16, 4), "float32")
for row in gait:
    n = rng.integers(5, 14)
    row[:n] = rng.normal(size=(n, 4))
limps = rng.integers(0, 2, 40)
# %% cell
walk = keras.Input((16, 4))
h = layers.Masking()(walk)
h = layers.Dense(6, activation="tanh")(h)
h = h * 0.5
verdict = layers.Dense(1, activation="sigmoid")(layers.Bidirectional(layers.GRU(5))(h))
clinic = keras.Model(walk, verdict)
clinic.compile("adam", "binary_crossentropy")
clinic.fit(gait, limps, epochs=1, verbose=0)
# %% reference
walk = keras.Input((16, 4))
h = layers.Masking()(walk)
h = layers.Dense(6, activation="tanh")(h)
verdict = layers.Dense(1, activation="sigmoid")(layers.Bidirectional(layers.GRU(5))(h))
clinic = keras.Model(walk, verdict)
clinic.compile("adam", "binary_crossentropy")
clinic.fit(gait, limps, epochs=1, verbose=0)
