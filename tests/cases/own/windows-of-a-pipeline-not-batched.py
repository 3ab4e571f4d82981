# id: windows-of-a-pipeline-not-batched
# source: own: made to be unlike the cases before
# outcome: shape_error
# cause: batch_axis_missing
# array: train
# layer: SimpleRNN
# kind: batch
# %% setup
import numpy as np
import keras
from keras import layers
import tensorflow as tf
rng=np.random.default_rng(15)
series=np.sin(np.arange(300)/8).astype('float32')[:,None]
def windowed(s,n=20):
    ds=tf.data.Dataset.from_tensor_slices(s).window(n+1,shift=1,drop_remainder=True)
    ds=ds.flat_map(lambda w:w.batch(n+1))
    return ds.map(lambda w:(w[:-1],w[-1]))
train=windowed(series)
# %% cell
rnn=keras.Sequential([layers.SimpleRNN(8),layers.Dense(1)])
rnn.compile('adam','mse')
rnn.fit(train,epochs=1,verbose=0)
# %% reference
rnn=keras.Sequential([layers.SimpleRNN(8),layers.Dense(1)])
rnn.compile('adam','mse')
rnn.fit(train.batch(16),epochs=1,verbose=0)
