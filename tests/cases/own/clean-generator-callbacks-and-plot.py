# id: clean-generator-callbacks-and-plot
# source: own: a Python generator, callbacks, a history plot
# outcome: clean
# %% setup
import numpy as np
import matplotlib.pyplot as plt
import tensorflow as tf

rng = np.random.default_rng(261)

def minibatches(n=8, steps=11):
    while True:
        x = rng.normal(size=(n, steps, 2)).astype("float32")
        yield x, x.sum(axis=(1, 2))[:, None]
# %% cell
class Tell(tf.keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        print("epoch", epoch, {k: np.round(v, 2) for k, v in logs.items()})

adder = tf.keras.Sequential([tf.keras.Input((None, 2)), tf.keras.layers.GRU(6), tf.keras.layers.Dense(1)])
adder.compile(optimizer=tf.keras.optimizers.Adam(0.01), loss="mse", metrics=["mae"])
log = adder.fit(minibatches(), steps_per_epoch=3, epochs=2, validation_data=minibatches(4), validation_steps=1,
                callbacks=[Tell(), tf.keras.callbacks.ReduceLROnPlateau(monitor="loss")], verbose=0)
fig, ax = plt.subplots(1, 2, figsize=(4, 2))
ax[0].plot(log.history["loss"]); ax[1].plot(log.history["val_mae"])
fig.tight_layout()
plt.close(fig)
