# id: sequence-and-vector-joined-by-ops
# source: written after the code, by a reader of it
# outcome: shape_error
# cause: merge
# layer: Concatenate|LSTM
# kind: layer_argument|wrap
# %% setup
import numpy as np, keras
from keras import ops, layers
visits = np.random.default_rng(15).normal(size=(30, 6, 4)); person = np.random.default_rng(16).normal(size=(30, 5)); died = np.arange(30) % 2
# %% cell
seq_in = keras.Input((6, 4)); stat_in = keras.Input((5,))
enc = layers.LSTM(8, return_sequences=True)(seq_in)
both = ops.concatenate([enc, stat_in], axis=-1)
out = layers.Dense(1, activation="sigmoid")(both)
risk = keras.Model([seq_in, stat_in], out)
risk.compile("adam", "binary_crossentropy")
risk.fit([visits, person], died, epochs=1, verbose=0)
# %% check
assert seen[-1]["model"].output_shape == (None, 1)
