# %% subclass-without-sequences: shape_error, layer rnn2, array -
class Net(keras.Model):
    def __init__(s, rs=True, u=1):
        super().__init__()
        s.r1 = L.LSTM(8, return_sequences=rs, name="rnn1")
        s.r2 = L.LSTM(8, name="rnn2")
        s.d = L.Dense(u, name="head")

    def call(s, x, training=False):
        h = s.r1(x)
        h = s.r2(h)
        return s.d(h)


model = Net(rs=False)
model.compile("adam", "mse")
# then
model.fit(X, y, verbose=0)


# %% subclass-flat-rows: shape_error, layer rnn1, array Xf
class Net(keras.Model):
    def __init__(s, rs=True, u=1):
        super().__init__()
        s.r1 = L.LSTM(8, return_sequences=rs, name="rnn1")
        s.r2 = L.LSTM(8, name="rnn2")
        s.d = L.Dense(u, name="head")

    def call(s, x, training=False):
        h = s.r1(x)
        h = s.r2(h)
        return s.d(h)


model = Net()
model.compile("adam", "mse")
Xf = X.reshape(N, -1)
# then
model.fit(Xf, y, verbose=0)


# %% subclass-one-feature-more-at-predict: shape_error, layer rnn1, array X4
class Net(keras.Model):
    def __init__(s, rs=True, u=1):
        super().__init__()
        s.r1 = L.LSTM(8, return_sequences=rs, name="rnn1")
        s.r2 = L.LSTM(8, name="rnn2")
        s.d = L.Dense(u, name="head")

    def call(s, x, training=False):
        h = s.r1(x)
        h = s.r2(h)
        return s.d(h)


model = Net()
model.compile("adam", "mse")
model.fit(X, y, verbose=0)
X4 = np.ones((N, T, 4), "float32")
# then
model.predict(X4, verbose=0)


# %% subclass-one-feature-more-called: shape_error, layer rnn1, array X4
class Net(keras.Model):
    def __init__(s, rs=True, u=1):
        super().__init__()
        s.r1 = L.LSTM(8, return_sequences=rs, name="rnn1")
        s.r2 = L.LSTM(8, name="rnn2")
        s.d = L.Dense(u, name="head")

    def call(s, x, training=False):
        h = s.r1(x)
        h = s.r2(h)
        return s.d(h)


model = Net()
model(X)
X4 = np.ones((N, T, 4), "float32")
# then
model(X4)


# %% subclass-called-on-a-list: shape_error, layer -|rnn1, array xl
class Net(keras.Model):
    def __init__(s, rs=True, u=1):
        super().__init__()
        s.r1 = L.LSTM(8, return_sequences=rs, name="rnn1")
        s.r2 = L.LSTM(8, name="rnn2")
        s.d = L.Dense(u, name="head")

    def call(s, x, training=False):
        h = s.r1(x)
        h = s.r2(h)
        return s.d(h)


model = Net()
xl = [[[1.0, 2.0, 3.0]] * 5]
# then
model(xl)


# %% subclass-reshapes-with-fixed-batch: shape_error, layer -|head|Net, array X|-
class Net(keras.Model):
    def __init__(s):
        super().__init__()
        s.r = L.LSTM(8, return_sequences=True, name="rnn1")
        s.d = L.Dense(1, name="head")

    def call(s, x):
        h = s.r(x)
        return s.d(tf.reshape(h, (8, T * 8)))


model = Net()
model.compile("adam", "mse")
# then
model.fit(X, y, batch_size=8, verbose=0)


# %% own-layer-weights-on-the-wrong-axis: shape_error, layer att, array -
class Att(L.Layer):
    def build(s, sh):
        s.w = s.add_weight(shape=(sh[1], 1), name="w")

    def call(s, x):
        return tf.matmul(x, s.w)


# then
model = keras.Sequential(
    [keras.Input((T, F)), L.LSTM(8, return_sequences=True, name="rnn1"), Att(name="att")]
)


# %% own-layer-weights-on-the-wrong-axis-ops: shape_error, layer att, array -
class Att(L.Layer):
    def build(s, sh):
        s.w = s.add_weight(shape=(sh[1], 1), name="w")

    def call(s, x):
        return keras.ops.matmul(x, s.w)


model = keras.Sequential([L.LSTM(8, return_sequences=True, name="rnn1"), Att(name="att")])
model.compile("adam", "mse")
# then
model.fit(X, y, verbose=0)


# %% own-cell-built-for-the-batch: shape_error, layer rnn1|cell, array -
class Cell(L.Layer):
    def __init__(s, u, **k):
        super().__init__(**k)
        s.units = u
        s.state_size = u

    def build(s, sh):
        s.k = s.add_weight(shape=(sh[0], s.units), name="k")

    def call(s, x, states):
        h = keras.ops.matmul(x, s.k) + states[0]
        return (h, [h])


model = keras.Sequential([L.RNN(Cell(8, name="cell"), name="rnn1"), L.Dense(1)])
model.compile("adam", "mse")
# then
model.fit(X, y, verbose=0)


# %% own-cell-of-another-width: shape_error, layer rnn1|cell, array -
class Cell(L.Layer):
    def __init__(s, u, **k):
        super().__init__(**k)
        s.units = u
        s.state_size = u

    def build(s, sh):
        s.k = s.add_weight(shape=(sh[-1], 4), name="k")
        s.built = True

    def call(s, x, states):
        h = tf.matmul(x, s.k) + states[0]
        return (h, [h])


model = keras.Sequential([L.RNN(Cell(8, name="cell"), name="rnn1"), L.Dense(1)])
model.compile("adam", "mse")
# then
model.fit(X, y, verbose=0)

# %% lambda-reshapes-wrongly: shape_error, layer lam, array -
model = keras.Sequential(
    [
        L.LSTM(8, return_sequences=True, name="rnn1"),
        L.Lambda(lambda t: tf.reshape(t, (-1, 7)), name="lam"),
        L.Dense(1),
    ]
)
model.compile("adam", "mse")
# then
model.fit(X, y, verbose=0)


# %% own-train-step-three-targets: shape_error, layer -|head, array y3
class Net(keras.Model):
    def __init__(s):
        super().__init__()
        s.r = L.LSTM(8, name="rnn1")
        s.d = L.Dense(2, name="head")

    def call(s, x):
        return s.d(s.r(x))

    def train_step(s, data):
        x, y = data
        with tf.GradientTape() as t:
            p = s(x)
            l = tf.reduce_mean((y - p) ** 2)
        g = t.gradient(l, s.trainable_variables)
        s.optimizer.apply_gradients(zip(g, s.trainable_variables))
        return {"loss": l}


model = Net()
model.compile("adam")
y3 = np.ones((N, 3), "float32")
# then
model.fit(X, y3, verbose=0)

# %% tape-three-targets-two-outputs: shape_error, layer -|head, array y3
r = L.LSTM(8, name="rnn1")
d = L.Dense(2, name="head")
y3 = np.ones((N, 3), "float32")
# then
with tf.GradientTape() as t:
    p = d(r(X))
    l = tf.reduce_mean((y3 - p) ** 2)

# %% tape-flat-target-spread: clean
r = L.LSTM(8, name="rnn1")
d = L.Dense(1, name="head")
y1 = y[:, 0]
with tf.GradientTape() as t:
    p = d(r(X))
    l = tf.reduce_mean((y1 - p) ** 2)
# then
print((y1 - p).shape)

# %% tape-class-numbers-with-categorical-loss: shape_error, layer -|head, array yc
r = L.LSTM(8, name="rnn1")
d = L.Dense(4, name="head")
lo = keras.losses.CategoricalCrossentropy()
# then
with tf.GradientTape() as t:
    l = lo(yc, d(r(X)))


# %% subclass-without-super: clean
class Net(keras.Model):
    def __init__(s):
        s.r = L.LSTM(8)


# then
model = Net()


# %% subclass-takes-two-arguments: shape_error|other_error
class Net(keras.Model):
    def __init__(s):
        super().__init__()
        s.r = L.LSTM(8, name="rnn1")
        s.d = L.Dense(1)

    def call(s, x, m):
        return s.d(s.r(x) + m)


model = Net()
model.compile("adam", "mse")
# then
model.fit([X, X[:, 0]], y, verbose=0)


# %% trained-in-a-function: shape_error, layer rnn1|InputLayer, array X4
def train(model, data, target):
    return model.fit(data, target, epochs=1, verbose=0)


model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
X4 = np.ones((N, T, 4), "float32")
# then
train(model, X4, y)


# %% own-cell-recurrent-weight-as-wide-as-the-input: shape_error, layer rnn1|cell, array -
class Cell(L.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.state_size = units

    def build(self, input_shape):
        self.k = self.add_weight(shape=(input_shape[-1], self.units), name="k")
        self.r = self.add_weight(shape=(input_shape[-1], self.units), name="r")

    def call(self, inputs, states):
        h = keras.ops.tanh(keras.ops.matmul(inputs, self.k) + keras.ops.matmul(states[0], self.r))
        return h, [h]


# then
model = keras.Sequential([keras.Input((T, F)), L.RNN(Cell(8, name="cell"), name="rnn1"), L.Dense(1)])
model.compile("adam", "mse")
model.fit(X, y, verbose=0)


# %% own-cell-gates-of-another-width: shape_error, layer rnn1|cell, array -
class Gated(L.Layer):
    def __init__(self, width, **kwargs):
        super().__init__(**kwargs)
        self.width = width
        self.state_size = width

    def build(self, input_shape):
        features = input_shape[-1]
        self.w = self.add_weight(shape=(features, 2 * self.width), name="w")
        self.u = self.add_weight(shape=(self.width, features), name="u")
        self.b = self.add_weight(shape=(self.width,), name="b")

    def call(self, inputs, states):
        old = states[0]
        both = inputs @ self.w
        new, gate = keras.ops.split(both, 2, axis=-1)
        memory = keras.ops.matmul(old, self.u)
        h = keras.ops.tanh(new + memory + self.b)
        gate = keras.ops.sigmoid(gate)
        h = gate * h + (1 - gate) * old
        return h, [h]


# then
model = keras.Sequential([keras.Input((T, F)), L.RNN(Gated(8, name="cell"), name="rnn1"), L.Dense(1)])
model.compile("adam", "mse")
model.fit(X, y, verbose=0)


# %% own-cell-of-two-layers-of-unequal-width: shape_error, layer rnn1|cell, array -
class Cell(L.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.state_size = units
        self.read = L.Dense(units)
        self.keep = L.Dense(2 * units, use_bias=False)

    def call(self, inputs, states):
        h = keras.ops.tanh(self.read(inputs) + self.keep(states[0]))
        return h, [h]


# then
model = keras.Sequential([keras.Input((T, F)), L.RNN(Cell(8, name="cell"), name="rnn1"), L.Dense(1)])
model.compile("adam", "mse")
model.fit(X, y, verbose=0)


# %% own-attention-scores-by-einsum: shape_error, layer att, array -
class Att(L.Layer):
    def __init__(self, depth, **kwargs):
        super().__init__(**kwargs)
        self.depth = depth

    def build(self, input_shape):
        self.w = self.add_weight(shape=(input_shape[-1], self.depth), name="w")
        self.v = self.add_weight(shape=(input_shape[-1], 1), name="v")

    def call(self, x):
        seen = keras.ops.tanh(keras.ops.einsum("btf,fd->btd", x, self.w))
        scores = keras.ops.einsum("btd,do->bto", seen, self.v)
        return keras.ops.sum(keras.ops.softmax(scores, axis=1) * x, axis=1)


# then
model = keras.Sequential(
    [keras.Input((T, F)), L.LSTM(8, return_sequences=True), Att(6, name="att"), L.Dense(1)]
)
model.compile("adam", "mse")
model.fit(X, y, verbose=0)


# %% own-model-with-a-weight-for-the-timesteps: shape_error, layer -|net, array -
class Net(keras.Model):
    def __init__(self, units):
        super().__init__(name="net")
        self.units = units
        self.rnn = L.LSTM(units, return_sequences=True)
        self.head = L.Dense(1)
        self.query = self.add_weight(shape=(T, 1), name="query")

    def call(self, x):
        seen = self.rnn(x)
        weights = keras.ops.softmax(keras.ops.matmul(seen, self.query), axis=1)
        return self.head(keras.ops.sum(weights * seen, axis=1))


# then
model = Net(8)
model.compile("adam", "mse")
model.fit(X, y, verbose=0)

# %% own-layer-made-for-another-length: shape_error, layer AddPositions|add_positions, array -
class AddPositions(L.Layer):
    def __init__(self, steps, width, **more):
        super().__init__(**more)
        self.table = tf.constant(rs.rand(steps, width), "float32")

    def call(self, x):
        return x + self.table
# then
model = keras.Sequential([keras.Input((T, F)), AddPositions(7, F), L.LSTM(8, name="rnn1"), L.Dense(1)])
model.compile("adam", "mse")
model.fit(X, y, verbose=0)
