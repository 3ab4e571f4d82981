"""What the extension shows: underlined calls with tooltips, the toolbar's toggle, the Shapes panel.

`RNNMAGIC_REWRITE_GOLDEN=1` takes the pictures of `examples/` anew.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from lab import Lab
from playwright.sync_api import Locator, expect
from story import (
    FAILING,
    FAILING_CELL,
    MODEL,
    MODEL_CELL,
    REPAIR,
    REPAIRED,
    SETUP,
    SETUP_CELL,
    begin,
    expect_source,
    panel,
    toast,
    value,
)

pytestmark = pytest.mark.parametrize("lab", ["lab", "notebook"], indirect=True)

HOSTILE = "<img src=x onerror=alert(1)>"
UNCHECKED = FAILING.replace("%%rnncheck\n", "")
UNCHECKED_REPAIRED = REPAIRED.replace("%%rnncheck\n", "")
HOSTILE_CELL = FAILING_CELL + 1
CELLS = [
    SETUP,
    MODEL,
    FAILING,
    f"%%rnncheck\nstack = keras.Sequential([keras.Input((20, 3)), layers.LSTM(4, name={HOSTILE!r}), layers.LSTM(4)])",
]


@pytest.fixture(scope="module")
def opened(lab: Lab, notebooks: Path) -> Lab:
    begin(lab, notebooks, "marks.ipynb", CELLS)
    return lab


@pytest.fixture
def failed(opened: Lab) -> Lab:
    opened.run(SETUP_CELL)
    opened.set_source(FAILING_CELL, FAILING)
    opened.run(FAILING_CELL)
    panel(opened, FAILING_CELL)
    return opened


def marks(lab: Lab, index: int = FAILING_CELL) -> Locator:
    return lab.cell(index).locator(".rnnmagic-mark")


def picture(lab: Lab, root: Path, name: str) -> None:
    if os.environ.get("RNNMAGIC_REWRITE_GOLDEN") and lab.app == "lab":
        lab.page.screenshot(path=root / "examples" / name)


def test_the_failing_call_is_underlined_and_its_tooltip_repairs(failed: Lab) -> None:
    lab = failed
    expect(marks(lab)).to_have_text("model.fit(X, y, epochs=1, verbose=0)")
    marks(lab).first.hover()
    tip = lab.page.locator(".rnnmagic-tip")
    expect(tip).to_contain_text("expected")
    expect(tip).to_contain_text("[?,20,3]")
    expect(tip).to_contain_text("f32[40,60]")
    tip.get_by_role("button", name=re.compile("^Fix 1")).click()
    dialog = lab.page.get_by_role("dialog")
    expect(dialog).to_contain_text(REPAIR)
    assert lab.cells()[FAILING_CELL]["source"] == FAILING
    dialog.get_by_role("button", name="Apply").click()
    expect_source(lab, FAILING_CELL, REPAIRED)
    expect(lab.output(FAILING_CELL)).to_have_text("")
    expect(marks(lab)).to_have_count(0)


def test_cancel_changes_nothing(failed: Lab) -> None:
    lab = failed
    lab.activate(FAILING_CELL)
    lab.page.evaluate("() => { void window.jupyterapp.commands.execute('rnnmagic:apply-first-fix') }")
    lab.page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(lab.page.get_by_role("dialog")).to_have_count(0)
    assert lab.cells()[FAILING_CELL]["source"] == FAILING


def test_a_mark_goes_when_its_line_is_edited(failed: Lab) -> None:
    lab = failed
    expect(marks(lab)).to_have_count(1)
    lab.activate(FAILING_CELL)
    lab.command("notebook:enter-edit-mode")
    lab.page.keyboard.press("ControlOrMeta+Home")
    lab.page.keyboard.type("# above\n")
    expect(marks(lab)).to_have_text("model.fit(X, y, epochs=1, verbose=0)")
    lab.page.keyboard.press("ControlOrMeta+End")
    lab.page.keyboard.type("  # on the line")
    expect(marks(lab)).to_have_count(0)


def test_by_keyboard_alone(failed: Lab) -> None:
    lab = failed
    lab.activate(FAILING_CELL)
    lab.command("notebook:enter-command-mode")
    lab.page.keyboard.press("ControlOrMeta+Alt+f")
    expect(lab.page.get_by_role("dialog")).to_contain_text(REPAIR)
    lab.page.keyboard.press("Enter")
    expect_source(lab, FAILING_CELL, REPAIRED)
    expect(lab.output(FAILING_CELL)).to_have_text("")
    lab.page.keyboard.press("ControlOrMeta+Alt+u")
    expect_source(lab, FAILING_CELL, FAILING)


def test_the_report_is_reached_by_a_key(failed: Lab) -> None:
    lab = failed
    lab.activate(FAILING_CELL)
    lab.page.keyboard.press("Escape")
    lab.page.keyboard.press("ControlOrMeta+Alt+r")
    lab.page.wait_for_function(
        "() => document.activeElement?.matches('.rnnmagic-panel button')"
        " && /^Apply fix 1/.test(document.activeElement.textContent)"
    )


def test_a_screen_reader_hears_the_verdict(failed: Lab) -> None:
    region = failed.page.locator(
        "[aria-live='polite'].rnnmagic-visuallyHidden, [aria-live].rnnmagic-visually-hidden"
    )
    expect(region).to_contain_text("Shape error.")


def test_the_toggle_checks_cells_without_a_magic(opened: Lab) -> None:
    lab = opened
    lab.run(SETUP_CELL)
    lab.set_source(FAILING_CELL, UNCHECKED)
    lab.run(FAILING_CELL)
    expect(lab.output(FAILING_CELL)).to_contain_text("ValueError")
    expect(lab.output(FAILING_CELL).locator(".rnnmagic-panel")).to_have_count(0)

    toggle = lab.page.get_by_role("button", name="Check shapes")
    expect(toggle).to_have_attribute("aria-pressed", "false")
    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "true")
    lab.run(FAILING_CELL)
    panel(lab, FAILING_CELL).get_by_role("button", name=re.compile("^Apply fix 1")).click()
    expect_source(lab, FAILING_CELL, UNCHECKED_REPAIRED)
    expect(lab.output(FAILING_CELL)).to_have_text("")
    assert "is on" in value(lab, FAILING_CELL + 1, "%rnncheck")
    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "false")
    assert "is off" in value(lab, FAILING_CELL + 1, "%rnncheck")


def test_check_this_cell_once(opened: Lab) -> None:
    lab = opened
    lab.run(SETUP_CELL)
    lab.set_source(FAILING_CELL, UNCHECKED)
    lab.activate(FAILING_CELL)
    lab.command("rnnmagic:check-cell")
    panel(lab, FAILING_CELL)
    assert "is off" in value(lab, FAILING_CELL + 1, "%rnncheck")


def test_a_silent_mistake_is_marked_as_a_warning(opened: Lab) -> None:
    lab = opened
    lab.run(SETUP_CELL)
    silent = (
        "%%rnncheck\nseq = keras.Sequential([keras.Input((20, 3)), layers.LSTM(4, return_sequences=True),"
        " layers.Dense(1)])\nseq.compile('adam', 'mse')\nS = X.reshape(-1, 20, 3)\n"
        "seq.fit(S, y, epochs=1, verbose=0);"
    )
    lab.set_source(FAILING_CELL, silent)
    lab.run(FAILING_CELL)
    expect(marks(lab)).to_have_count(1)
    expect(marks(lab)).to_have_class(re.compile("rnnmagic-mark-warning"))
    marks(lab).hover()
    expect(lab.page.locator(".rnnmagic-tip")).to_contain_text(re.compile("warning|notice|silent", re.I))
    lab.page.mouse.move(5, 5)


def test_the_shapes_panel(failed: Lab) -> None:
    lab = failed
    lab.command("rnnmagic:show-shapes")
    side = lab.page.locator("#rnnmagic-shapes")
    expect(side).to_be_visible()
    row = side.get_by_role("row").filter(has_text="f32[40,60]")
    expect(row).to_contain_text("model wants (?, 20, 3)")
    expect(row).to_contain_text("✗")
    expect(side.get_by_role("row").filter(has_text="f32[40,1]")).to_contain_text("fits model")

    lab.add(FAILING_CELL + 1, "zebra = np.zeros((2, 20, 3))")
    lab.run(FAILING_CELL + 1)
    expect(side.get_by_role("button", name="Insert zebra")).to_be_visible()
    side.get_by_role("searchbox").or_(side.get_by_role("textbox")).first.fill("zeb")
    expect(side.get_by_role("button", name=re.compile("^Insert"))).to_have_count(1)
    lab.set_source(FAILING_CELL + 1, "")
    lab.activate(FAILING_CELL + 1)
    side.get_by_role("button", name="Insert zebra").click()
    expect_source(lab, FAILING_CELL + 1, "zebra")
    lab.delete(FAILING_CELL + 1)


def test_hostile_names_are_text(opened: Lab) -> None:
    lab = opened
    alerts: list[str] = []
    lab.page.on("dialog", lambda dialog: (alerts.append(dialog.message), dialog.dismiss()))
    lab.run(HOSTILE_CELL)
    expect(panel(lab, HOSTILE_CELL)).to_contain_text(HOSTILE)
    marks(lab, HOSTILE_CELL).first.hover(position={"x": 8, "y": 8})
    expect(lab.page.locator(".rnnmagic-tip")).to_be_visible()
    lab.page.mouse.move(5, 5)
    lab.page.wait_for_timeout(300)
    assert lab.page.locator("img[src='x'], [onerror]").count() == 0
    assert alerts == []


def test_light_and_dark(failed: Lab, root: Path) -> None:
    lab = failed
    lab.page.set_viewport_size({"width": 1440, "height": 1000})
    lab.command("rnnmagic:show-shapes")
    side = lab.page.locator("#rnnmagic-shapes")
    side.get_by_role("searchbox").or_(side.get_by_role("textbox")).first.fill("")
    expect(side.get_by_role("button", name="Insert X", exact=True)).to_be_visible()
    colours = {}
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        lab.page.evaluate(
            "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme
        )
        lab.page.wait_for_function(
            "dark => document.body.dataset.jpThemeLight === (dark ? 'false' : 'true')",
            arg=theme.endswith("Dark"),
        )
        marks(lab).first.scroll_into_view_if_needed()
        marks(lab).first.hover()
        expect(lab.page.locator(".rnnmagic-tip")).to_be_visible()
        picture(lab, root, "lab-dark.png" if theme.endswith("Dark") else "lab.png")
        colours[theme] = [
            lab.page.locator(where).first.evaluate("node => getComputedStyle(node).color")
            for where in (".rnnmagic-tip", "#rnnmagic-shapes", ".rnnmagic-panel .rnnmagic-headline")
        ]
        lab.page.mouse.move(5, 5)
        expect(lab.page.locator(".rnnmagic-tip")).to_have_count(0)
    dark, light = colours["JupyterLab Dark"], colours["JupyterLab Light"]
    assert all(one != other for one, other in zip(dark, light, strict=True))
    lab.page.set_viewport_size({"width": 1280, "height": 1600})
    assert lab.cells()[SETUP_CELL]["source"] == SETUP and lab.cells()[MODEL_CELL]["source"] == MODEL
    assert not toast(lab, "Error").is_visible()
