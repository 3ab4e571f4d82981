# id: flat-two-sensors-side-by-side
# source: own: windows of two sensors joined with hstack
# outcome: shape_error
# cause: flattened
# array: ventanas
# layer: LSTM|InputLayer
# kind: reshape|transpose
# line: 2
# note: the first 24 numbers of a row are pressure, the last 24 are flow; reshape(-1, 24, 2) pairs a pressure with the next pressure. Level and smoothness tell
# %% setup
import numpy as np
from tensorflow.keras import Sequential
from tensorflow.keras.layers import Input, LSTM, Dense
# %% setup
T = 24
t = np.arange(300)
presion = 100 + 8 * np.sin(t / 9)
caudal = 3 + 0.5 * np.cos(t / 6)
w_presion = np.array([presion[i:i + T] for i in range(0, 270, 3)])
w_caudal = np.array([caudal[i:i + T] for i in range(0, 270, 3)])
ventanas = np.hstack([w_presion, w_caudal])
fuga = (np.arange(90) % 7 == 0).astype(int)
# %% setup
detector = Sequential([Input((T, 2)), LSTM(8), Dense(1, activation="sigmoid")])
detector.compile(optimizer="rmsprop", loss="binary_crossentropy")
# %% oracle
want = np.stack([w_presion, w_caudal], axis=-1)
# %% cell
detector.fit(ventanas, fuga, epochs=1, verbose=0, class_weight={0: 1.0, 1: 6.0})
# %% reference
detector.fit(ventanas.reshape(-1, 2, T).transpose(0, 2, 1), fuga, epochs=1, verbose=0, class_weight={0: 1.0, 1: 6.0})
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
assert np.allclose(at_the_rnn(call["model"], call["x"]), want, atol=1e-3)
