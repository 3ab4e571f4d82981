# id: loss-inside-a-tf-function
# source: own: made to be unlike the cases before
# outcome: shape_error
# cause: target_shape|custom_op
# array: Y|-
# layer: -|*
# kind: layer_argument
# %% setup
import numpy as np
import keras
from keras import layers
rng=np.random.default_rng(18)
import tensorflow as tf
X=rng.random((16,5,2)).astype('float32')
Y=rng.random((16,2)).astype('float32')
net=keras.Sequential([keras.Input((5,2)),layers.LSTM(4),layers.Dense(3)])
opt=keras.optimizers.SGD()
loss_fn=keras.losses.MeanSquaredError()
# %% cell
@tf.function
def step(batch_x,batch_y):
    with tf.GradientTape() as tape:
        loss=loss_fn(batch_y,net(batch_x,training=True))
    g=tape.gradient(loss,net.trainable_variables)
    opt.apply_gradients(zip(g,net.trainable_variables))
    return loss
for i in range(0,16,8):
    step(X[i:i+8],Y[i:i+8])
# %% reference
@tf.function
def step(batch_x,batch_y):
    with tf.GradientTape() as tape:
        loss=loss_fn(batch_y,net(batch_x,training=True))
    g=tape.gradient(loss,net.trainable_variables)
    opt.apply_gradients(zip(g,net.trainable_variables))
    return loss
net=keras.Sequential([keras.Input((5,2)),layers.LSTM(4),layers.Dense(2)])
for i in range(0,16,8):
    step(X[i:i+8],Y[i:i+8])
