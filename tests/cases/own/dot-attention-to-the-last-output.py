# id: dot-attention-to-the-last-output
# source: keras-team/keras-io#193: the encoder gives its last output, the Dot of attention wants its sequence
# outcome: shape_error
# cause: merge|sequence_collapsed
# array: -
# layer: Dot|scores
# kind: layer_argument
# %% setup
import numpy as np
import tensorflow as tf
from tensorflow.keras.layers import Input, LSTM, Activation, Concatenate, Dense, Dot

n_src, n_tgt, latent = 11, 13, 10
rng = np.random.default_rng(528)
enc_data = np.eye(n_src)[rng.integers(0, n_src, (20, 7))]
dec_data = np.eye(n_tgt)[rng.integers(0, n_tgt, (20, 6))]
dec_target = np.roll(dec_data, -1, axis=1)
# %% setup
encoder_inputs = Input(shape=(None, n_src))
encoder_output, state_h, state_c = LSTM(latent, return_state=True)(encoder_inputs)
# %% setup
decoder_inputs = Input(shape=(None, n_tgt))
decoder_output, _, _ = LSTM(latent, return_sequences=True, return_state=True)(decoder_inputs, initial_state=[state_h, state_c])
# %% cell
scores = Dot(axes=[2, 2], name="scores")([decoder_output, encoder_output])
weights = Activation("softmax")(scores)
attn_out = Dot(axes=[2, 1])([weights, encoder_output])
decoder_concat = Concatenate(axis=-1)([decoder_output, attn_out])
outputs = Dense(n_tgt, activation="softmax")(decoder_concat)
nmt = tf.keras.Model([encoder_inputs, decoder_inputs], outputs)
nmt.compile("rmsprop", "categorical_crossentropy")
nmt.fit([enc_data, dec_data], dec_target, batch_size=10, epochs=1, verbose=0)
# %% reference
encoder_output, state_h, state_c = LSTM(latent, return_state=True, return_sequences=True)(encoder_inputs)
decoder_output, _, _ = LSTM(latent, return_sequences=True, return_state=True)(decoder_inputs, initial_state=[state_h, state_c])
scores = Dot(axes=[2, 2], name="scores")([decoder_output, encoder_output])
weights = Activation("softmax")(scores)
attn_out = Dot(axes=[2, 1])([weights, encoder_output])
decoder_concat = Concatenate(axis=-1)([decoder_output, attn_out])
outputs = Dense(n_tgt, activation="softmax")(decoder_concat)
nmt = tf.keras.Model([encoder_inputs, decoder_inputs], outputs)
nmt.compile("rmsprop", "categorical_crossentropy")
nmt.fit([enc_data, dec_data], dec_target, batch_size=10, epochs=1, verbose=0)
# %% check
call = [s for s in seen if s["method"] == "fit"][-1]
assert call["model"].output_shape[-1] == 13 and len(call["model"].output_shape) == 3
