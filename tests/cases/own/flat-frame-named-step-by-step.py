# id: flat-frame-named-step-by-step
# source: own: a wide table, the columns t1_temp, t1_wind, t1_hum, t2_temp, …
# outcome: shape_error
# cause: flattened
# array: tabela
# layer: LSTM
# kind: reshape
# line: 2
# note: nothing in the model says 6 steps of 3; the names of the columns do
# %% setup
import numpy as np
import pandas as pd
import tensorflow as tf
from tensorflow.keras import layers as L
# %% setup
rng = np.random.default_rng(101)
colunas = [f"t{k}_{nome}" for k in range(1, 7) for nome in ("temp", "wind", "hum")]
tabela = pd.DataFrame(rng.normal(size=(84, 18)), columns=colunas)
chuva = pd.Series(rng.integers(0, 2, 84), name="chuva")
# %% setup
previsor = tf.keras.models.Sequential()
previsor.add(L.LSTM(8))
previsor.add(L.Dense(1, activation="sigmoid"))
previsor.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
# %% oracle
want = tabela.to_numpy().reshape(-1, 6, 3)
# %% cell
previsor.fit(tabela, chuva, epochs=1, batch_size=12, verbose=0)
# %% reference
previsor.fit(tabela.to_numpy().reshape(-1, 6, 3), chuva, epochs=1, batch_size=12, verbose=0)
# %% check
import numpy as np

def at_the_rnn(model, a):  # a Reshape or Permute at the front of the model is as good as one on the data
    a = np.asarray(a)
    for layer in model.layers:
        if type(layer).__name__ in ("Reshape", "Permute"):
            a = np.asarray(layer(a))
        elif type(layer).__name__ != "InputLayer":
            break
    return a

call = [s for s in seen if s["method"] == "fit"][-1]
got = at_the_rnn(call["model"], call["x"])
assert got.shape == (84, 6, 3) and np.allclose(got, want, atol=1e-5)
