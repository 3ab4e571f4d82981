# id: other-division-in-a-callback
# source: own: a callback of the user's divides by zero during fit
# outcome: other_error
# %% setup
import numpy as np
import tensorflow as tf

class Rate(tf.keras.callbacks.Callback):
    seen = 0

    def on_train_batch_end(self, batch, logs=None):
        print(logs["loss"] / self.seen, 1 / self.seen)

x, y = np.zeros((20, 6, 2), "float32"), np.zeros((20, 1), "float32")
m = tf.keras.Sequential([tf.keras.Input((6, 2)), tf.keras.layers.GRU(3), tf.keras.layers.Dense(1)])
m.compile("adam", "mse")
# %% cell
m.fit(x, y, batch_size=10, epochs=1, verbose=0, callbacks=[Rate()])
