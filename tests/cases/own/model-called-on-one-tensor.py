# id: model-called-on-one-tensor
# source: own: a subclassed model called directly with x[0]
# outcome: shape_error
# cause: batch_axis_missing
# array: signals|signals[0]
# layer: LSTM|enc
# kind: expand|batch|reshape|select
# line: 2
# %% setup
import tensorflow as tf

class Encoder(tf.keras.Model):
    def __init__(self, **kw):
        super().__init__(**kw)
        self.enc = tf.keras.layers.LSTM(5, name="enc")

    def call(self, t):
        return self.enc(t)
# %% setup
tf.random.set_seed(0)
signals = tf.random.normal((16, 9, 2))
spare = tf.random.normal((9, 2))
encoder = Encoder()
_ = encoder(signals)
# %% oracle
want = encoder(signals[:1]).numpy()
# %% cell
code = encoder(signals[0])
print(code.shape)
# %% reference
code = encoder(signals[:1])
print(code.shape)
# %% check
import numpy as np

assert tuple(after["code"].shape) == (1, 5)
assert np.allclose(after["code"], after["encoder"](signals[:1]), atol=1e-5)
