"""The commonest mistakes as short notebooks that every Keras backend can run, with what is expected of each.

The sources use NumPy's data and the name `keras` alone; `run_matrix.py` writes the first cell, which
imports them, so that the same notebooks run on Keras 3 with TensorFlow, JAX or torch, and on tf_keras.
"""

from __future__ import annotations

from dataclasses import dataclass

DATA = """
rng = np.random.default_rng(7)
N, T, F = 20, 5, 3
X = rng.normal(size=(N, T, F)).astype("float32")
y = rng.normal(size=(N, 1)).astype("float32")
"""


@dataclass(frozen=True)
class Mistake:
    """A notebook whose last cell has the mistake, and what the report has to say of it.

    Where several answers are right, all of them are given.
    """

    name: str
    cells: tuple[str, ...]
    """After the cell of the imports; the last is the one that is checked."""
    causes: tuple[str, ...] = ()
    arrays: tuple[str, ...] = ()
    """Names of the variable at fault; `-` when it is the model. Not judged when empty."""
    layers: tuple[str, ...] = ()
    """Class or name of the layer that refuses; `-` when there is none. Not judged when empty."""
    kinds: tuple[str, ...] = ()
    """Of the first fix."""
    outcome: str = "shape_error"
    warning: str | None = None
    """Cause of the one warning about a cell that runs."""
    not_on: tuple[str, ...] = ()
    """Backends on which the notebook fails for a reason of the backend's."""
    check: str = ""
    """Asserts about the kernel's variables once the repaired notebook has run."""


def net(*layers: str, given: str = "keras.Input(shape=(T, F))", loss: str = '"mse"', more: str = "") -> str:
    """Source of a compiled Sequential model; `given` may be empty."""
    rows = "".join(f"    {layer},\n" for layer in (given, *layers) if layer)
    return f'model = keras.Sequential([\n{rows}])\nmodel.compile("adam", {loss}{more})\n'


def layer(text: str) -> str:
    return f"keras.layers.{text}"


LSTM, DENSE = layer("LSTM(4)"), layer("Dense(1)")
FIT = "model.fit(X, y, epochs=1, batch_size=10, verbose=0)\n"

MISTAKES = (
    Mistake(
        "flat table",
        (DATA + 'table = rng.normal(size=(N, T * F)).astype("float32")\n', net(LSTM, DENSE) + FIT.replace("X", "table")),
        ("flattened",),
        ("table",),
        ("LSTM", "Sequential", "sequential", "InputLayer", "-"),
        ("reshape",),
    ),
    Mistake(
        "feature axis missing",
        (DATA + 'series = rng.normal(size=(N, T)).astype("float32")\n', net(LSTM, DENSE, given="") + FIT.replace("X", "series")),
        ("feature_axis_missing",),
        ("series",),
        ("LSTM",),
        ("expand", "reshape"),
    ),
    Mistake(
        "one sample alone",
        (DATA + net(LSTM, DENSE) + FIT, "answer = model.predict(X[0], verbose=0)\n"),
        ("batch_axis_missing",),
        ("X",),
        (),
        ("expand", "select"),
        check="assert answer.shape == (1, 1)",
    ),
    Mistake(
        "axes the wrong way round",
        (DATA + 'sensors = rng.normal(size=(N, F, T)).astype("float32")\n', net(LSTM, DENSE) + FIT.replace("X", "sensors")),
        ("axis_order",),
        ("sensors",),
        ("LSTM", "Sequential", "sequential", "InputLayer"),
        ("transpose",),
    ),
    Mistake(
        "another number of features",
        (DATA + 'wide = rng.normal(size=(N, T, F + 1)).astype("float32")\n' + net(LSTM, DENSE), FIT.replace("X", "wide")),
        ("features",),
        ("wide",),
        ("LSTM", "Sequential", "sequential", "InputLayer"),
        ("input_shape", "select"),
    ),
    Mistake(
        "another number of features after training",
        (
            DATA + net(LSTM, DENSE) + FIT,
            'wide = rng.normal(size=(N, T, F + 1)).astype("float32")\nanswer = model.predict(wide, verbose=0)\n',
        ),
        ("features",),
        ("wide",),
        ("LSTM", "Sequential", "sequential", "InputLayer"),
        ("select",),
    ),
    Mistake(
        "sequences of unequal length",
        (
            DATA + 'series = np.array([rng.normal(size=(3 + i % 3, F)) for i in range(N)], dtype="object")\n',
            net(LSTM, DENSE, given="keras.Input(shape=(None, F))") + FIT.replace("X", "series"),
        ),
        ("ragged",),
        ("series",),
        (),
        ("pad",),
    ),
    Mistake(
        "stacked without return_sequences",
        (DATA, net(layer("LSTM(6)"), layer('LSTM(4, name="second")'), DENSE) + FIT),
        ("sequence_collapsed",),
        ("-",),
        ("second",),
        ("layer_argument",),
    ),
    Mistake(
        "stacked without return_sequences, input not declared",
        (DATA, net(layer("GRU(6)"), layer('GRU(4, name="second")'), DENSE, given="") + FIT),
        ("sequence_collapsed",),
        ("-",),
        ("second",),
        ("layer_argument",),
    ),
    Mistake(
        "sequence kept at the end",
        (
            DATA + "classes = rng.integers(0, 4, size=(N,))\n",
            net(
                layer("LSTM(4, return_sequences=True)"),
                layer('Dense(4, activation="softmax")'),
                loss='"sparse_categorical_crossentropy"',
            )
            + FIT.replace(", y", ", classes"),
        ),
        ("sequence_kept",),
        ("classes", "-"),
        (),
        ("layer_argument",),
    ),
    Mistake(
        "one-hot with a loss for class numbers",
        (
            DATA + 'hot = np.eye(4, dtype="float32")[rng.integers(0, 4, size=(N,))]\n',
            net(
                LSTM, layer('Dense(4, activation="softmax")'), loss='"sparse_categorical_crossentropy"'
            )
            + FIT.replace(", y", ", hot"),
        ),
        ("target_encoding",),
        ("hot",),
        (),
        ("loss", "class_index"),
    ),
    Mistake(
        "class numbers with a loss for one-hot",
        (
            DATA + "classes = rng.integers(0, 4, size=(N,))\n",
            net(LSTM, layer('Dense(4, activation="softmax")'), loss='"categorical_crossentropy"')
            + FIT.replace(", y", ", classes"),
        ),
        ("target_encoding",),
        ("classes",),
        (),
        ("loss", "one_hot"),
    ),
    Mistake(
        "target of another width",
        (
            DATA + 'goal = rng.normal(size=(N, 3)).astype("float32")\n',
            net(LSTM, layer('Dense(2, name="out")')) + FIT.replace(", y", ", goal"),
        ),
        ("target_shape",),
        ("goal",),
        ("out", "-"),
        ("layer_argument", "select"),
        check="assert model.output_shape[-1] == 3 or fix['kind'] == 'select'",
    ),
    Mistake(
        "a target too few",
        (DATA + "short = y[1:]\n" + net(LSTM, DENSE), FIT.replace(", y", ", short")),
        ("sample_count",),
        ("short", "X"),
        (),
        ("trim", "align"),
    ),
    Mistake(
        "decoder wider than encoder",
        (
            DATA,
            """
            seen = keras.Input(shape=(T, F))
            _, h, c = keras.layers.LSTM(4, return_state=True, name="encoder")(seen)
            fed = keras.Input(shape=(T, F))
            answer = keras.layers.LSTM(6, name="decoder")(fed, initial_state=[h, c])
            model = keras.Model([seen, fed], keras.layers.Dense(1)(answer))
            model.compile("adam", "mse")
            model.fit([X, X], y, epochs=1, batch_size=10, verbose=0)
            """,
        ),
        ("state_size",),
        ("-",),
        ("decoder",),
        ("layer_argument",),
    ),
    Mistake(
        "stateful with a remainder",
        (
            DATA + net(layer("LSTM(4, stateful=True)"), DENSE, given="keras.Input(batch_shape=(8, T, F))"),
            "model.fit(X, y, epochs=1, batch_size=8, shuffle=False, verbose=0)\n",
        ),
        ("batch_remainder",),
        (),
        (),
        ("trim", "batch"),
        not_on=("torch",),  # where Keras trains no stateful layer at all
    ),
    Mistake(
        "stateful, predicting with a remainder",
        (
            DATA + net(layer("LSTM(4, stateful=True)"), DENSE, given="keras.Input(batch_shape=(8, T, F))"),
            "answer = model.predict(X, batch_size=8, verbose=0)\n",
        ),
        ("batch_remainder",),
        (),
        (),
        ("trim", "batch"),
    ),
    Mistake(
        "validation of another width",
        (
            DATA
            + 'X_val, y_val = rng.normal(size=(8, T, F + 1)).astype("float32"), y[:8]\n'
            + net(LSTM, DENSE),
            "model.fit(X, y, epochs=1, validation_data=(X_val, y_val), verbose=0)\n",
        ),
        ("features",),
        ("X_val",),
        (),
        ("select",),
    ),
    Mistake(
        "loss that stretches the target",
        (DATA, net(layer("LSTM(4, return_sequences=True)"), DENSE) + FIT),
        outcome="clean",
        warning="broadcast_loss",
    ),
    Mistake(
        "more timesteps than declared",
        (
            DATA + net(LSTM, DENSE) + 'long = rng.normal(size=(N, T + 2, F)).astype("float32")\n',
            FIT.replace("X", "long"),
        ),
        outcome="clean",
        warning="timesteps_unchecked",
    ),
    Mistake(
        "mask lost on the way",
        (
            DATA + "ids = rng.integers(1, 9, size=(N, T))\nids[:, 3:] = 0\n",
            net(
                layer("Embedding(10, 4, mask_zero=True)"),
                layer('Conv1D(4, 2, padding="same")'),
                LSTM,
                DENSE,
                given="keras.Input(shape=(T,))",
            )
            + FIT.replace("X", "ids"),
        ),
        outcome="clean",
        warning="mask_lost",
    ),
    Mistake(
        "correct",
        (
            DATA + net(layer("LSTM(4, return_sequences=True, dropout=0.2)"), layer("GRU(4)"), DENSE),
            """
            model.fit(X, y, epochs=2, batch_size=8, validation_data=(X[:6], y[:6]), verbose=0)
            model.evaluate(X, y, verbose=0)
            answer = model.predict(X[:7], verbose=0)
            many = model.predict(X, batch_size=8, verbose=0)
            model(X[:2])
            """,
        ),
        outcome="clean",
    ),
    Mistake(
        "correct, classes and masked ids",
        (
            DATA + "ids = rng.integers(1, 9, size=(N, T))\nids[:, 4:] = 0\nclasses = rng.integers(0, 4, size=(N,))\n",
            net(
                layer("Embedding(10, 4, mask_zero=True)"),
                layer("LSTM(4)"),
                layer('Dense(4, activation="softmax")'),
                given="keras.Input(shape=(T,))",
                loss='"sparse_categorical_crossentropy"',
                more=', metrics=["accuracy"]',
            )
            + "model.fit(ids, classes, epochs=1, batch_size=8, validation_split=0.2, verbose=0)\n"
            "model.predict(ids, verbose=0)\n",
        ),
        outcome="clean",
    ),
)  # fmt: skip
