# id: turned-new-data-at-predict
# source: own: trained on (N, T, C), asked with (N, C, T)
# outcome: shape_error
# cause: axis_order
# array: novos
# layer: LSTM|InputLayer|Functional|eeg
# kind: transpose
# line: 3
# %% setup
import numpy as np
import keras
from keras.layers import Dense, Dropout, LSTM

g = np.random.default_rng(132)
treino, rotulos = g.normal(size=(48, 40, 6)), g.integers(0, 2, 48)
novos = g.normal(size=(9, 6, 40))           # another amplifier, another export
isca = g.normal(size=(9, 6, 40))
# %% setup
def montar(passos, canais):
    eeg = keras.Input((passos, canais), name="eeg")
    h = Dropout(0.2)(LSTM(6)(eeg))
    m = keras.Model(eeg, Dense(1, activation="sigmoid")(h))
    m.compile(optimizer="adam", loss="binary_crossentropy")
    return m

m = montar(40, 6)
m.fit(treino, rotulos, epochs=1, verbose=0)
# %% oracle
want = novos.transpose(0, 2, 1)
# %% cell
# aplicar aos novos pacientes
prob = m.predict(x=novos, batch_size=3, verbose=0)
classe = (prob > 0.5).astype(int).ravel()
# %% reference
# aplicar aos novos pacientes
prob = m.predict(x=np.moveaxis(novos, 1, 2), batch_size=3, verbose=0)
classe = (prob > 0.5).astype(int).ravel()
# %% check
import numpy as np

assert np.allclose(np.asarray(seen[-1]["x"]), want)
assert after["classe"].shape == (9,)
