"""Edits of layer calls: the text stays as it was laid out, and the edited notebook makes the layer meant."""

from __future__ import annotations

import ast

import pytest
from modelsource_notebook import Notebook

from rnnmagic.cells import Cell
from rnnmagic.modelsource import (
    CallSite,
    CannotEdit,
    add_import,
    insert_layer_after,
    insert_layer_before,
    needs_import,
    remove_keyword,
    remove_layer,
    set_argument,
    set_keyword,
    set_loss,
    spell,
    wrap_call,
)
from rnnmagic.source import edit, edited_python, parse

pytest.importorskip("keras")


def site_of(text: str, name: str = "LSTM", target: str | None = "LSTM") -> CallSite:
    """The first call of that name in a text that is not run."""
    import keras

    cell = Cell(1, None, text, text, "<cell>")
    tree = parse(text)
    assert tree is not None
    calls = [
        n for n in ast.walk(tree) if isinstance(n, ast.Call) and ast.unparse(n.func).split(".")[-1] == name
    ]
    first = min(calls, key=lambda n: (n.lineno, n.col_offset))
    return CallSite(cell, first, getattr(keras.layers, target, None) if target else None)


def applied(edits, text):
    cell = edits[0][0] if edits else Cell(1, None, text, text, "<cell>")
    assert cell.transformed == text
    return edited_python(cell, [change for _, change in edits])


TRUE = ("return_sequences", "True")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("m = LSTM(8)", "m = LSTM(8, return_sequences=True)"),
        ("m = LSTM(8,)", "m = LSTM(8, return_sequences=True)"),
        ("m = LSTM()", "m = LSTM(return_sequences=True)"),
        ("m = LSTM( 8 )", "m = LSTM( 8, return_sequences=True )"),
        ("m = LSTM((8))", "m = LSTM((8), return_sequences=True)"),
        ("m = (LSTM)(8)", "m = (LSTM)(8, return_sequences=True)"),
        ("é = 'üñ€'; m = LSTM(8, name='é')", "é = 'üñ€'; m = LSTM(8, name='é', return_sequences=True)"),
        ("m = LSTM(8, return_sequences=False)", "m = LSTM(8, return_sequences=True)"),
        ("m = LSTM(8, return_sequences=(False), unroll=1)", "m = LSTM(8, return_sequences=True, unroll=1)"),
        (
            "m = LSTM(\n    8,  # units\n    dropout=0.1,  # some\n)",
            "m = LSTM(\n    8,  # units\n    dropout=0.1,  # some\n    return_sequences=True,\n)",
        ),
        (
            "m = LSTM(\n    8,\n    dropout=0.1  # some, or more\n)",
            "m = LSTM(\n    8,\n    dropout=0.1,  # some, or more\n    return_sequences=True\n)",
        ),
        ("m = LSTM(\n    8\n)", "m = LSTM(\n    8,\n    return_sequences=True\n)"),
        (
            "m = LSTM(8,\n         dropout=0.1)",
            "m = LSTM(8,\n         dropout=0.1,\n         return_sequences=True)",
        ),
        (
            "m = LSTM(8, dropout=0.1,\n     unroll=1)",
            "m = LSTM(8, dropout=0.1,\n     unroll=1, return_sequences=True)",
        ),
        ("m = LSTM(8,  # many\n)", "m = LSTM(8, return_sequences=True,  # many\n)"),
        ("m = LSTM(*[8], dropout=f(',')[0])", "m = LSTM(*[8], dropout=f(',')[0], return_sequences=True)"),
    ],
)
def test_set_keyword(before, after):
    if "*[" in before:
        with pytest.raises(CannotEdit):
            set_keyword(site_of(before), *TRUE, {})
        return
    assert applied(set_keyword(site_of(before), *TRUE, {}), before) == after


def test_set_keyword_with_unpacked_arguments():
    text = "m = LSTM(8, **options)"
    with pytest.raises(CannotEdit):
        set_keyword(site_of(text), *TRUE, {})
    edits = set_keyword(site_of(text), *TRUE, {"options": {"dropout": 0.1}})
    assert applied(edits, text) == "m = LSTM(8, **options, return_sequences=True)"
    with pytest.raises(CannotEdit):
        set_keyword(site_of(text), *TRUE, {"options": {"return_sequences": False}})


@pytest.mark.parametrize(
    ("before", "name", "kind", "after"),
    [
        ("m = Dense(3, 'relu')", "units", "Dense", "m = Dense(NEW, 'relu')"),
        (
            "m = Dense(activation='relu', units=3)",
            "units",
            "Dense",
            "m = Dense(activation='relu', units=NEW)",
        ),
        ("m = Input((20, 3), name='x')", "shape", "Input", "m = Input(NEW, name='x')"),
        ("m = Input(shape=(X.shape))", "shape", "Input", "m = Input(shape=NEW)"),
        (
            "m = Embedding(\n  # words\n  len(w), 8)",
            "input_dim",
            "Embedding",
            "m = Embedding(\n  # words\n  NEW, 8)",
        ),
        ("m = Conv1D(8, 3)", "padding", "Conv1D", "m = Conv1D(8, 3, padding=NEW)"),
        ("m = RepeatVector((\n3))", "n", "RepeatVector", "m = RepeatVector(NEW)"),
    ],
)
def test_set_argument(before, name, kind, after):
    assert applied(set_argument(site_of(before, kind, kind), name, "NEW"), before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("m = LSTM(8, return_sequences=True)", "m = LSTM(8)"),
        ("m = LSTM(8, return_sequences=True,)", "m = LSTM(8,)"),
        ("m = LSTM(8, return_sequences=True, unroll=True)", "m = LSTM(8, unroll=True)"),
        ("m = LSTM(return_sequences=True, units=8)", "m = LSTM(units=8)"),
        ("m = LSTM(return_sequences=True)", "m = LSTM()"),
        ("m = LSTM(8,\n         return_sequences=True)", "m = LSTM(8)"),
        ("m = LSTM(8,  # units\n         return_sequences=True)", "m = LSTM(8,  # units\n         )"),
        (
            "m = LSTM(\n    8,  # units\n    return_sequences=True,  # all\n    unroll=True,\n)",
            "m = LSTM(\n    8,  # units\n    unroll=True,\n)",
        ),
        ("m = LSTM(\n    8,\n    return_sequences=True\n)", "m = LSTM(\n    8,\n)"),
        ("m = LSTM(8)", "m = LSTM(8)"),
    ],
)
def test_remove_keyword(before, after):
    assert applied(remove_keyword(site_of(before), "return_sequences"), before) == after


def test_remove_a_positional_argument():
    text = "m = Bidirectional(x, 'sum')"
    edits = remove_keyword(site_of(text, "Bidirectional", "Bidirectional"), "merge_mode", {})
    assert applied(edits, text) == "m = Bidirectional(x)"
    with pytest.raises(CannotEdit):
        remove_keyword(site_of(text, "Bidirectional", "Bidirectional"), "layer", {})


def test_wrap_call():
    text = "x = Dense(3,\n  name='é')(x)"
    edits = wrap_call(site_of(text, "Dense"), "layers.TimeDistributed({})")
    assert applied(edits, text) == "x = layers.TimeDistributed(Dense(3,\n  name='é'))(x)"


NEW = "New()"


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        (
            "m = S([I(), LSTM(8), D(1)])",
            "m = S([I(), New(), LSTM(8), D(1)])",
            "m = S([I(), LSTM(8), New(), D(1)])",
        ),
        ("m = S([LSTM(8)])", "m = S([New(), LSTM(8)])", "m = S([LSTM(8), New()])"),
        (
            "m = S([\n    I(),\n    LSTM(8),  # é, the one\n    D(1),\n])",
            "m = S([\n    I(),\n    New(),\n    LSTM(8),  # é, the one\n    D(1),\n])",
            "m = S([\n    I(),\n    LSTM(8),  # é, the one\n    New(),\n    D(1),\n])",
        ),
        (
            "m = S([LSTM(8),\n       D(1)])",
            "m = S([New(),\n       LSTM(8),\n       D(1)])",
            "m = S([LSTM(8),\n       New(),\n       D(1)])",
        ),
        (
            "m = S([\n    I(),\n    LSTM(8)  # last\n])",
            "m = S([\n    I(),\n    New(),\n    LSTM(8)  # last\n])",
            "m = S([\n    I(),\n    LSTM(8),  # last\n    New()\n])",
        ),
        (
            "m = S([\n    I(),\n    Bidirectional(\n        LSTM(8)\n    ),\n])",
            "m = S([\n    I(),\n    New(),\n    Bidirectional(\n        LSTM(8)\n    ),\n])",
            "m = S([\n    I(),\n    Bidirectional(\n        LSTM(8)\n    ),\n    New(),\n])",
        ),
        (
            "if 1:\n    a.b.add(LSTM(8))  # é\n    f()",
            "if 1:\n    a.b.add(New())\n    a.b.add(LSTM(8))  # é\n    f()",
            "if 1:\n    a.b.add(LSTM(8))  # é\n    a.b.add(New())\n    f()",
        ),
        ("m.add(LSTM(8))", "m.add(New())\nm.add(LSTM(8))", "m.add(LSTM(8))\nm.add(New())"),
        ("m.add(LSTM(8))\n", "m.add(New())\nm.add(LSTM(8))\n", "m.add(LSTM(8))\nm.add(New())\n"),
        (
            "m.add(A()); m.add(LSTM(8)); m.add(B())",
            "m.add(A()); m.add(New()); m.add(LSTM(8)); m.add(B())",
            "m.add(A()); m.add(LSTM(8)); m.add(New()); m.add(B())",
        ),
        (
            "x = LSTM(8)(x)\ny = x",
            "x = New()(x)\nx = LSTM(8)(x)\ny = x",
            "x = LSTM(8)(x)\nx = New()(x)\ny = x",
        ),
        ("h = LSTM(8)(x)", "h = LSTM(8)(New()(x))", "h = LSTM(8)(x)\nh = New()(h)"),
        ("h = D(1)(LSTM(8)(x + y))", "h = D(1)(LSTM(8)(New()(x + y)))", "h = D(1)(New()(LSTM(8)(x + y)))"),
        ("return_(LSTM(8)(A()(x)))", "return_(LSTM(8)(New()(A()(x))))", "return_(New()(LSTM(8)(A()(x))))"),
        (
            "x = Bidirectional(LSTM(8))(x)",
            "x = New()(x)\nx = Bidirectional(LSTM(8))(x)",
            "x = Bidirectional(LSTM(8))(x)\nx = New()(x)",
        ),
        (
            "h = LSTM(8)(x, initial_state=[a, b])",
            "h = LSTM(8)(New()(x), initial_state=[a, b])",
            "h = LSTM(8)(x, initial_state=[a, b])\nh = New()(h)",
        ),
    ],
)
def test_insert_layers(text, before, after):
    assert applied(insert_layer_before(site_of(text), NEW), text) == before
    assert applied(insert_layer_after(site_of(text), NEW), text) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("m = S([I(), LSTM(8), D(1)])", "m = S([I(), D(1)])"),
        ("m = S([I(), LSTM(8)])", "m = S([I()])"),
        ("m = S([\n    I(),\n    LSTM(8),  # the one\n    D(1),\n])", "m = S([\n    I(),\n    D(1),\n])"),
        ("m = S([I(),\n  TimeDistributed(LSTM(8)),\n  D(1)])", "m = S([I(),\n  D(1)])"),
        ("m.add(A())\nm.add(LSTM(8))\nm.add(B())", "m.add(A())\nm.add(B())"),
        ("m.add(A())\nm.add(LSTM(8))", "m.add(A())\n"),
        ("m.add(A()); m.add(LSTM(8)); m.add(B())", "m.add(A()); m.add(B())"),
        ("m.add(A()); m.add(LSTM(8))", "m.add(A())"),
        ("if a:\n    m.add(LSTM(8))", "if a:\n    pass"),
        ("x = A()(x)\nx = LSTM(8)(x)\ny = x", "x = A()(x)\ny = x"),
        ("h = LSTM(8)(x)\ny = h", "h = x\ny = h"),
        ("h = D(1)(LSTM(8)(x + y))", "h = D(1)(x + y)"),
        ("h = LSTM(8)(x + y)[0]", "h = (x + y)[0]"),
    ],
)
def test_remove_layer(before, after):
    edits = remove_layer(site_of(before))
    assert applied(edits, before).rstrip("\n") == after.rstrip("\n")


@pytest.mark.parametrize("text", ["a, b, c = LSTM(8)(x)", "f(LSTM(8))", "x = LSTM(8)"])
def test_what_cannot_be_followed(text):
    with pytest.raises(CannotEdit):
        insert_layer_after(site_of(text), NEW)


def test_several_inputs_cannot_take_one_layer():
    with pytest.raises(CannotEdit):
        insert_layer_before(site_of("x = Concatenate()([a, b])", "Concatenate"), NEW)


def test_lines_that_ipython_rewrote_are_not_edited():
    ran = "get_ipython().run_line_magic('time', 'x')\nm = LSTM(8)"
    cell = Cell(1, None, "%time x\nm = LSTM(8)", ran, "<cell>")
    call = next(n for n in ast.walk(parse(ran)) if isinstance(n, ast.Call) and ast.unparse(n.func) == "LSTM")
    edits = set_keyword(CallSite(cell, call), *TRUE, {})
    assert edit(cell, [change for _, change in edits]) == "%time x\nm = LSTM(8, return_sequences=True)"


# With real Keras, run again.


def test_return_sequences_of_the_right_lstm():
    nb = Notebook(
        "model = Sequential([Input((5, 3))])\nmodel.add(LSTM(4))\nmodel.add(LSTM(4))\nmodel.add(Dense(1))\nmodel.compile('adam', 'mse')"
    )
    assert nb.error is not None
    again = nb.again(set_keyword(nb.site(nb["model"].layers[0]), *TRUE, nb.namespace))
    assert [layer.return_sequences for layer in again["model"].layers[:2]] == [True, False]


def test_inner_layer_of_a_wrapper():
    nb = Notebook(
        "h = Bidirectional(LSTM(4, return_sequences=True))",
        "inp = Input((5, 3))\nmodel = Model(inp, Dense(1)(h(inp)))",
    )
    bidirectional = nb["model"].layers[1]
    site = nb.source().layer_sites()[id(bidirectional.forward_layer)]
    again = nb.again(remove_keyword(site, "return_sequences"))
    assert again["model"].output_shape == (None, 1)


def test_bound_layers():
    nb = Notebook(
        "lstm = LSTM(4)\ninp = Input((2, 5, 3))",
        "x = TimeDistributed(TimeDistributed(Dense(2)))(inp)\nx = lstm(x)\nout = Dense(1)(x)\nmodel = Model(inp, out)",
    )
    assert nb.error is not None
    source = nb.source([nb["lstm"]], None)
    site = source.layer_sites()[id(nb["lstm"])]
    again = nb.again(insert_layer_before(site, "TimeDistributed(layers.Flatten())"))
    assert again["model"].output_shape == (None, 1)
    assert "x = TimeDistributed(layers.Flatten())(x)\nx = lstm(x)" in again.log.cells[1].raw


def test_class_based_model_gets_an_attribute():
    nb = Notebook(
        "class Net(keras.Model):\n    def __init__(self):\n        super().__init__()\n        self.lstm = LSTM(4, return_sequences=True)\n"
        "        self.head = Dense(1)\n    def call(self, x):\n        x = self.lstm(x)\n        return self.head(x)",
        "model = Net()\ny = model(np.zeros((2, 5, 3), 'float32'))",
    )
    again = nb.again(insert_layer_after(nb.site(nb["model"].lstm), "layers.GlobalAveragePooling1D()"))
    assert again["y"].shape == (2, 1)
    assert type(again["model"].global_average_pooling1d).__name__ == "GlobalAveragePooling1D"
    again = nb.again(insert_layer_before(nb.site(nb["model"].head), "layers.Flatten()"))
    assert again["y"].shape == (2, 1)
    assert "return self.head(self.flatten(x))" in again.log.cells[0].raw
    again = again.again(remove_layer(again.site(again["model"].flatten)))
    assert [cell.raw for cell in again.log] == [cell.raw for cell in nb.log]


def test_named_layer_in_a_list():
    nb = Notebook(
        "a = LSTM(4, return_sequences=True)\nb = Dense(1)\nmodel = Sequential([Input((5, 3)), a, b])"
    )
    again = nb.again(insert_layer_after(nb.site(nb["a"]), "layers.Flatten()"))
    assert again["model"].output_shape == (None, 1)
    assert "[Input((5, 3)), a, layers.Flatten(), b]" in again.log.cells[0].raw
    again = nb.again(remove_layer(nb.site(nb["b"])))
    assert again["model"].output_shape == (None, 5, 4)


def test_shape_of_an_input():
    nb = Notebook("model = Sequential([\n    Input((5, 3)),\n    LSTM(4),\n])")
    again = nb.again(set_argument(nb.source().input_sites()[0], "shape", "(7, 2)", nb.namespace))
    assert again["model"].input_shape == (None, 7, 2)


def test_units_in_a_builder():
    nb = Notebook(
        "def build():\n    m = Sequential()\n    m.add(Input((5, 3)))\n    m.add(Dense(3))\n    m.add(Dense(3))\n    return m",
        "model = build()",
    )
    again = nb.again(set_argument(nb.site(nb["model"].layers[1]), "units", "4", nb.namespace))
    assert [layer.units for layer in again["model"].layers] == [3, 4]


@pytest.mark.parametrize(
    ("head", "call", "expected"),
    [
        ("from keras.layers import LSTM, Flatten", "LSTM(8)", "Flatten"),
        ("from keras import layers as L", "L.LSTM(8)", "L.Flatten"),
        ("import tensorflow as tf", "tf.keras.layers.LSTM(8)", "tf.keras.layers.Flatten"),
        ("import tensorflow as tf\nfrom keras.layers import LSTM", "LSTM(8)", "tf.keras.layers.Flatten"),
        ("import keras\nfrom keras.layers import LSTM", "LSTM(8)", "keras.layers.Flatten"),
        ("from keras.layers import LSTM\nFlatten = 3", "LSTM(8)", "Flatten"),
    ],
)
def test_spell(head, call, expected):
    namespace: dict[str, object] = {}
    exec(head, namespace)
    assert spell("Flatten", site_of(f"x = {call}", target=None), namespace) == expected


def test_needs_import():
    import keras

    assert (
        needs_import("TimeDistributed(Flatten())", {}) == "from keras.layers import Flatten, TimeDistributed"
    )
    assert needs_import("Flatten()", {"Flatten": keras.layers.Flatten}) is None
    assert needs_import("Flatten()", {"tf": object()}) == "from tensorflow.keras.layers import Flatten"
    assert needs_import("keras.layers.Flatten()(x)", {}) == "import keras"
    assert needs_import("layers.Flatten()(x)", {"layers": 1}) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = 1", "LINE\nx = 1"),
        ("# %%rnncheck\n# words\n\nx = 1", "# %%rnncheck\n# words\n\nLINE\nx = 1"),
        (
            "import a  # é\nfrom b import (\n    c,\n)\nx = 1",
            "import a  # é\nfrom b import (\n    c,\n)\nLINE\nx = 1",
        ),
        ("'''Doc.'''\nimport a", "'''Doc.'''\nimport a\nLINE"),
        (
            "get_ipython().run_line_magic('a', '')\n@d\ndef f(): pass",
            "get_ipython().run_line_magic('a', '')\nLINE\n@d\ndef f(): pass",
        ),
    ],
)
def test_add_import(before, after):
    cell = Cell(1, None, before, before, "<cell>")
    assert edit(cell, [add_import(cell, "LINE")]) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "m.compile('adam', 'categorical_crossentropy')",
            "m.compile('adam', 'sparse_categorical_crossentropy')",
        ),
        (
            'm.compile(loss="mse", optimizer="adam")',
            'm.compile(loss="sparse_categorical_crossentropy", optimizer="adam")',
        ),
        ("m.compile('adam')", "m.compile('adam', loss=\"sparse_categorical_crossentropy\")"),
        ("m.compile('adam', loss=['mse'])", "m.compile('adam', loss=['sparse_categorical_crossentropy'])"),
        (
            "m.compile('adam', keras.losses.CategoricalCrossentropy(from_logits=True))",
            "m.compile('adam', keras.losses.SparseCategoricalCrossentropy(from_logits=True))",
        ),
        (
            "m.compile('adam', tf.keras.losses.CategoricalCrossentropy(label_smoothing=0.1, from_logits=True))",
            "m.compile('adam', tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True))",
        ),
        (
            "m.compile('adam', loss=tf.keras.losses.categorical_crossentropy)",
            "m.compile('adam', loss=tf.keras.losses.sparse_categorical_crossentropy)",
        ),
        (
            "m.compile('adam', loss=CategoricalCrossentropy())",
            "from keras.losses import SparseCategoricalCrossentropy\nm.compile('adam', loss=SparseCategoricalCrossentropy())",
        ),
    ],
)
def test_set_loss(before, after):
    site = site_of(before, "compile", None)
    assert applied(set_loss(site, None, "sparse_categorical_crossentropy"), before) == after


@pytest.mark.parametrize("loss", ["my_loss", "make(3)", "{'a': 'mse', 'b': 'mae'}", "self.loss"])
def test_losses_that_are_not_edited(loss):
    with pytest.raises(CannotEdit):
        set_loss(site_of(f"m.compile('adam', loss={loss})", "compile", None), None, "mse")


def test_loss_of_a_live_model():
    nb = Notebook(
        "model = Sequential([Input((5, 3)), LSTM(4)])", "model.compile('adam', 'categorical_crossentropy')"
    )
    site = nb.source().compile_site()
    assert site is not None
    again = nb.again(set_loss(site, nb["model"], "sparse_categorical_crossentropy", nb.namespace))
    assert again["model"].loss == "sparse_categorical_crossentropy"
