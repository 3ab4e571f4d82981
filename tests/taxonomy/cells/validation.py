# %% validation-one-feature-more: shape_error, layer rnn1|InputLayer, array Xv
model = keras.Sequential([keras.Input((None, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
Xv = np.ones((4, T, 4), "float32")
# then
model.fit(X, y, validation_data=(Xv, y[:4]), verbose=0)

# %% validation-three-targets-two-outputs: shape_error, layer -|head, array yv|-
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(2, name="head")])
model.compile("adam", "mse")
y2 = np.ones((N, 2))
yv = np.ones((4, 3))
# then
model.fit(X, y2, validation_data=(X[:4], yv), verbose=0)

# %% validation-one-target-less: shape_error, layer -, array X[:4]|y[:3]|X|y
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
# then
model.fit(X, y, validation_data=(X[:4], y[:3]), verbose=0)

# %% validation-without-target: other_error|shape_error
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
# then
model.fit(X, y, validation_data=X[:4], verbose=0)

# %% validation-as-a-list: clean
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
# then
model.fit(X, y, validation_data=[X[:4], y[:4]], verbose=0)

# %% validation-split-of-a-dataset: other_error|shape_error
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
ds = tf.data.Dataset.from_tensor_slices((X, y)).batch(4)
# then
model.fit(ds, validation_split=0.2, verbose=0)

# %% validation-split-of-one-sample: other_error|shape_error
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
# then
model.fit(X[:1], y[:1], validation_split=0.2, verbose=0)

# %% evaluate-three-targets-two-outputs: shape_error, layer -|head, array y3|-
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(2, name="head")])
model.compile("adam", "mse")
y3 = np.ones((N, 3))
# then
model.evaluate(X, y3, verbose=0)
