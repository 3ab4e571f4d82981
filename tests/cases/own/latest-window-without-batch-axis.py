# id: latest-window-without-batch-axis
# source: own: the last 20 rows of a series, to forecast the next; a functional model
# outcome: shape_error
# cause: batch_axis_missing
# array: ultima
# layer: GRU|InputLayer|Functional|serie_in
# kind: expand|batch|reshape|select
# line: 4
# %% setup
import numpy as np
import keras
# %% setup
serie = np.random.default_rng(121).normal(size=(120, 3)).astype("float32")
L = 20
X = np.array([serie[i:i + L] for i in range(100)])
Y = serie[L:]
entrada = keras.Input(shape=(L, 3), name="serie_in")
saida = keras.layers.Dense(3)(keras.layers.GRU(8)(entrada))
rede = keras.Model(entrada, saida)
rede.compile(loss="mse", optimizer="adam")
rede.fit(X, Y, epochs=1, batch_size=25, verbose=0)
# %% oracle
want = serie[-20:][None]
# %% cell
ultima = serie[-L:]
print(ultima.shape)
amanha = rede.predict(x=ultima, verbose=0)[0]
print("previsao:", amanha.round(2))
# %% reference
ultima = serie[-L:]
print(ultima.shape)
amanha = rede.predict(x=ultima[np.newaxis, ...], verbose=0)[0]
print("previsao:", amanha.round(2))
# %% check
import numpy as np

assert np.allclose(np.asarray(seen[-1]["x"]), want)
assert after["amanha"].shape == (3,)
