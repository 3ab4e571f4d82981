"""In a real kernel: what will fail is on the screen before the training begins."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from live import Live, live_kernel

pytest.importorskip("keras")

SETUP = """
%load_ext rnnmagic
import time, numpy as np, keras
from keras import layers
rng = np.random.default_rng(0)
X, y = rng.normal(size=(40, 5, 3)).astype("float32"), rng.normal(size=(40, 1)).astype("float32")
X_val = X[:10, :, :2]
model = keras.Sequential([keras.Input((5, 3)), layers.LSTM(4), layers.Dense(1)])
model.compile("adam", "mse")
class Slow(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        print("the epoch begins", flush=True); time.sleep(1)
    def on_epoch_end(self, epoch, logs=None): print("the epoch ends", flush=True)
"""
CALL = "model.fit(X, y, validation_data=(X_val, y[:10]), verbose=0, callbacks=[Slow()])"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live_kernel(tmp_path_factory.mktemp("preflight")) as kernel:
        answer = kernel.run(SETUP)
        assert answer.status == "ok", answer.traceback
        yield kernel


def test_the_notice_comes_before_the_epoch(live: Live) -> None:
    arrived: list[tuple[float, str]] = []

    def note(output: dict[str, Any]) -> None:
        text = output.get("text") or output.get("data", {}).get("text/plain", "") or output["type"]
        arrived.append((time.monotonic(), text))

    answer = live.collect(live.send("%%rnncheck\n" + CALL), on_output=note)[0]
    assert answer.status == "error"
    told, begins, error, report = (
        next(when for when, text in arrived if words in text)
        for words in (
            "The validation after epoch 1 will fail",
            "the epoch begins",
            "error",
            "rnnmagic: `X_val`",
        )
    )
    assert told < begins < error <= report
    assert error - told > 0.9  # seconds: the epoch's own
    notice = answer.displays[0]
    assert "application/vnd.jupyter.widget-view+json" not in notice  # a busy kernel answers no button
    assert "X_val" in notice["text/html"] and "will fail" in notice["text/plain"]


def test_stop(live: Live) -> None:
    answer = live.run("%%rnncheck --preflight stop\n" + CALL)
    assert (answer.status, answer.reply["ename"]) == ("error", "ShapeError")
    assert "X_val" in answer.reply["evalue"] and "the epoch begins" not in answer.stdout
    assert "----> 2 model.fit" in answer.traceback


def test_interrupted_and_repaired(live: Live) -> None:
    answer = live.run_interrupted("%%rnncheck\n" + CALL, sign="the epoch begins")
    assert answer.reply["ename"] == "KeyboardInterrupt"
    assert live.value("__import__('rnnmagic').last_report().told[0].array.name") == "X_val"
