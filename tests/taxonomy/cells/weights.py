# %% weights-of-a-wider-model: shape_error, layer rnn1, array -
m1 = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
m1.compile("adam", "mse")
m2 = keras.Sequential([keras.Input((T, 4)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
m2.compile("adam", "mse")
# then
m2.set_weights(m1.get_weights())

# %% one-weight-array-less: shape_error|other_error
m1 = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
m1.compile("adam", "mse")
w = m1.get_weights()[:3]
# then
m1.set_weights(w)

# %% layer-weights-of-another-width: shape_error, layer rnn1, array -
l = L.LSTM(8, name="rnn1")
l.build((None, T, F))
# then
l.set_weights([np.ones((4, 32)), np.ones((8, 32)), np.ones(32)])

# %% file-of-a-narrower-model: shape_error, layer rnn1, array -
m1 = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
m1.compile("adam", "mse")
m1.save_weights("a.weights.h5")
m2 = keras.Sequential([keras.Input((T, 4)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
m2.compile("adam", "mse")
# then
m2.load_weights("a.weights.h5")

# %% file-of-one-output: shape_error, layer head, array -
m1 = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
m1.compile("adam", "mse")
m1.save_weights("b.weights.h5")
m2 = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(2, name="head")])
m2.compile("adam", "mse")
# then
m2.load_weights("b.weights.h5")

# %% file-for-an-unbuilt-model: other_error|shape_error
m1 = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
m1.compile("adam", "mse")
m1.save_weights("c.weights.h5")
m2 = keras.Sequential([L.LSTM(8), L.Dense(1)])
# then
m2.load_weights("c.weights.h5")

# %% embedding-matrix-one-row-more: shape_error, layer em, array E|-
E = np.ones((11, 4))
e = L.Embedding(10, 4, weights=[E], name="em")
e.build((None, 5))

# %% embedding-initializer-one-row-more: shape_error, layer em, array E|-
E = np.ones((11, 4))
e = L.Embedding(10, 4, embeddings_initializer=keras.initializers.Constant(E), name="em")
# then
e(np.ones((2, 5)))

# %% matrix-with-the-words-in-its-columns: shape_error, layer em, array E
model = keras.Sequential([keras.Input((T,)), L.Embedding(30, 4, name="em"), L.LSTM(8, name="rnn1"), L.Dense(1)])
E = rs.rand(4, 30)
# then
model.get_layer("em").set_weights([E])
