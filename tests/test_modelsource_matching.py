"""Layers of live Keras models are found in the text of the cells that made them."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from modelsource_notebook import HEAD, Notebook

from rnnmagic.modelsource import matching

pytest.importorskip("keras")


def test_list():
    nb = Notebook("model = Sequential([Input((5, 3)), LSTM(4, return_sequences=True), LSTM(4), Dense(1)])")
    assert nb.calls() == [
        "0: Input((5, 3))",
        "0: LSTM(4, return_sequences=True)",
        "0: LSTM(4)",
        "0: Dense(1)",
    ]


def test_equal_calls_on_one_line_are_told_apart():
    nb = Notebook("é = 'ü'; model = Sequential([Input((5, 3)), Dense(4), Dense(4), Dense(4)])")
    sites = nb.source().layer_sites()
    columns = [sites[id(layer)].call.col_offset for layer in nb["model"].layers]
    assert columns == sorted(set(columns))
    assert len(columns) == 3


def test_added_over_two_cells():
    nb = Notebook(
        "model = Sequential()\nmodel.add(Input((5, 3)))\nmodel.add(LSTM(4))",
        "x = 1",
        "model.add(Dense(3))\nmodel.add(Dense(3))",
    )
    assert nb.calls() == ["0: Input((5, 3))", "0: LSTM(4)", "2: Dense(3)", "2: Dense(3)"]


def test_model_that_failed_while_layers_were_added():
    nb = Notebook(
        "model = Sequential([Input((5, 3))])\nmodel.add(LSTM(4))\nmodel.add(LSTM(4))\nmodel.add(LSTM(4))\nmodel.add(Dense(1))"
    )
    assert nb.error is not None
    site = nb.site(nb["model"].layers[0])
    assert site.call.lineno == 2
    assert nb.site(nb["model"].layers[1]).call.lineno == 3


def test_layers_of_a_model_that_failed_in_its_constructor():
    nb = Notebook(
        "made = []\nclass Kept(LSTM):\n    def __init__(self, *a, **k):\n        super().__init__(*a, **k)\n        made.append(self)",
        "model = Sequential([Input((5, 3)), Kept(4), Kept(4, activation='relu'), Dense(1)])",
    )
    assert nb.error is not None
    assert "model" not in nb.namespace
    assert nb.calls(nb["made"]) == ["1: Kept(4)", "1: Kept(4, activation='relu')"]
    assert nb.calls(nb["made"], None) == ["1: Kept(4)", "1: Kept(4, activation='relu')"]


def test_functional_with_one_name_used_again():
    nb = Notebook(
        "inp = Input((5, 3))\nx = LSTM(4, return_sequences=True)(inp)\nx = Dense(4)(x)\nx = LSTM(4)(x)",
        "out = Dense(1)(Dense(4)(x))\nmodel = Model(inp, out)",
    )
    sites = nb.source().layer_sites()
    by_name = {layer.name: nb.describe(sites[id(layer)]) for layer in nb["model"].layers}
    assert [text for name, text in by_name.items() if name.startswith("lstm")] == [
        "0: LSTM(4, return_sequences=True)",
        "0: LSTM(4)",
    ]
    denses = sorted(n for n in by_name if n.startswith("dense"))
    assert {by_name[n] for n in denses} == {"0: Dense(4)", "1: Dense(4)", "1: Dense(1)"}
    assert nb.describe(sites[id(nb["model"].layers[-1])]) == "1: Dense(1)"


@pytest.mark.parametrize("name", ["model", None])
def test_builder_in_an_earlier_cell(name):
    nb = Notebook(
        "def build(units, deep=False):\n    m = Sequential([Input((5, 3))])\n    m.add(LSTM(units))\n"
        "    if deep:\n        m.add(Dense(units))\n    else:\n        m.add(Dense(2))\n    m.compile('adam', 'mse')\n    return m",
        "model = build(4, deep=True)",
    )
    model = nb["model"]
    source = nb.source(model, name)
    assert [nb.describe(s) for s in source.layer_sites().values()][1:] == [
        "0: Input((5, 3))",
        "0: LSTM(units)",
        "0: Dense(units)",
    ]
    assert nb.describe(source.compile_site()) == "0: m.compile('adam', 'mse')"


def test_the_latest_definition_of_a_builder_is_taken():
    old = "def build():\n    return Sequential([Input((5, 3)), LSTM(4)])"
    new = "def build():\n    # better\n    return Sequential([Input((5, 3)), LSTM(4)])"
    nb = Notebook(old, new, "model = build()", ids=["a", "a", "b"])
    assert nb.calls() == ["1: Input((5, 3))", "1: LSTM(4)"]


def test_two_models_of_the_same_build():
    text = "{0} = Sequential([Input((5, 3)), LSTM(4), Dense(1)])\n{0}.compile('adam', 'mse')"
    nb = Notebook(text.format("a"), text.format("b"), "c = a")
    assert nb.calls(name="a")[1:] == ["0: LSTM(4)", "0: Dense(1)"]
    assert nb.calls(name="b")[1:] == ["1: LSTM(4)", "1: Dense(1)"]
    assert nb.describe(nb.source(name="a").compile_site()) == "0: a.compile('adam', 'mse')"
    assert nb.calls(nb["b"], None)[1:] == ["1: LSTM(4)", "1: Dense(1)"]


def test_unknown_model_with_two_equal_possibilities_is_left_out():
    nb = Notebook(
        "a = Sequential([Input((5, 3)), LSTM(4)])",
        "b = Sequential([Input((5, 3)), LSTM(4)])",
        "kept = [a]\ndel a, b",
    )
    assert nb.calls(nb["kept"][0], None) == ["?", "?"]


def test_class_based_model():
    nb = Notebook(
        "class Net(keras.Model):\n    def __init__(self, units):\n        super().__init__()\n"
        "        self.rnn = LSTM(units, return_sequences=True)\n        self.second = LSTM(units)\n"
        "        self.heads = [Dense(2) for _ in range(3)]\n"
        "    def call(self, x):\n        return self.heads[0](self.second(self.rnn(x)))",
        "model = Net(4)\nmodel.compile('adam', 'mse')",
    )
    assert nb.calls() == [
        "0: LSTM(units, return_sequences=True)",
        "0: LSTM(units)",
        "0: Dense(2)",
        "0: Dense(2)",
        "0: Dense(2)",
    ]
    site = nb.site(nb["model"].heads[1])
    assert site.layers == 3
    assert len(nb.site(nb["model"].rnn).uses) == 1


def test_inherited_constructor_and_user_layer():
    nb = Notebook(
        "class Block(layers.Layer):\n    def __init__(self, width, **kw):\n        super().__init__(**kw)\n"
        "        self.inner = Dense(width)\n    def call(self, x):\n        return self.inner(x)\n"
        "class Wide(Block):\n    def __init__(self, **kw):\n        super().__init__(width=8, **kw)\n",
        "model = Sequential([Input((5, 3)), Block(4), Wide(), LSTM(2)])",
    )
    assert nb.calls() == [
        "1: Input((5, 3))",
        "1: Block(4)",
        "0: Dense(width)",
        "1: Wide()",
        "0: Dense(width)",
        "1: LSTM(2)",
    ]


def test_compile_in_a_class():
    nb = Notebook(
        "class Net(keras.Model):\n    def __init__(self):\n        super().__init__()\n        self.a = LSTM(2)\n"
        "        self.compile('adam', loss='mse')\n    def call(self, x):\n        return self.a(x)\n",
        "class Trainer:\n    def __init__(self):\n        self.model = Sequential([Input((5, 3)), LSTM(2)])\n"
        "        self.model.compile('sgd', 'mae')\nt = Trainer()",
        "model = Net()",
    )
    assert nb.describe(nb.source().compile_site()) == "0: self.compile('adam', loss='mse')"
    source = nb.source(nb["t"].model, "t.model")
    assert nb.describe(source.compile_site()) == "1: self.model.compile('sgd', 'mae')"
    source = nb.source(nb["t"].model, "self.model")
    assert nb.describe(source.layer_sites()[id(nb["t"].model.layers[0])]) == "1: LSTM(2)"


def test_bidirectional_and_its_inner_layers():
    nb = Notebook(
        "model = Sequential([Input((5, 3)), Bidirectional(LSTM(4, return_sequences=True)), LSTM(4),\n"
        "    TimeDistributed(Dense(2)) if False else Bidirectional(layer=GRU(3), backward_layer=GRU(3, go_backwards=True))])"
    )
    # The LSTM alone needs a sequence: the model fails, with its layers kept nowhere.
    nb = Notebook(
        "first = LSTM(4, return_sequences=True)\n"
        "model = Sequential([Input((5, 3)), Bidirectional(first), TimeDistributed(Dense(2)), LSTM(4, return_sequences=True),\n"
        "    Bidirectional(layer=GRU(3), backward_layer=GRU(3, go_backwards=True))])"
    )
    assert nb.error is None
    sites = nb.source().layer_sites()
    one, distributed, lstm, two = nb["model"].layers
    expected = {
        "0: Bidirectional(first)": one,
        "0: LSTM(4, return_sequences=True)": one.forward_layer,
        "0: TimeDistributed(Dense(2))": distributed,
        "0: Dense(2)": distributed.layer,
        "0: GRU(3)": two.forward_layer,
        "0: GRU(3, go_backwards=True)": two.backward_layer,
    }
    assert {text: nb.describe(sites[id(layer)]) for text, layer in expected.items()} == {
        t: t for t in expected
    }
    assert sites[id(one.backward_layer)].call is sites[id(one.forward_layer)].call
    assert sites[id(one.forward_layer)].call.lineno == 1
    assert sites[id(lstm)].call.lineno == 2


def test_cells_of_an_rnn():
    nb = Notebook(
        "model = Sequential([Input((5, 3)), RNN(LSTMCell(4), return_sequences=True), RNN([LSTMCell(5), LSTMCell(6)])])"
    )
    sites = nb.source().layer_sites()
    one, two = nb["model"].layers
    found = [nb.describe(sites[id(cell)]) for cell in (one.cell, *two.cell.cells)]
    assert found == ["0: LSTMCell(4)", "0: LSTMCell(5)", "0: LSTMCell(6)"]


def test_loops():
    nb = Notebook(
        "n = int(np.sqrt(9))\nmodel = Sequential([Input((5, 3))])\nfor i in range(n):\n    model.add(LSTM(4, return_sequences=True))\n"
        "    model.add(Dense(4))\nfor units in (3, 2):\n    model.add(Dense(units))\ni = 0\nwhile i < 2:\n    model.add(Dense(7)); i += 1",
    )
    sites = nb.source().layer_sites()
    lines = [sites[id(layer)].call.lineno for layer in nb["model"].layers]
    assert lines == [4, 5, 4, 5, 4, 5, 7, 7, 10, 10]
    assert sites[id(nb["model"].layers[0])].layers == 3


def test_loop_of_unknown_length():
    nb = Notebook(
        "def sizes():\n    yield from (4, 5, 6)",
        "model = Sequential([Input((5, 3))])\nfor k in sizes():\n    model.add(LSTM(k, return_sequences=True))\n"
        "    model.add(Dense(k))\nmodel.add(Dense(1))",
    )
    assert nb.calls()[1:] == ["1: LSTM(k, return_sequences=True)", "1: Dense(k)"] * 3 + ["1: Dense(1)"]


def test_layers_named_by_the_user():
    nb = Notebook(
        "a = Dense(4, name='second')\nb = Dense(4, name='first')\n",
        "model = Sequential([Input((5, 3)), b, a, *[Dense(4, name=f'extra_{i}') for i in range(2)]])",
    )
    assert nb.calls() == [
        "1: Input((5, 3))",
        "0: Dense(4, name='first')",
        "0: Dense(4, name='second')",
        "1: Dense(4, name=f'extra_{i}')",
        "1: Dense(4, name=f'extra_{i}')",
    ]


@pytest.mark.parametrize(
    ("head", "call"),
    [
        ("from keras.layers import LSTM as Memory, Input", "Memory(4)"),
        ("import keras.layers as L\nfrom keras import Input", "L.LSTM(4)"),
        ("import tensorflow as tf\nInput = tf.keras.Input", "tf.keras.layers.LSTM(4)"),
        ("from tensorflow import keras\nInput = keras.Input", "keras.layers.LSTM(4)"),
        ("from tensorflow.keras import layers\nInput = layers.Input", "layers.LSTM(4)"),
        ("from tensorflow.keras.layers import *", "LSTM(4)"),
    ],
)
def test_spellings_of_the_class(head, call):
    nb = Notebook(f"{head}\nmodel = Seq([Input((5, 3)), {call}])", head="from keras import Sequential as Seq")
    assert nb.calls() == ["0: Input((5, 3))", f"0: {call}"]


def test_class_as_an_argument_and_import_in_a_function():
    nb = Notebook(
        "def build(kind=LSTM):\n    from keras.layers import Dropout as D\n    return Sequential([Input((5, 3)), kind(4), D(0.1)])",
        "model = build(kind=GRU)",
    )
    assert nb.calls() == ["0: Input((5, 3))", "0: kind(4)", "0: D(0.1)"]


def test_cell_run_again():
    nb = Notebook("model = Sequential([Input((5, 3))])", "model.add(LSTM(4))", ids=["a", "b"])
    nb.run("model = Sequential([Input((5, 3))])", "a")
    nb.run("model.add(LSTM(4))", "b")
    assert nb.calls() == ["2: Input((5, 3))", "3: LSTM(4)"]


def test_cell_changed_since():
    nb = Notebook("model = Sequential([Input((5, 3)), LSTM(4)])", ids=["a"])
    nb.run("other = Sequential([Input((5, 3)), LSTM(4)])", "a")
    assert nb.calls() == ["?", "?"]


def test_model_replaced_after_the_failing_line():
    nb = Notebook(
        "model = Sequential([Input((5, 3)), LSTM(4), Dense(1)])",
        "1 / 0\nmodel = Sequential([Input((5, 3)), LSTM(8)])",
    )
    assert nb.calls() == ["0: Input((5, 3))", "0: LSTM(4)", "0: Dense(1)"]


def test_branches_are_told_apart_by_arguments():
    nb = Notebook(
        "def build(big):\n    if big() > 1:\n        x = LSTM(8)\n    else:\n        x = LSTM(8, dropout=0.5)\n    return Sequential([Input((5, 3)), x])",
        "model = build(lambda: np.random.rand())",
    )
    assert nb.calls()[1] == "0: LSTM(8, dropout=0.5)"


def test_nested_models():
    nb = Notebook(
        "encoder = Sequential([Input((5, 3)), LSTM(4)])",
        "inp = Input((5, 3))\nmodel = Model(inp, Dense(1)(encoder(inp)))",
    )
    sites = nb.source().layer_sites()
    assert nb.describe(sites[id(nb["encoder"].layers[0])]) == "0: LSTM(4)"
    assert nb.describe(sites[id(nb["encoder"])]).startswith("0: Sequential(")
    assert nb.describe(nb.source().input_sites()[0]) == "1: Input((5, 3))"


def test_tuple_of_models_from_a_function():
    nb = Notebook(
        "def build():\n    inp = Input((5, 3))\n    h = LSTM(4)(inp)\n    return Model(inp, h), Model(inp, Dense(2)(h))",
        "encoder, model = build()",
    )
    assert nb.calls() == ["0: Input((5, 3))", "0: LSTM(4)", "0: Dense(2)"]
    assert nb.calls(name="encoder") == ["0: Input((5, 3))", "0: LSTM(4)"]


def test_inputs():
    nb = Notebook(
        "a = Input((5, 3), name='a')\nb = Input((2,))\nc = layers.concatenate([LSTM(4)(a), b])\nmodel = Model([b, a], Dense(1)(c))",
        "old = Sequential([LSTM(4, input_shape=(5, 3)), Dense(1)])",
        "none = Sequential([LSTM(4)])",
    )
    inputs = nb.source().input_sites()
    assert [nb.describe(inputs[i]) for i in (0, 1)] == ["0: Input((2,))", "0: Input((5, 3), name='a')"]
    assert nb.describe(nb.source(name="old").input_sites()[0]) == "1: LSTM(4, input_shape=(5, 3))"
    assert nb.source(name="none").input_sites() == {}


def test_layers_made_by_a_library_are_left_out():
    nb = Notebook(
        "model = keras.models.clone_model(Sequential([Input((5, 3)), LSTM(4)]))",
        "made = exec('other = Dense(3)') or other",
    )
    assert nb.calls()[1] == "0: LSTM(4)"
    assert nb.calls([nb["made"]], None) == ["?"]


def test_nothing_of_the_user_is_run():
    nb = Notebook(
        "ran = []\nclass Odd:\n    def __getattr__(self, name):\n        ran.append(name)\n        raise AttributeError(name)\n"
        "    def __eq__(self, other):\n        ran.append('==')\n        return True\n    __hash__ = None\n"
        "odd = Odd()\nclass Spy(layers.Dense):\n    def get_config(self):\n        ran.append('config')\n        return super().get_config()\n"
        "model = Sequential([Input((3,)), Spy(4, activity_regularizer=None, use_bias=odd.flag if False else True)])\nran.clear()",
        "if odd == 1 or odd.x:\n    model.add(Dense(odd))",
    )
    nb["ran"].clear()
    nb.calls()
    assert nb["ran"] == []


def test_syntax_error_and_endless_recursion_do_no_harm():
    nb = Notebook(
        "def f(n):\n    return f(n - 1) if n else Sequential([Input((5, 3)), LSTM(4)])",
        "model = f(3)",
        "x = = 1",
    )
    assert nb.calls() == ["0: Input((5, 3))", "0: LSTM(4)"]


def test_head_is_not_logged():
    assert "LSTM" in HEAD  # the names are known from the namespace alone


def test_equal_branches_are_left_out():
    nb = Notebook(
        "def build(big):\n    if big() > 1:\n        x = LSTM(8)\n    else:\n        x = LSTM(8)\n    return Sequential([Input((5, 3)), x])",
        "model = build(lambda: np.random.rand())",
    )
    assert nb.calls() == ["0: Input((5, 3))", "?"]


def test_forty_equal_layers_are_quick():
    nb = Notebook(
        "model = Sequential([Input((3,)), *[Dense(3) for _ in range(int(np.sqrt(400)))], "
        + "Dense(3), " * 20
        + "])"
    )
    begin = time.perf_counter()
    calls = nb.calls()
    assert time.perf_counter() - begin < 15
    assert "?" not in calls


@pytest.mark.parametrize("seed", range(40))
def test_steps_between_calls_are_those_of_the_whole_table(seed):
    """Forward costs the calls passed over; round a loop once more, those of the loop that are passed over."""
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 9))
    loops = [
        tuple(loop for loop in (1, 2) if rng.random() < 0.4 and (place > 1 or loop == 1))
        for place in range(size)
    ]
    events: Any = [SimpleNamespace(optional=bool(rng.random() < 0.3), loops=loop) for loop in loops]
    skipped = [0.0 if event.optional else matching._SKIPPED for event in events]

    table = np.full((size + 1, size), -np.inf)
    for a in range(size):
        table[size, a] = sum(skipped[:a])
        for b in range(size):
            shared = set(loops[b]) & set(loops[a])
            if b < a:
                table[b, a] = sum(skipped[b + 1 : a])
            elif shared:
                passed = [k for k in range(size) if shared & set(loops[k]) and (k > b or k < a)]
                table[b, a] = sum(skipped[k] for k in passed)

    steps = matching._Steps(events)
    ahead = np.append(np.where(rng.random(size) < 0.2, -np.inf, rng.normal(size=size) * 1000), 0.0)
    gain = np.where(rng.random(size) < 0.2, -np.inf, rng.normal(size=size) * 1000)
    np.testing.assert_allclose(steps.after(ahead), (ahead[:, None] + table).max(axis=0))
    np.testing.assert_allclose(steps.before(gain), (table + gain).max(axis=1))
