# id: clean-cross-validation-in-a-function
# source: own: two folds, the model built afresh, scores in a frame that is the cell's value
# outcome: clean
# %% setup
import numpy as np
import pandas as pd
import tensorflow as tf
from sklearn.model_selection import KFold

rng = np.random.default_rng(265)
X, y = rng.normal(size=(45, 6, 4)), rng.integers(0, 3, 45)

def build():
    inp = tf.keras.Input(X.shape[1:])
    z = tf.keras.layers.SimpleRNN(5)(tf.keras.layers.LayerNormalization()(inp))
    m = tf.keras.Model(inp, tf.keras.layers.Dense(3)(z))
    m.compile("adam", tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    return m
# %% cell
scores = []
for fold, (tr, te) in enumerate(KFold(2, shuffle=True, random_state=0).split(X)):
    m = build()
    m.fit(X[tr], y[tr], epochs=1, verbose=0)
    scores.append({"fold": fold, **m.evaluate(X[te], y[te], verbose=0, return_dict=True)})
pd.DataFrame(scores).set_index("fold")
