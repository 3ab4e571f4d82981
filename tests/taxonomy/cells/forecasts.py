# %% forecast-joined-as-it-comes: shape_error, layer -, array p_0
net_0 = keras.Sequential([keras.Input((T, F)), L.GRU(4), L.Dense(F)])
window_0 = X[-1:]
# then
for _ in range(2):
    p_0 = net_0.predict(window_0, verbose=0)
    window_0 = np.concatenate([window_0[:, 1:], p_0], axis=1)

# %% forecast-in-tensorflow: shape_error, layer -, array p_1
net_1 = keras.Sequential([keras.Input((T, 1)), L.LSTM(4), L.Dense(1)])
window_1 = tf.constant(X[:1, :, :1])
# then
for _ in range(2):
    p_1 = net_1(window_1)
    window_1 = tf.concat([window_1[:, 1:, :], p_1], axis=1)

# %% forecast-one-number-of-it: shape_error, layer -, array p_2
net_2 = keras.Sequential([keras.Input((T, 1)), L.LSTM(4), L.Dense(1)])
# then
def forecast(model, window, steps):
    for _ in range(steps):
        p_2 = model.predict(window, verbose=0)
        window = np.append(window[:, 1:], p_2[0], axis=1)
    return window
later = forecast(net_2, X[:1, :, :1], 2)

# %% forecast-several-steps-at-once: shape_error, layer -, array p_3
net_3 = keras.Sequential([keras.Input((T, 1)), L.LSTM(4), L.Dense(2)])
window_3 = X[:1, :, :1]
# then
for _ in range(2):
    p_3 = net_3.predict(window_3, verbose=0)
    window_3 = np.concatenate([window_3[:, 2:], p_3], axis=1)

# %% forecast-along-the-samples: shape_error, layer -, array p_4
net_4 = keras.Sequential([keras.Input((T, 1)), L.LSTM(4), L.Dense(1)])
window_4 = X[:1, :, :1]
# then
for _ in range(2):
    p_4 = net_4.predict(window_4, verbose=0)[:, :, None]
    window_4 = np.concatenate((window_4[:, 1:], p_4))

# %% forecast-of-one-feature-only: shape_error, layer -, array p_5
net_5 = keras.Sequential([keras.Input((T, F)), L.LSTM(4), L.Dense(1)])
window_5 = X[:1]
# then
for _ in range(2):
    p_5 = net_5.predict(window_5, verbose=0)[:, :, None]
    window_5 = np.concatenate((window_5[:, 1:], p_5), axis=1)

# %% forecast-joined-in-numpy-by-name: shape_error, layer -, array p_6
from numpy import concatenate
net_6 = keras.Sequential([keras.Input((T, 1)), L.LSTM(4), L.Dense(1)])
window_6 = X[:1, :, :1]
# then
p_6 = net_6.predict(window_6, verbose=0)
window_6 = concatenate((window_6[:, 1:], p_6), axis=1)

# %% arrays-joined-without-a-model: other_error
a, b = np.zeros((3, 4)), np.zeros((3,))
# then
c = np.concatenate([a, b], axis=1)

# %% answers-joined-rightly: clean
net_8 = keras.Sequential([keras.Input((T, 1)), L.LSTM(4), L.Dense(1)])
# then
p_8 = net_8.predict(X[:, :, :1], verbose=0)
q = np.concatenate([p_8, y], axis=1)
