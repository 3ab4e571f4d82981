# id: sequence-answer-for-one-class
# source: own: the last GRU returns its sequence, the target is one class a sample
# outcome: shape_error
# cause: sequence_kept
# array: -|who
# layer: -|GRU|Dense|gru_1
# kind: layer_argument|wrap|select
# %% setup
import numpy as np
from tensorflow.keras import layers, Sequential, Input

rng = np.random.default_rng(244)
steps, who = rng.normal(size=(40, 16, 3)), rng.integers(0, 5, 40)
# %% cell
gait = Sequential([
    Input((16, 3)),
    layers.GRU(8, return_sequences=True),
    layers.GRU(6, return_sequences=True),
    layers.Dense(5, activation="softmax"),
])
gait.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
gait.fit(steps, who, epochs=1, batch_size=8, verbose=0)
# %% reference
gait = Sequential([
    Input((16, 3)),
    layers.GRU(8, return_sequences=True),
    layers.GRU(6),
    layers.Dense(5, activation="softmax"),
])
gait.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
gait.fit(steps, who, epochs=1, batch_size=8, verbose=0)
# %% check
import numpy as np

call = [s for s in seen if s["method"] == "fit"][-1]
assert tuple(call["model"].output_shape) == (None, 5) and np.array_equal(np.ravel(call["y"]), who)
