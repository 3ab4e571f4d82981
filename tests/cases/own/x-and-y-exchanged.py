# id: x-and-y-exchanged
# source: own: fit(y, x) by mistake
# outcome: shape_error
# cause: input_count|flattened|rank|axis_order|target_shape|feature_axis_missing|unwindowed|other
# array: rpm|flow|-
# layer: GRU|InputLayer|-
# kind: reorder|other|select
# line: 2
# %% setup
import numpy as np
import keras

rng = np.random.default_rng(307)
rpm, flow = rng.normal(size=(30, 10, 3)), rng.normal(size=(30, 1))
fan = keras.Sequential([keras.Input((10, 3)), keras.layers.GRU(4), keras.layers.Dense(1)])
fan.compile("adam", "mse")
# %% cell
fan.fit(flow, rpm, epochs=1, verbose=0)
# %% reference
fan.fit(rpm, flow, epochs=1, verbose=0)
# %% check
import numpy as np

assert np.array_equal(seen[-1]["x"], rpm) and np.array_equal(seen[-1]["y"], flow)
