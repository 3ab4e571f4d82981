# id: other-answers-beside-targets
# source: own: predictions and targets of another rank, joined for a plot
# outcome: other_error
# %% setup
import numpy as np
import keras
from keras import layers
rng=np.random.default_rng(9)
X=rng.random((20,6,2)).astype('float32')
y=rng.random(20)
m=keras.Sequential([keras.Input((6,2)),layers.LSTM(4),layers.Dense(1)])
m.compile('adam','mse')
# %% cell
p=m.predict(X,verbose=0)
err=np.concatenate([p,y])
