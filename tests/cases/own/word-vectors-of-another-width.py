# id: word-vectors-of-another-width
# source: own: made to be unlike the cases before
# outcome: shape_error
# cause: weights
# array: glove
# layer: Embedding
# kind: layer_argument
# %% setup
import numpy as np
import keras
from keras import layers
rng=np.random.default_rng(10)
glove=rng.normal(size=(30,50)).astype('float32')
ids=rng.integers(0,30,(16,6))
y=rng.integers(0,2,16)
# %% cell
m=keras.Sequential([keras.Input((6,)),layers.Embedding(30,100,trainable=False),layers.LSTM(4),layers.Dense(1,activation='sigmoid')])
m.layers[0].set_weights([glove])
m.compile('adam','binary_crossentropy')
m.fit(ids,y,epochs=1,verbose=0)
# %% reference
m=keras.Sequential([keras.Input((6,)),layers.Embedding(30,50,trainable=False),layers.LSTM(4),layers.Dense(1,activation='sigmoid')])
m.layers[0].set_weights([glove])
m.compile('adam','binary_crossentropy')
m.fit(ids,y,epochs=1,verbose=0)
