# id: clean-custom-cell-and-tape
# source: own: an own cell in keras.layers.RNN, trained by a GradientTape in a tf.function
# outcome: clean
# %% setup
import numpy as np
import tensorflow as tf
import keras
# %% setup
@keras.saving.register_keras_serializable()
class Leaky(keras.layers.Layer):
    def __init__(self, units, **kw):
        super().__init__(**kw)
        self.units = self.state_size = self.output_size = units

    def build(self, shape):
        self.w = self.add_weight(shape=(shape[-1], self.units), name="w")
        self.u = self.add_weight(shape=(self.units, self.units), name="u")

    def call(self, x, states):
        h = 0.9 * states[0] + 0.1 * keras.ops.tanh(keras.ops.matmul(x, self.w) + keras.ops.matmul(states[0], self.u))
        return h, [h]
# %% cell
net = keras.Sequential([keras.Input((15, 3)), keras.layers.RNN([Leaky(5), keras.layers.GRUCell(4)]), keras.layers.Dense(2)])
opt = keras.optimizers.SGD(0.01)
data = tf.data.Dataset.from_tensor_slices((np.random.rand(32, 15, 3).astype("float32"), np.random.rand(32, 2).astype("float32"))).batch(8)

@tf.function
def step(x, y):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(net(x, training=True) - y))
    opt.apply_gradients(zip(tape.gradient(loss, net.trainable_variables), net.trainable_variables))
    return loss

for x, y in data:
    loss = step(x, y)
print(f"{float(loss):.3f}")
