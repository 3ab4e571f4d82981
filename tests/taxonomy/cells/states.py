# %% decoder-wider-than-encoder: shape_error, layer dec, array -
ei = keras.Input((T, F))
_, h, c = L.LSTM(8, return_state=True, name="enc")(ei)
di = keras.Input((T, F))
o = L.LSTM(16, name="dec")(di, initial_state=[h, c])
model = keras.Model([ei, di], L.Dense(1)(o))
model.compile("adam", "mse")
# then
model.fit([X, X], y, verbose=0)

# %% one-state-for-an-lstm: clean
ei = keras.Input((T, F))
o, h = L.GRU(8, return_state=True, name="enc")(ei)
# then
d = L.LSTM(8, name="dec")(ei, initial_state=h)

# %% one-state-in-a-list-for-an-lstm: shape_error, layer dec, array -
ei = keras.Input((T, F))
o, h = L.GRU(8, return_state=True, name="enc")(ei)
d = L.LSTM(8, name="dec")(ei, initial_state=[h])
model = keras.Model(ei, L.Dense(1)(d))
model.compile("adam", "mse")
# then
model.fit(X, y, verbose=0)

# %% output-among-the-states: shape_error, layer dec, array -
ei = keras.Input((T, F))
o = L.LSTM(8, return_state=True, name="enc")(ei)
d = L.LSTM(8, name="dec")(ei, initial_state=list(o))
model = keras.Model(ei, L.Dense(1)(d))
model.compile("adam", "mse")
# then
model.fit(X, y, verbose=0)

# %% four-states-for-an-lstm: shape_error, layer dec, array -
ei = keras.Input((T, F))
o, *s = L.Bidirectional(L.LSTM(8, return_state=True), name="enc")(ei)
d = L.LSTM(8, name="dec")(ei, initial_state=s)
model = keras.Model(ei, L.Dense(1)(d))
model.compile("adam", "mse")
# then
model.fit(X, y, verbose=0)

# %% joined-states-for-a-narrow-decoder: shape_error, layer dec, array -
ei = keras.Input((T, F))
o, fh, fc, bh, bc = L.Bidirectional(L.LSTM(8, return_state=True), name="enc")(ei)
h = L.Concatenate()([fh, bh])
c = L.Concatenate()([fc, bc])
d = L.LSTM(8, name="dec")(ei, initial_state=[h, c])
model = keras.Model(ei, L.Dense(1)(d))
model.compile("adam", "mse")
# then
model.fit(X, y, verbose=0)

# %% states-unpacked-and-not-returned: shape_error, layer enc, array -
ei = keras.Input((T, F))
# then
o, h, c = L.LSTM(8, name="enc")(ei)

# %% three-unpacked-from-a-gru: shape_error, layer enc, array -
ei = keras.Input((T, F))
# then
o, h, c = L.GRU(8, return_state=True, name="enc")(ei)

# %% states-returned-in-a-stack: shape_error, layer rnn1|Dense, array -
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, return_state=True, name="rnn1"), L.Dense(1)])

# %% state-of-another-width: shape_error, layer rnn1, array h0
l = L.LSTM(8, name="rnn1")
h0 = np.zeros((N, 4), "float32")
# then
l(X, initial_state=[h0, h0])

# %% state-of-one-sample: clean
l = L.LSTM(8, name="rnn1")
h0 = np.zeros((1, 8), "float32")
# then
l(X, initial_state=[h0, h0])

# %% states-as-one-array: shape_error, layer InputLayer|-|Functional, array states|tok|[tok] + [states]
ei = keras.Input((None, F))
sh = keras.Input((8,))
sc = keras.Input((8,))
o, h, c = L.LSTM(8, return_state=True, name="dec")(ei, initial_state=[sh, sc])
dm = keras.Model([ei, sh, sc], [o, h, c])
states = np.zeros((2, 1, 8), "float32")
tok = np.zeros((1, 1, F), "float32")
# then
dm.predict([tok] + [states], verbose=0)

# %% state-without-samples: shape_error, layer rnn1, array start
rnn = L.GRU(8, name="rnn1")
start = np.zeros(8)
# then
out = rnn(X, initial_state=start)

# %% states-of-more-samples: shape_error, layer rnn1, array start
rnn = L.GRU(8, name="rnn1")
start = np.zeros((N + 4, 8))
# then
out = rnn(X, initial_state=start)

# %% one-written-state-for-two: shape_error, layer rnn1, array -
rnn = L.LSTM(8, name="rnn1")
# then
out = rnn(X, initial_state=np.zeros((N, 8)))
