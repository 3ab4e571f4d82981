# id: other-not-compiled
# source: own: fit before compile
# outcome: other_error
# %% setup
import numpy as np
from tensorflow.keras import layers, models

X, y = np.zeros((10, 4, 2)), np.zeros(10)
model = models.Sequential([layers.LSTM(3, input_shape=(4, 2)), layers.Dense(1)])
# %% cell
model.fit(X, y, epochs=1, verbose=0)
