"""A forecast that feeds itself, in sessions as they go: tried again with the magic, in the kernel's own names."""

from __future__ import annotations

from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import rnnmagic

START = """
import numpy as np, pandas as pd, keras, tensorflow as tf
past = np.random.default_rng(3).normal(size=(30, 5, 1)).astype("float32")
net = keras.Sequential([keras.Input((5, 1)), keras.layers.LSTM(4), keras.layers.Dense(1)])
net.compile("adam", "mse")
window = past[-1:]
"""
ROLLING = """
for _ in range(2):
    answer = net.predict(window, verbose=0)
    window = {joined}
"""


@pytest.fixture(scope="module")
def shell() -> InteractiveShell:
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    shell.run_line_magic("load_ext", "rnnmagic")
    return shell


def report_of(shell: InteractiveShell, *cells: str) -> dict[str, Any]:
    shell.reset(new_session=False)
    for text in (START, *cells[:-1], "%%rnncheck --display none" + cells[-1]):
        shell.run_cell(text, store_history=True)
    report = rnnmagic.last_report()
    assert report is not None
    return report.to_dict()


@pytest.mark.parametrize(
    ("joined", "code"),
    [
        ("np.concatenate([window[:, 1:], answer], axis=1)", "np.expand_dims(answer, axis=1)"),
        ("np.append(window[:, 1:], answer, axis=-2)", "np.expand_dims(answer, axis=1)"),
        ("np.concatenate([window[:, 1:], answer[0]], axis=1)", "np.reshape(answer[0], (1, 1, 1))"),
        ("np.hstack((window[:, 1:], answer))", "np.expand_dims(answer, axis=1)"),
        ("tf.concat([window[:, 1:], answer], 1)", "tf.expand_dims(answer, axis=1)"),
        ("np.concatenate([window[:, 1:], answer[:, :, None]])", "answer[:, :, None]], axis=1"),
        ("np.concatenate([window[:, 1:], answer[:, :, None]], 0)", "answer[:, :, None]], 1)"),
    ],
)
def test_the_answer_is_brought_to_the_window(shell: InteractiveShell, joined: str, code: str) -> None:
    found = report_of(shell, ROLLING.format(joined=joined))
    first = found["fixes"][0]
    assert first["verified"] and code in first["code"]
    shell.run_cell(first["edits"][0]["new"])
    assert shell.user_ns["window"].shape == (1, 5, 1)


def test_a_cell_that_failed_once_without_the_magic_is_the_same_cell(shell: InteractiveShell) -> None:
    cell = ROLLING.format(joined="np.concatenate([window[:, 1:], answer], axis=1)")
    assert report_of(shell, cell, cell)["fixes"][0]["verified"]


@pytest.mark.parametrize(
    "joined",
    [
        "np.concatenate([past[:3, 0], past[:2, 0, 0]], axis=1)",  # nothing in it is a model's answer
        "np.concatenate([window[:, 1:], answer[:, :, None]], axis=missing)",
        "window; np.concatenate([answer, past[0, :1, 0]])",  # targets beside the answers
        "np.concatenate([window[:, 1:], [[['one']]], answer], axis=1).foo",
    ],
)
def test_other_mistakes_there_are_not_ours(shell: InteractiveShell, joined: str) -> None:
    found = report_of(shell, ROLLING.format(joined=joined))
    assert found["outcome"] == "other_error" or not found["fixes"]


def test_an_answer_of_fewer_features_is_told_and_not_stretched(shell: InteractiveShell) -> None:
    wide = "window = np.repeat(window, 3, axis=-1)\nnet = keras.Sequential([keras.Input((5, 3)), keras.layers.LSTM(4), keras.layers.Dense(1)])"
    found = report_of(shell, wide, ROLLING.format(joined="np.append(window[:, 1:], answer[:, None], axis=1)"))
    assert found["cause"] == "features" and found["fixes"] == []
    assert "what the others will be in the next step is not known" in found["summary"]


LAGS = """
raw = pd.DataFrame({"level": np.sin(np.arange(60) / 4), "rain": np.cos(np.arange(60) / 7)})
lags = pd.DataFrame({f"{c}_t-{k}": raw[c].shift(k) for c in raw for k in range(5, 0, -1)}).dropna()
pair = keras.Sequential([keras.Input((5, 2)), keras.layers.LSTM(4), keras.layers.Dense(1)])
pair.compile("adam", "mse")
"""


@pytest.mark.parametrize(
    ("made", "told"),
    [
        ("lags.values.reshape(-1, 5, 2)", True),
        ("np.reshape(lags, (55, 5, 2))", True),
        ("lags.astype('float32').to_numpy()[:40].reshape((40, 5, 2))", True),
        ("lags.values.reshape(-1, 2, 5).transpose(0, 2, 1)", False),
        ("lags.values.reshape(-1, 2, 5).swapaxes(1, 2)", False),
        ("lags[[f'{c}_t-{k}' for k in range(5, 0, -1) for c in raw]].values.reshape(-1, 5, 2)", False),
        ("lags.set_axis(range(10), axis=1).values.reshape(-1, 5, 2)", False),
        ("lags.values[:, ::-1].reshape(-1, 5, 2)", False),
    ],
)
def test_lags_by_feature_read_by_step(shell: InteractiveShell, made: str, told: bool) -> None:
    fit = "\nx = " + made + "\npair.fit(x, np.zeros(len(x)), verbose=0)"
    found = report_of(shell, LAGS, fit)
    assert found["outcome"] == "clean"
    assert [one["cause"] for one in found["warnings"]] == ["scrambled"] * told
    if told:
        fix = found["warnings"][0]["fixes"][0]
        assert fix["verified"] and ".reshape(-1, 2, 5).transpose(0, 2, 1)" in fix["code"]
        shell.run_cell(fix["edits"][0]["new"])
        x = shell.user_ns["x"]
        assert (x[3, :, 1] == shell.user_ns["lags"].iloc[3, 5:].to_numpy(x.dtype)).all()
