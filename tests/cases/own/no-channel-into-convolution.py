# id: no-channel-into-convolution
# source: own: Conv1D in front of the recurrent layer, nothing declared, the arguments in a dictionary
# outcome: shape_error
# cause: feature_axis_missing
# array: kwargs|kwargs["x"]|kwargs['x']|segmente
# layer: Conv1D
# kind: expand|reshape
# line: 10
# %% setup
import numpy as np
import tensorflow as tf
from tensorflow.keras import layers, models

zufall = np.random.default_rng(111)
segmente = zufall.standard_normal((72, 40))
klasse = zufall.integers(0, 4, 72)
fremd = zufall.standard_normal((72, 40))
# %% cell
netz = models.Sequential([
    layers.Conv1D(8, 5, activation="relu"),
    layers.MaxPooling1D(2),
    layers.GRU(6),
    layers.Dense(4, activation="softmax"),
])
netz.compile(loss="sparse_categorical_crossentropy", optimizer="adam")
kwargs = dict(x=segmente, y=klasse, epochs=1, batch_size=24, verbose=0)
netz.fit(**kwargs)
# %% reference
netz = models.Sequential([
    layers.Conv1D(8, 5, activation="relu"),
    layers.MaxPooling1D(2),
    layers.GRU(6),
    layers.Dense(4, activation="softmax"),
])
netz.compile(loss="sparse_categorical_crossentropy", optimizer="adam")
kwargs = dict(x=segmente[..., np.newaxis], y=klasse, epochs=1, batch_size=24, verbose=0)
netz.fit(**kwargs)
# %% check
import numpy as np

call = [s for s in seen if s["method"] == "fit"][-1]
got = np.asarray(call["x"])
if got.ndim == 3:
    assert np.allclose(got, segmente[..., None])
else:
    conv = [l for l in call["model"].layers if type(l).__name__ == "Conv1D"][0]
    assert got.shape == (72, 40) and tuple(conv.input.shape)[1:] == (40, 1)
