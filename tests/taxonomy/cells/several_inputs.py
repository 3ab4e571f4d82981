# %% inputs-in-the-wrong-order: shape_error, layer InputLayer|rnn1, array X|Xm|[Xm, X]
a = keras.Input((T, F), name="seq")
b = keras.Input((2,), name="meta")
o = L.Dense(1)(L.Concatenate()([L.LSTM(8, name="rnn1")(a), b]))
model = keras.Model([a, b], o)
model.compile("adam", "mse")
Xm = np.ones((N, 2), "float32")
# then
model.fit([Xm, X], y, verbose=0)

# %% one-input-missing: shape_error, layer InputLayer|-, array X|XX
a = keras.Input((T, F), name="seq")
b = keras.Input((2,), name="meta")
o = L.Dense(1)(L.Concatenate()([L.LSTM(8, name="rnn1")(a), b]))
model = keras.Model([a, b], o)
model.compile("adam", "mse")
Xm = np.ones((N, 2), "float32")
# then
model.fit(X, y, verbose=0)

# %% one-input-too-many: shape_error, layer InputLayer|-, array X|Xm|[X, Xm, Xm]
a = keras.Input((T, F), name="seq")
b = keras.Input((2,), name="meta")
o = L.Dense(1)(L.Concatenate()([L.LSTM(8, name="rnn1")(a), b]))
model = keras.Model([a, b], o)
model.compile("adam", "mse")
Xm = np.ones((N, 2), "float32")
# then
model.fit([X, Xm, Xm], y, verbose=0)

# %% input-under-a-wrong-name: shape_error, layer InputLayer|-, array Xm|-
a = keras.Input((T, F), name="seq")
b = keras.Input((2,), name="meta")
o = L.Dense(1)(L.Concatenate()([L.LSTM(8, name="rnn1")(a), b]))
model = keras.Model([a, b], o)
model.compile("adam", "mse")
Xm = np.ones((N, 2), "float32")
# then
model.fit({"seq": X, "metadata": Xm}, y, verbose=0)

# %% inputs-of-unequal-number: shape_error, layer -, array Xm|Xm[:10]
a = keras.Input((T, F), name="seq")
b = keras.Input((2,), name="meta")
o = L.Dense(1)(L.Concatenate()([L.LSTM(8, name="rnn1")(a), b]))
model = keras.Model([a, b], o)
model.compile("adam", "mse")
Xm = np.ones((N, 2), "float32")
# then
model.fit([X, Xm[:10]], y, verbose=0)

# %% dataset-of-three-for-two-inputs: shape_error, layer rnn1|InputLayer, array ds
a = keras.Input((T, F), name="seq")
b = keras.Input((2,), name="meta")
o = L.Dense(1)(L.Concatenate()([L.LSTM(8, name="rnn1")(a), b]))
model = keras.Model([a, b], o)
model.compile("adam", "mse")
Xm = np.ones((N, 2), "float32")
ds = tf.data.Dataset.from_tensor_slices((X, Xm, y)).batch(4)
# then
model.fit(ds, verbose=0)

# %% inputs-stacked-in-one-array: shape_error, layer InputLayer|-, array X|XX
a = keras.Input((T, F), name="seq")
b = keras.Input((2,), name="meta")
o = L.Dense(1)(L.Concatenate()([L.LSTM(8, name="rnn1")(a), b]))
model = keras.Model([a, b], o)
model.compile("adam", "mse")
Xm = np.ones((N, 2), "float32")
XX = np.stack([X, X])
# then
model.fit(XX, y[:2], verbose=0)

# %% keys-of-a-dict-made-before: shape_error, layer left|right|InputLayer|-, array data|X
a, b = keras.Input((T, F), name="left"), keras.Input((4,), name="right")
h = L.Concatenate()([L.LSTM(8, name="rnn1")(a), b])
model = keras.Model({"left": a, "right": b}, L.Dense(1, name="head")(h))
model.compile("adam", "mse")
data = {"steps": X, "right": yoh}
# then
model.fit(data, y, verbose=0)

# %% state-of-one-sentence: shape_error, layer InputLayer|rnn1|state, array thought
token_in = keras.Input((1, F), name="token")
state_in = keras.Input((9,), name="state")
model = keras.Model([token_in, state_in], L.Dense(4)(L.GRU(9, name="rnn1")(token_in, initial_state=state_in)))
thoughts = np.ones((3, 9), "float32")
# then
thought = thoughts[0]
model.predict([np.zeros((1, 1, F)), thought], verbose=0)

# %% one-state-for-many-sentences: shape_error, layer InputLayer|rnn1|state, array thought
token_in = keras.Input((1, F), name="token")
state_in = keras.Input((9,), name="state")
model = keras.Model([token_in, state_in], L.Dense(4)(L.GRU(9, name="rnn1")(token_in, initial_state=state_in)))
thoughts = np.ones((3, 9), "float32")
# then
thought = thoughts[0]
model.predict([np.zeros((6, 1, F)), thought], verbose=0)

# %% inputs-of-unequal-number-predicted: shape_error, layer -, array Xm|X
a = keras.Input((T, F), name="seq")
b = keras.Input((2,), name="meta")
o = L.Dense(1)(L.Concatenate()([L.LSTM(8, name="rnn1")(a), b]))
model = keras.Model([a, b], o)
Xm = np.ones((N, 2), "float32")
# then
model.predict([X, Xm[:10]], verbose=0)

# %% validation-data-without-the-second-input: shape_error, layer left|right|InputLayer|-, array Xv
a, b = keras.Input((T, F), name="left"), keras.Input((4,), name="right")
h = L.Concatenate()([L.LSTM(8, name="rnn1")(a), b])
model = keras.Model([a, b], L.Dense(1, name="head")(h))
model.compile("adam", "mse")
Xv, sv, yv = X[:6], yoh[:6], y[:6]
# then
model.fit([X, yoh], y, validation_data=(Xv, yv), verbose=0)

# %% encoder-outputs-beside-its-states: shape_error, layer InputLayer|token|-, array found
enc_in = keras.Input((T, F))
_, h, c = rnn = L.LSTM(7, return_state=True, name="encoder")(enc_in)
encoder = keras.Model(enc_in, [*rnn])
token_in, h_in, c_in = keras.Input((1, 6), name="token"), keras.Input((7,)), keras.Input((7,))
answer = L.LSTM(7, name="rnn1")(token_in, initial_state=[h_in, c_in])
decoder = keras.Model([token_in, h_in, c_in], L.Dense(6)(answer))
# then
found = encoder.predict(X[:1], verbose=0)
decoder.predict([np.zeros((1, 1, 6))] + found, verbose=0)

# %% states-in-a-list-within: clean
token_in, h_in, c_in = keras.Input((1, 6), name="token"), keras.Input((7,)), keras.Input((7,))
answer = L.LSTM(7, name="rnn1")(token_in, initial_state=[h_in, c_in])
decoder = keras.Model([token_in, h_in, c_in], L.Dense(6)(answer))
states = [np.zeros((1, 7)), np.zeros((1, 7))]
# then
decoder.predict([np.zeros((1, 1, 6)), states], verbose=0)

# %% states-within-and-one-too-many: shape_error, layer InputLayer|token|-, array states
token_in, h_in, c_in = keras.Input((1, 6), name="token"), keras.Input((7,)), keras.Input((7,))
answer = L.LSTM(7, name="rnn1")(token_in, initial_state=[h_in, c_in])
decoder = keras.Model([token_in, h_in, c_in], L.Dense(6)(answer))
states = [np.zeros((1, 7)), np.zeros((1, 7)), np.zeros((1, 7))]
# then
decoder.predict([np.zeros((1, 1, 6)), states], verbose=0)

# %% few-samples-in-a-list: shape_error, layer -, array series
model = keras.Sequential([keras.Input((None, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
series = [np.ones((n, F), "float32") for n in (3, 4, 5, 6)]
# then
model.predict(series, verbose=0)
