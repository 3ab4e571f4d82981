# id: other-metric-of-sklearn
# source: own: scikit-learn's "inconsistent numbers of samples", after a predict that was right
# outcome: other_error
# note: a shape error, but no model's: y_true belongs to another split
# %% setup
import numpy as np
import keras
from sklearn.metrics import confusion_matrix

rng = np.random.default_rng(276)
X_test, y_train = rng.normal(size=(12, 7, 2)), rng.integers(0, 2, 40)
clf = keras.Sequential([keras.Input((7, 2)), keras.layers.LSTM(3), keras.layers.Dense(2, activation="softmax")])
# %% cell
y_pred = clf.predict(X_test, verbose=0).argmax(axis=1)
print(confusion_matrix(y_train, y_pred))
