"""Rehearsals of the code people write around a model: each cell with wrong data, and with right data."""

from __future__ import annotations

import pytest
from test_rehearsal import DATA, IMPORTS, MODEL, Notebook, check

GOOD = "X.reshape(-1, 20, 3)"

CELLS = {
    "bound method": "fit = model.fit\nfit(DATA, y, verbose=0)",
    "keywords": "kw = dict(x=DATA, y=y, epochs=2)\nmodel.fit(**kw)",
    "caught": "try:\n    model.fit(DATA, y, verbose=0)\nexcept ValueError as error:\n    print(error)\n    raise",
    "tape": """
import tensorflow as tf
optimizer, loss_of = keras.optimizers.Adam(), keras.losses.MeanSquaredError()
@tf.function
def step(a, b):
    with tf.GradientTape() as tape:
        loss = loss_of(b, model(a, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(grads, model.trainable_variables))
    return loss
for epoch in range(3):
    for i in range(0, len(X), 16):
        loss = step(DATA[i:i + 16], y[i:i + 16])
    print(f"{epoch}: {float(loss):.4f}")
""",
    "dataset": """
import tensorflow as tf
ds = tf.data.Dataset.from_tensor_slices((DATA, y)).shuffle(10).batch(16).prefetch(1)
model.fit(ds, epochs=2, verbose=0)
model.evaluate(ds)
""",
    "callbacks": """
stop = [keras.callbacks.EarlyStopping(patience=2), keras.callbacks.ModelCheckpoint("none.keras")]
h = model.fit(DATA, y, epochs=3, validation_split=0.2, callbacks=stop, verbose=0)
best = min(h.history["val_loss"])
""",
    "several models": """
models = [Sequential([LSTM(3), Dense(1)]) for _ in range(2)]
for m in models:
    m.compile("adam", "mse", metrics=["mae"])
    m.fit(DATA, y, verbose=0)
    loss, mae = m.evaluate(DATA, y)
    if loss < 1:
        best = m
p = np.mean([m.predict(DATA) for m in models], axis=0)
assert p.shape == (48, 1)
""",
    "frozen layers": "model.layers[0].trainable = False\nmodel.compile('sgd', 'mse')\nmodel.fit(DATA, y, verbose=0)",
    "clone": "c = keras.models.clone_model(model)\nc.compile('adam', 'mse')\nc.fit(DATA, y, verbose=0)",
    "encoder": "e = Model(model.inputs, model.layers[0].output)\nq = e.predict(DATA)\nassert q.shape[1] == 20",
    "global": "def prepare():\n    global X\n    X = DATA\nprepare()\nmodel.fit(X, y, verbose=0)",
    "layer on arrays": "h = LSTM(3)(DATA)\nq = Dense(2)(h).numpy()",
    "two outputs": """
i = Input((20, 3)); h = LSTM(4)(i)
two = Model(i, {"a": Dense(1, name="a")(h), "b": Dense(2, name="b")(h)})
two.compile("adam", {"a": "mse", "b": "mse"})
two.fit(DATA, {"a": y, "b": np.zeros((48, 2))}, verbose=0)
shape = two.predict(DATA)["a"].shape
""",
    "language": """
from collections import defaultdict
from dataclasses import dataclass
results = defaultdict(list)
@dataclass
class Config:
    units: int = 4
    @property
    def double(self):
        return self.units * 2
def outer():
    n = 0
    def inner():
        nonlocal n
        n += 1
        return n
    inner()
    return inner()
def numbers(k):
    for q in range(k):
        yield q
if (m := outer()) == 2 and Config().double == 8:
    for i, (a, b) in enumerate(zip([1, 2], numbers(2))):
        results["a"].append(a + b)
a, *rest = [1, 2, 3]
f = lambda q, w=2: [z * w for z in q if z]
print(*f(rest), sep=", ", end=f"{m:>{3}}")
assert results == {"a": [1, 3]} and sum(v for v in numbers(4)) == 6 and f(rest) == [4, 6]
del rest
try:
    model.layers[7]
except IndexError:
    missing = True
model.fit(DATA, y, verbose=0)
""",
}


@pytest.mark.parametrize("name", CELLS)
def test_code_around_a_model(name: str) -> None:
    wrong = CELLS[name].strip("\n").replace("DATA", "X")
    notebook = Notebook(IMPORTS, DATA, MODEL, wrong)
    assert notebook.lines[-1] is not None
    check(notebook.rehearse(), "fails")
    check(notebook.rehearse((-1, notebook.cells[-1], CELLS[name].replace("DATA", GOOD))), "passes")


def test_tables_and_scalers() -> None:
    pytest.importorskip("pandas")
    pytest.importorskip("sklearn")
    cell = """
table["k"] = 1
table.drop(columns=["k"], inplace=True)
table.loc[0, 0] = 3
values = table.to_numpy()
scaled = scaler.fit_transform(values)
a, b, c, d = train_test_split(scaled, y, test_size=0.25, random_state=1)
model.fit(a, c, validation_data=(b, d), verbose=0)
table.to_csv("none.csv")
"""
    notebook = Notebook(
        IMPORTS, DATA, MODEL,
        """
        import pandas as pd
        from sklearn.preprocessing import StandardScaler
        from sklearn.model_selection import train_test_split
        table, scaler = pd.DataFrame(X), StandardScaler()
        """,
        cell,
    )  # fmt: skip
    check(notebook.rehearse(), "fails")
    check(notebook.rehearse((-1, "(values)", "(values).reshape(-1, 20, 3)")), "passes")
    assert notebook.namespace["table"].shape == (48, 60)
