# id: clean-seq2seq-teacher-forcing
# source: own: an encoder and a decoder, fed by name, sampled by a second model
# outcome: clean
# %% setup
import numpy as np
import keras
from keras import layers

rng = np.random.default_rng(260)
src_tok, dst_tok = rng.integers(1, 12, (40, 7)), rng.integers(1, 15, (40, 5))
dst_in = np.concatenate([np.zeros((40, 1), int), dst_tok[:, :-1]], axis=1)
# %% cell
enc_in = keras.Input((None,), name="src", dtype="int32")
enc = layers.Embedding(12, 6)(enc_in)
_, *states = layers.Bidirectional(layers.LSTM(4, return_state=True))(enc)
h = layers.Concatenate()([states[0], states[2]]); c = layers.Concatenate()([states[1], states[3]])
dec_in = keras.Input((None,), name="dst", dtype="int32")
dec_emb = layers.Embedding(15, 6)
dec_lstm = layers.LSTM(8, return_sequences=True, return_state=True)
seq, _, _ = dec_lstm(dec_emb(dec_in), initial_state=[h, c])
head = layers.Dense(15, activation="softmax")
seq2seq = keras.Model([enc_in, dec_in], head(seq))
seq2seq.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
seq2seq.fit({"src": src_tok, "dst": dst_in}, dst_tok, batch_size=20, epochs=1, verbose=0)

encoder = keras.Model(enc_in, [h, c])
sh, sc = keras.Input((8,)), keras.Input((8,))
step, nh, nc = dec_lstm(dec_emb(dec_in), initial_state=[sh, sc])
decoder = keras.Model([dec_in, sh, sc], [head(step), nh, nc])
state, word = encoder.predict(src_tok[:2], verbose=0), np.zeros((2, 1), int)
for _ in range(2):
    p, *state = decoder.predict([word, *state], verbose=0)
    word = p.argmax(-1)
word.tolist()
