# %% declared-in-the-layer-without-steps: shape_error, layer rnn1, array -
model = keras.Sequential()
model.add(L.LSTM(8, input_shape=(3,), name="rnn1"))

# %% declared-in-the-layer-with-samples: shape_error, layer rnn1, array -
model = keras.Sequential()
model.add(L.LSTM(8, input_shape=(N, T, F), name="rnn1"))

# %% declared-as-a-number: shape_error, layer rnn1, array -
model = keras.Sequential()
model.add(L.LSTM(8, input_shape=3, name="rnn1"))

# %% declared-the-wrong-way-round: shape_error, layer rnn1|InputLayer, array -|X
model = keras.Sequential([L.LSTM(8, input_shape=(F, T), name="rnn1"), L.Dense(1)])
model.compile("adam", "mse")
# then
model.fit(X, y, verbose=0)

# %% declared-as-the-whole-shape: shape_error, layer rnn1, array -
model = keras.Sequential()
model.add(L.LSTM(8, input_shape=X.shape, name="rnn1"))

# %% batch-input-shape-of-keras-two: shape_error, layer rnn1, array -
model = keras.Sequential()
model.add(L.LSTM(8, batch_input_shape=(4, T, F), name="rnn1"))

# %% input-dim-of-keras-two: shape_error, layer rnn1, array -
model = keras.Sequential()
model.add(L.LSTM(8, input_dim=3, name="rnn1"))

# %% input-length-of-keras-two: shape_error, layer rnn1, array -
model = keras.Sequential()
model.add(L.LSTM(8, input_dim=3, input_length=5, name="rnn1"))

# %% input-of-a-number: shape_error, layer InputLayer|-, array -
inp = keras.Input(shape=3)

# %% input-with-samples: shape_error, layer rnn1, array -
inp = keras.Input(shape=(N, T, F))
# then
o = L.LSTM(8, name="rnn1")(inp)

# %% units-not-whole: shape_error, layer rnn1, array -
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8.0, name="rnn1")])
