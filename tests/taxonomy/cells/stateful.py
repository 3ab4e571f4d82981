# %% stateful-without-batch: shape_error, layer rnn1, array -
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, stateful=True, name="rnn1")])

# %% stateful-with-a-short-last-batch: shape_error, layer rnn1, array X
model = keras.Sequential(
    [keras.Input(batch_shape=(8, T, F)), L.LSTM(8, stateful=True, name="rnn1"), L.Dense(1)]
)
model.compile("adam", "mse")
# then
model.fit(X, y, batch_size=8, verbose=0, shuffle=False)

# %% stateful-with-the-default-batch: shape_error, layer rnn1, array X
model = keras.Sequential(
    [keras.Input(batch_shape=(8, T, F)), L.LSTM(8, stateful=True, name="rnn1"), L.Dense(1)]
)
model.compile("adam", "mse")
# then
model.fit(X, y, verbose=0)

# %% stateful-asked-for-one: shape_error, layer rnn1, array X[:1]
model = keras.Sequential(
    [keras.Input(batch_shape=(4, T, F)), L.LSTM(8, stateful=True, name="rnn1"), L.Dense(1)]
)
model.compile("adam", "mse")
model.fit(X, y, batch_size=4, verbose=0)
# then
model.predict(X[:1], verbose=0)

# %% stateful-called-on-one: shape_error, layer rnn1, array X[:1]
model = keras.Sequential(
    [keras.Input(batch_shape=(4, T, F)), L.LSTM(8, stateful=True, name="rnn1"), L.Dense(1)]
)
model.compile("adam", "mse")
# then
model(X[:1])

# %% batch-declared-not-stateful: clean
model = keras.Sequential([keras.Input(batch_shape=(8, T, F)), L.LSTM(8, name="rnn1"), L.Dense(1)])
model.compile("adam", "mse")
# then
model.fit(X, y, batch_size=8, verbose=0)

# %% stateful-with-a-validation-split: shape_error, layer rnn1, array X
model = keras.Sequential(
    [keras.Input(batch_shape=(4, T, F)), L.LSTM(8, stateful=True, name="rnn1"), L.Dense(1)]
)
model.compile("adam", "mse")
# then
model.fit(X, y, batch_size=4, validation_split=0.3, verbose=0)

# %% stateful-undeclared: clean
model = keras.Sequential([L.LSTM(8, stateful=True, name="rnn1"), L.Dense(1)])
model.compile("adam", "mse")
# then
model.fit(X, y, batch_size=4, verbose=0)

# %% split-that-leaves-no-whole-batches: shape_error, layer rnn1, array X
model = keras.Sequential([keras.Input(batch_shape=(5, T, F)), L.LSTM(8, stateful=True, name="rnn1"), L.Dense(1)])
model.compile("adam", "mse")
# then
model.fit(X, y, batch_size=5, validation_split=0.3, shuffle=False, verbose=0)
