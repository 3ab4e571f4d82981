# id: two-states-for-two-directions
# source: a bidirectional decoder wants four states and gets the encoder's two
# outcome: shape_error
# cause: state_size|input_count|custom_op
# array: -
# layer: Bidirectional|bidirectional|back_and_forth|LSTM
# kind: other|layer_argument|wrap
# %% setup
import numpy as np
import tensorflow as tf
from tensorflow.keras import layers

rng = np.random.default_rng(527)
A, B = rng.normal(size=(24, 8, 3)).astype("float32"), rng.normal(size=(24, 5, 2)).astype("float32")
goal = rng.normal(size=(24, 5, 1)).astype("float32")
# %% cell
src, tgt = layers.Input((8, 3)), layers.Input((5, 2))
_, h, c = layers.LSTM(6, return_state=True)(src)
dec = layers.Bidirectional(layers.LSTM(6, return_sequences=True), name="back_and_forth")(tgt, initial_state=[h, c])
track = tf.keras.Model([src, tgt], layers.Dense(1)(dec))
track.compile("adam", "mse")
track.fit([A, B], goal, epochs=1, verbose=0)
# %% reference
src, tgt = layers.Input((8, 3)), layers.Input((5, 2))
_, h, c = layers.LSTM(6, return_state=True)(src)
dec = layers.Bidirectional(layers.LSTM(6, return_sequences=True), name="back_and_forth")(tgt, initial_state=[h, c, h, c])
track = tf.keras.Model([src, tgt], layers.Dense(1)(dec))
track.compile("adam", "mse")
track.fit([A, B], goal, epochs=1, verbose=0)
# %% check
call = [s for s in seen if s["method"] == "fit"][-1]
assert tuple(call["model"].output_shape) == (None, 5, 1) and len(call["model"].inputs) == 2
