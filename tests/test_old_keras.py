"""A Keras that is too old is told as such; the error is the user's own."""

from __future__ import annotations

import keras
import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import rnnmagic

FAILS = """%%rnncheck --display text
import numpy as np, keras
model = keras.Sequential([keras.Input((5, 2)), keras.layers.LSTM(2)])
model.compile("sgd", "mse")
model.fit(np.zeros((4, 10)), np.zeros((4, 2)), verbose=0)
"""


@pytest.fixture(scope="module")
def shell() -> InteractiveShell:
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    shell.run_line_magic("load_ext", "rnnmagic")
    return shell


@pytest.mark.parametrize(
    ("version", "spoken_of"),
    [("3.0.5", False), ("3.5.0", False), ("3.6.0", True), ("3.10.0", True), ("3.16.0.dev1", True)],
)
def test_the_oldest_keras(
    version: str,
    spoken_of: bool,
    shell: InteractiveShell,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(keras, "__version__", version)
    result = shell.run_cell(FAILS)
    assert isinstance(result.error_in_exec, ValueError)
    report = rnnmagic.last_report()
    assert report is not None
    printed = capsys.readouterr()
    if spoken_of:
        assert (report.outcome, report.trouble) == ("shape_error", None)
    else:
        assert report.outcome == "other_error"
        assert f"rnnmagic needs Keras 3.6 or later; this kernel has {version}." in printed.out + printed.err


def test_of_an_error_that_is_not_keras_s_nothing_is_said(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(keras, "__version__", "3.0.5")
    shell.run_cell("%%rnncheck --display text\nimport numpy as np\nnp.zeros(3) @ np.zeros(4)")
    report = rnnmagic.last_report()
    assert report is not None
    assert report.trouble is None
    printed = capsys.readouterr()
    assert "needs Keras" not in printed.out + printed.err
