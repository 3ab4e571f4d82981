# id: silent-turned-once-too-often
# source: own: the habit of another library: sequences are put time first, and there are as many as they have steps
# outcome: clean
# warning: time_major
# %% setup
import numpy as np
import tensorflow as tf

rng = np.random.default_rng(407)
flights = [rng.normal(size=(16, 3)).cumsum(axis=0) for _ in range(16)]
landed_late = rng.integers(0, 2, size=16)
# %% cell
tracks = np.array(flights, dtype="float32").transpose(1, 0, 2)
tower = tf.keras.Sequential([tf.keras.Input((None, 3)), tf.keras.layers.LSTM(6), tf.keras.layers.Dense(1, activation="sigmoid")])
tower.compile("adam", "binary_crossentropy")
tower.fit(tracks, landed_late, epochs=1, verbose=0)
# %% reference
tracks = np.array(flights, dtype="float32")
tower = tf.keras.Sequential([tf.keras.Input((None, 3)), tf.keras.layers.LSTM(6), tf.keras.layers.Dense(1, activation="sigmoid")])
tower.compile("adam", "binary_crossentropy")
tower.fit(tracks, landed_late, epochs=1, verbose=0)
