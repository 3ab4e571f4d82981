"""The panel with real Keras in a real browser: seen, clicked, and never taken in by hostile text."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from lab import Lab
from playwright.sync_api import expect

HOSTILE = "<img src=x onerror=alert(1)>"
CELLS = [
    (
        "%load_ext rnnmagic\n"
        "import numpy as np\nimport keras\nfrom keras import layers\n"
        "X = np.arange(40 * 60, dtype='float32').reshape(40, 60) / 2400\n"
        "y = np.zeros((40, 1), dtype='float32')"
    ),
    (
        "model = keras.Sequential([keras.Input((20, 3)), layers.LSTM(4), layers.Dense(1)])\n"
        "model.compile('adam', 'mse')"
    ),
    "%%rnncheck\nhistory = model.fit(X, y, epochs=2, verbose=0)",
    (
        f"%%rnncheck\nstack = keras.Sequential([keras.Input((20, 3)), layers.LSTM(4, name={HOSTILE!r}),"
        " layers.LSTM(4)])"
    ),
    "print('trained', len(history.history['loss']), X.shape)",
]
FAILING, HOSTILE_CELL, LAST = 2, 3, 4


def notebook(cells: list[str]) -> dict[str, Any]:
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "cells": [
            {"cell_type": "code", "id": f"cell-{i}", "source": source, "metadata": {}, "outputs": [],
             "execution_count": None}
            for i, source in enumerate(cells)
        ],
    }  # fmt: skip


@pytest.fixture(scope="module")
def page_alerts(lab: Lab, notebooks: Path) -> list[str]:
    """The notebook open, its first cells run; the list fills with what the page would pop up."""
    alerts: list[str] = []
    lab.page.on("dialog", lambda dialog: (alerts.append(dialog.message), dialog.dismiss()))
    (notebooks / "hostile.ipynb").write_text(json.dumps(notebook(CELLS)))
    lab.open("hostile.ipynb")
    for index in range(FAILING):
        lab.run(index)
    return alerts


def test_click_apply_and_train(lab: Lab, page_alerts: list[str]) -> None:
    lab.run(FAILING)
    output = lab.output(FAILING)
    expect(output).to_contain_text("ValueError")
    panel = output.locator(".rnnmagic-panel")
    expect(panel).to_be_visible()
    expect(panel).to_contain_text("reshape(-1, 20, 3)")

    panel.get_by_role("button", name=re.compile("^Apply fix 1")).click()
    expect(panel.get_by_role("status")).to_contain_text("Run the cell again")
    expect(panel.get_by_role("status")).to_contain_text("X is now (40, 20, 3)")

    lab.run(FAILING)
    expect(output).to_have_text("")
    expect(panel).to_have_count(0)
    lab.run(LAST)
    expect(lab.output(LAST)).to_contain_text("trained 2 (40, 20, 3)")


def test_hostile_name_is_text(lab: Lab, page_alerts: list[str]) -> None:
    lab.run(HOSTILE_CELL)
    output = lab.output(HOSTILE_CELL)
    expect(output).to_contain_text("ValueError")
    panel = output.locator(".rnnmagic-panel")
    expect(panel).to_be_visible()
    expect(panel).to_contain_text(HOSTILE)
    assert lab.page.locator("img[src='x'], [onerror]").count() == 0
    lab.page.wait_for_timeout(300)
    assert page_alerts == []
