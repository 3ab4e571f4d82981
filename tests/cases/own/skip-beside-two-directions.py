# id: skip-beside-two-directions
# source: own: made to be unlike the cases before
# outcome: shape_error
# cause: merge
# array: -
# layer: Add|add
# kind: layer_argument|wrap
# %% setup
import numpy as np
import keras
from keras import layers
rng=np.random.default_rng(16)
X=rng.random((25,10,3)).astype('float32')
y=rng.random((25,10,1)).astype('float32')
# %% cell
i=keras.Input((10,3))
h=layers.Bidirectional(layers.LSTM(3,return_sequences=True))(i)
h=layers.Add()([i,h])
m=keras.Model(i,layers.Dense(1)(h))
m.compile('adam','mse')
m.fit(X,y,epochs=1,verbose=0)
# %% reference
i=keras.Input((10,3))
h=layers.Bidirectional(layers.LSTM(3,return_sequences=True),merge_mode='sum')(i)
h=layers.Add()([i,h])
m=keras.Model(i,layers.Dense(1)(h))
m.compile('adam','mse')
m.fit(X,y,epochs=1,verbose=0)
