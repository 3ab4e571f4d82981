# id: lags-by-feature-read-by-step
# source: own: a table of lags, all of one feature and then all of the next, reshaped as if step by step
# outcome: clean
# warning: scrambled
# note: stock.to_numpy().reshape(-1, 2, 6).transpose(0, 2, 1)
# %% setup
import keras
import numpy as np
import pandas as pd

days = np.arange(160)
raw = pd.DataFrame({"price": 50 + days / 3 + np.sin(days), "volume": 900 + 40 * np.cos(days / 9)})
stock = pd.DataFrame({f"{name}_t-{lag}": raw[name].shift(lag) for name in raw for lag in range(6, 0, -1)}).dropna()
stock = (stock - stock.mean()) / stock.std()
next_price = raw["price"].to_numpy()[6:]
# %% cell
windows = np.reshape(stock.to_numpy(), (len(stock), 6, 2))
trader = keras.Sequential([keras.Input((6, 2)), keras.layers.LSTM(4), keras.layers.Dense(1)])
trader.compile("adam", "mse")
trader.fit(windows, next_price, epochs=1, verbose=0)
