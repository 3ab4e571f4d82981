# id: folds-of-heartbeats-without-channel
# source: KFold over ECG beats of one lead
# outcome: shape_error
# cause: feature_axis_missing
# array: beats|beats[tr]
# layer: Bidirectional|LSTM|forward_lstm
# kind: expand|reshape
# %% setup
import numpy as np
from sklearn.model_selection import KFold
from tensorflow.keras import Sequential
from tensorflow.keras.layers import LSTM, Bidirectional, Dense, Dropout

rng = np.random.default_rng(504)
beats = rng.normal(size=(45, 30)).astype("float32")
arrhythmia = rng.integers(0, 2, 45)
# %% setup
def make():
    m = Sequential()
    m.add(Bidirectional(LSTM(5)))
    m.add(Dropout(0.2))
    m.add(Dense(1, activation="sigmoid"))
    m.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    return m
# %% cell
scores = []
for tr, te in KFold(3).split(beats):
    clf = make()
    clf.fit(beats[tr], arrhythmia[tr], epochs=1, batch_size=10, verbose=0)
    scores.append(clf.evaluate(beats[te], arrhythmia[te], verbose=0)[1])
print(np.mean(scores))
# %% reference
scores = []
for tr, te in KFold(3).split(beats):
    clf = make()
    clf.fit(beats[tr][..., None], arrhythmia[tr], epochs=1, batch_size=10, verbose=0)
    scores.append(clf.evaluate(beats[te][..., None], arrhythmia[te], verbose=0)[1])
print(np.mean(scores))
# %% check
import numpy as np
assert len(after["scores"]) == 3
for s in seen:
    assert s["model"].layers[0].input.shape[1:] == (30, 1) if hasattr(s["model"].layers[0], "input") else True
got = np.asarray([s for s in seen if s["method"] == "fit"][0]["x"])
assert np.allclose(got.reshape(30, 30), beats[15:]) and got.shape in ((30, 30, 1), (30, 30))
