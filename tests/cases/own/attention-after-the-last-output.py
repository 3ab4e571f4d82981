# id: attention-after-the-last-output
# source: own: made to be unlike the cases before
# outcome: shape_error
# cause: sequence_collapsed
# array: -
# layer: GlobalAveragePooling1D|MultiHeadAttention
# kind: layer_argument
# %% setup
import numpy as np
import keras
from keras import layers
rng=np.random.default_rng(4)
X=rng.random((16,10,4)).astype('float32')
y=rng.integers(0,3,16)
# %% cell
i=keras.Input((10,4))
h=layers.GRU(8)(i)
h=layers.MultiHeadAttention(2,4,name='attn')(h,h)
h=layers.GlobalAveragePooling1D()(h)
m=keras.Model(i,layers.Dense(3,activation='softmax')(h))
m.compile('adam','sparse_categorical_crossentropy')
m.fit(X,y,epochs=1,verbose=0)
# %% reference
i=keras.Input((10,4))
h=layers.GRU(8,return_sequences=True)(i)
h=layers.MultiHeadAttention(2,4,name='attn')(h,h)
h=layers.GlobalAveragePooling1D()(h)
m=keras.Model(i,layers.Dense(3,activation='softmax')(h))
m.compile('adam','sparse_categorical_crossentropy')
m.fit(X,y,epochs=1,verbose=0)
