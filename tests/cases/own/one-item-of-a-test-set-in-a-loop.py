# id: one-item-of-a-test-set-in-a-loop
# source: own: predict called with one window a time
# outcome: shape_error
# cause: batch_axis_missing
# array: proben|proben[i]
# layer: LSTM|InputLayer
# kind: expand|batch|reshape|select
# line: 3
# %% setup
import numpy as np
from tensorflow import keras
from tensorflow.keras import layers

rng = np.random.default_rng(120)
proben = rng.normal(size=(12, 10, 4)).astype("float32")
# %% setup
modell = keras.Sequential([keras.Input((10, 4)), layers.LSTM(6), layers.Dense(3, activation="softmax")])
modell.compile("adam", "sparse_categorical_crossentropy")
modell.fit(rng.normal(size=(40, 10, 4)), rng.integers(0, 3, 40), epochs=1, verbose=0)
# %% cell
for i in range(3):
    p = modell.predict(proben[i], verbose=0)
    print(i, p.shape, int(p.argmax()))
# %% reference
for i in range(3):
    p = modell.predict(proben[i][np.newaxis], verbose=0)
    print(i, p.shape, int(p.argmax()))
# %% check
import numpy as np

calls = [s for s in seen if s["method"] == "predict"]
assert len(calls) >= 3
for k in range(3):
    assert np.allclose(np.asarray(calls[k - 3]["x"]), proben[k:k + 1])
assert after["p"].shape == (1, 3)
