# id: context-never-repeated
# source: a subclassed decoder joins (batch, steps, features) with (batch, units)
# outcome: shape_error
# cause: custom_op|merge
# array: -
# layer: Decoder|decoder|-|Concatenate
# kind: other|expand|wrap|layer_argument
# %% setup
import numpy as np
import keras
from keras import layers, ops

class Decoder(keras.Model):
    def __init__(self, units, n_out):
        super().__init__()
        self.summary_rnn = layers.GRU(units)
        self.rnn = layers.GRU(units, return_sequences=True)
        self.head = layers.Dense(n_out)

    def call(self, inputs):
        past, known_future = inputs
        context = self.summary_rnn(past)
        joined = ops.concatenate([known_future, context], axis=-1)
        return self.head(self.rnn(joined))
# %% setup
rng = np.random.default_rng(533)
past, future, demand = rng.normal(size=(30, 20, 4)), rng.normal(size=(30, 6, 2)), rng.normal(size=(30, 6, 1))
dec = Decoder(8, 1)
dec.compile("adam", "mse")
# %% cell
dec.fit([past, future], demand, epochs=1, batch_size=10, verbose=0)
# %% reference
class Decoder(keras.Model):
    def __init__(self, units, n_out):
        super().__init__()
        self.summary_rnn = layers.GRU(units)
        self.rnn = layers.GRU(units, return_sequences=True)
        self.head = layers.Dense(n_out)

    def call(self, inputs):
        past, known_future = inputs
        context = self.summary_rnn(past)
        context = ops.repeat(ops.expand_dims(context, 1), known_future.shape[1], axis=1)
        joined = ops.concatenate([known_future, context], axis=-1)
        return self.head(self.rnn(joined))
dec = Decoder(8, 1)
dec.compile("adam", "mse")
dec.fit([past, future], demand, epochs=1, batch_size=10, verbose=0)
# %% check
import numpy as np
assert any(s["method"] == "fit" for s in seen)
assert np.asarray(after["dec"]([past[:3].astype("float32"), future[:3].astype("float32")])).shape == (3, 6, 1)
