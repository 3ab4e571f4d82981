# id: validation-labels-of-the-training
# source: own: validation_data=(x_va, y_tr)
# outcome: shape_error
# cause: sample_count
# array: y_tr|x_va
# layer: -
# kind: align|select|reorder|other|trim
# line: 2
# %% setup
import numpy as np
from keras import layers, Sequential

rng = np.random.default_rng(231)
x_all, y_all = rng.normal(size=(90, 5, 3)), rng.integers(0, 2, 90)
x_tr, x_va, y_tr, y_va = x_all[:70], x_all[70:], y_all[:70], y_all[70:]
net = Sequential([layers.Input((5, 3)), layers.GRU(4), layers.Dense(1, activation="sigmoid")])
net.compile("adam", "binary_crossentropy", metrics=["accuracy"])
# %% cell
h = net.fit(x_tr, y_tr, validation_data=(x_va, y_tr), epochs=1, verbose=0)
# %% reference
h = net.fit(x_tr, y_tr, validation_data=(x_va, y_va), epochs=1, verbose=0)
# %% check
import numpy as np

vx, vy = [s for s in seen if s["method"] == "fit"][-1]["validation_data"][:2]
assert np.array_equal(vx, x_va) and np.array_equal(np.ravel(vy), y_va)
assert "val_loss" in after["h"].history
