# id: gru-state-for-an-lstm
# source: own: the one state of a GRU handed to an LSTM, which wants two
# outcome: shape_error
# cause: state_size|other
# array: -
# layer: LSTM|decoder|LSTMCell
# kind: layer_argument|wrap|other|select
# note: Keras builds it; the first batch breaks with "list index out of range". [state, state], an LSTM encoder or a GRU decoder
# %% setup
import numpy as np
import keras
from keras import layers

rng = np.random.default_rng(249)
story = rng.normal(size=(20, 9, 3))
reply = rng.normal(size=(20, 4, 2))
# %% cell
e = keras.Input((None, 3)); d = keras.Input((None, 2))
_, state = layers.GRU(6, return_state=True)(e)
out = layers.LSTM(6, return_sequences=True, name="decoder")(d, initial_state=[state])
chat = keras.Model([e, d], layers.Dense(2)(out))
chat.compile("adam", "mse")
chat.fit([story, reply], reply, epochs=1, verbose=0)
# %% reference
e = keras.Input((None, 3)); d = keras.Input((None, 2))
_, state = layers.GRU(6, return_state=True)(e)
out = layers.LSTM(6, return_sequences=True, name="decoder")(d, initial_state=[state, state])
chat = keras.Model([e, d], layers.Dense(2)(out))
chat.compile("adam", "mse")
chat.fit([story, reply], reply, epochs=1, verbose=0)
# %% check
import numpy as np

call = [s for s in seen if s["method"] == "fit"][-1]
assert len(call["x"]) == 2 and tuple(call["model"].output_shape)[-1] == 2
