"""More states than a recurrent layer keeps: Keras 3 takes the first, and a note says so."""

from __future__ import annotations

from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import rnnmagic
from rnnmagic.ladder.mask import masked
from rnnmagic.policy import Rules
from rnnmagic.report import FixError
from rnnmagic.views.html import render_html
from rnnmagic.views.text import render_text

START = """
import numpy as np, keras
from keras import layers
rng = np.random.default_rng(6)
past, coming = rng.normal(size=(12, 9, 2)), rng.normal(size=(12, 4, 1))
before, after = keras.Input((9, 2)), keras.Input((4, 1))
Bi, LSTM, GRU = layers.Bidirectional, layers.LSTM, layers.GRU
def fit(answer):
    model = keras.Model([before, after], answer)
    model.compile("adam", "mse")
    model.fit([past, coming], rng.normal(size=(12, *answer.shape[1:])), verbose=0)
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = LSTM(3, return_state=True), GRU(3)
    def call(self, inputs):
        _, h, c = self.encoder(inputs[0])
        return self.decoder(inputs[1], initial_state=[h, c])
"""


@pytest.fixture(scope="module")
def shell() -> InteractiveShell:
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    shell.run_line_magic("load_ext", "rnnmagic")
    return shell


@pytest.fixture(autouse=True)
def _fresh(shell: InteractiveShell) -> None:
    shell.reset(new_session=False)


def report_of(shell: InteractiveShell, cell: str) -> Any:
    for text in (START, "%%rnncheck --display none\n" + cell):
        shell.run_cell(text, store_history=True)
    report = rnnmagic.last_report()
    assert report is not None and report.outcome == "clean"
    return report


ENCODED = "_, h, c = LSTM(3, return_state=True, name='encoder')(before)\n"


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (ENCODED + "fit(GRU(3)(after, initial_state=[h, c]))", "(line 3) keeps 1 state and is given 2, those of LSTM 'encoder'"),
        (ENCODED + "fit(GRU(3)(after, [h, c]))", "keeps 1 state and is given 2"),
        ("h, c = layers.Dense(3)(before[:, 0]), layers.Dense(3)(before[:, 1])\nfit(GRU(3)(after, initial_state=[h, c]))",
         "keeps 1 state and is given 2:"),
        ("_, *states = Bi(LSTM(3, return_state=True))(before)\nfit(Bi(GRU(3))(after, initial_state=states))",
         "keeps 2 states and is given 4, those of Bidirectional"),
        ("_, *states = Bi(GRU(3, return_state=True))(before)\nfit(GRU(3)(after, initial_state=states))",
         "keeps 1 state and is given 2, those of Bidirectional"),
        ("m = Net()\nm.compile('adam', 'mse')\nm.fit([past, coming], np.zeros((12, 3)), verbose=0)",
         "keeps 1 state and is given 2, those of LSTM"),
    ],
)  # fmt: skip
def test_states_left_out_are_told(shell: InteractiveShell, cell: str, said: str) -> None:
    report = report_of(shell, cell)
    assert report.warnings == ()
    (note,) = report.advice
    assert said in note
    assert "something to know" in render_text(report) and "leaves the rest out" in render_html(report)


@pytest.mark.parametrize(
    "cell",
    [
        ENCODED + "fit(GRU(3)(after, initial_state=h))",
        ENCODED + "fit(GRU(3)(after, initial_state=[h]))",
        ENCODED + "fit(LSTM(3)(after, initial_state=[h, c]))",
        ENCODED
        + "fit(layers.RNN([layers.LSTMCell(3), layers.GRUCell(3)])(after, initial_state=[[h, c], h]))",
        "_, *states = Bi(LSTM(3, return_state=True))(before)\nfit(Bi(LSTM(3))(after, initial_state=states))",
        "_, *states = Bi(GRU(3, return_state=True))(before)\nfit(Bi(GRU(3))(after, initial_state=states))",
        # Output and state of a GRU are the same numbers.
        "fit(GRU(3)(after, initial_state=GRU(3, return_state=True)(before)))",
    ],
)
def test_states_that_are_all_taken_are_no_news(shell: InteractiveShell, cell: str) -> None:
    report = report_of(shell, cell)
    assert (report.warnings, report.advice) == ((), ())


def test_hints_and_a_policy_keep_the_note_back(shell: InteractiveShell) -> None:
    report = report_of(shell, ENCODED + "fit(GRU(3)(after, initial_state=[h, c]))")
    assert masked(report, 1, Rules(), asked=True).advice == ()
    assert masked(report, 5, Rules(highest_step=2), asked=False).advice == ()
    assert masked(report, 5, Rules(), asked=False).advice == report.advice


def test_a_fix_of_a_notice_has_a_number(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    report = report_of(
        shell,
        "m = keras.Sequential([LSTM(3, return_sequences=True), layers.Dense(1)])\n"
        "m.compile('adam', 'mse')\nm.fit(past, np.zeros(12), verbose=0)",
    )
    (notice,) = report.warnings
    text = render_text(report)
    assert (
        f"  1. {notice.fixes[0].title}" in text and "%rnnfix 1" in text and "%rnnfix 1" in render_html(report)
    )
    capsys.readouterr()
    shell.run_line_magic("rnnfix", "")
    assert f"1. {notice.fixes[0].title}" in capsys.readouterr().out
    shell.run_line_magic("rnnfix", "1")
    assert shell.rl_next_input == notice.fixes[0].edits[0].new
    with pytest.raises(FixError, match="not carried out in the kernel"):
        report.apply(1)
