# %% precision-of-class-numbers: shape_error, layer -|head, array yc
model = keras.Sequential(
    [keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(4, activation="softmax", name="head")]
)
model.compile("adam", "sparse_categorical_crossentropy", metrics=[keras.metrics.Precision()])
# then
model.fit(X, yc, verbose=0)

# %% auc-of-class-numbers: shape_error, layer -|head, array yc
model = keras.Sequential(
    [keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(4, activation="softmax", name="head")]
)
model.compile("adam", "sparse_categorical_crossentropy", metrics=[keras.metrics.AUC()])
# then
model.fit(X, yc, verbose=0)

# %% f1-of-class-numbers: shape_error, layer -|head, array yc
model = keras.Sequential(
    [keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(4, activation="softmax", name="head")]
)
model.compile("adam", "sparse_categorical_crossentropy", metrics=[keras.metrics.F1Score()])
# then
model.fit(X, yc, verbose=0)

# %% top-k-of-class-numbers: shape_error, layer -|head, array yc
model = keras.Sequential(
    [keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(4, activation="softmax", name="head")]
)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["top_k_categorical_accuracy"])
# then
model.fit(X, yc, verbose=0)

# %% categorical-accuracy-of-class-numbers: clean
model = keras.Sequential(
    [keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(4, activation="softmax", name="head")]
)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["categorical_accuracy"])
# then
model.fit(X, yc, verbose=0)

# %% accuracy-chosen-by-keras: clean
model = keras.Sequential(
    [keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(4, activation="softmax", name="head")]
)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
# then
model.fit(X, yc, verbose=0)

# %% r2-of-sequences: shape_error, layer -|head, array yt|-
model = keras.Sequential(
    [keras.Input((T, F)), L.LSTM(8, return_sequences=True, name="rnn1"), L.Dense(1, name="head")]
)
model.compile("adam", "mse", metrics=[keras.metrics.R2Score()])
yt = np.ones((N, T, 1), "float32")
# then
model.fit(X, yt, verbose=0)

# %% mean-iou-of-probabilities: shape_error, layer -|head, array yc
model = keras.Sequential(
    [keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(4, activation="softmax", name="head")]
)
model.compile("adam", "sparse_categorical_crossentropy", metrics=[keras.metrics.MeanIoU(4)])
# then
model.fit(X, yc, verbose=0)

# %% one-weight-less: shape_error, layer -|rnn1|InputLayer, array sw
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
sw = np.ones(19)
# then
model.fit(X, y, sample_weight=sw, verbose=0)

# %% weights-in-three-columns: shape_error, layer -|head, array sw
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
sw = np.ones((N, 3))
# then
model.fit(X, y, sample_weight=sw, verbose=0)

# %% weight-a-step-one-output: shape_error, layer -|head, array sw
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1, name="head")])
model.compile("adam", "mse")
sw = np.ones((N, T))
# then
model.fit(X, y, sample_weight=sw, verbose=0)

# %% class-weight-one-hot-a-step: shape_error, layer -, array yt
model = keras.Sequential(
    [
        keras.Input((T, F)),
        L.LSTM(8, return_sequences=True, name="rnn1"),
        L.Dense(4, activation="softmax", name="head"),
    ]
)
model.compile("adam", "categorical_crossentropy")
yt = np.eye(4)[rs.randint(0, 4, (N, T))]
# then
model.fit(X, yt, class_weight={0: 1, 1: 2, 2: 1, 3: 1}, verbose=0)

# %% class-weight-class-a-step: shape_error, layer -, array yt
model = keras.Sequential(
    [
        keras.Input((T, F)),
        L.LSTM(8, return_sequences=True, name="rnn1"),
        L.Dense(4, activation="softmax", name="head"),
    ]
)
model.compile("adam", "sparse_categorical_crossentropy")
yt = rs.randint(0, 4, (N, T))
# then
model.fit(X, yt, class_weight={0: 1, 1: 2, 2: 1, 3: 1}, verbose=0)

# %% class-weight-of-two-in-four: clean
model = keras.Sequential(
    [keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(4, activation="softmax", name="head")]
)
model.compile("adam", "sparse_categorical_crossentropy")
# then
model.fit(X, yc, class_weight={0: 1, 1: 2}, verbose=0)
