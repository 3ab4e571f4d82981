# id: clean-no-model-at-all
# source: own: an ordinary cell about tables, arrays and magics
# outcome: clean
# %% setup
import numpy as np
import pandas as pd
wave = np.sin(np.arange(120) / 9)
# %% cell
%time total = wave.sum()
lst = [[1, 2, 3], [4, 5]]          # ragged, and nobody minds
table = pd.DataFrame({"a": wave, "b": wave ** 2}).rolling(10).mean().dropna()
cube = table.to_numpy()[:100].reshape(5, 20, 2).transpose(0, 2, 1).astype("float32")
objects = np.array(lst, dtype=object)
print(cube.shape, objects.shape, len(lst)); print(table.describe().loc["mean"].round(3).to_dict())
total
