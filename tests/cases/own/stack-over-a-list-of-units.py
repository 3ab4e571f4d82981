# id: stack-over-a-list-of-units
# source: own: made to be unlike the cases before
# outcome: shape_error
# cause: sequence_collapsed
# array: -
# layer: LSTM
# kind: layer_argument
# %% setup
import numpy as np
import keras
from keras import layers
rng=np.random.default_rng(9)
X=rng.random((20,7,2)).astype('float32')
y=rng.random(20)
# %% cell
inp=keras.Input((7,2)); h=inp
for units in (16,8):
    h=layers.LSTM(units)(h)
    h=layers.Dropout(.2)(h)
model=keras.Model(inp,layers.Dense(1)(h))
model.compile('adam','mse')
model.fit(X,y,epochs=1,verbose=0)
# %% reference
inp=keras.Input((7,2)); h=inp
for units in (16,8):
    h=layers.LSTM(units,return_sequences=units==16)(h)
    h=layers.Dropout(.2)(h)
model=keras.Model(inp,layers.Dense(1)(h))
model.compile('adam','mse')
model.fit(X,y,epochs=1,verbose=0)
