"""The whole way in Spanish, in a real kernel: by the environment, by the setting, and back to English."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from live import Live, live_kernel

SETUP = """
import numpy as np, keras
from keras import layers
from rnnmagic import last_report
rng = np.random.default_rng(1)
X_train, y_train = rng.normal(size=(32, 60)), rng.normal(size=(32, 1))
model = keras.Sequential([keras.Input((20, 3)), layers.LSTM(4), layers.Dense(1)])
model.compile("adam", "mse")
"""
ENVIRONMENT = {"LANGUAGE": "", "LC_ALL": "", "LC_MESSAGES": "", "LANG": "es_ES.UTF-8", "PYTHONUTF8": "1"}
FLAT = "%%rnncheck\nmodel.fit(X_train, y_train, verbose=0)"
FEWER = "%%rnncheck\nmodel.fit(X_train.reshape(-1, 20, 3), y_train[:25], verbose=0)"
STACK = (
    "%%rnncheck\n"
    "keras.Sequential([keras.Input((20, 3)), layers.LSTM(4, name='first'), layers.LSTM(4, name='second')])"
)


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live_kernel(tmp_path_factory.mktemp("spanish"), **ENVIRONMENT) as live:
        answer = live.run("%load_ext rnnmagic")
        assert answer.status == "ok", answer.traceback
        answer = live.run(SETUP)
        assert answer.status == "ok", answer.traceback
        yield live


def shown(kernel: Live, cell: str) -> dict[str, Any]:
    answer = kernel.run(cell)
    assert answer.status == "error"
    (display,) = answer.displays
    return display


def test_the_environment_decides(kernel: Live) -> None:
    kernel.run("%config RnnCheck.display = 'html'")
    display = shown(kernel, FLAT)
    for text in (display["text/plain"], display["text/html"]):
        # As a terminal wraps it.
        plain = " ".join(text.split())
        assert "es una tabla plana (32, 60); la capa necesita (samples, timesteps, features)." in plain
        assert "Haz reshape de X_train a (samples, 20, 3)" in plain
        assert "verificada" in plain
        assert "esperada" in plain
        assert "pasos de tiempo" in plain
        assert "flat table" not in plain
    assert "al pasar los datos por el modelo" in " ".join(display["text/plain"].split())
    assert "Cómo repararlo" in display["text/html"]


def test_the_report_keeps_its_english_words(kernel: Live) -> None:
    """What programs read is data: only sentences are translated."""
    kernel.run(FLAT)
    answer = kernel.run(
        "d = last_report().to_dict()\n"
        "print(d['cause'], d['array']['axes'], d['array']['role'], d['fixes'][0]['kind'], d['fixes'][0]['confidence'])\n"
        "print(d['summary']); print(max(len(f['title']) for f in d['fixes']) <= 60)"
    )
    first, summary, short = answer.stdout.splitlines()
    assert first == "flattened ['samples', 'timesteps*features'] x reshape likely"
    assert summary.startswith("`X_train` es una tabla plana (32, 60)")
    assert short == "True"


def test_the_panel_and_its_buttons(kernel: Live) -> None:
    kernel.run("%config RnnCheck.display = 'panel'")
    kernel.comm_messages.clear()
    kernel.run(FEWER)
    states = [m["content"]["data"]["state"] for m in kernel.comm_messages if m["msg_type"] == "comm_open"]
    buttons = {state.get("description") for state in states if "Button" in str(state.get("_model_name"))}
    assert {"Aplicar la corrección 1", "Deshacer", "Mostrar el código"} <= buttons
    text = " ".join(str(state.get("value")) for state in states)
    assert "cada muestra necesita su propio objetivo" in text
    assert "Cómo repararlo" in text


def test_magics(kernel: Live) -> None:
    kernel.run("%config RnnCheck.display = 'text'")
    display = shown(kernel, STACK)
    assert "necesita una secuencia" in display["text/plain"]
    status = kernel.run("%rnncheck status").stdout
    assert "rnncheck está desactivado" in status
    assert "tiene un error de forma" in status
    assert "return_sequences=True en LSTM 'first'" in kernel.run("%rnnfix").stdout
    assert "Esta corrección" in kernel.run("last_report().apply(1).message").result
    refused = kernel.run("%rnnfix 40")
    assert "No hay corrección 40" in refused.stderr + refused.traceback
    table = kernel.run("%rnnshapes X_train model").displays[0]
    assert "muestras" in table["text/plain"]
    assert "2 capas" in table["text/plain"]
    assert "<th" in table["text/html"] and "forma</th>" in table["text/html"]


def test_the_setting_decides(kernel: Live) -> None:
    kernel.run("%config RnnCheck.display = 'text'\n%config RnnCheck.language = 'en'")
    assert "is a flat table (32, 60)" in shown(kernel, FLAT)["text/plain"]
    assert "rnncheck is off" in kernel.run("%rnncheck status").stdout
    kernel.run("%config RnnCheck.language = 'es'")
    assert "es una tabla plana" in shown(kernel, FLAT)["text/plain"]
    # A report stays as it was made.
    kernel.run("%config RnnCheck.language = 'en'")
    assert "es una tabla plana" in kernel.run("%rnncheck last").displays[0]["text/plain"]
    kernel.run("%config RnnCheck.language = 'xx'")
    assert "rnncheck is off" in kernel.run("%rnncheck status").stdout
