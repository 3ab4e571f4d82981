# id: multi-step-answer-never-folded
# source: the time-series tutorial: Dense(steps * features), the Reshape behind it left out
# outcome: shape_error
# cause: target_shape
# array: Y|Y_train
# layer: -|Dense
# kind: wrap|reshape|other
# note: a Reshape at the end of the model, or the targets laid flat
# %% setup
import numpy as np
import tensorflow as tf

OUT_STEPS, num_features = 6, 4
rng = np.random.default_rng(520)
weather = rng.normal(size=(300, num_features)).cumsum(axis=0).astype("float32")
X = np.stack([weather[i:i + 24] for i in range(0, 270, 3)])
Y = np.stack([weather[i + 24:i + 24 + OUT_STEPS] for i in range(0, 270, 3)])
print(X.shape, Y.shape)
# %% setup
multi = tf.keras.Sequential([
    tf.keras.layers.LSTM(16, return_sequences=False),
    tf.keras.layers.Dense(OUT_STEPS * num_features, kernel_initializer=tf.initializers.zeros()),
])
multi.compile(loss=tf.losses.MeanSquaredError(), optimizer=tf.optimizers.Adam(), metrics=[tf.metrics.MeanAbsoluteError()])
# %% cell
multi.fit(X, Y, epochs=1, batch_size=30, verbose=0)
# %% reference
multi = tf.keras.Sequential([
    tf.keras.layers.LSTM(16, return_sequences=False),
    tf.keras.layers.Dense(OUT_STEPS * num_features, kernel_initializer=tf.initializers.zeros()),
    tf.keras.layers.Reshape([OUT_STEPS, num_features]),
])
multi.compile(loss=tf.losses.MeanSquaredError(), optimizer=tf.optimizers.Adam(), metrics=[tf.metrics.MeanAbsoluteError()])
multi.fit(X, Y, epochs=1, batch_size=30, verbose=0)
# %% check
import numpy as np
call = [s for s in seen if s["method"] == "fit"][-1]
y = np.asarray(call["y"])
assert np.allclose(y.reshape(len(Y), -1), Y.reshape(len(Y), -1)) and tuple(call["model"].output_shape[1:]) == y.shape[1:]
