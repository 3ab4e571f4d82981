# id: per-step-head-after-last-output
# source: own: TimeDistributed(Dense) gets a vector
# outcome: shape_error
# cause: sequence_collapsed
# array: -
# layer: TimeDistributed|time_distributed
# kind: layer_argument
# note: the target has a label a step, so RepeatVector is not what is meant
# %% setup
import numpy as np
from tensorflow.keras import Model, Input
from tensorflow.keras.layers import Bidirectional, LSTM, TimeDistributed, Dense

rng = np.random.default_rng(190)
tok, tags = rng.normal(size=(32, 14, 5)), rng.integers(0, 4, size=(32, 14))
# %% cell
i = Input((14, 5))
z = Bidirectional(LSTM(4))(i)
o = TimeDistributed(Dense(4, activation="softmax"))(z)
pos = Model(i, o)
pos.compile(loss="sparse_categorical_crossentropy", optimizer="adam")
pos.fit(tok, tags, epochs=1, verbose=0)
# %% reference
i = Input((14, 5))
z = Bidirectional(LSTM(4, return_sequences=True))(i)
o = TimeDistributed(Dense(4, activation="softmax"))(z)
pos = Model(i, o)
pos.compile(loss="sparse_categorical_crossentropy", optimizer="adam")
pos.fit(tok, tags, epochs=1, verbose=0)
# %% check
bi = [l for l in after["pos"].layers if type(l).__name__ == "Bidirectional"][0]
assert bi.return_sequences and tuple(after["pos"].output_shape) == (None, 14, 4)
