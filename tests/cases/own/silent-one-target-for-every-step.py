# id: silent-one-target-for-every-step
# source: own: the answer keeps the time axis of a GRU, the loss of a class compares it with one number a patient
# outcome: clean
# warning: broadcast_loss
# %% setup
import numpy as np
import keras
from keras import layers

rng = np.random.default_rng(401)
vitals = rng.normal(size=(48, 12, 5)).astype("float32")
days_in_hospital = rng.gamma(2.0, 3.0, size=48).astype("float32")
# %% setup
stay = keras.Sequential([keras.Input((12, 5)), layers.GRU(6, return_sequences=True), layers.Dense(1)])
stay.compile("adam", keras.losses.Huber(), metrics=["mae"])
# %% cell
stay.fit(vitals[:40], days_in_hospital[:40], epochs=1, batch_size=8, verbose=0)
print(stay.predict(vitals[40:], verbose=0).shape)
# %% reference
stay = keras.Sequential([keras.Input((12, 5)), layers.GRU(6), layers.Dense(1)])
stay.compile("adam", keras.losses.Huber(), metrics=["mae"])
stay.fit(vitals[:40], days_in_hospital[:40], epochs=1, batch_size=8, verbose=0)
