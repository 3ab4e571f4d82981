# id: other-plot-of-unequal-length
# source: own: matplotlib's "x and y must have same first dimension"
# outcome: other_error
# %% setup
import numpy as np
import matplotlib.pyplot as plt
import keras

history = np.linspace(1, 0, 20)
windows = np.random.default_rng(273).normal(size=(15, 6, 1))
model = keras.Sequential([keras.Input((6, 1)), keras.layers.SimpleRNN(3), keras.layers.Dense(1)])
# %% cell
guess = model.predict(windows, verbose=0)
fig, ax = plt.subplots()
ax.plot(np.arange(20), guess)
