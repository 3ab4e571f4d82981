# %% layer-used-on-another-width: clean
l = L.LSTM(8, name="rnn1")
a = keras.Input((T, F))
b = keras.Input((T, 4))
o1 = l(a)
# then
o2 = l(b)

# %% dense-used-on-its-own-output: shape_error, layer head, array -
d = L.Dense(4, name="head")
a = keras.Input((T, F))
h = L.LSTM(8)(a)
o = d(h)
# then
o2 = d(o)

# %% layer-called-on-one-sample: shape_error, layer rnn1, array x2
l = L.LSTM(8, name="rnn1")
x2 = X[0]
# then
l(x2)

# %% layer-called-on-a-list: shape_error, layer rnn1, array xl
l = L.LSTM(8, name="rnn1")
xl = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
# then
l(xl)

# %% layer-called-on-whole-numbers: clean
l = L.LSTM(8, name="rnn1")
xi = np.ones((2, 5, 3), int)
# then
print(l(xi).shape)

# %% layer-called-on-a-frame: shape_error, layer rnn1, array df
l = L.LSTM(8, name="rnn1")
df = pd.DataFrame(np.ones((5, 3)))
# then
l(df)

# %% cell-with-a-narrow-state: shape_error, layer cell, array -|np.zeros((N, 4))|x2
c = L.LSTMCell(8, name="cell")
x2 = X[:, 0]
# then
c(x2, [np.zeros((N, 4)), np.zeros((N, 4))])

# %% cell-without-a-state: shape_error|other_error
c = L.LSTMCell(8, name="cell")
# then
c(X[:, 0])

# %% states-as-further-arguments: shape_error, layer rnn1, array -|h
l = L.LSTM(8, name="rnn1")
h = np.zeros((N, 8), "float32")
# then
l(X, h, h)

# %% product-of-two-precisions: shape_error|other_error
w = np.ones((3, 8))
# then
z = tf.matmul(tf.constant(X[0]), tf.constant(w))


# %% own-layer-of-two-precisions: shape_error, layer att, array -
class Att(L.Layer):
    def call(s, x):
        return tf.matmul(x, tf.constant(np.ones((8, 1))))


model = keras.Sequential([L.LSTM(8, return_sequences=True, name="rnn1"), Att(name="att")])
model.compile("adam", "mse")
# then
model.fit(X, y, verbose=0)

# %% whole-numbers-as-target: clean
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
yi = np.ones((N, 1), int)
# then
model.fit(X, yi, verbose=0)

# %% truth-values-as-target: clean
model = keras.Sequential(
    [keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, activation="sigmoid", name="head")]
)
model.compile("adam", "binary_crossentropy")
ybb = yb.astype(bool)
# then
model.fit(X, ybb, verbose=0)

# %% mask-into-reshape: clean
model = keras.Sequential(
    [
        L.Masking(name="mk"),
        L.Bidirectional(L.LSTM(8, return_sequences=True)),
        L.Reshape((-1,), name="rsh"),
        L.Dense(1),
    ]
)
model.compile("adam", "mse")
# then
model.fit(X, y, verbose=0)

# %% unrolled-length-free: clean
model = keras.Sequential([keras.Input((None, F)), L.LSTM(8, unroll=True, name="rnn1"), L.Dense(1)])
model.compile("adam", "mse")
# then
model.fit(X, y, verbose=0)

# %% flatten-with-length-free: shape_error, layer head, array -
model = keras.Sequential(
    [
        keras.Input((None, F)),
        L.LSTM(8, return_sequences=True, name="rnn1"),
        L.Flatten(name="fl"),
        L.Dense(1, name="head"),
    ]
)

# %% flatten-longer-at-predict: shape_error, layer head|fl|rnn1, array X7
model = keras.Sequential(
    [L.LSTM(8, return_sequences=True, name="rnn1"), L.Flatten(name="fl"), L.Dense(1, name="head")]
)
model.compile("adam", "mse")
model.fit(X, y, verbose=0)
X7 = np.ones((N, 7, F), "float32")
# then
model.predict(X7, verbose=0)

# %% dataset-that-is-empty: clean
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
ds = tf.data.Dataset.from_tensor_slices((X, y)).batch(4, drop_remainder=True).take(0)
# then
model.fit(ds, verbose=0)
