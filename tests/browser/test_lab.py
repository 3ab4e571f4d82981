"""rnnmagic as a person sees it: JupyterLab in a browser, on a lesson.

`RNNMAGIC_REWRITE_GOLDEN=1` takes the README's picture anew.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from lab import Lab
from playwright.sync_api import expect

EXAMPLE = "2-tables-to-sequences.ipynb"


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

    before = lab.cells()[failing]["source"]
    panel.get_by_role("button", name=re.compile("^Apply fix 1")).click()
    expect(output).to_have_text("")
    assert output.get_by_text("ValueError").count() == 0
    assert lab.cells()[failing]["source"] != before


def test_undo_brings_the_error_back(lab: Lab, failing: int) -> None:
    lab.command("rnnmagic:undo-fix")
    expect(lab.page.locator(".Toastify__toast").filter(has_text="Fix undone")).to_be_visible()
    lab.run(failing)
    expect(lab.output(failing).locator(".rnnmagic-panel")).to_be_visible()
