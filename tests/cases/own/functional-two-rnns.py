# id: functional-two-rnns
# source: own: two SimpleRNN in the functional style, with named layers
# outcome: shape_error
# cause: sequence_collapsed
# array: -
# layer: SimpleRNN|second
# kind: layer_argument
# line: 4
# %% setup
import numpy as np
import keras
from keras import layers

frames = np.random.default_rng(182).normal(size=(30, 11, 4))
mood = np.random.default_rng(183).integers(0, 3, 30)
# %% cell
seq_in = keras.Input(shape=(None, 4))
h = layers.SimpleRNN(6, name="first")(seq_in)
h = layers.SimpleRNN(6, name="second")(h)
mood_model = keras.Model(seq_in, layers.Dense(3, activation="softmax")(h))
mood_model.compile("adam", "sparse_categorical_crossentropy")
mood_model.fit(frames, mood, epochs=1, verbose=0)
# %% reference
seq_in = keras.Input(shape=(None, 4))
h = layers.SimpleRNN(6, name="first", return_sequences=True)(seq_in)
h = layers.SimpleRNN(6, name="second")(h)
mood_model = keras.Model(seq_in, layers.Dense(3, activation="softmax")(h))
mood_model.compile("adam", "sparse_categorical_crossentropy")
mood_model.fit(frames, mood, epochs=1, verbose=0)
# %% check
first, second = (after["mood_model"].get_layer(n) for n in ("first", "second"))
assert first.return_sequences and not second.return_sequences
assert tuple(after["mood_model"].output_shape) == (None, 3)
