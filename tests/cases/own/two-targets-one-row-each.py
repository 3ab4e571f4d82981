# id: two-targets-one-row-each
# source: own: made to be unlike the cases before
# outcome: shape_error
# cause: axis_order
# array: Y
# layer: -
# kind: transpose
# %% setup
import numpy as np
import keras
from keras import layers
rng=np.random.default_rng(29)
X=rng.random((50,6,3)).astype('float32')
Y=np.stack([X[:,-1,0],X[:,0,1]])
# %% cell
m=keras.Sequential([keras.Input((6,3)),layers.LSTM(5),layers.Dense(2)])
m.compile('adam','mse')
m.fit(X,Y,epochs=1,verbose=0)
# %% reference
m=keras.Sequential([keras.Input((6,3)),layers.LSTM(5),layers.Dense(2)])
m.compile('adam','mse')
m.fit(X,Y.T,epochs=1,verbose=0)
