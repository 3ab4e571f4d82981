# id: flat-steps-only-in-a-variable
# source: own: a subclassed model; the number of steps is known from a constant of an earlier cell alone
# outcome: shape_error
# cause: flattened
# array: motion
# layer: SimpleRNN|recur
# kind: reshape
# line: 4
# note: the rows hold one step after the other, and the signals are smooth along them
# %% setup
import numpy as np
import keras
# %% setup
N_STEPS = 12
N_FEATURES = 4
grid = np.arange(400)[:, None] / np.array([7.0, 11.0, 17.0, 23.0])
track = (np.sin(grid) * np.array([1.0, 20.0, 300.0, 5.0]) + np.array([0.0, 100.0, -50.0, 7.0])).astype("float32")
motion = np.stack([track[i:i + N_STEPS].ravel() for i in range(0, 388, 4)])
speed = np.stack([track[i + N_STEPS, 0] for i in range(0, 388, 4)])
# %% setup
class Tracker(keras.Model):
    def __init__(self):
        super().__init__()
        self.recur = keras.layers.SimpleRNN(8, name="recur")
        self.head = keras.layers.Dense(1)

    def call(self, inputs):
        return self.head(self.recur(inputs))
# %% oracle
want = motion.reshape(-1, 12, 4)
# %% cell
tracker = Tracker()
tracker.compile("adam", "mse")
tracker.fit(motion, speed, epochs=1, batch_size=16, verbose=0)
estimate = tracker.predict(motion[-5:], verbose=0)
print(estimate.ravel())
# %% reference
tracker = Tracker()
tracker.compile("adam", "mse")
tracker.fit(motion.reshape(-1, N_STEPS, N_FEATURES), speed, epochs=1, batch_size=16, verbose=0)
estimate = tracker.predict(motion[-5:].reshape(-1, N_STEPS, N_FEATURES), verbose=0)
print(estimate.ravel())
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
if np.asarray(call["x"]).ndim == 3:  # (else the class itself reshapes)
    assert np.allclose(np.asarray(call["x"]), want)
assert after["estimate"].shape == (5, 1)
