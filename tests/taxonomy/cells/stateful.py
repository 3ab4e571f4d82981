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

# %% loop-with-a-state-for-a-whole-batch: shape_error, layer rnn1, array ds|h0
ds = tf.data.Dataset.from_tensor_slices((X, y)).batch(8)
rnn = L.GRU(6, name="rnn1")
head = L.Dense(1)
h0 = tf.zeros((8, 6))
# then
for step, (xb, yb) in enumerate(ds):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((yb - head(rnn(xb, initial_state=h0))) ** 2)

# %% loop-with-a-state-made-in-it: shape_error, layer rnn1, array ds|h0
SIZE = 8
ds = tf.data.Dataset.from_tensor_slices((X, y)).shuffle(20).batch(SIZE).prefetch(1)
rnn = L.LSTM(6, name="rnn1")
# then
answers = []
for xb, yb in ds:
    h0 = tf.zeros(shape=[SIZE, 6])
    answers.append(rnn(xb, initial_state=[h0, h0]))


# %% loop-with-a-step-in-a-function: shape_error, layer rnn1|-, array ds|hidden
class Encoder(keras.Model):
    def __init__(self, units, size):
        super().__init__()
        self.size, self.units = size, units
        self.rnn = L.GRU(units, name="rnn1")

    def call(self, x, hidden):
        return self.rnn(x, initial_state=hidden)

    def initialize_hidden_state(self):
        return tf.zeros((self.size, self.units))


encoder = Encoder(6, 8)
head = L.Dense(1)
ds = tf.data.Dataset.from_tensor_slices((X, y)).batch(8)


def train_step(xb, yb, hidden):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((yb - head(encoder(xb, hidden))) ** 2)
    return loss


# then
hidden = encoder.initialize_hidden_state()
for xb, yb in ds:
    loss = train_step(xb, yb, hidden)

# %% loop-with-two-states-for-a-whole-batch: shape_error, layer rnn1, array ds|h|c
ds = tf.data.Dataset.from_tensor_slices((X, y)).batch(8)
rnn = L.LSTM(6, name="rnn1")
h, c = tf.zeros((8, 6)), tf.zeros((8, 6))
# then
for xb, yb in ds:
    answer = rnn(xb, initial_state=[h, c])

# %% dataset-with-a-short-last-batch: shape_error, layer rnn1, array ds
ds = tf.data.Dataset.from_tensor_slices((X, y)).batch(8)
i = keras.Input((T, F), batch_size=8)
model = keras.Model(i, L.Dense(1)(L.LSTM(8, stateful=True, name="rnn1")(i)))
model.compile("adam", "mse")
# then
model.fit(ds, verbose=0)

# %% dataset-in-batches-of-another-size: shape_error, layer rnn1, array ds
ds = tf.data.Dataset.from_tensor_slices((X, y)).batch(5)
model = keras.Sequential([keras.Input(batch_shape=(4, T, F)), L.LSTM(8, stateful=True, name="rnn1"), L.Dense(1)])
model.compile("adam", "mse")
# then
model.fit(ds, verbose=0)
