# The first cell of every notebook in this folder: the names that all the cells use.
import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from keras import layers as L

N, T, F = 20, 5, 3
rs = np.random.RandomState(0)
X = rs.rand(N, T, F).astype("float32")
y = rs.rand(N, 1).astype("float32")
yb = rs.randint(0, 2, (N,))
yc = rs.randint(0, 4, (N,))
yoh = np.eye(4, dtype="float32")[yc]
