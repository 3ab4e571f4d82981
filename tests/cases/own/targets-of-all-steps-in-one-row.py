# id: targets-of-all-steps-in-one-row
# source: own: made to be unlike the cases before
# outcome: shape_error
# cause: target_shape
# array: Y
# layer: -|Dense|TimeDistributed
# kind: reshape
# %% setup
import numpy as np
import keras
from keras import layers
rng=np.random.default_rng(9)
X=rng.random((40,10,2)).astype('float32')
Y=rng.random((40,15)).astype('float32')
# %% cell
m=keras.Sequential([keras.Input((10,2)),layers.LSTM(8),layers.RepeatVector(5),layers.LSTM(8,return_sequences=True),layers.TimeDistributed(layers.Dense(3))])
m.compile('adam','mae')
m.fit(X,Y,epochs=1,verbose=0)
# %% reference
m=keras.Sequential([keras.Input((10,2)),layers.LSTM(8),layers.RepeatVector(5),layers.LSTM(8,return_sequences=True),layers.TimeDistributed(layers.Dense(3))])
m.compile('adam','mae')
m.fit(X,Y.reshape(-1,5,3),epochs=1,verbose=0)
