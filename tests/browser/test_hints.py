"""Hints in the page: a student clicks on to the code; under a teacher's policy it stays shut, also reloaded."""

from __future__ import annotations

import json
import re
from pathlib import Path

from lab import Lab
from playwright.sync_api import expect
from story import CELLS, FAILING, FAILING_CELL, REPAIR, apply_button, begin, expect_source, panel, write

HINTED = FAILING.replace("%%rnncheck", "%%rnncheck --hints")
NEXT = "Next hint"


def test_a_student_clicks_on_to_the_code_and_applies_it(lab: Lab, notebooks: Path) -> None:
    begin(lab, notebooks, "hints.ipynb", [*CELLS[:2], HINTED])
    lab.run(FAILING_CELL)
    output = lab.output(FAILING_CELL)
    mark = lab.cell(FAILING_CELL).locator(".rnnmagic-mark")
    expect(output).to_contain_text("ValueError")
    expect(panel(lab, FAILING_CELL)).to_contain_text("How many axes do LSTM layers read")
    expect(mark).to_have_text("history = model.fit(X, y, epochs=1, verbose=0)")
    told = {2: "Axis 1 holds two axes in one", 3: "The variable is X", 4: "verified", 5: REPAIR}
    for step, text in told.items():
        box = panel(lab, FAILING_CELL)
        expect(box).to_contain_text(f"hint {step - 1} of 5")
        expect(box).not_to_contain_text(text)
        box.get_by_role("button", name=NEXT).click()
        expect(panel(lab, FAILING_CELL)).to_contain_text(text)
    box = panel(lab, FAILING_CELL)
    expect(box.get_by_role("button", name=NEXT)).to_have_count(0)
    expect(box.get_by_role("img").first).to_be_visible()
    box.get_by_text("The first sample before and after").first.click()
    expect(box.get_by_role("img", name=re.compile("^The first sample before the fix")).first).to_be_visible()
    saved = lab.saved(FAILING_CELL)
    assert "hint 5 of 5" in json.dumps(saved)
    apply_button(box).click()
    expect_source(lab, FAILING_CELL, HINTED.replace("history", f"{REPAIR}\nhistory"))
    expect(output).to_have_text("")


def test_under_a_policy_no_code_and_no_apply_is_to_be_found(lab: Lab, notebooks: Path) -> None:
    name = write(notebooks, "policy.ipynb", CELLS[:3])
    notebook = json.loads((notebooks / name).read_text())
    notebook["metadata"]["rnnmagic"] = {"highest_step": 3, "allow_apply": False, "hints": True}
    (notebooks / name).write_text(json.dumps(notebook))
    lab.open(name)
    for index in range(FAILING_CELL + 1):
        lab.run(index)
    for _ in range(2):
        panel(lab, FAILING_CELL).get_by_role("button", name=NEXT).click()
    expect(panel(lab, FAILING_CELL)).to_contain_text("hint 3 of 5")

    def shut() -> None:
        box = panel(lab, FAILING_CELL)
        expect(box).to_contain_text("The variable is X")
        expect(box).to_contain_text("policy: the notebook's metadata")
        expect(box.get_by_role("button")).to_have_count(0)
        mark = lab.cell(FAILING_CELL).locator(".rnnmagic-mark")
        mark.first.hover()
        tip = lab.page.locator(".rnnmagic-tip")
        expect(tip).to_contain_text("The variable is X")
        expect(tip.get_by_role("button")).to_have_count(0)
        lab.activate(FAILING_CELL)
        lab.command("notebook:enter-command-mode")
        lab.page.keyboard.press("ControlOrMeta+Alt+f")
        expect(lab.page.get_by_role("dialog")).to_have_count(0)
        assert "reshape" not in lab.page.content()
        assert "reshape" not in json.dumps(lab.saved(FAILING_CELL))
        assert lab.cells()[FAILING_CELL]["source"] == FAILING

    shut()
    lab.command("docmanager:save")
    lab.reload()
    shut()
