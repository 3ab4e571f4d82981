# id: one-trip-at-a-time
# source: own: made to be unlike the cases before
# outcome: shape_error
# cause: batch_axis_missing
# array: trip
# layer: GRU
# kind: expand
# %% setup
import numpy as np
import keras
from keras import layers
rng=np.random.default_rng(20)
trips=[rng.random((k,3)).astype('float32') for k in (5,9,7)]
m=keras.Sequential([keras.Input((None,3)),layers.GRU(4),layers.Dense(1)])
m.compile('adam','mse')
# %% cell
scores=[]
for trip in trips:
    scores.append(m.predict_on_batch(trip))
# %% reference
scores=[]
for trip in trips:
    scores.append(m.predict_on_batch(trip[None]))
