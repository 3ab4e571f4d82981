"""What goes wrong around the extension: two notebooks, two tabs, kernels without rnnmagic or with another."""

from __future__ import annotations

from pathlib import Path

import pytest
from lab import Lab
from playwright.sync_api import expect
from story import (
    CELLS,
    FAILING,
    FAILING_CELL,
    REPAIRED,
    apply_button,
    begin,
    expect_source,
    panel,
    toast,
    write,
)

SAME_KERNEL = """async path => {
    const app = window.jupyterapp;
    const first = [...app.shell.widgets('main')].find(one => one.sessionContext && one.content?.widgets);
    const id = first.sessionContext.session.kernel.id;
    const panel = await app.commands.execute('docmanager:open', {path, kernel: {id}});
    await panel.context.ready;
    await panel.sessionContext.ready;
    return panel.sessionContext.session.kernel.id === id;
}"""


def test_two_tabs_on_one_notebook_and_only_the_clicked_one_edits(lab: Lab, notebooks: Path) -> None:
    begin(lab, notebooks, "tabs.ipynb", CELLS[:3])
    lab.run(FAILING_CELL)
    panel(lab, FAILING_CELL)
    lab.command("docmanager:save")
    other = lab.another_tab()
    other.open("tabs.ipynb")
    apply_button(panel(lab, FAILING_CELL)).click()
    expect_source(lab, FAILING_CELL, REPAIRED)
    expect(lab.output(FAILING_CELL)).to_have_text("")
    other.page.wait_for_timeout(1000)
    assert other.cells()[FAILING_CELL]["source"] == FAILING
    other.page.close()


def test_two_notebooks_with_the_same_cell_ids(lab: Lab, notebooks: Path) -> None:
    """On one kernel, so that each hears of the other's reports."""
    begin(lab, notebooks, "one.ipynb", CELLS[:3])
    twin = write(notebooks, "twin.ipynb", CELLS[:3])
    lab.run(FAILING_CELL)
    shown = panel(lab, FAILING_CELL)
    assert lab.page.evaluate(SAME_KERNEL, twin)
    sources = """() => [...window.jupyterapp.shell.widgets('main')]
        .filter(one => one.sessionContext && one.content?.widgets)
        .map(one => [one.context.path, one.content.widgets[2].model.sharedModel.getSource()])"""
    assert dict(lab.page.evaluate(sources)) == {"one.ipynb": FAILING, "twin.ipynb": FAILING}
    lab.page.evaluate(
        """() => window.jupyterapp.shell.activateById([...window.jupyterapp.shell.widgets('main')]
            .find(one => one.context?.path === 'one.ipynb').id)"""
    )
    apply_button(shown).click()
    lab.page.wait_for_function(
        f"repaired => Object.fromEntries(({sources})())['one.ipynb'] === repaired", arg=REPAIRED
    )
    assert dict(lab.page.evaluate(sources)) == {"one.ipynb": REPAIRED, "twin.ipynb": FAILING}
    lab.page.evaluate(
        """() => [...window.jupyterapp.shell.widgets('main')]
            .find(one => one.context?.path === 'twin.ipynb').close()"""
    )


@pytest.mark.parametrize(
    ("kernel", "said"),
    [("without-rnnmagic", "%pip install rnnmagic"), ("other-rnnmagic", "9.9.9")],
)
def test_a_kernel_that_does_not_fit_is_said(lab: Lab, notebooks: Path, kernel: str, said: str) -> None:
    lab.open(write(notebooks, f"{kernel}.ipynb", ["1 + 1"], kernel=kernel))
    toggle = lab.page.get_by_role("button", name="Check shapes")
    toggle.click()
    expect(toast(lab, said)).to_be_visible()
    expect(toggle).to_have_attribute("aria-pressed", "false")
    lab.run(0)
    expect(lab.output(0)).to_contain_text("2")


def test_a_notebook_without_the_magic_is_left_alone(lab: Lab, notebooks: Path) -> None:
    lab.open(write(notebooks, "plain.ipynb", ["1 / 0", "2"]))
    lab.run(0)
    lab.run(1)
    expect(lab.output(1)).to_contain_text("2")
    assert lab.page.locator(".rnnmagic-mark").count() == 0
