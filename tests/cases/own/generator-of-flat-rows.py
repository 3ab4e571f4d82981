# id: generator-of-flat-rows
# source: own: made to be unlike the cases before
# outcome: shape_error
# cause: flattened
# array: -
# layer: LSTM
# kind: reshape
# %% setup
import numpy as np
import keras
from keras import layers
rng=np.random.default_rng(7)
table=rng.random((64,12)).astype('float32')
label=rng.integers(0,2,64)
def batches(size=16):
    while True:
        for i in range(0,64,size):
            yield table[i:i+size],label[i:i+size]
# %% cell
m=keras.Sequential([keras.Input((4,3)),layers.LSTM(5),layers.Dense(1,activation='sigmoid')])
m.compile('adam','binary_crossentropy')
m.fit(batches(),steps_per_epoch=4,epochs=1,verbose=0)
# %% reference
m=keras.Sequential([keras.Input((4,3)),layers.LSTM(5),layers.Dense(1,activation='sigmoid')])
m.compile('adam','binary_crossentropy')
m.fit(((a.reshape(-1,4,3),b) for a,b in batches()),steps_per_epoch=4,epochs=1,verbose=0)
