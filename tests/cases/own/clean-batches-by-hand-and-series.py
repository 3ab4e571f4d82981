# id: clean-batches-by-hand-and-series
# source: own: train_on_batch in a loop with a short last batch, univariate windows that Keras widens itself
# outcome: clean
# %% setup
import numpy as np
import keras
from keras import layers

wave = np.cos(np.arange(90) / 5)
win = np.lib.stride_tricks.sliding_window_view(wave[:-1], 12)
nxt = wave[12:]
# %% cell
uni = keras.Sequential([keras.Input((12, 1)), layers.GRU(5), layers.Dense(1)])
uni.compile("rmsprop", "mse")
for a in range(0, len(win), 16):
    loss = uni.train_on_batch(win[a:a + 16], nxt[a:a + 16])
print(round(float(loss), 3), uni.predict_on_batch(win[-1:]).shape)
last = list(wave[-12:])
for _ in range(4):
    last.append(float(uni.predict(np.array(last[-12:])[None, :, None], verbose=0)[0, 0]))
