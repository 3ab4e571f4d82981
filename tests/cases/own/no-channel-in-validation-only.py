# id: no-channel-in-validation-only
# source: own: the training windows got their axis, the validation windows did not; a subclassed model
# outcome: shape_error
# cause: feature_axis_missing
# array: xb
# layer: GRU|rnn|InputLayer|Forecaster
# kind: expand|reshape
# line: 4
# %% setup
import numpy as np
import tensorflow as tf
# %% setup
wave = np.sin(np.arange(260) / 6).astype("float32")
windows = np.lib.stride_tricks.sliding_window_view(wave, 21)
xa, ya = windows[:180, :20, np.newaxis], windows[:180, 20]
xb, yb = windows[180:, :20], windows[180:, 20]
# %% setup
class Forecaster(tf.keras.Model):
    def __init__(self, units=6):
        super().__init__()
        self.rnn = tf.keras.layers.GRU(units, name="rnn")
        self.out = tf.keras.layers.Dense(1)

    def call(self, x, training=None):
        return self.out(self.rnn(x, training=training))
# %% cell
fc = Forecaster()
fc.compile(optimizer="adam", loss="mse")
hist = fc.fit(xa, ya, validation_data=(xb, yb), epochs=1, batch_size=36, verbose=0)
# %% reference
fc = Forecaster()
fc.compile(optimizer="adam", loss="mse")
hist = fc.fit(xa, ya, validation_data=(xb[..., None], yb), epochs=1, batch_size=36, verbose=0)
# %% check
import numpy as np

call = [s for s in seen if s["method"] == "fit"][-1]
assert np.allclose(call["x"], xa)
vx = np.asarray(call["validation_data"][0])
assert vx.shape[:2] == (60, 20) and np.allclose(vx.reshape(60, 20), xb)
assert "val_loss" in after["hist"].history
