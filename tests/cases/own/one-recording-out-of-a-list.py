# id: one-recording-out-of-a-list
# source: own: a list of recordings, one of them asked for
# outcome: shape_error
# cause: batch_axis_missing
# array: clips|clips[2]|one
# layer: LSTM|InputLayer|Bidirectional
# kind: expand|batch|reshape|select
# line: 2
# %% setup
import numpy as np
from keras import Sequential
from keras.layers import Input, LSTM, Dense, Bidirectional

rng = np.random.default_rng(124)
clips = [rng.normal(size=(n, 5)) for n in (30, 22, 41, 18)]     # of different length, hence Input((None, 5))
speaker = Sequential([Input((None, 5)), Bidirectional(LSTM(4)), Dense(2, activation="softmax")])
speaker.compile("adam", "sparse_categorical_crossentropy")
# %% cell
who = speaker.predict(clips[2], verbose=0).argmax(axis=1)
print("speaker", who[0])
# %% reference
who = speaker.predict(clips[2][None], verbose=0).argmax(axis=1)
print("speaker", who[0])
# %% check
import numpy as np

assert np.allclose(np.asarray(seen[-1]["x"]), clips[2][None])
assert after["who"].shape == (1,)
