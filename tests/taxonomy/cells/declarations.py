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

# %% document-declared-the-wrong-way-round: shape_error, layer each, array -
docs = rs.randint(1, 30, (N, 4, 11))
words = keras.Input((11,), dtype="int32")
reader = keras.Model(words, L.GRU(5)(L.Embedding(30, 6)(words)), name="reader")
# then
document = keras.Input((11, 4), dtype="int32")
model = keras.Model(document, L.Dense(1)(L.GRU(4)(L.TimeDistributed(reader, name="each")(document))))
model.compile("adam", "mse")
model.fit(docs, y, verbose=0)

# %% document-declared-a-cell-before-the-data: shape_error, layer each, array -
docs = rs.randint(1, 30, (N, 4, 11))
words = keras.Input((11,), dtype="int32")
reader = keras.Model(words, L.GRU(5)(L.Embedding(30, 6)(words)), name="reader")
# then
model = keras.Sequential([keras.Input((11, 4)), L.TimeDistributed(reader, name="each"), L.LSTM(4)])

# %% declared-longer-than-the-data: shape_error, layer reader, array -
a = keras.Input((T, F))
reader = keras.Model(a, L.LSTM(8)(a), name="reader")
# then
ei = keras.Input((T + 2, F))
model = keras.Model(ei, L.Dense(1)(reader(ei)))
model.compile("adam", "mse")
model.fit(X, y, verbose=0)

# %% inner-model-declared-unlike-the-data: shape_error, layer reader|each, array -
a = keras.Input((T, 7))
reader = keras.Model(a, L.LSTM(8)(a), name="reader")
# then
ei = keras.Input((T, F))
model = keras.Model(ei, L.Dense(1)(reader(ei)))
model.compile("adam", "mse")
model.fit(X, y, verbose=0)

# %% inner-model-without-time-distributed: shape_error, layer reader, array -
docs = rs.randint(1, 30, (N, 4, 11))
words = keras.Input((11,), dtype="int32")
reader = keras.Model(words, L.GRU(5)(L.Embedding(30, 6)(words)), name="reader")
# then
document = keras.Input((4, 11), dtype="int32")
model = keras.Model(document, L.Dense(1)(L.GRU(4)(reader(document))))
model.compile("adam", "mse")
model.fit(docs, y, verbose=0)

# %% shared-layer-behind-a-turned-declaration: shape_error, layer rnn1, array -
rnn = L.LSTM(8, name="rnn1")
a = keras.Input((T, F))
first = keras.Model(a, L.Dense(1)(rnn(a)))
# then
b = keras.Input((F, T))
model = keras.Model(b, L.Dense(1)(rnn(b)))
model.compile("adam", "mse")
model.fit(X, y, verbose=0)
