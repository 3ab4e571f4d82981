# id: no-channel-train-on-batch-loop
# source: own: (batch, time) slices in a hand-written loop
# outcome: shape_error
# cause: feature_axis_missing
# array: beats|beats[s:s + 16]|part
# layer: LSTM|Bidirectional
# kind: expand|reshape
# line: 6
# %% setup
import numpy as np
import keras
# %% setup
rng = np.random.default_rng(110)
beats = rng.normal(size=(64, 30)).astype("float32")     # one ECG channel, 30 samples a beat
arrhythmia = rng.integers(0, 2, size=64)
# %% setup
def fresh():
    m = keras.Sequential()
    m.add(keras.layers.Bidirectional(keras.layers.LSTM(4)))
    m.add(keras.layers.Dense(1, activation="sigmoid"))
    m.compile("adam", "binary_crossentropy")
    return m
# %% cell
model = fresh()
losses = []
for epoch in range(1):
    for s in range(0, 64, 16):
        losses.append(model.train_on_batch(beats[s:s + 16], arrhythmia[s:s + 16]))
print(np.mean(losses))
# %% reference
model = fresh()
losses = []
for epoch in range(1):
    for s in range(0, 64, 16):
        losses.append(model.train_on_batch(beats[s:s + 16, :, None], arrhythmia[s:s + 16]))
print(np.mean(losses))
# %% check
import numpy as np

calls = [s for s in seen if s["method"] == "train_on_batch"]
assert len(calls) >= 4 and len(after["losses"]) == 4
got = np.asarray(calls[-1]["x"])
if got.ndim == 3:
    assert np.allclose(got, beats[48:, :, None])
else:  # the model may add the axis itself
    rnn = [l for l in calls[-1]["model"].layers if type(l).__name__ in ("LSTM", "Bidirectional")][0]
    assert got.shape == (16, 30) and tuple(rnn.input.shape)[1:] == (30, 1)
