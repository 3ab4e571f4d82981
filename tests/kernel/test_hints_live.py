"""Hints and a policy in real kernels: what a student sees, step by step, and what stays shut."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from live import Answer, Live, live_kernel

from rnnmagic.views.stored import MIME as STORED_MIME

SETUP = """\
import numpy as np, keras
from keras import layers
rng = np.random.default_rng(0)
X_secret = rng.random((40, 60)).astype("float32")
y = np.zeros((40, 1), dtype="float32")
model = keras.Sequential([keras.Input((20, 3)), layers.LSTM(4, name="reader"), layers.Dense(1)])
model.compile("adam", "mse")
"""
FIT = "model.fit(X_secret, y, epochs=1, verbose=0)"
CODE = "X_secret = X_secret.reshape(-1, 20, 3)"


@pytest.fixture(scope="module")
def ready(kernel: Live) -> Live:
    answer = kernel.run(SETUP)
    assert answer.status == "ok", answer.traceback
    return kernel


@pytest.fixture(scope="module")
def class_kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A kernel of a JupyterHub whose teacher has set a policy."""
    folder = tmp_path_factory.mktemp("class")
    with live_kernel(folder, RNNMAGIC_POLICY="highest_step=3,allow_apply=no,hints=yes") as live:
        assert live.run("%load_ext rnnmagic\n" + SETUP).status == "ok"
        yield live


def shown(answer: Answer) -> str:
    """All that a cell shows, the traceback apart."""
    return json.dumps(answer.displays) + answer.stdout + answer.stderr


def updated(live: Live, code: str) -> tuple[Answer, list[dict[str, Any]]]:
    """Run a cell; its answer, and the displays that it brought up to date."""
    found: list[dict[str, Any]] = []
    original = live.client.get_iopub_msg

    def listen(*args: Any, **kwargs: Any) -> dict[str, Any]:
        message: dict[str, Any] = original(*args, **kwargs)
        if message["msg_type"] == "update_display_data":
            found.append(message["content"])
        return message

    live.client.get_iopub_msg = listen
    try:
        return live.run(code), found
    finally:
        live.client.get_iopub_msg = original


def test_a_student_climbs_by_magic(ready: Live) -> None:
    answer = ready.run(f"%%rnncheck --hints\n{FIT}", "hinted")
    assert answer.status == "error"
    assert "ValueError" in answer.traceback  # the user's own, as it is
    assert "X_secret" in answer.traceback
    told = shown(answer)
    assert "hint 1 of 5" in told
    assert "How many axes do `LSTM` layers read" in told
    assert "X_secret" not in told
    assert "reader" not in told
    assert ready.value("__import__('rnnmagic').last_report().to_dict()['hints']") == {
        "step": 1, "of": 5, "highest": 5}  # fmt: skip
    refused = ready.run("%rnnfix 1")
    assert "this report is at hint 1" in refused.stderr + refused.traceback
    assert CODE not in shown(refused)

    texts = []
    for step in range(2, 6):
        answer, updates = updated(ready, "%rnncheck hint")
        assert answer.status == "ok", answer.traceback
        assert len(updates) == 1
        texts.append(updates[0]["data"])
        for told in (shown(answer), json.dumps(updates[0]["data"])):
            assert f"hint {step} of 5" in told
            assert ("X_secret" in told) == (step >= 3)
            assert (CODE in told) == (step == 5)
    assert {frozenset(data) for data in texts} == {
        frozenset({"application/vnd.jupyter.widget-view+json", STORED_MIME, "text/html", "text/plain"})
    }
    assert [data[STORED_MIME]["hints"]["step"] for data in texts] == [2, 3, 4, 5]
    ended = ready.run("%rnncheck hint")
    assert "All hints of this report have been shown." in ended.stderr + ended.traceback
    assert ready.run("%rnnfix 1").next_input[0]["text"].splitlines()[1] == CODE


def test_a_policy_from_the_environment_holds(class_kernel: Live) -> None:
    live = class_kernel
    loosen = (
        "import os; os.environ['RNNMAGIC_POLICY'] = 'highest_step=5,allow_apply=yes,hints=no'\n"
        "get_ipython().config.RnnPolicy.highest_step = 5\n"
        "%config RnnCheck.hints = False\n%reload_ext rnnmagic"
    )
    assert live.run(loosen).status == "ok"
    answer = live.run(f"%%rnncheck --display text\n{FIT}", "class")
    assert "hint 1 of 5" in shown(answer)
    for _ in range(2):
        assert live.run("%rnncheck hint").status == "ok"
    ended = live.run("%rnncheck hint")
    assert "policy: RNNMAGIC_POLICY" in ended.stderr + ended.traceback
    told = "".join(
        shown(live.run(code)) for code in ("%rnncheck last", "%rnncheck status", "%rnnfix", "%rnnfix 1")
    )
    assert "X_secret" in told
    assert CODE not in told
    assert "Hints go up to step 3 of 5. Fixes cannot be applied. Every report is shown step by step." in told
    whole = live.value("__import__('rnnmagic').last_report().to_dict()")
    assert whole["hints"] == {"step": 3, "of": 5, "highest": 3}
    assert whole["fixes"] == []
    assert CODE not in json.dumps(whole)
    applied = live.run("import rnnmagic\nrnnmagic.last_report().apply(1)")
    assert "FixError" in applied.traceback


def test_what_fails_later_is_told_in_steps_too(ready: Live, tmp_path: Path) -> None:
    ready.run("X3 = X_secret.reshape(-1, 20, 3); V_secret = X3[:, :, :2]")
    fit = "model.fit(X3, y, epochs=2, verbose=0, validation_data=(V_secret, y))"
    answer = ready.run(f"%%rnncheck --hints\n{fit}")
    assert len(answer.displays) == 2, answer.displays  # before the training, and after it failed
    for data in answer.displays:
        assert "hint 1 of 5" in data["text/plain"]
        assert "V_secret" not in json.dumps(data)
    stopped = ready.run(f"%%rnncheck --hints --preflight stop --display text\n{fit}")
    assert "ShapeError" in stopped.traceback
    message = stopped.reply["evalue"]
    assert "V_secret" not in message
    assert "?" in message
