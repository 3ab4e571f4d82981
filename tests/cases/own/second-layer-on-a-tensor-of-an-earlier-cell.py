# id: second-layer-on-a-tensor-of-an-earlier-cell
# source: own: the first LSTM was called in an earlier cell, the second one in the checked cell
# outcome: shape_error
# cause: sequence_collapsed
# array: -
# layer: LSTM|lstm_1
# kind: layer_argument
# line: 3
# note: the repair stands in the earlier cell
# %% setup
import numpy as np
from keras import Model
from keras.layers import Input, LSTM, Dense, Dropout

donnees, cible = np.random.default_rng(186).normal(size=(30, 8, 2)), np.random.default_rng(187).normal(size=30)
# %% setup
entree = Input(shape=(8, 2))
bas = LSTM(units=10, dropout=0.1)(entree)
# %% cell
milieu = Dropout(0.2)(bas)
haut = LSTM(units=5)(milieu)
modele = Model(entree, Dense(1)(haut))
modele.compile(loss="mse", optimizer="adam")
modele.fit(donnees, cible, epochs=1, verbose=0)
# %% reference
entree = Input(shape=(8, 2))
bas = LSTM(units=10, dropout=0.1, return_sequences=True)(entree)
milieu = Dropout(0.2)(bas)
haut = LSTM(units=5)(milieu)
modele = Model(entree, Dense(1)(haut))
modele.compile(loss="mse", optimizer="adam")
modele.fit(donnees, cible, epochs=1, verbose=0)
# %% check
rnns = [l for l in after["modele"].layers if type(l).__name__ == "LSTM"]
assert rnns[0].return_sequences and rnns[0].units == 10 and rnns[1].units == 5 and not rnns[1].return_sequences
assert rnns[1].input.shape[1] == 8 and len(after["modele"].output_shape) == 2
