# %% sequence-joined-with-vector: shape_error, layer cc, array -
ei = keras.Input((T, F))
s = L.LSTM(8, return_sequences=True, name="a")(ei)
v = L.LSTM(8, name="b")(ei)
# then
o = L.Concatenate(name="cc")([s, v])

# %% sequences-of-unequal-length-joined: shape_error, layer cc, array -
a = keras.Input((5, F))
b = keras.Input((7, F))
# then
o = L.Concatenate(name="cc")([L.LSTM(8, return_sequences=True)(a), L.LSTM(8, return_sequences=True)(b)])

# %% added-of-unequal-width: shape_error, layer ad, array -
ei = keras.Input((T, F))
a = L.LSTM(8)(ei)
b = L.LSTM(4)(ei)
# then
o = L.Add(name="ad")([a, b])

# %% dot-of-unequal-sizes: shape_error, layer dt, array -
ei = keras.Input((T, F))
a = L.LSTM(8, return_sequences=True)(ei)
b = L.LSTM(4)(ei)
# then
o = L.Dot(axes=(2, 1), name="dt")([a, b])

# %% attention-of-unequal-width: clean
ei = keras.Input((T, F))
a = L.LSTM(8, return_sequences=True)(ei)
b = L.LSTM(4, return_sequences=True)(ei)
# then
o = L.Attention(name="at")([a, b])

# %% attention-of-unequal-width-trained: shape_error, layer at, array -
ei = keras.Input((T, F))
a = L.LSTM(8, return_sequences=True)(ei)
b = L.LSTM(4, return_sequences=True)(ei)
o = L.Attention(name="at")([a, b])
model = keras.Model(ei, L.Dense(1)(L.Flatten()(o)))
model.compile("adam", "mse")
# then
model.fit(X, y, verbose=0)

# %% attention-with-one-vector: clean
ei = keras.Input((T, F))
a = L.LSTM(8, return_sequences=True)(ei)
q = L.LSTM(8)(ei)
o = L.Attention(name="at")([q, a])
model = keras.Model(ei, L.Dense(1)(o))
model.compile("adam", "mse")
# then
model.fit(X, y, verbose=0)

# %% multi-head-attention-of-vectors: clean
ei = keras.Input((T, F))
q = L.LSTM(8)(ei)
# then
o = L.MultiHeadAttention(2, 4, name="mh")(q, q)

# %% weights-for-the-steps-without-axis: shape_error, layer mu, array -
ei = keras.Input((T, F))
a = L.LSTM(8, return_sequences=True)(ei)
w = L.Dense(T, activation="softmax")(L.LSTM(8)(ei))
# then
o = L.Multiply(name="mu")([a, w])

# %% convolutions-of-different-size-in-parallel: shape_error, layer Concatenate, array -
i = keras.Input((T, F))
parts = [L.Conv1D(4, k)(i) for k in (2, 3)]
# then
o = L.LSTM(8, name="rnn1")(L.Concatenate()(parts))

# %% convolutions-of-different-size-beside-data-that-is-cut: shape_error, layer Concatenate, array -
X = rs.rand(N, T + 4, F)
# then
i = keras.Input((T, F))
o = L.Concatenate()([L.Conv1D(4, 2)(i), L.Conv1D(4, 3)(i)])
model = keras.Model(i, L.Dense(1)(L.LSTM(8, name="rnn1")(o)))
model.compile("adam", "mse")
X = X[:, :T]
model.fit(X, y, verbose=0)

# %% embeddings-of-unequal-width-added: shape_error, layer Add, array -
i = keras.Input((T,))
# then
o = L.LSTM(8, name="rnn1")(L.Add()([L.Embedding(30, 8)(i), L.Embedding(30, 4)(i)]))
