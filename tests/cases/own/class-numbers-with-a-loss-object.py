# id: class-numbers-with-a-loss-object
# source: own: CategoricalCrossentropy() and class numbers, the model from a function
# outcome: shape_error
# cause: target_encoding
# array: etiquetas
# layer: -|Dense
# kind: one_hot|loss
# line: 3
# note: evaluate has the same fault
# %% setup
import numpy as np
import tensorflow as tf

gen = np.random.default_rng(220)
gestos, etiquetas = gen.normal(size=(60, 14, 3)), gen.integers(0, 5, 60)
gestos2, etiquetas2 = gen.normal(size=(20, 14, 3)), gen.integers(0, 5, 20)

def crear(clases):
    red = tf.keras.Sequential([tf.keras.Input((14, 3)), tf.keras.layers.GRU(6), tf.keras.layers.Dense(clases)])
    red.compile(optimizer=tf.keras.optimizers.RMSprop(), loss=tf.keras.losses.CategoricalCrossentropy(from_logits=True))
    return red
# %% cell
red = crear(5)
red.fit(gestos, etiquetas, epochs=1, batch_size=20, verbose=0)
perdida = red.evaluate(gestos2, etiquetas2, verbose=0)
# %% reference
red = crear(5)
red.fit(gestos, tf.one_hot(etiquetas, 5), epochs=1, batch_size=20, verbose=0)
perdida = red.evaluate(gestos2, tf.one_hot(etiquetas2, 5), verbose=0)
# %% check
import numpy as np

for method, numbers in (("fit", etiquetas), ("evaluate", etiquetas2)):
    call = [s for s in seen if s["method"] == method][-1]
    got, sparse = np.asarray(call["y"]), "sparse" in str(call["model"].loss).lower()
    if got.ndim == 2 and got.shape[1] == 5:
        assert not sparse and np.array_equal(got.argmax(1), numbers)
    else:
        assert sparse and np.array_equal(got.ravel(), numbers)
assert np.isfinite(after["perdida"])
