# id: one-token-for-the-decoder
# source: inference of the seq2seq example: target_seq = np.zeros((1, num_tokens))
# outcome: shape_error
# cause: rank|timesteps|feature_axis_missing|flattened|batch_axis_missing
# array: target_seq
# layer: LSTM|InputLayer|Functional|dec_in|decoder
# kind: expand|reshape
# %% setup
import numpy as np
import keras
from keras.layers import Input, LSTM, Dense
from keras.models import Model

num_tokens, latent = 9, 8
rng = np.random.default_rng(526)
# %% setup
enc_in = Input((None, num_tokens), name="enc_in")
_, h, c = LSTM(latent, return_state=True, name="encoder")(enc_in)
dec_in = Input((None, num_tokens), name="dec_in")
dec_lstm = LSTM(latent, return_sequences=True, return_state=True, name="decoder")
dec_seq, _, _ = dec_lstm(dec_in, initial_state=[h, c])
dense = Dense(num_tokens, activation="softmax")
trainer = Model([enc_in, dec_in], dense(dec_seq))
# %% setup
encoder_model = Model(enc_in, [h, c])
sh, scell = Input((latent,), name="state_h"), Input((latent,), name="state_c")
seq, oh, oc = dec_lstm(dec_in, initial_state=[sh, scell])
decoder_model = Model([dec_in, sh, scell], [dense(seq), oh, oc])
# %% cell
def decode(sentence, steps=4):
    states = encoder_model.predict(sentence, verbose=0)
    target_seq = np.zeros((1, num_tokens))
    target_seq[0, 0] = 1.0
    out = []
    for _ in range(steps):
        probs, hh, cc = decoder_model.predict([target_seq] + states, verbose=0)
        k = int(np.argmax(probs[0, -1]))
        out.append(k)
        target_seq = np.zeros((1, num_tokens))
        target_seq[0, k] = 1.0
        states = [hh, cc]
    return out

answer = decode(np.eye(num_tokens)[rng.integers(0, num_tokens, (1, 6))])
# %% reference
def decode(sentence, steps=4):
    states = encoder_model.predict(sentence, verbose=0)
    target_seq = np.zeros((1, 1, num_tokens))
    target_seq[0, 0, 0] = 1.0
    out = []
    for _ in range(steps):
        probs, hh, cc = decoder_model.predict([target_seq] + states, verbose=0)
        k = int(np.argmax(probs[0, -1]))
        out.append(k)
        target_seq = np.zeros((1, 1, num_tokens))
        target_seq[0, 0, k] = 1.0
        states = [hh, cc]
    return out

answer = decode(np.eye(num_tokens)[rng.integers(0, num_tokens, (1, 6))])
# %% check
import numpy as np
calls = [s for s in seen if s["method"] == "predict" and isinstance(s["x"], list)]
assert len(after["answer"]) == 4
assert all(np.asarray(s["x"][0]).shape == (1, 1, 9) for s in calls) and np.asarray(calls[0]["x"][0]).ravel()[0] == 1.0
