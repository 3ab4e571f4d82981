# id: video-without-colour-axis
# source: own: ConvLSTM2D on (N, T, H, W)
# outcome: shape_error
# cause: feature_axis_missing|rank
# array: radar
# layer: ConvLSTM2D
# kind: expand|reshape
# line: 2
# %% setup
import numpy as np
from tensorflow import keras
from tensorflow.keras import layers

rng = np.random.default_rng(164)
radar = rng.random((12, 5, 8, 8)).astype("float32")       # storm, frame, row, column
hail = rng.integers(0, 2, 12)
storm = keras.Sequential([layers.ConvLSTM2D(2, 3), layers.Flatten(), layers.Dense(1, activation="sigmoid")])
storm.compile("adam", "binary_crossentropy")
# %% cell
storm.fit(radar, hail, epochs=1, batch_size=6, verbose=0)
# %% reference
storm.fit(radar[..., None], hail, epochs=1, batch_size=6, verbose=0)
# %% check
import numpy as np

got = np.asarray(seen[-1]["x"])
assert got.shape[:4] == (12, 5, 8, 8) and np.allclose(got.reshape(radar.shape), radar)
