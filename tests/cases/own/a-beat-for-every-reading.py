# id: a-beat-for-every-reading
# source: a course's lesson on heartbeats
# outcome: shape_error
# cause: target_shape
# array: is_beat
# layer: -|LSTM|Dense
# kind: layer_argument
# %% setup
import numpy as np, keras
from keras import layers
rng = np.random.default_rng(0)
ecg = rng.normal(size=(60, 50, 1)).astype("float32")
is_beat = (ecg[..., 0] > 1).astype("float32")
# %% cell
m = keras.Sequential([keras.Input((50, 1)), layers.LSTM(16), layers.Dense(1, activation="sigmoid")])
m.compile(optimizer="adam", loss="binary_crossentropy")
m.fit(ecg, is_beat, epochs=1, verbose=0)
