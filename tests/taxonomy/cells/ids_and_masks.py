# %% ids-with-an-axis-of-one: shape_error, layer rnn1|em, array -|ids
model = keras.Sequential(
    [keras.Input((T, 1)), L.Embedding(10, 4, name="em"), L.LSTM(8, name="rnn1"), L.Dense(1)]
)
model.compile("adam", "mse")
ids = rs.randint(0, 10, (N, T, 1))
model.fit(ids, y, verbose=0)

# %% one-hot-for-an-embedding: shape_error, layer em, array ids
model = keras.Sequential([L.Embedding(10, 4, name="em"), L.LSTM(8, name="rnn1"), L.Dense(1)])
model.compile("adam", "mse")
ids = np.eye(10)[rs.randint(0, 10, (N, T))]
# then
model.fit(ids, y, verbose=0)

# %% fractions-for-an-embedding: clean
model = keras.Sequential([L.Embedding(10, 4, name="em"), L.LSTM(8, name="rnn1"), L.Dense(1)])
model.compile("adam", "mse")
ids = rs.rand(N, T)
# then
model.fit(ids, y, verbose=0)

# %% id-beyond-the-table: shape_error, layer em, array ids
model = keras.Sequential([L.Embedding(10, 4, name="em"), L.LSTM(8, name="rnn1"), L.Dense(1)])
model.compile("adam", "mse")
ids = rs.randint(0, 20, (N, T))
ids[0, 0] = 15
# then
model.fit(ids, y, verbose=0)

# %% one-sentence-at-predict: shape_error, layer em|rnn1, array ids
model = keras.Sequential([L.Embedding(10, 4, name="em"), L.LSTM(8, name="rnn1"), L.Dense(1)])
model.compile("adam", "mse")
ids = rs.randint(0, 10, (T,))
# then
model.predict(ids, verbose=0)

# %% object-array-of-ids: shape_error, layer -|em, array ids
model = keras.Sequential([L.Embedding(10, 4, name="em"), L.LSTM(8, name="rnn1"), L.Dense(1)])
model.compile("adam", "mse")
ids = np.array([[1, 2], [3], [4, 5, 6]], dtype=object)
# then
model.fit(ids, np.ones((3, 1)), verbose=0)

# %% lists-of-ids: shape_error, layer -|em, array ids
model = keras.Sequential([L.Embedding(10, 4, name="em"), L.LSTM(8, name="rnn1"), L.Dense(1)])
model.compile("adam", "mse")
ids = [[1, 2], [3], [4, 5, 6]]
# then
model.fit(ids, np.ones((3, 1)), verbose=0)

# %% embedding-input-length-of-keras-two: clean
model = keras.Sequential([L.Embedding(10, 4, input_length=5, name="em"), L.LSTM(8)])

# %% masking-declared-without-steps: shape_error, layer rnn1, array -
model = keras.Sequential([keras.Input((F,)), L.Masking(name="mk"), L.LSTM(8, name="rnn1")])

# %% mask-one-step-longer: shape_error, layer rnn1, array bm
l = L.LSTM(8, name="rnn1")
bm = np.ones((N, T + 1), bool)
# then
l(X, mask=bm)

# %% mask-for-each-feature: shape_error, layer rnn1, array bm
l = L.LSTM(8, name="rnn1")
bm = np.ones((N, T, F), bool)
# then
l(X, mask=bm)

# %% flatten-between-embedding-and-rnn: shape_error, layer rnn1, array -
inp = keras.Input((T,))
e = L.Embedding(10, 4, name="em")(inp)
f = L.Flatten(name="fl")(e)
# then
o = L.LSTM(8, name="rnn1")(f)

# %% ids-padded-in-front-to-another-length: shape_error, layer embed|InputLayer, array long
words = keras.Input((T,))
h = L.Embedding(30, 4, mask_zero=True, name="embed")(words)
model = keras.Model(words, L.Dense(1, name="head")(L.LSTM(8, name="rnn1")(h)))
model.compile("adam", "mse")
long = keras.utils.pad_sequences([[3, 4], [5, 6, 7]] * 4, maxlen=9)
# then
model.predict(long, verbose=0)

# %% ids-of-fewer-words-than-the-model-takes: shape_error, layer embed|InputLayer, array few
words = keras.Input((T,))
h = L.Embedding(30, 4, name="embed")(words)
model = keras.Model(words, L.Dense(1, name="head")(L.LSTM(8, name="rnn1")(h)))
model.compile("adam", "mse")
model.fit(rs.randint(1, 30, (8, T)), rs.rand(8, 1), verbose=0)
few = keras.utils.pad_sequences([[3, 4], [5, 6, 7]] * 4, padding="post")
# then
model.predict(few, verbose=0)

# %% words-into-an-embedding: shape_error, layer -|embed, array words
model = keras.Sequential([L.Embedding(30, 4, name="embed"), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
words = np.array([["the", "cat", "sat"], ["a", "dog", "ran"]] * 4)
# then
model.fit(words, rs.rand(8), verbose=0)

# %% ids-declared-with-the-width-of-their-vectors: shape_error, layer rnn1|InputLayer|em, array -
ids = rs.randint(1, 30, (N, T))
# then
words = keras.Input((T, 4))
h = L.LSTM(8, name="rnn1")(L.Embedding(30, 4, name="em")(words))
model = keras.Model(words, L.Dense(1, name="head")(h))
model.compile("adam", "mse")
model.fit(ids, y, verbose=0)
