"""In a real kernel: what no limit of time can end, Ctrl-C does; a broken panel or line costs no report."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parent.parent / "kernel"))

from live import Answer, Live, live_kernel

START = """\
import keras, numpy as np, time
from unittest import mock
from keras import layers
X = np.zeros((12, 10), "float32")
y = np.zeros((12, 1), "float32")
model = keras.Sequential([keras.Input((5, 2)), layers.LSTM(3), layers.Dense(1)])
model.compile("adam", "mse")
import rnnmagic
"""
ASLEEP = """\
import os, signal, threading, rnnmagic.examine

def asleep(*args):
    threading.Timer(1, os.kill, (os.getpid(), signal.SIGINT)).start()
    time.sleep(300)

broken = mock.patch("rnnmagic.examine.diagnose", asleep)
broken.start()
"""
CALL = "model.fit(X, y, verbose=0)"


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live_kernel(tmp_path_factory.mktemp("kernel")) as live:
        assert live.run("%load_ext rnnmagic").status == "ok"
        answer = live.run(START)
        assert answer.status == "ok", answer.traceback
        yield live


def diagnosed(kernel: Live) -> None:
    """The notebook goes on: the next cell is checked, and its report is there."""
    answer = kernel.run("%%rnncheck\n" + CALL)
    assert answer.reply["ename"] == "ValueError"
    assert "X: [12,10] → [12,5,2]" in answer.displays[0]["text/plain"]
    assert kernel.run("1 + 1").result == "2"


def own_error(answer: Answer) -> None:
    assert (answer.status, answer.reply["ename"]) == ("error", "ValueError")
    assert "rnnmagic/" not in answer.traceback
    assert answer.stderr.count("Traceback") == 0


def test_ctrl_c_ends_what_no_limit_can(kernel: Live) -> None:
    """One call into C: no limit ends it."""
    kernel.run(ASLEEP)
    answer = kernel.run("%%rnncheck\n" + CALL)
    own_error(answer)
    assert "KeyboardInterrupt" in answer.displays[0]["text/plain"]
    assert kernel.run("broken.stop();").status == "ok"
    diagnosed(kernel)


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("rnnmagic.views.panel.open_panel", "SystemExit"),
        ("rnnmagic.lab.link.report_message", "SystemExit"),
        ("rnnmagic.views.stored_report", "KeyboardInterrupt"),
    ],
)
def test_a_broken_panel_or_line(kernel: Live, place: str, kind: str) -> None:
    breaks(kernel, place, kind)
    answer = kernel.run("%%rnncheck\n" + CALL)
    own_error(answer)
    assert kernel.value("rnnmagic.last_report().outcome") == "shape_error"
    assert len(answer.stderr.strip().splitlines()) <= 1
    assert kernel.run("broken.stop();").status == "ok"
    diagnosed(kernel)


@pytest.mark.parametrize(
    ("place", "line", "kind"),
    [
        ("rnnmagic.shapes.survey", "%rnnshapes", "SystemExit"),
        ("rnnmagic.shapes.as_html", "%rnnshapes", "RecursionError"),
        ("rnnmagic.magics._main_edit", "%rnnfix 1", "ValueError"),
        (
            "rnnmagic.repair.KernelRepairer.undo",
            "rnnmagic.last_report().apply(1)\n%rnnfix undo",
            "SystemExit",
        ),
    ],
)
def test_a_broken_magic_says_one_line(kernel: Live, place: str, line: str, kind: str) -> None:
    kernel.run("%%rnncheck\n" + CALL)
    breaks(kernel, place, kind)
    answer = kernel.run(line)
    kernel.run("broken.stop(); X = np.zeros((12, 10), 'float32');")
    told = answer.stderr.strip().splitlines()
    assert [text for text in told if "UsageError" in text] == [
        f"UsageError: rnnmagic could not do that ({kind}: broken)."
    ]
    assert "Traceback" not in answer.stderr
    diagnosed(kernel)


def breaks(kernel: Live, place: str, kind: str) -> None:
    module = place.rsplit(".", 2)[0] if place.endswith(".undo") else place.rsplit(".", 1)[0]
    answer = kernel.run(
        f"import {module}; broken = mock.patch({place!r}, side_effect={kind}('broken')); broken.start();"
    )
    assert answer.status == "ok", answer.traceback
