# id: next-close-from-scaled-rows
# source: own: made to be unlike the cases before
# outcome: shape_error
# cause: unwindowed
# array: scaled
# layer: -|GRU
# kind: window
# %% setup
import numpy as np
import keras
from keras import layers
import pandas as pd
from sklearn.preprocessing import MinMaxScaler
rng=np.random.default_rng(2)
df=pd.DataFrame(rng.normal(size=(300,4)).cumsum(axis=0),columns=['open','high','low','close'])
scaled=MinMaxScaler().fit_transform(df)
lookback=30
# %% cell
m=keras.Sequential([keras.Input((lookback,4)),layers.GRU(6),layers.Dense(1)])
m.compile('adam','mse')
m.fit(scaled[:-1],scaled[1:,3],epochs=1,verbose=0)
# %% reference
m=keras.Sequential([keras.Input((lookback,4)),layers.GRU(6),layers.Dense(1)])
m.compile('adam','mse')
m.fit(np.stack([scaled[i:i+30] for i in range(270)]),scaled[30:,3],epochs=1,verbose=0)
# %% check
import numpy as np

call = [s for s in seen if s["method"] == "fit"][-1]
x, y = np.asarray(call["x"]), np.asarray(call["y"]).reshape(-1)
assert x.shape[1:] == (30, 4) and len(x) == len(y) >= 200
for window, target in zip(x, y):
    start = int(np.flatnonzero((scaled == window[0]).all(axis=1))[0])
    assert np.array_equal(window, scaled[start:start + 30]) and np.isclose(target, scaled[start + 30, 3])
