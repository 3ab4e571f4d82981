# id: flat-attribute-inside-a-class
# source: own: a Trainer class of an earlier cell keeps the data and the model, the cell calls its method
# outcome: shape_error
# cause: flattened
# array: trainer.x|self.x|trainer|x|table
# layer: GRU|InputLayer
# kind: reshape
# line: 3
# %% setup
import numpy as np
import keras

class Trainer:
    def __init__(self, x, y, steps, width):
        self.x, self.y = x, y
        self.model = keras.Sequential([keras.Input((steps, width)), keras.layers.GRU(5), keras.layers.Dense(1)])
        self.model.compile("adam", "mse")

    def run(self, epochs=1):
        return self.model.fit(self.x, self.y, epochs=epochs, verbose=0)
# %% setup
rng = np.random.default_rng(300)
table, sick = rng.normal(size=(44, 21)), rng.random(44)
# %% cell
trainer = Trainer(table, sick, steps=7, width=3)
log = trainer.run()
# %% reference
trainer = Trainer(table.reshape(-1, 7, 3), sick, steps=7, width=3)
log = trainer.run()
# %% check
import numpy as np

def at_the_rnn(model, a):  # a Reshape or Permute at the front of the model is as good as one on the data
    a = np.asarray(a)
    for layer in model.layers:
        if type(layer).__name__ in ("Reshape", "Permute"):
            a = np.asarray(layer(a))
        elif type(layer).__name__ != "InputLayer":
            break
    return a

call = [s for s in seen if s["method"] == "fit"][-1]
assert np.allclose(at_the_rnn(call["model"], call["x"]), table.reshape(-1, 7, 3), atol=1e-5)
