"""Notebooks with a shape mistake, and what a person does with them in the page."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from lab import Lab
from playwright.sync_api import Locator, expect

SETUP = """\
%load_ext rnnmagic
import numpy as np
import keras
from keras import layers
X = np.random.default_rng(0).random((40, 60)).astype("float32")
y = np.zeros((40, 1), dtype="float32")"""
MODEL = """\
model = keras.Sequential([keras.Input((20, 3)), layers.LSTM(4), layers.Dense(1)])
model.compile("adam", "mse")"""
FAILING = "%%rnncheck\nhistory = model.fit(X, y, epochs=1, verbose=0)"
REPAIR = "X = X.reshape(-1, 20, 3)"
REPAIRED = FAILING.replace("history", f"{REPAIR}\nhistory")

# The model declares 4 features where the data has 3: what is wrong stands in an earlier cell.
NARROW = "Z = np.random.default_rng(1).random((40, 20, 3))"
WIDE_MODEL = """\
wide = keras.Sequential([keras.Input((20, 4)), layers.LSTM(4), layers.Dense(1)])
wide.compile("adam", "mse")"""
WIDE_FAILING = "%%rnncheck\nwide.fit(Z, y, epochs=1, verbose=0);"

CELLS = [SETUP, MODEL, FAILING, NARROW, WIDE_MODEL, WIDE_FAILING]
SETUP_CELL, MODEL_CELL, FAILING_CELL, NARROW_CELL, WIDE_CELL, WIDE_FAILING_CELL = range(6)


def write(folder: Path, name: str, cells: list[str], kernel: str = "python3", ids: str = "cell") -> str:
    """A notebook of code cells; its name."""
    spec = {"name": kernel, "display_name": kernel, "language": "python"}
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": spec},
        "cells": [
            {"cell_type": "code", "id": f"{ids}-{number}", "source": source, "metadata": {}, "outputs": [],
             "execution_count": None}
            for number, source in enumerate(cells)
        ],
    }  # fmt: skip
    (folder / name).write_text(json.dumps(notebook))
    return name


def begin(
    lab: Lab, folder: Path, name: str, cells: list[str] | None = None, run: int = 2, **how: Any
) -> None:
    """Open a notebook and run its first cells."""
    lab.open(write(folder, name, cells or CELLS, **how))
    for index in range(run):
        lab.run(index)
        assert_no_error(lab, index)


def assert_no_error(lab: Lab, index: int) -> None:
    errors = lab.output(index).locator("[data-mime-type='application/vnd.jupyter.stderr']")
    assert "Error" not in "".join(errors.all_inner_texts())


def panel(lab: Lab, index: int) -> Locator:
    """The panel under a cell, as soon as it is there."""
    found = lab.output(index).locator(".rnnmagic-panel")
    expect(found).to_be_visible()
    return found


def apply_button(where: Locator, number: int = 1) -> Locator:
    return where.get_by_role("button", name=re.compile(f"^Apply fix {number}"))


def expect_source(lab: Lab, index: int, source: str) -> None:
    lab.page.wait_for_function(
        """([index, source]) => {
            const panel = [...window.jupyterapp.shell.widgets('main')].find(
                widget => widget.sessionContext && widget.content?.widgets && widget.isVisible);
            return panel?.content.widgets[index]?.model.sharedModel.getSource() === source;
        }""",
        arg=[index, source],
        timeout=15_000,
    )


def source(lab: Lab, index: int) -> str:
    return str(lab.cells()[index]["source"])


def toast(lab: Lab, text: str | re.Pattern[str]) -> Locator:
    """The latest notification with this text."""
    return lab.page.locator(".Toastify__toast").filter(has_text=text).last


def value(lab: Lab, index: int, expression: str) -> str:
    """Run an expression in a scratch cell after `index`; its output."""
    lab.add(index, expression)
    lab.run(index)
    text = str(lab.output(index).locator(".jp-OutputArea-output").last.inner_text()).strip()
    lab.delete(index)
    return text
