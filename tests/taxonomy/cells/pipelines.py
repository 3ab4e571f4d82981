# %% dataset-never-batched: shape_error, layer rnn1|InputLayer, array ds
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
ds = tf.data.Dataset.from_tensor_slices((X, y))
# then
model.fit(ds, verbose=0)

# %% dataset-batched-twice: shape_error, layer rnn1|InputLayer, array ds
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
ds = tf.data.Dataset.from_tensor_slices((X, y)).batch(4).batch(4)
# then
model.fit(ds, verbose=0)

# %% dataset-without-target: other_error|shape_error
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
ds = tf.data.Dataset.from_tensor_slices(X).batch(4)
# then
model.fit(ds, verbose=0)

# %% dataset-of-a-list: shape_error, layer rnn1|InputLayer, array ds
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
ds = tf.data.Dataset.from_tensor_slices([X, X]).batch(4)
# then
model.fit(ds, verbose=0)

# %% dataset-and-target: other_error|shape_error
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
ds = tf.data.Dataset.from_tensor_slices((X, y)).batch(4)
# then
model.fit(ds, y, verbose=0)

# %% dataset-of-unknown-rank: shape_error, layer rnn1|InputLayer, array ds
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
ds = tf.data.Dataset.from_generator(
    lambda: ((X[i : i + 4], y[i : i + 4]) for i in range(0, 20, 4)), output_types=(tf.float32, tf.float32)
)
# then
model.fit(ds, verbose=0)

# %% dataset-of-unknown-rank-undeclared: shape_error, layer rnn1|InputLayer, array ds
model = keras.Sequential([L.LSTM(8, name="rnn1"), L.Dense(1)])
model.compile("adam", "mse")
ds = tf.data.Dataset.from_generator(
    lambda: ((X[i : i + 4], y[i : i + 4]) for i in range(0, 20, 4)), output_types=(tf.float32, tf.float32)
)
# then
model.fit(ds, verbose=0)

# %% windows-never-batched: shape_error, layer rnn1|InputLayer, array ds
model = keras.Sequential([keras.Input((T, 1)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
s = np.arange(30.0)
ds = (
    tf.data.Dataset.from_tensor_slices(s)
    .window(6, shift=1, drop_remainder=True)
    .flat_map(lambda w: w.batch(6))
    .map(lambda w: (w[:-1], w[-1]))
)
# then
model.fit(ds, verbose=0)

# %% windows-batched: clean
model = keras.Sequential([keras.Input((T, 1)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
s = np.arange(30.0)
ds = (
    tf.data.Dataset.from_tensor_slices(s)
    .window(6, shift=1, drop_remainder=True)
    .flat_map(lambda w: w.batch(6))
    .map(lambda w: (w[:-1], w[-1]))
    .batch(4)
)
# then
model.fit(ds, verbose=0)

# %% unequal-sequences-batched: shape_error, layer -, array ds
model = keras.Sequential([keras.Input((None, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
ds = tf.data.Dataset.from_generator(
    lambda: ((X[i][: 1 + i % 5], y[i]) for i in range(N)),
    output_signature=(tf.TensorSpec((None, F)), tf.TensorSpec((1,))),
).batch(4)
# then
model.fit(ds, verbose=0)

# %% windows-shorter-than-declared: clean
model = keras.Sequential([keras.Input((10, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
data = np.ones((50, F), "float32")
ds = keras.utils.timeseries_dataset_from_array(data, data[:, 0], sequence_length=5, batch_size=4)
# then
model.fit(ds, verbose=0)

# %% windows-of-one-series-two-declared: shape_error, layer rnn1|InputLayer, array ds
model = keras.Sequential([keras.Input((5, 2)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
data = np.arange(50.0)
ds = keras.utils.timeseries_dataset_from_array(data, data[5:], sequence_length=5, batch_size=4)
# then
model.fit(ds, verbose=0)

# %% windows-without-target: other_error|shape_error
model = keras.Sequential([keras.Input((5, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
data = np.ones((50, F), "float32")
ds = keras.utils.timeseries_dataset_from_array(data, None, sequence_length=5, batch_size=4)
# then
model.fit(ds, verbose=0)

# %% generator-of-keras-two: other_error|shape_error
from keras.preprocessing.sequence import TimeseriesGenerator

model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
g = TimeseriesGenerator(np.arange(50.0), np.arange(50.0), length=5, batch_size=4)
model.fit(g, verbose=0)

# %% generator-of-keras-two-three-features: shape_error, layer rnn1|InputLayer, array g
from keras.src.legacy.preprocessing.sequence import TimeseriesGenerator

model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
g = TimeseriesGenerator(np.arange(50.0), np.arange(50.0), length=5, batch_size=4)
# then
model.fit(g, verbose=0)


# %% loader-one-feature-more: shape_error, layer rnn1|InputLayer, array g
class DS(keras.utils.PyDataset):
    def __init__(s, f, n=5, **k):
        super().__init__(**k)
        s.f = f
        s.n = n

    def __len__(s):
        return s.n

    def __getitem__(s, i):
        return s.f(i)


model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
g = DS(lambda i: (np.ones((4, T, 4)), np.ones((4, 1))))
# then
model.fit(g, verbose=0)


# %% loader-of-single-samples: shape_error, layer rnn1|InputLayer, array g
class DS(keras.utils.PyDataset):
    def __init__(s, f, n=5, **k):
        super().__init__(**k)
        s.f = f
        s.n = n

    def __len__(s):
        return s.n

    def __getitem__(s, i):
        return s.f(i)


model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
g = DS(lambda i: (X[i], y[i]))
# then
model.fit(g, verbose=0)


# %% loader-gives-a-list: clean
class DS(keras.utils.PyDataset):
    def __init__(s, f, n=5, **k):
        super().__init__(**k)
        s.f = f
        s.n = n

    def __len__(s):
        return s.n

    def __getitem__(s, i):
        return s.f(i)


model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
g = DS(lambda i: [X[:4], y[:4]])
# then
model.fit(g, verbose=0)


# %% loader-longer-later: shape_error, layer rnn1|InputLayer, array g
class DS(keras.utils.PyDataset):
    def __init__(s, f, n=5, **k):
        super().__init__(**k)
        s.f = f
        s.n = n

    def __len__(s):
        return s.n

    def __getitem__(s, i):
        return s.f(i)


model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
g = DS(lambda i: (np.ones((4, T if i < 3 else T + 1, F)), np.ones((4, 1))))
# then
model.fit(g, verbose=0, shuffle=False)


# %% loader-of-no-known-class: other_error|shape_error
class S:
    def __len__(s):
        return 3

    def __getitem__(s, i):
        return (X[:4], y[:4])


model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
g = S()
# then
model.fit(g, verbose=0)

# %% generator-of-single-samples: shape_error, layer rnn1|InputLayer, array gen()
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")


def gen():
    for i in range(N):
        yield (X[i], y[i])


# then
model.fit(gen(), verbose=0)

# %% generator-gives-a-list: other_error|shape_error
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")


def gen():
    while True:
        yield [X[:4], y[:4]]


# then
model.fit(gen(), steps_per_epoch=2, verbose=0)

# %% generator-one-feature-more: shape_error, layer rnn1|InputLayer, array -|gen()
model = keras.Sequential([keras.Input((None, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")


def gen():
    while True:
        yield (np.ones((4, T, 4), "float32"), y[:4])


# then
model.fit(gen(), steps_per_epoch=2, verbose=0)

# %% generator-not-called: shape_error, layer -, array gen
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")


def gen():
    while True:
        yield (X[:4], y[:4])


# then
model.fit(gen, steps_per_epoch=2, verbose=0)

# %% generator-wider-later: shape_error, layer rnn1|InputLayer, array gen()
model = keras.Sequential([keras.Input((None, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")


def gen():
    yield (np.ones((4, 5, 3), "float32"), y[:4])
    yield (np.ones((4, 6, 3), "float32"), y[:4])
    yield (np.ones((4, 6, 4), "float32"), y[:4])


# then
model.fit(gen(), verbose=0)

# %% normalization-adapted-to-a-flat-table: shape_error, layer norm, array -
norm = L.Normalization(name="norm")
norm.adapt(X.reshape(N, -1))
model = keras.Sequential([keras.Input((T, F)), norm, L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
# then
model.fit(X, y, verbose=0)

# %% batches-of-unequal-size-batched: shape_error, layer rnn1|InputLayer, array ds
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
once = tf.data.Dataset.from_tensor_slices((X, y)).batch(8)
ds = once.shuffle(3).batch(2).prefetch(1)
# then
model.fit(ds, verbose=0)
model.evaluate(ds, verbose=0)

# %% windows-cut-short-never-batched: shape_error, layer rnn1|InputLayer, array ds
model = keras.Sequential([keras.Input((None, 1)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
s = np.arange(30.0)
ds = (
    tf.data.Dataset.from_tensor_slices(s)
    .window(6, shift=1)
    .flat_map(lambda w: w.batch(6))
    .map(lambda w: (w[:-1], w[-1]))
)
# then
model.fit(ds, verbose=0)

# %% sequences-of-a-generator-never-batched: shape_error, layer rnn1|InputLayer, array ds
model = keras.Sequential([keras.Input((None, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
ds = tf.data.Dataset.from_generator(
    lambda: ((np.ones((n, F), "float32"), 1.0) for n in (3, 5, 4)),
    output_signature=(tf.TensorSpec((None, F)), tf.TensorSpec(())),
)
# then
model.fit(ds, verbose=0)

# %% batches-of-a-pydataset-with-fewer-features: shape_error, layer rnn1|InputLayer, array data|-
class Batches(keras.utils.PyDataset):
    def __len__(self):
        return 2

    def __getitem__(self, place):
        return X[place * 10:][:10], y[place * 10:][:10]
data = Batches()
model = keras.Sequential([keras.Input((T, F + 1)), L.LSTM(8, name="rnn1"), L.Dense(1)])
model.compile("adam", "mse")
# then
model.fit(data, verbose=0)

# %% windows-of-unknown-length-into-a-dense: shape_error, layer Dense|head, array -
ds = keras.utils.timeseries_dataset_from_array(rs.rand(40, F), rs.rand(40), sequence_length=T, batch_size=8)
model = keras.Sequential([L.LSTM(8, return_sequences=True, name="rnn1"), L.Flatten(), L.Dense(1, name="head")])
model.compile("adam", "mse")
# then
model.fit(ds, verbose=0)

# %% windows-of-another-length-before-a-flatten: shape_error, layer InputLayer|head, array ds
ds = keras.utils.timeseries_dataset_from_array(rs.rand(40, F), rs.rand(40), sequence_length=T + 2, batch_size=8)
# then
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, return_sequences=True), L.Flatten(), L.Dense(1, name="head")])
model.compile("adam", "mse")
model.fit(ds, verbose=0)
