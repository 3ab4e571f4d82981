# id: scaled-row-by-row-and-left-so
# source: scaler on reshape(-1, n_features), the way back to three axes forgotten
# outcome: shape_error
# cause: flattened|unwindowed|rank|sample_count
# array: X_scaled
# layer: GRU|InputLayer|-
# kind: reshape
# %% setup
import numpy as np
import keras
from sklearn.preprocessing import MinMaxScaler

rng = np.random.default_rng(502)
X = rng.normal(size=(40, 12, 3)).cumsum(axis=1)
y = rng.normal(size=40)
n_samples, n_steps, n_features = X.shape
# %% setup
sc = MinMaxScaler()
X_scaled = sc.fit_transform(X.reshape(-1, n_features))
# %% setup
model = keras.models.Sequential([
    keras.layers.Input(shape=(n_steps, n_features)),
    keras.layers.GRU(6),
    keras.layers.Dense(1),
])
model.compile(loss="mse", optimizer=keras.optimizers.Adam(1e-3))
# %% oracle
want = X_scaled.reshape(40, 12, 3)
# %% cell
model.fit(X_scaled, y, epochs=1, batch_size=8, verbose=0)
# %% reference
model.fit(X_scaled.reshape(X.shape), y, epochs=1, batch_size=8, verbose=0)
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
assert np.allclose(np.asarray(call["x"]), want) and len(call["y"]) == 40
