# id: timeseries-generator-of-a-plain-series
# source: TimeseriesGenerator over a one-dimensional series gives batches of two axes
# outcome: shape_error
# cause: feature_axis_missing
# array: generator|series|train_generator
# layer: LSTM
# kind: expand|reshape|wrap|other
# %% setup
import numpy as np
import tensorflow as tf
from tensorflow.keras.preprocessing.sequence import TimeseriesGenerator

series = np.cos(np.arange(150) / 7.0)
length = 12
generator = TimeseriesGenerator(series, series, length=length, batch_size=16)
# %% setup
model = tf.keras.Sequential([tf.keras.layers.LSTM(8), tf.keras.layers.Dense(1)])
model.compile(optimizer="adam", loss="mse")
# %% cell
model.fit(generator, epochs=1, verbose=0)
# %% reference
generator = TimeseriesGenerator(series.reshape(-1, 1), series, length=length, batch_size=16)
model.fit(generator, epochs=1, verbose=0)
# %% check
import numpy as np
g = [s for s in seen if s["method"] == "fit"][-1]["x"]
bx, by = g[0]
assert np.asarray(bx).shape == (16, 12, 1) and np.allclose(np.asarray(bx)[..., 0], [series[i:i + 12] for i in range(16)])
assert np.allclose(np.asarray(by).ravel(), series[12:28])
