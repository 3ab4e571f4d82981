# id: stateful-batches-cut-by-hand
# source: own: made to be unlike the cases before
# outcome: shape_error
# cause: batch_remainder
# array: xb
# layer: GRU
# kind: trim
# %% setup
import numpy as np
import keras
from keras import layers
rng=np.random.default_rng(16)
X=rng.random((50,4,1)).astype('float32')
y=rng.random((50,1)).astype('float32')
m=keras.Sequential([keras.Input(batch_shape=(16,4,1)),layers.GRU(4,stateful=True,name='mem'),layers.Dense(1)])
m.compile('adam','mse')
# %% cell
for i in range(0,len(X),16):
    xb,yb=X[i:i+16],y[i:i+16]
    m.train_on_batch(xb,yb)
# %% reference
for i in range(0,48,16):
    xb,yb=X[i:i+16],y[i:i+16]
    m.train_on_batch(xb,yb)
