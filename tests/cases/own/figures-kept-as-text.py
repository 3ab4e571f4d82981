# id: figures-kept-as-text
# source: own: a CSV with a decimal column read as text, so the array holds strings
# outcome: shape_error
# cause: dtype
# array: kurse
# layer: -|LSTM
# kind: cast
# line: 2
# %% setup
import io
import numpy as np
import pandas as pd
import tensorflow as tf
# %% setup
rng = np.random.default_rng(170)
csv = "kurs;menge\n" + "\n".join(f"{a:.3f};{b}" for a, b in zip(rng.random(60), rng.integers(1, 99, 60)))
tabelle = pd.read_csv(io.StringIO(csv), sep=";", dtype=str)
kurse = tabelle.to_numpy().reshape(-1, 5, 2)
steigt = rng.integers(0, 2, 12)
netz = tf.keras.Sequential([tf.keras.Input((5, 2)), tf.keras.layers.LSTM(6), tf.keras.layers.Dense(1, activation="sigmoid")])
netz.compile("adam", "binary_crossentropy")
# %% oracle
want = tabelle.astype(float).to_numpy().reshape(-1, 5, 2)
# %% cell
netz.fit(kurse, steigt, epochs=1, batch_size=4, verbose=0)
# %% reference
netz.fit(kurse.astype("float32"), steigt, epochs=1, batch_size=4, verbose=0)
# %% check
import numpy as np

got = np.asarray(seen[-1]["x"])
assert got.dtype.kind in "fiu" and np.allclose(got, want, rtol=1e-5)
