# id: one-window-in-a-comprehension
# source: own: predictions in a list comprehension over the windows
# outcome: shape_error
# cause: batch_axis_missing
# array: w|fenetres
# layer: SimpleRNN|InputLayer
# kind: expand|batch|reshape|select
# line: 3
# %% setup
import numpy as np
from tensorflow.keras import Sequential
from tensorflow.keras.layers import Dense, Input, SimpleRNN

fenetres = np.random.default_rng(302).normal(size=(4, 9, 2))
modele = Sequential([Input((9, 2)), SimpleRNN(4), Dense(1)])
# %% cell
# une prévision par fenêtre
previsions = [modele.predict(w, verbose=0)[0, 0] for w in fenetres]
print(np.round(previsions, 2))
# %% reference
# une prévision par fenêtre
previsions = [modele.predict(w[None], verbose=0)[0, 0] for w in fenetres]
print(np.round(previsions, 2))
# %% check
import numpy as np

assert len(after["previsions"]) == 4
assert np.asarray(seen[-1]["x"]).shape[1:] == (9, 2) and np.allclose(np.asarray(seen[-1]["x"])[-1], fenetres[-1])
