# id: arguments-in-a-dictionary
# source: own: made to be unlike the cases before
# outcome: shape_error
# cause: feature_axis_missing
# array: windows
# layer: LSTM
# kind: expand
# %% setup
import numpy as np
import keras
from keras import layers
rng=np.random.default_rng(4)
windows=rng.random((60,20)).astype('float32')
nxt=rng.random(60).astype('float32')
cfg=dict(x=windows,y=nxt,epochs=1,batch_size=16,verbose=0)
# %% cell
m=keras.Sequential([layers.LSTM(5),layers.Dense(1)])
m.compile('adam','mse')
m.fit(**cfg)
# %% reference
m=keras.Sequential([layers.LSTM(5),layers.Dense(1)])
m.compile('adam','mse')
m.fit(**{**cfg,'x':windows[...,None]})
