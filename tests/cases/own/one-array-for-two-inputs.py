# id: one-array-for-two-inputs
# source: own: the second input was forgotten at evaluate
# outcome: shape_error
# cause: input_count
# array: txt|[txt, meta]|-
# layer: InputLayer|Functional|-|words|facts
# kind: other|reorder|wrap|select
# line: 3
# %% setup
import numpy as np
import keras
from keras import layers

rng = np.random.default_rng(253)
txt, meta, fake = rng.integers(0, 20, (40, 9)), rng.normal(size=(40, 3)), rng.integers(0, 2, 40)
wi, fi = keras.Input((9,), name="words", dtype="int32"), keras.Input((3,), name="facts")
z = layers.concatenate([layers.LSTM(4)(layers.Embedding(20, 4)(wi)), fi])
news = keras.Model([wi, fi], layers.Dense(1, activation="sigmoid")(z))
news.compile("adam", "binary_crossentropy")
# %% cell
news.fit([txt, meta], fake, epochs=1, verbose=0)
print(news.evaluate(txt, fake, verbose=0))
# %% reference
news.fit([txt, meta], fake, epochs=1, verbose=0)
print(news.evaluate([txt, meta], fake, verbose=0))
# %% check
import numpy as np

x = [s for s in seen if s["method"] == "evaluate"][-1]["x"]
a, b = (x["words"], x["facts"]) if isinstance(x, dict) else x
assert np.array_equal(a, txt) and np.array_equal(b, meta)
