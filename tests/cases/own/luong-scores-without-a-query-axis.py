# id: luong-scores-without-a-query-axis
# source: philipperemy/keras-attention#14: the query is (batch, units), the values (batch, steps, units)
# outcome: shape_error
# cause: custom_op
# array: -
# layer: LuongAttention|luong|luong_attention
# kind: other|expand|reshape|layer_argument
# %% setup
import numpy as np
import tensorflow as tf
from tensorflow import keras

class LuongAttention(keras.layers.Layer):
    """Dot-product attention of one query over the values."""
    def call(self, query, values):
        score = tf.matmul(query, values, transpose_b=True)
        weights = tf.nn.softmax(score, axis=-1)
        context = tf.matmul(weights, values)
        return tf.squeeze(context, axis=1)
# %% setup
rng = np.random.default_rng(532)
series, nxt = rng.normal(size=(32, 15, 2)).astype("float32"), rng.normal(size=(32, 1)).astype("float32")
# %% cell
i = keras.Input((15, 2))
seq, last, _ = keras.layers.LSTM(8, return_sequences=True, return_state=True)(i)
ctx = LuongAttention(name="luong")(last, seq)
o = keras.layers.Dense(1)(keras.layers.concatenate([ctx, last]))
attn = keras.Model(i, o)
attn.compile("adam", "mse")
attn.fit(series, nxt, epochs=1, verbose=0)
# %% reference
class LuongAttention(keras.layers.Layer):
    def call(self, query, values):
        score = tf.matmul(tf.expand_dims(query, 1), values, transpose_b=True)
        weights = tf.nn.softmax(score, axis=-1)
        context = tf.matmul(weights, values)
        return tf.squeeze(context, axis=1)
i = keras.Input((15, 2))
seq, last, _ = keras.layers.LSTM(8, return_sequences=True, return_state=True)(i)
ctx = LuongAttention(name="luong")(last, seq)
o = keras.layers.Dense(1)(keras.layers.concatenate([ctx, last]))
attn = keras.Model(i, o)
attn.compile("adam", "mse")
attn.fit(series, nxt, epochs=1, verbose=0)
# %% check
assert tuple(after["attn"].output_shape) == (None, 1) and any(s["method"] == "fit" for s in seen)
assert tuple(after["attn"].get_layer("luong").output.shape) == (None, 8)
