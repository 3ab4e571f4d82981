"""The shapes and words beside a layer or a fix are those of the very layer or fix, not of its neighbour."""

from __future__ import annotations

from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import rnnmagic

START = """
import numpy as np, keras
from keras import layers
rng = np.random.default_rng(5)
past, coming = rng.normal(size=(40, 24, 1)), rng.normal(size=(40, 6, 1))
each, one = rng.normal(size=(40, 24, 1)), rng.normal(size=(40, 1))
readings = rng.normal(size=(60, 24, 2))
before, after = keras.Input((24, 1)), keras.Input((6, 1))
def fit(model, x, y):
    model.compile("adam", "mse")
    model.fit(x, y, verbose=0)
class Net(keras.Model):
    def __init__(self, *parts):
        super().__init__()
        self.parts = list(parts)
    def call(self, x):
        for part in self.parts:
            x = part(x)
        return x
"""


@pytest.fixture(scope="module")
def shell() -> InteractiveShell:
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    shell.run_line_magic("load_ext", "rnnmagic")
    return shell


def report_of(shell: InteractiveShell, cell: str) -> dict[str, Any]:
    shell.reset(new_session=False)
    for text in (START, "%%rnncheck --no-verify --display none\n" + cell):
        shell.run_cell(text, store_history=True)
    report = rnnmagic.last_report()
    assert report is not None and report.outcome == "shape_error"
    return report.to_dict()


@pytest.mark.parametrize(
    ("cell", "expected", "received"),
    [
        (("state = layers.GRU(16)(before)\nout = layers.GRU(12)(after, initial_state=state)\n"
         "fit(keras.Model([before, after], out), [past, coming], one)"), [None, 12], [32, 16]),
        # Of two states the one that does not fit.
        (("_, h, c = layers.LSTM(8, return_state=True)(before)\nc = layers.Dense(5)(c)\n"
         "out = layers.LSTM(8)(after, initial_state=[h, c])\n"
         "fit(keras.Model([before, after], out), [past, coming], one)"), [None, 8], [32, 5]),
        (("state = layers.GRU(16)(before)\nout = layers.LSTM(16)(after, initial_state=[state])\n"
         "fit(keras.Model([before, after], out), [past, coming], one)"), None, [32, 16]),
        ("layers.GRU(4)(np.zeros((3, 6, 1)), initial_state=np.zeros((3, 7)))", [None, 4], [3, 7]),
    ],
)  # fmt: skip
def test_a_wrong_state_is_shown_with_its_own_shape(
    shell: InteractiveShell, cell: str, expected: list[int | None] | None, received: list[int]
) -> None:
    report = report_of(shell, cell)
    assert report["cause"] == "state_size"
    layer = report["layer"]
    assert (layer["expected"], layer["received"]) == (expected, received)
    assert layer["received_axes"] == ["samples", "units"]


REPEATED = "layers.LSTM(16), layers.RepeatVector(24), layers.LSTM(8, return_sequences=True), layers.Dense(1)"


@pytest.mark.parametrize(
    ("cell", "kind", "before", "after"),
    [
        (f"fit(keras.Sequential([keras.Input((24, 1)), {REPEATED}]), past, coming)", "layer_argument",
         [40, 24, 16], [40, 6, 16]),
        # No Input, no graph: the dry run has seen what each layer gives.
        (f"fit(keras.Sequential([{REPEATED}]), past, coming)", "layer_argument", [40, 24, 16], [40, 6, 16]),
        (f"fit(Net({REPEATED}), past, coming)", "layer_argument", [40, 24, 16], [40, 6, 16]),
        (("m = keras.Sequential([keras.Input((24, 1)), layers.Bidirectional(layers.GRU(5, return_sequences=True)),"
         " layers.Dense(2)])\nfit(m, past, np.repeat(one, 2, axis=1))"), "layer_argument", [40, 24, 10], [40, 10]),
        ("fit(keras.Sequential([layers.LSTM(7), layers.Dense(2)]), past, np.repeat(each, 2, axis=2))",
         "layer_argument", [40, 7], [40, 24, 7]),
    ],
)  # fmt: skip
def test_a_fix_of_a_layer_has_the_shapes_of_that_layer(
    shell: InteractiveShell, cell: str, kind: str, before: list[int], after: list[int]
) -> None:
    fix = report_of(shell, cell)["fixes"][0]
    assert (fix["kind"], fix["before"], fix["after"]) == (kind, before, after)


def test_no_fix_is_surer_than_the_one_before_it(shell: InteractiveShell) -> None:
    report = report_of(
        shell,
        "m = keras.Sequential([keras.Input((2, 24)), layers.LSTM(4), layers.Dense(1)])\n"
        "fit(m, readings, rng.normal(size=(60, 1)))",
    )
    told = [(fix["kind"], fix["confidence"]) for fix in report["fixes"]]
    assert told[:2] == [("input_shape", "likely"), ("transpose", "possible")]
