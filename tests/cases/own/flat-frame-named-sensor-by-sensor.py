# id: flat-frame-named-sensor-by-sensor
# source: own: a wide table, all temperatures first, then all winds
# outcome: shape_error
# cause: flattened
# array: X_entreno
# layer: LSTM|InputLayer
# kind: reshape|transpose
# note: reshape(-1, 8, 2) runs as well and mixes the two sensors; the columns say sensor by sensor. The validation rows have the same fault
# %% setup
import numpy as np
import pandas as pd
from keras.models import Sequential
from keras.layers import Input, LSTM, Dense
from sklearn.model_selection import train_test_split
# %% setup
rng = np.random.default_rng(102)
nombres = ["temp_t%d" % k for k in range(1, 9)] + ["wind_t%d" % k for k in range(1, 9)]
datos = pd.DataFrame(rng.normal(size=(100, 16)), columns=nombres)
datos["consumo"] = rng.normal(size=100)
X_entreno, X_val, y_entreno, y_val = train_test_split(datos[nombres], datos["consumo"], test_size=0.2, random_state=0)
# %% setup
n_pasos, n_sensores = 8, 2
red = Sequential([Input(shape=(n_pasos, n_sensores)), LSTM(6), Dense(1)])
red.compile(loss="mse", optimizer="adam", metrics=["mae"])
# %% oracle
want, want_val = (f.to_numpy().reshape(-1, 2, 8).transpose(0, 2, 1) for f in (X_entreno, X_val))
# %% cell
# entrenamiento
historia = red.fit(
    X_entreno,
    y_entreno,
    validation_data=(X_val, y_val),
    epochs=1,
    verbose=0,
)
print(min(historia.history["val_mae"]))
# %% reference
# entrenamiento
historia = red.fit(
    X_entreno.to_numpy().reshape(-1, 2, 8).transpose(0, 2, 1),
    y_entreno,
    validation_data=(X_val.to_numpy().reshape(-1, 2, 8).transpose(0, 2, 1), y_val),
    epochs=1,
    verbose=0,
)
print(min(historia.history["val_mae"]))
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
assert np.allclose(at_the_rnn(call["model"], call["x"]), want, atol=1e-5)
assert np.allclose(at_the_rnn(call["model"], call["validation_data"][0]), want_val, atol=1e-5)
