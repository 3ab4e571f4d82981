"""A kernel with nobody in front of it, as nbclient runs one: no widget, no comm, a plain report, the own error."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from live import Live, live_kernel

from rnnmagic.views.stored import MIME as STORED_MIME

WIDGET = "application/vnd.jupyter.widget-view+json"
SETUP = """\
import numpy as np, keras
from keras import layers
X = np.random.default_rng(0).random((40, 60)).astype('float32')
y = np.zeros((40, 1), dtype='float32')
model = keras.Sequential([keras.Input((20, 3)), layers.LSTM(4), layers.Dense(1)])
model.compile('adam', 'mse')"""
FAILING = "%%rnncheck\nmodel.fit(X, y, verbose=0)"
ALONE = {"allow_stdin": False}


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live_kernel(tmp_path_factory.mktemp("alone")) as live:
        assert live.run("%load_ext rnnmagic", **ALONE).status == "ok"
        assert live.run(SETUP, **ALONE).status == "ok"
        yield live


def test_a_plain_report_under_the_own_error(kernel: Live) -> None:
    answer = kernel.run(FAILING, **ALONE)
    assert (answer.status, answer.reply["ename"]) == ("error", "ValueError")
    assert [output["type"] for output in answer.outputs] == ["error", "display_data"]
    assert set(answer.displays[0]) == {STORED_MIME, "text/html", "text/plain"}
    assert "✓ verified" in answer.displays[0]["text/plain"]


def test_no_widget_and_no_comm(kernel: Live) -> None:
    told = kernel.run("import sys; print('ipywidgets' in sys.modules)", **ALONE)
    assert told.stdout == "False\n"
    assert kernel.comm_messages == []


def test_less_time_is_spent_on_fixes_unless_a_time_is_set(kernel: Live) -> None:
    told = kernel.run("%config RnnCheck.time_limit", **ALONE)
    assert told.result == "2.0"


def test_a_panel_that_was_asked_for_is_shown(kernel: Live) -> None:
    (shown,) = kernel.run(FAILING.replace("rnncheck", "rnncheck --display panel"), **ALONE).displays
    assert WIDGET in shown


def test_somebody_who_comes_later_gets_panel_and_comm(kernel: Live) -> None:
    (shown,) = kernel.run(FAILING).displays
    assert WIDGET in shown
    assert "rnnmagic" in [m["content"].get("target_name") for m in kernel.comm_messages]


def test_nothing_is_repaired_while_nbgrader_runs_the_notebook(kernel: Live) -> None:
    kernel.run("import os, rnnmagic; os.environ['NBGRADER_EXECUTION'] = 'autograde'; was = X", **ALONE)
    answer = kernel.run("rnnmagic.last_report().apply(1)", **ALONE)
    assert answer.reply["ename"] == "FixError" and "nothing is repaired" in answer.reply["evalue"]
    assert kernel.value("X is was")
    assert kernel.run("del os.environ['NBGRADER_EXECUTION']; rnnmagic.last_report().apply(1)").status == "ok"


def test_nbgrader_is_nobody_whatever_the_request_says(tmp_path: Path) -> None:
    with live_kernel(tmp_path, NBGRADER_EXECUTION="validate") as live:
        assert live.run("%load_ext rnnmagic").status == "ok"
        told = live.run("from rnnmagic.front import is_attended; print(is_attended(get_ipython()))")
        assert told.stdout == "False\n"
        # What goes to stderr in a graded cell costs its points.
        broken = "import rnnmagic.views; rnnmagic.views.show_report = None"
        answer = live.run(f"{broken}\nfrom rnnmagic.report import Report\n"
                          "from rnnmagic import extension\nextension.checker().show(Report('clean'))")  # fmt: skip
        assert answer.status == "ok" and answer.stderr == "" and "rnnmagic could not show" in answer.stdout
        assert live.comm_messages == []
