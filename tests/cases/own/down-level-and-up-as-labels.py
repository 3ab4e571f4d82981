# id: down-level-and-up-as-labels
# source: own: made to be unlike the cases before
# outcome: shape_error
# cause: target_encoding
# array: trend
# layer: -|*
# kind: class_index
# %% setup
import numpy as np
import keras
from keras import layers
rng=np.random.default_rng(10)
X=rng.random((30,8,2)).astype('float32')
trend=rng.integers(-1,2,30)
# %% cell
m=keras.Sequential([keras.Input((8,2)),layers.LSTM(6),layers.Dense(3,activation='softmax')])
m.compile('adam','sparse_categorical_crossentropy',metrics=['accuracy'])
m.fit(X,trend,epochs=1,verbose=0)
# %% reference
m=keras.Sequential([keras.Input((8,2)),layers.LSTM(6),layers.Dense(3,activation='softmax')])
m.compile('adam','sparse_categorical_crossentropy',metrics=['accuracy'])
m.fit(X,trend+1,epochs=1,verbose=0)
