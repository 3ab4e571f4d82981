# id: clean-subclassed-with-train-step
# source: own: an own train_step, stateful inference by hand, a nested model, sample weights and class weights
# outcome: clean
# %% setup
import numpy as np
import tensorflow as tf
from tensorflow.keras import layers

class Halver(tf.keras.Model):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner
        self.head = layers.Dense(1, activation="sigmoid")

    def call(self, x, training=False):
        return self.head(self.inner(x, training=training))

    def train_step(self, data):
        x, y, *rest = data
        with tf.GradientTape() as tape:
            loss = self.compute_loss(x, y, self(x, training=True), *rest)
        self.optimizer.apply(tape.gradient(loss, self.trainable_variables), self.trainable_variables)
        return {"loss": loss}
# %% cell
rng = np.random.default_rng(267)
x, y = rng.normal(size=(33, 9, 2)).astype("float32"), rng.integers(0, 2, (33, 1))
inner = tf.keras.Sequential([layers.Input((None, 2)), layers.LSTM(4, return_sequences=True), layers.GlobalAveragePooling1D()])
model = Halver(inner)
model.compile("adam", "binary_crossentropy")
model.fit(x, y, sample_weight=np.ones(33), epochs=1, batch_size=16, verbose=0)
model.fit(x=x, y=y, class_weight={0: 1.0, 1: 2.0}, epochs=1, verbose=0)
print(model(x[:1]).numpy().item(), inner(x[:2]).shape)
