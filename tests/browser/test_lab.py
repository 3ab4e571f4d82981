"""rnnmagic as a person sees it: JupyterLab in a browser, on the examples.

`RNNMAGIC_REWRITE_GOLDEN=1` takes the README's picture anew.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from lab import Lab
from playwright.sync_api import expect

EXAMPLE = "2-flat-table.ipynb"


@pytest.fixture(scope="module")
def failing(lab: Lab) -> int:
    """Place of the failing cell of the example, with all above it run."""
    lab.open(EXAMPLE)
    index = next(i for i, cell in enumerate(lab.cells()) if "raises-exception" in cell["tags"])
    for above in range(index):
        lab.run(above)
    return index


def test_the_lab_extension_is_active(lab: Lab, failing: int) -> None:
    assert lab.page.evaluate("() => window.jupyterapp.isPluginActivated('rnnmagic:plugin')")


def test_a_new_user_applies_the_first_fix_and_training_goes_on(lab: Lab, failing: int, root: Path) -> None:
    lab.run(failing)
    output = lab.output(failing)
    expect(output).to_contain_text("ValueError")
    panel = output.locator(".rnnmagic-panel")
    expect(panel).to_be_visible()
    expect(panel).to_contain_text("X")
    if os.environ.get("RNNMAGIC_REWRITE_GOLDEN"):
        panel.screenshot(path=root / "examples" / "panel.png")

    before = lab.cells()
    apply = panel.get_by_role("button", name=re.compile("^Apply fix 1"))
    apply.click()
    expect(panel.get_by_role("status")).to_contain_text("X")
    expect(panel.get_by_role("button", name="Undo", exact=True)).to_be_visible()
    assert lab.cells() == before, "Apply writes into no cell."

    lab.run(failing)
    expect(output).to_have_text("")
    assert lab.page.get_by_text("ValueError").count() == 0


def test_undo_brings_the_error_back(lab: Lab, failing: int) -> None:
    cell = lab.add(failing + 1, "X.shape")
    lab.run(cell)
    expect(lab.output(cell)).to_contain_text("(100, 20, 3)")
    lab.set_source(cell, "%rnnfix undo")
    lab.run(cell)
    lab.set_source(cell, "X.shape")
    lab.run(cell)
    expect(lab.output(cell)).to_contain_text("(100, 60)")
    lab.run(failing)
    expect(lab.output(failing).locator(".rnnmagic-panel")).to_be_visible()
