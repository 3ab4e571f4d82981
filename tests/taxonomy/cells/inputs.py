# %% declared-without-steps: shape_error, layer rnn1, array -
model = keras.Sequential([keras.Input((F,)), L.LSTM(8, name="rnn1"), L.Dense(1)])

# %% flat-rows: shape_error, layer rnn1|InputLayer, array Xf
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
Xf = X.reshape(N, -1)
# then
model.fit(Xf, y, verbose=0)

# %% no-feature-axis-three-wanted: shape_error, layer rnn1|InputLayer, array X2
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
X2 = X[:, :, 0]
# then
model.fit(X2, y, verbose=0)

# %% no-feature-axis-added-by-keras: clean
model = keras.Sequential([keras.Input((T, 1)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
X2 = X[:, :, 0]
# then
model.fit(X2, y, verbose=0)

# %% flat-rows-undeclared: shape_error, layer rnn1, array Xf
model = keras.Sequential([L.LSTM(8, name="rnn1"), L.Dense(1)])
model.compile("adam", "mse")
Xf = X.reshape(N, -1)
# then
model.fit(Xf, y, verbose=0)

# %% one-number-a-sample-undeclared: shape_error, layer rnn1, array x1
model = keras.Sequential([L.LSTM(8, name="rnn1"), L.Dense(1)])
model.compile("adam", "mse")
x1 = X[:, 0, 0]
# then
model.fit(x1, y, verbose=0)

# %% one-feature-more: shape_error, layer rnn1|InputLayer, array X4
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
X4 = np.ones((N, T, 4), "float32")
# then
model.fit(X4, y, verbose=0)

# %% features-before-steps: shape_error, layer rnn1|InputLayer, array Xt
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
Xt = X.transpose(0, 2, 1)
# then
model.fit(Xt, y, verbose=0)

# %% features-before-steps-length-free: shape_error, layer rnn1|InputLayer, array Xt
model = keras.Sequential([keras.Input((None, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
Xt = X.transpose(0, 2, 1)
# then
model.fit(Xt, y, verbose=0)

# %% one-feature-more-at-predict: shape_error, layer rnn1, array X4
model = keras.Sequential([L.LSTM(8, name="rnn1"), L.Dense(1)])
model.compile("adam", "mse")
model.fit(X, y, verbose=0)
X4 = np.ones((N, T, 4), "float32")
# then
model.predict(X4, verbose=0)

# %% other-length-than-declared: clean
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
X7 = np.ones((N, 7, F), "float32")
# then
model.fit(X7, y, verbose=0)

# %% axis-of-one-inside: shape_error, layer rnn1|InputLayer, array X4d
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
X4d = X[:, None]
# then
model.fit(X4d, y, verbose=0)

# %% axis-of-one-at-the-end: clean
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
X4d = X[..., None]
# then
model.fit(X4d, y, verbose=0)

# %% axis-of-one-inside-undeclared: shape_error, layer rnn1, array X4d
model = keras.Sequential([L.LSTM(8, name="rnn1"), L.Dense(1)])
model.compile("adam", "mse")
X4d = X[:, None]
# then
model.fit(X4d, y, verbose=0)

# %% one-sample-at-predict: shape_error, layer rnn1|InputLayer, array xs
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
xs = X[0]
# then
model.predict(xs, verbose=0)

# %% one-sample-length-free: shape_error, layer rnn1|InputLayer, array xs
model = keras.Sequential([keras.Input((None, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
xs = X[0]
# then
model.predict(xs, verbose=0)

# %% one-sample-taken-for-many: clean
model = keras.Sequential([keras.Input((T, 1)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
xs = X[0, :, :1]
p = model.predict(xs, verbose=0)
# then
print(p.shape)

# %% one-flat-sample: shape_error, layer rnn1|InputLayer, array xs
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
xs = X[0].ravel()
# then
model.predict(xs, verbose=0)

# %% list-of-numbers-at-predict: shape_error, layer -|rnn1|InputLayer, array xs
model = keras.Sequential([keras.Input((T, 1)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
xs = [0.1, 0.2, 0.3, 0.4, 0.5]
# then
model.predict(xs, verbose=0)

# %% list-of-a-list-at-predict: shape_error, layer -|rnn1|InputLayer, array xs
model = keras.Sequential([keras.Input((T, 1)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
xs = [[0.1, 0.2, 0.3, 0.4, 0.5]]
# then
model.predict(xs, verbose=0)

# %% lists-of-numbers: shape_error, layer -|rnn1|InputLayer, array xl
model = keras.Sequential([keras.Input((T, 1)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
xl = [[1.0, 2.0, 3.0, 4.0, 5.0]] * N
yl = [1.0] * N
# then
model.fit(xl, yl, verbose=0)

# %% list-as-target: shape_error, layer -|rnn1|InputLayer, array yl
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
yl = [1.0] * N
# then
model.fit(X, yl, verbose=0)

# %% lists-of-unequal-length: shape_error, layer -|rnn1|InputLayer, array xl
model = keras.Sequential([keras.Input((None, 1)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
xl = [[1.0, 2.0], [3.0], [4.0, 5.0, 6.0]]
yl = np.ones((3, 1))
# then
model.fit(xl, yl, verbose=0)

# %% object-array-of-lists: shape_error, layer -|rnn1|InputLayer, array xo
model = keras.Sequential([keras.Input((None, 1)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
xo = np.array([[1.0, 2.0], [3.0], [4.0, 5.0, 6.0]], dtype=object)
yl = np.ones((3, 1))
# then
model.fit(xo, yl, verbose=0)

# %% array-from-unequal-lists: shape_error, layer -, array xo|-|[[1.0, 2.0], [3.0], [4.0, 5.0, 6.0]]
xo = np.array([[1.0, 2.0], [3.0], [4.0, 5.0, 6.0]])

# %% list-of-equal-arrays: shape_error, layer -|rnn1|InputLayer, array xl
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
xl = [X[i] for i in range(N)]
# then
model.fit(xl, y, verbose=0)

# %% list-of-unequal-arrays: shape_error, layer -|rnn1|InputLayer, array xl
model = keras.Sequential([keras.Input((None, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
xl = [X[i][: 1 + i % 5] for i in range(N)]
# then
model.fit(xl, y, verbose=0)

# %% object-array-of-arrays: shape_error, layer -|rnn1|InputLayer, array xo
model = keras.Sequential([keras.Input((None, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
xo = np.empty(N, object)
for i in range(N):
    xo[i] = X[i][: 1 + i % 5]
# then
model.fit(xo, y, verbose=0)

# %% x-and-y-as-one-tuple: shape_error, layer -|rnn1|InputLayer|head, array X|y|(X, y)
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
# then
model.fit((X, y), verbose=0)

# %% flat-frame: shape_error, layer rnn1|InputLayer, array df
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
df = pd.DataFrame(X.reshape(N, -1))
# then
model.fit(df, y, verbose=0)

# %% flat-frame-undeclared: shape_error, layer rnn1, array df
model = keras.Sequential([L.LSTM(8, name="rnn1"), L.Dense(1)])
model.compile("adam", "mse")
df = pd.DataFrame(X.reshape(N, -1))
# then
model.fit(df, y, verbose=0)

# %% series-of-numbers: clean
model = keras.Sequential([keras.Input((T, 1)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
s = pd.Series(np.arange(20.0))
# then
model.fit(s, y, verbose=0)

# %% series-of-lists: shape_error, layer -|rnn1|InputLayer, array s
model = keras.Sequential([keras.Input((None, 1)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
s = pd.Series([[1.0, 2.0], [3.0]] * 10)
# then
model.fit(s, y, verbose=0)

# %% frame-with-words: shape_error, layer -|rnn1|InputLayer, array df
model = keras.Sequential([L.Dense(3)])
model.compile("adam", "mse")
df = pd.DataFrame({"a": ["x"] * N, "b": range(N)})
# then
model.fit(df, y, verbose=0)

# %% ragged-tensor: shape_error, layer -|rnn1|InputLayer, array xr
model = keras.Sequential([keras.Input((None, 1)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
xr = tf.ragged.constant([[1.0, 2.0], [3.0], [4.0, 5.0, 6.0]])
# then
model.fit(xr, np.ones((3, 1)), verbose=0)

# %% words-as-data: shape_error, layer -|rnn1|InputLayer, array xs
model = keras.Sequential([keras.Input((T, 1)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
xs = np.array([["a"] * T] * N)
# then
model.fit(xs, y, verbose=0)

# %% numbers-of-type-object: shape_error, layer -|rnn1|InputLayer, array xo
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
xo = X.astype(object)
# then
model.fit(xo, y, verbose=0)

# %% no-target: other_error|shape_error
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
# then
model.fit(X, verbose=0)

# %% no-data: other_error|shape_error
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
# then
model.fit(None, y, verbose=0)

# %% x-and-y-exchanged: shape_error, layer rnn1|InputLayer, array y
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
# then
model.fit(y, X, verbose=0)

# %% one-target-less: shape_error, layer -, array y19|X
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
y19 = y[:19]
# then
model.fit(X, y19, verbose=0)

# %% steps-before-samples: shape_error, layer -|rnn1|InputLayer, array Xb
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
Xb = X.transpose(1, 0, 2)
# then
model.fit(Xb, y, verbose=0)

# %% no-sample: clean
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
X0 = X[:0]
y0 = y[:0]
# then
model.fit(X0, y0, verbose=0)

# %% no-step-length-free: shape_error, layer rnn1, array X0
model = keras.Sequential([keras.Input((None, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
X0 = X[:, :0]
# then
model.fit(X0, y, verbose=0)

# %% no-step-undeclared: shape_error, layer rnn1, array X0
model = keras.Sequential([L.LSTM(8, name="rnn1"), L.Dense(1)])
model.compile("adam", "mse")
X0 = X[:, :0]
# then
model.fit(X0, y, verbose=0)

# %% flat-rows-one-column-short: shape_error, layer rnn1|InputLayer, array Xf
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
Xf = X.reshape(N, -1)[:, :-1]
# then
model.fit(Xf, y, verbose=0)

# %% flat-rows-with-the-target-in-front: shape_error, layer rnn1|InputLayer, array Xf
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
Xf = np.column_stack([y, X.reshape(N, -1)])
# then
model.fit(Xf, y, verbose=0)

# %% one-series-for-both: shape_error, layer rnn1|InputLayer, array series
model = keras.Sequential([keras.Input((T, 1)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
series = rs.rand(60).cumsum()
# then
model.fit(series, series, verbose=0)

# %% one-series-for-both-of-an-autoencoder: shape_error, layer rnn1|InputLayer, array series
model = keras.Sequential([keras.Input((T, 1)), L.LSTM(8, name="rnn1", return_sequences=True), L.Dense(1, name="head")])
model.compile("adam", "mse")
series = rs.rand(60).cumsum()
# then
model.fit(series, series, verbose=0)
model.evaluate(series, series, verbose=0)

# %% parts-of-a-split-unpacked-in-another-order: shape_error, layer -, array y_train
from sklearn.model_selection import train_test_split
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
# then
X_train, y_train, X_test, y_test = train_test_split(X, y, test_size=0.25, random_state=0)
model.fit(X_train, y_train, verbose=0)

# %% halves-of-a-split-unpacked-in-another-order: shape_error, layer -, array y_train
def halves(a, b):
    return (a[::2], b[::2]), (a[1::2], b[1::2])
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
# then
(X_train, X_test), (y_train, y_test) = halves(X, y)
model.fit(X_train, y_train, verbose=0)

# %% row-numbers-among-the-features: shape_error, layer rnn1|InputLayer, array X4
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
table = np.column_stack([np.arange(24), rs.rand(24, F)])
X4 = np.stack([table[i:i + T] for i in range(N)])
# then
model.predict(X4, verbose=0)

# %% windows-with-time-last: shape_error, layer rnn1|InputLayer, array views
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
views = np.lib.stride_tricks.sliding_window_view(rs.rand(N + T - 1, F), T, axis=0)
# then
model.fit(views, y, verbose=0)

# %% dummies-of-fewer-days: shape_error, layer rnn1|InputLayer, array Xt
days = pd.DataFrame({"sold": rs.rand(24), "day": ["mon", "tue", "wed"] * 8})
train, test = pd.get_dummies(days[:16]), pd.get_dummies(days[16:][days[16:].day != "tue"])
model = keras.Sequential([keras.Input((2, 4)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
model.fit(rs.rand(4, 2, 4), rs.rand(4), verbose=0)
# then
Xt = np.stack([test.to_numpy("float32")[i:i + 2] for i in range(len(test) - 2)])
model.predict(Xt, verbose=0)

# %% one-clip-at-predict: shape_error, layer conv_lstm2d|InputLayer|ConvLSTM2D, array clip
model = keras.Sequential([keras.Input((4, 6, 6, 1)), L.ConvLSTM2D(2, 3), L.Flatten(), L.Dense(2)])
clips = np.ones((7, 4, 6, 6, 1), "float32")
clip = clips[2]
# then
model.predict(clip, verbose=0)

# %% clips-without-their-channel: shape_error, layer time_distributed|InputLayer|TimeDistributed, array clips
model = keras.Sequential([
    keras.Input((4, 6, 6, 3)), L.TimeDistributed(L.Conv2D(2, 3)), L.TimeDistributed(L.Flatten()), L.LSTM(4), L.Dense(2)
])
model.compile("adam", "mse")
clips = np.ones((7, 4, 6, 6), "float32")
# then
model.fit(clips, np.ones((7, 2)), verbose=0)
