# id: decoder-wider-than-encoder
# source: own: encoder of 8 units, decoder of 12, as a subclassed model of an earlier cell
# outcome: shape_error
# cause: state_size
# array: -
# layer: LSTM|dec|GRU|GRUCell
# kind: layer_argument|wrap|other
# line: 4
# %% setup
import numpy as np
import tensorflow as tf
from tensorflow.keras import layers

class Translator(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.enc = layers.GRU(8, return_state=True, name="enc")
        self.dec = layers.GRU(12, return_sequences=True, name="dec")
        self.out = layers.Dense(4, activation="softmax")

    def call(self, pair):
        source, shifted = pair
        _, state = self.enc(source)
        return self.out(self.dec(shifted, initial_state=state))
# %% setup
rng = np.random.default_rng(248)
src = rng.normal(size=(24, 7, 3)).astype("float32")
dst = np.eye(4, dtype="float32")[rng.integers(0, 4, (24, 5))]
# %% cell
translator = Translator()
translator.compile("adam", "categorical_crossentropy")
translator.fit((src, dst), dst, epochs=1, batch_size=8, verbose=0)
# %% reference
class Translator(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.enc = layers.GRU(8, return_state=True, name="enc")
        self.dec = layers.GRU(8, return_sequences=True, name="dec")
        self.out = layers.Dense(4, activation="softmax")

    def call(self, pair):
        source, shifted = pair
        _, state = self.enc(source)
        return self.out(self.dec(shifted, initial_state=state))

translator = Translator()
translator.compile("adam", "categorical_crossentropy")
translator.fit((src, dst), dst, epochs=1, batch_size=8, verbose=0)
# %% check
assert any(s["method"] == "fit" for s in seen)
assert after["translator"].predict((src[:2], dst[:2]), verbose=0).shape == (2, 5, 4)
