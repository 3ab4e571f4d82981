# id: forecast-joined-along-the-samples
# source: own: np.append without the axis of the timesteps
# outcome: shape_error
# cause: custom_op
# array: -|step
# layer: -
# kind: other
# line: 5
# note: axis=1
# %% setup
import keras
import numpy as np

load = np.abs(np.sin(np.arange(60) / 3))[:, None]
weeks = np.array([load[i : i + 7] for i in range(50)])
grid = keras.Sequential([keras.Input((7, 1)), keras.layers.SimpleRNN(3), keras.layers.Dense(1)])
# %% cell
def roll(model, window, days):
    for day in range(days):
        step = model.predict(window, verbose=0).reshape(1, 1, 1)
        window = np.append(window[:, 1:], step, axis=0)
    return window[0, :, 0]

week = roll(grid, weeks[:1], 3)
# %% reference
def roll(model, window, days):
    for day in range(days):
        step = model.predict(window, verbose=0).reshape(1, 1, 1)
        window = np.append(window[:, 1:], step, axis=1)
    return window[0, :, 0]

week = roll(grid, weeks[:1], 3)
# %% check
import numpy as np

week = after["week"]
assert week.shape == (7,) and np.allclose(week[:4], weeks[0, 3:, 0])
