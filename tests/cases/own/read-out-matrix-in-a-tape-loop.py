# id: read-out-matrix-in-a-tape-loop
# source: own: a training loop by hand, the read-out matrix made for a state of another width
# outcome: shape_error
# cause: custom_op
# array: -|W|state|xs
# layer: -|GRU|rnn
# kind: other|reshape|select|layer_argument|transpose
# note: several rewrites are fair, a run is enough
# %% setup
import numpy as np
import tensorflow as tf

rnn = tf.keras.layers.GRU(5)
W = tf.Variable(tf.random.normal((6, 2), seed=1))
xs = tf.random.normal((24, 8, 3), seed=2)
ys = tf.random.normal((24, 2), seed=3)
# %% cell
for step in range(0, 24, 8):
    with tf.GradientTape() as tape:
        state = rnn(xs[step:step + 8])
        guess = tf.matmul(state, W)
        loss = tf.reduce_mean((guess - ys[step:step + 8]) ** 2)
    grads = tape.gradient(loss, [W])
    W.assign_sub(0.01 * grads[0])
print(float(loss))
# %% reference
rnn = tf.keras.layers.GRU(6)
for step in range(0, 24, 8):
    with tf.GradientTape() as tape:
        state = rnn(xs[step:step + 8])
        guess = tf.matmul(state, W)
        loss = tf.reduce_mean((guess - ys[step:step + 8]) ** 2)
    grads = tape.gradient(loss, [W])
    W.assign_sub(0.01 * grads[0])
print(float(loss))
# %% check
assert tuple(after["guess"].shape) == (8, 2) and float(after["loss"]) >= 0
