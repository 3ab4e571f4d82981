# id: lags-by-feature-turned-rightly
# source: own: the same table, with its blocks of lags turned; and one with its columns sorted by step
# outcome: clean
# note: nothing to say
# %% setup
import keras
import numpy as np
import pandas as pd

days = np.arange(160)
raw = pd.DataFrame({"price": 50 + days / 3 + np.sin(days), "volume": 900 + 40 * np.cos(days / 9)})
stock = pd.DataFrame({f"{name}_t-{lag}": raw[name].shift(lag) for name in raw for lag in range(6, 0, -1)}).dropna()
next_price = raw["price"].to_numpy()[6:]
trader = keras.Sequential([keras.Input((6, 2)), keras.layers.LSTM(4), keras.layers.Dense(1)])
trader.compile("adam", "mse")
# %% cell
blocks = stock.to_numpy().reshape(-1, 2, 6)
trader.fit(blocks.transpose(0, 2, 1), next_price, epochs=1, verbose=0)
by_step = [f"{name}_t-{lag}" for lag in range(6, 0, -1) for name in raw]
trader.fit(stock[by_step].to_numpy().reshape(-1, 6, 2), next_price, epochs=1, verbose=0)
