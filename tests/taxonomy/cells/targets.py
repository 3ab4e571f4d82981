# %% two-targets-one-output: clean
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
y2 = np.ones((N, 2), "float32")
# then
model.fit(X, y2, verbose=0)

# %% three-targets-two-outputs: shape_error, layer -|head, array y3
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(2, name="head")])
model.compile("adam", "mse")
y3 = np.ones((N, 3), "float32")
# then
model.fit(X, y3, verbose=0)

# %% target-without-last-axis: clean
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
y1 = y[:, 0]
# then
model.fit(X, y1, verbose=0)

# %% target-with-an-axis-more: clean
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
y3 = y[:, :, None]
# then
model.fit(X, y3, verbose=0)

# %% two-columns-one-sigmoid: shape_error, layer -|head, array yo
model = keras.Sequential(
    [keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, activation="sigmoid", name="head")]
)
model.compile("adam", "binary_crossentropy")
yo = np.eye(2)[yb]
# then
model.fit(X, yo, verbose=0)

# %% one-column-two-sigmoids: shape_error, layer -|head, array yb
model = keras.Sequential(
    [keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(2, activation="sigmoid", name="head")]
)
model.compile("adam", "binary_crossentropy")
# then
model.fit(X, yb, verbose=0)

# %% class-numbers-with-categorical-loss: shape_error, layer -|head, array yc
model = keras.Sequential(
    [keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(4, activation="softmax", name="head")]
)
model.compile("adam", "categorical_crossentropy")
# then
model.fit(X, yc, verbose=0)

# %% class-numbers-in-a-column: shape_error, layer -|head, array yc1
model = keras.Sequential(
    [keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(4, activation="softmax", name="head")]
)
model.compile("adam", "categorical_crossentropy")
yc1 = yc[:, None]
# then
model.fit(X, yc1, verbose=0)

# %% one-hot-with-sparse-loss: shape_error, layer -|head, array yoh
model = keras.Sequential(
    [keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(4, activation="softmax", name="head")]
)
model.compile("adam", "sparse_categorical_crossentropy")
# then
model.fit(X, yoh, verbose=0)

# %% class-number-too-large: shape_error, layer -|head, array yc1
model = keras.Sequential(
    [keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(4, activation="softmax", name="head")]
)
model.compile("adam", "sparse_categorical_crossentropy")
yc1 = yc + 1
yc1[:] = 4
# then
model.fit(X, yc1, verbose=0)

# %% five-columns-four-outputs: shape_error, layer -|head, array y5
model = keras.Sequential(
    [keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(4, activation="softmax", name="head")]
)
model.compile("adam", "categorical_crossentropy")
y5 = np.eye(5)[yc]
# then
model.fit(X, y5, verbose=0)

# %% four-columns-one-output: shape_error, layer -|head, array yoh
model = keras.Sequential(
    [keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, activation="softmax", name="head")]
)
model.compile("adam", "categorical_crossentropy")
# then
model.fit(X, yoh, verbose=0)

# %% sequence-out-one-number: clean
model = keras.Sequential(
    [keras.Input((T, F)), L.LSTM(8, return_sequences=True, name="rnn1"), L.Dense(1, name="head")]
)
model.compile("adam", "mse")
# then
model.fit(X, y, verbose=0)

# %% sequence-out-one-number-flat: clean
model = keras.Sequential(
    [keras.Input((T, F)), L.LSTM(8, return_sequences=True, name="rnn1"), L.Dense(1, name="head")]
)
model.compile("adam", "mse")
y1 = y[:, 0]
# then
model.fit(X, y1, verbose=0)

# %% sequence-out-one-class: shape_error, layer -|rnn1|head, array -|yc|yoh|yb
model = keras.Sequential(
    [
        keras.Input((T, F)),
        L.LSTM(8, return_sequences=True, name="rnn1"),
        L.Dense(4, activation="softmax", name="head"),
    ]
)
model.compile("adam", "sparse_categorical_crossentropy")
# then
model.fit(X, yc, verbose=0)

# %% sequence-out-one-hot: shape_error, layer -|rnn1|head, array -|yc|yoh|yb
model = keras.Sequential(
    [
        keras.Input((T, F)),
        L.LSTM(8, return_sequences=True, name="rnn1"),
        L.Dense(4, activation="softmax", name="head"),
    ]
)
model.compile("adam", "categorical_crossentropy")
# then
model.fit(X, yoh, verbose=0)

# %% sequence-out-yes-or-no: shape_error, layer -|rnn1|head, array -|yc|yoh|yb
model = keras.Sequential(
    [
        keras.Input((T, F)),
        L.LSTM(8, return_sequences=True, name="rnn1"),
        L.Dense(1, activation="sigmoid", name="head"),
    ]
)
model.compile("adam", "binary_crossentropy")
# then
model.fit(X, yb, verbose=0)

# %% number-a-step: clean
model = keras.Sequential(
    [keras.Input((T, F)), L.LSTM(8, return_sequences=True, name="rnn1"), L.Dense(1, name="head")]
)
model.compile("adam", "mse")
yt = np.ones((N, T), "float32")
# then
model.fit(X, yt, verbose=0)

# %% target-a-step-last-output: clean
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
yt = np.ones((N, T, 1), "float32")
# then
model.fit(X, yt, verbose=0)

# %% target-a-step-last-output-flat: clean
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
yt = np.ones((N, T), "float32")
# then
model.fit(X, yt, verbose=0)

# %% class-a-step-last-output: shape_error, layer -|rnn1|head, array -|yt
model = keras.Sequential(
    [keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(4, activation="softmax", name="head")]
)
model.compile("adam", "sparse_categorical_crossentropy")
yt = rs.randint(0, 4, (N, T))
# then
model.fit(X, yt, verbose=0)

# %% class-a-step-in-a-column-last-output: shape_error, layer -|rnn1|head, array -|yt
model = keras.Sequential(
    [keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(4, activation="softmax", name="head")]
)
model.compile("adam", "sparse_categorical_crossentropy")
yt = rs.randint(0, 4, (N, T, 1))
# then
model.fit(X, yt, verbose=0)

# %% class-a-step-with-categorical-loss: shape_error, layer -|head, array yt
model = keras.Sequential(
    [
        keras.Input((T, F)),
        L.LSTM(8, return_sequences=True, name="rnn1"),
        L.Dense(4, activation="softmax", name="head"),
    ]
)
model.compile("adam", "categorical_crossentropy")
yt = rs.randint(0, 4, (N, T))
# then
model.fit(X, yt, verbose=0)

# %% class-a-step-one-step-less: shape_error, layer -|head, array yt|-
model = keras.Sequential(
    [
        keras.Input((T, F)),
        L.LSTM(8, return_sequences=True, name="rnn1"),
        L.Dense(4, activation="softmax", name="head"),
    ]
)
model.compile("adam", "sparse_categorical_crossentropy")
yt = rs.randint(0, 4, (N, T - 1))
# then
model.fit(X, yt, verbose=0)

# %% numbers-a-step-one-step-less: shape_error, layer -|head, array yt
model = keras.Sequential(
    [keras.Input((T, F)), L.LSTM(8, return_sequences=True, name="rnn1"), L.Dense(2, name="head")]
)
model.compile("adam", "mse")
yt = np.ones((N, T - 1, 2), "float32")
# then
model.fit(X, yt, verbose=0)

# %% one-target-two-outputs: shape_error, layer -|head, array y
i = keras.Input((T, F))
h = L.LSTM(8, name="rnn1")(i)
model = keras.Model(i, [L.Dense(1, name="o1")(h), L.Dense(4, name="o2")(h)])
model.compile("adam", ["mse", "mse"])
# then
model.fit(X, y, verbose=0)

# %% targets-in-the-wrong-order: shape_error, layer -|o1|o2, array yoh|y2
i = keras.Input((T, F))
h = L.LSTM(8, name="rnn1")(i)
model = keras.Model(i, [L.Dense(2, name="o1")(h), L.Dense(4, name="o2")(h)])
model.compile("adam", ["mse", "mse"])
y2 = np.ones((N, 2))
# then
model.fit(X, [yoh, y2], verbose=0)

# %% target-under-a-wrong-name: shape_error, layer -|o1, array y|-
i = keras.Input((T, F))
h = L.LSTM(8, name="rnn1")(i)
model = keras.Model(i, {"o1": L.Dense(1, name="o1")(h)})
model.compile("adam", {"o1": "mse"})
# then
model.fit(X, {"out": y}, verbose=0)

# %% target-named-for-one-output: shape_error, layer -|head, array y|-
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
# then
model.fit(X, {"y": y}, verbose=0)

# %% target-as-a-list-of-arrays: shape_error, layer -|head, array yl
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(4, name="head")])
model.compile("adam", "mse")
yl = [yoh[i] for i in range(N)]
# then
model.fit(X, yl, verbose=0)

# %% classes-in-words: shape_error, layer -|rnn1|InputLayer, array ys
model = keras.Sequential(
    [keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(4, activation="softmax", name="head")]
)
model.compile("adam", "sparse_categorical_crossentropy")
ys = np.array(["cat", "dog"] * 10)
# then
model.fit(X, ys, verbose=0)


# %% own-loss-multiplies-wrongly: shape_error, layer -|head, array y
def myloss(t, p):
    return tf.reduce_mean(tf.matmul(t, p))


model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", myloss)
# then
model.fit(X, y, verbose=0)

# %% huber-one-target-three-outputs: clean
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(3, name="head")])
model.compile("adam", "huber")
# then
model.fit(X, y, verbose=0)

# %% one-target-three-outputs: clean
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(3, name="head")])
model.compile("adam", "mse")
# then
model.fit(X, y, verbose=0)

# %% flat-target-three-outputs: shape_error, layer -|head, array y1
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(3, name="head")])
model.compile("adam", "mae")
y1 = y[:, 0]
# then
model.fit(X, y1, verbose=0)

# %% cosine-two-targets-three-outputs: shape_error, layer -|head, array y2|-
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(3, name="head")])
model.compile("adam", "cosine_similarity")
y2 = np.ones((N, 2), "float32")
# then
model.fit(X, y2, verbose=0)

# %% not-compiled: other_error|shape_error
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8), L.Dense(1)])
# then
model.fit(X, y, verbose=0)

# %% ctc-with-one-label: shape_error, layer -|head, array yc|-
model = keras.Sequential(
    [keras.Input((T, F)), L.LSTM(8, return_sequences=True, name="rnn1"), L.Dense(4, name="head")]
)
model.compile("adam", "ctc")
# then
model.fit(X, yc, verbose=0)

# %% autoencoder-unpacked-with-its-labels: shape_error, layer -|head, array clean
def make():
    return X + 0.1, X, y
model = keras.Sequential(
    [keras.Input((T, F)), L.LSTM(8, return_sequences=True, name="rnn1"), L.Dense(2, name="head")]
)
model.compile("adam", "mse")
# then
noisy, clean, labels = make()
model.fit(noisy, clean, verbose=0)

# %% one-class-a-sample-under-time-distributed: shape_error, layer -|head, array yc|-
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, return_sequences=True, name="rnn1"), L.Dropout(0.1)])
model.add(L.TimeDistributed(L.Dense(4, activation="softmax"), name="head"))
model.compile("adam", "sparse_categorical_crossentropy")
# then
model.fit(X, yc, verbose=0)
