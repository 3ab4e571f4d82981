# %% stack-without-sequences: shape_error, layer rnn2, array -
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.LSTM(8, name="rnn2"), L.Dense(1)])

# %% stack-without-sequences-by-add: shape_error, layer rnn2, array -
model = keras.Sequential()
model.add(keras.Input((T, F)))
model.add(L.LSTM(8, name="rnn1"))
model.add(L.LSTM(8, name="rnn2"))

# %% stack-without-sequences-undeclared: shape_error, layer rnn2, array -
model = keras.Sequential([L.LSTM(8, name="rnn1"), L.LSTM(8, name="rnn2"), L.Dense(1)])
model.compile("adam", "mse")
# then
model.fit(X, y, verbose=0)

# %% stack-without-sequences-functional: shape_error, layer rnn2, array -
inp = keras.Input((T, F))
h = L.LSTM(8, name="rnn1")(inp)
h = L.LSTM(8, name="rnn2")(h)

# %% stack-under-bidirectional: shape_error, layer rnn2, array -
model = keras.Sequential(
    [keras.Input((T, F)), L.Bidirectional(L.LSTM(8), name="bi1"), L.LSTM(8, name="rnn2")]
)

# %% bidirectional-declared-without-steps: shape_error, layer bi1, array -
model = keras.Sequential([keras.Input((F,)), L.Bidirectional(L.LSTM(8), name="bi1")])

# %% flatten-before-rnn: shape_error, layer rnn1, array -
model = keras.Sequential([keras.Input((T, F)), L.Flatten(name="fl"), L.LSTM(8, name="rnn1")])

# %% pooling-before-rnn: shape_error, layer rnn1, array -
model = keras.Sequential([keras.Input((T, F)), L.GlobalAveragePooling1D(name="gap"), L.GRU(8, name="rnn1")])

# %% time-distributed-after-last-output: shape_error, layer td, array -
model = keras.Sequential(
    [keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.TimeDistributed(L.Dense(1), name="td")]
)

# %% time-distributed-rnn: shape_error, layer td, array -
model = keras.Sequential([keras.Input((T, F)), L.TimeDistributed(L.LSTM(8), name="td")])

# %% time-distributed-images-without-colour: shape_error, layer td, array -
model = keras.Sequential([keras.Input((T, 8, 8)), L.TimeDistributed(L.Conv2D(4, 3), name="td")])

# %% images-not-flattened-before-rnn: shape_error, layer rnn1, array -
model = keras.Sequential(
    [keras.Input((T, 8, 8, 1)), L.TimeDistributed(L.Conv2D(4, 3), name="td"), L.LSTM(8, name="rnn1")]
)

# %% video-declared-without-colour: shape_error, layer cl, array -
model = keras.Sequential([keras.Input((T, 8, 8)), L.ConvLSTM2D(4, 3, name="cl")])

# %% video-without-colour-added-by-keras: clean
model = keras.Sequential([keras.Input((T, 8, 8, 1)), L.ConvLSTM2D(2, 3, name="cl"), L.Flatten(), L.Dense(1)])
model.compile("adam", "mse")
Xi = np.ones((N, T, 8, 8), "float32")
# then
model.fit(Xi, y, verbose=0)

# %% video-without-three-colours: shape_error, layer cl|InputLayer, array Xi
model = keras.Sequential([keras.Input((T, 8, 8, 3)), L.ConvLSTM2D(2, 3, name="cl"), L.Flatten(), L.Dense(1)])
model.compile("adam", "mse")
Xi = np.ones((N, T, 8, 8), "float32")
# then
model.fit(Xi, y, verbose=0)

# %% window-longer-than-the-steps: shape_error, layer cv, array -
model = keras.Sequential([keras.Input((T, F)), L.Conv1D(4, 7, name="cv"), L.LSTM(8, name="rnn1")])

# %% cell-declared-without-steps: shape_error, layer rnn1, array -
model = keras.Sequential([keras.Input((F,)), L.RNN(L.LSTMCell(8), name="rnn1")])

# %% one-feature-more-for-stacked-cells: shape_error, layer rnn1|InputLayer, array X4
model = keras.Sequential(
    [keras.Input((None, F)), L.RNN([L.LSTMCell(8), L.GRUCell(4)], name="rnn1"), L.Dense(1)]
)
model.compile("adam", "mse")
X4 = np.ones((N, T, 4), "float32")
# then
model.fit(X4, y, verbose=0)

# %% one-feature-more-gru-alone: shape_error, layer rnn1, array X4
g = L.GRU(8, name="rnn1")
g(X)
X4 = np.ones((N, T, 4), "float32")
# then
g(X4)

# %% one-feature-more-simple-rnn-alone: shape_error, layer rnn1, array X4
g = L.SimpleRNN(8, name="rnn1")
g(X)
X4 = np.ones((N, T, 4), "float32")
# then
g(X4)

# %% one-feature-more-lstm-alone: shape_error, layer rnn1, array X4
g = L.LSTM(8, name="rnn1")
g(X)
X4 = np.ones((N, T, 4), "float32")
# then
g(X4)

# %% repeat-vector-missing: shape_error, layer dec, array -
model = keras.Sequential(
    [
        keras.Input((T, F)),
        L.LSTM(8, name="enc"),
        L.LSTM(8, return_sequences=True, name="dec"),
        L.TimeDistributed(L.Dense(F)),
    ]
)

# %% repeat-vector-on-a-sequence: shape_error, layer rv, array -
model = keras.Sequential(
    [
        keras.Input((T, F)),
        L.LSTM(8, return_sequences=True, name="enc"),
        L.RepeatVector(T, name="rv"),
        L.LSTM(8),
    ]
)

# %% reshape-to-another-total: shape_error, layer rsh, array -
model = keras.Sequential([keras.Input((T, F)), L.Reshape((4, 4), name="rsh"), L.LSTM(8)])

# %% permute-of-another-rank: shape_error, layer pm, array -
model = keras.Sequential([keras.Input((T, F)), L.Permute((2, 1, 3), name="pm"), L.LSTM(8)])

# %% dense-before-rnn: shape_error, layer rnn1, array -
model = keras.Sequential([keras.Input((F,)), L.Dense(16, name="d"), L.LSTM(8, name="rnn1")])

# %% answer-of-another-length: shape_error, layer head|-, array future
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1", return_sequences=True), L.Dense(1, name="head")])
model.compile("adam", "mse")
future = rs.rand(N, 2, 1)
# then
model.fit(X, future, verbose=0)

# %% answer-of-another-length-from-two: shape_error, layer head|-, array future
i = keras.Input((T, F))
h = L.GRU(8, name="rnn1", return_sequences=True)(i)
h = L.GRU(8, name="rnn2", return_sequences=True)(h)
model = keras.Model(i, L.TimeDistributed(L.Dense(1), name="head")(h))
model.compile("adam", "mse")
future = rs.rand(N, 9, 1)
# then
model.fit(X, future, verbose=0)

# %% layers-in-a-loop-over-a-list: shape_error, layer GRU|gru_1, array -
widths = [8, 8, 4]
# then
model = keras.Sequential([keras.Input((T, F))])
for units in widths:
    model.add(L.GRU(units))
    model.add(L.Dropout(0.1))

# %% target-with-steps-for-one-dense: shape_error, layer head|-, array future
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(2, name="head")])
model.compile("adam", "mse")
future = rs.rand(N, 2, 3)
# then
model.fit(X, future, verbose=0)

# %% directions-not-merged: shape_error, layer head, array -
ei = keras.Input((T, F))
both = L.Bidirectional(L.GRU(6), merge_mode=None, name="both")(ei)
# then
model = keras.Model(ei, L.Dense(4, name="head")(both))
model.compile("adam", "sparse_categorical_crossentropy")
model.fit(X, yc, verbose=0)

# %% directions-not-merged-under-a-recurrent-layer: shape_error, layer rnn2, array -
ei = keras.Input((T, F))
# then
both = L.Bidirectional(L.LSTM(6, return_sequences=True), merge_mode=None, name="both")(ei)
o = L.LSTM(4, name="rnn2")(both)
model = keras.Model(ei, L.Dense(1)(o))
model.compile("adam", "mse")
model.fit(X, y, verbose=0)

# %% directions-not-merged-in-a-stack: shape_error, layer head, array -
model = keras.Sequential(
    [keras.Input((T, F)), L.Bidirectional(L.GRU(6), merge_mode=None), L.Dense(1, name="head")]
)
model.compile("adam", "mse")
model.fit(X, y, verbose=0)


# %% directions-not-merged-in-a-class: shape_error, layer head, array -
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.both = L.Bidirectional(L.GRU(6), merge_mode=None)
        self.head = L.Dense(1, name="head")

    def call(self, x):
        return self.head(self.both(x))


model = Net()
model.compile("adam", "mse")
# then
model.fit(X, y, verbose=0)

# %% states-that-are-used-further-on: shape_error, layer head, array -
ei = keras.Input((T, F))
read = L.LSTM(8, return_state=True, name="enc")(ei)
said = L.LSTM(8, name="dec")(ei, initial_state=list(read[1:]))
# then
o = L.Dense(1, name="head")(read)
model = keras.Model(ei, L.Add()([o, L.Dense(1)(said)]))
model.compile("adam", "mse")
model.fit(X, y, verbose=0)

# %% attention-scores-passed-on: shape_error, layer rnn2, array -
ei = keras.Input((T, F))
looked = L.MultiHeadAttention(2, 4, name="mha")(ei, ei, return_attention_scores=True)
# then
model = keras.Model(ei, L.Dense(1)(L.LSTM(8, name="rnn2")(looked)))
model.compile("adam", "mse")
model.fit(X, y, verbose=0)

# %% outputs-of-an-inner-model: shape_error, layer head, array -
a = keras.Input((T, F))
inner = keras.Model(a, [L.LSTM(8)(a), L.GRU(6)(a)], name="inner")
# then
ei = keras.Input((T, F))
model = keras.Model(ei, L.Dense(1, name="head")(inner(ei)))
model.compile("adam", "mse")
model.fit(X, y, verbose=0)

# %% branches-not-joined: shape_error, layer head, array -
ei = keras.Input((T, F))
a, b = L.LSTM(8)(ei), L.GRU(6)(ei)
# then
o = L.Dense(1, name="head")([a, b])
model = keras.Model(ei, o)
model.compile("adam", "mse")
model.fit(X, y, verbose=0)

# %% vector-under-a-recurrent-layer-beside-turned-data: shape_error, layer rnn2, array -
raw = rs.rand(N, F, T)
# then
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8), L.LSTM(4, name="rnn2"), L.Dense(1)])
model.compile("adam", "mse")
turned = raw.transpose(0, 2, 1)
model.fit(turned, y, verbose=0)
