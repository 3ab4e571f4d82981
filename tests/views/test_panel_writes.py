"""The panel beside a front end that edits cells: what it asks for, shows, and does with each answer."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import view_page
import view_samples as samples

from rnnmagic.report import Fix, FixError, Report, Told
from rnnmagic.views.panel import Panel

SETTINGS = SimpleNamespace(display="auto", max_fixes=6)


class FrontEnd:
    """Stands for the line to the extension; its answers come when the test says so."""

    def __init__(self) -> None:
        self.here = True
        self.asked: list[tuple[Fix | None, bool, Told]] = []

    def reaches(self) -> bool:
        return self.here

    def write(self, report: Report, fix: Fix, told: Told, *, seen: bool) -> None:
        self.asked.append((fix, seen, told))

    def take_back(self, told: Told) -> None:
        self.asked.append((None, True, told))


@pytest.fixture
def namespace() -> dict[str, Any]:
    return {"X_train": "table", "X_val": "other table"}


@pytest.fixture
def front() -> FrontEnd:
    return FrontEnd()


@pytest.fixture
def panel(front: FrontEnd, namespace: dict[str, Any]) -> Any:
    report = samples.flattened(samples.NamespaceRepairer(namespace))
    report.writer = front
    made = Panel(report, SETTINGS)
    yield made
    made.close()


def text(widget: Any) -> str:
    return view_page.Page(widget.value).text


def shown(widget: Any) -> bool:
    return bool(widget.layout.display != "none")


def test_the_card_shows_lines_that_go_and_come(panel: Panel) -> None:
    code = panel.cards[0].code.value
    edit = panel.cards[0].fix.edits[0]
    gone = [line for line in edit.old.splitlines() if line not in edit.new.splitlines()]
    come = [line for line in edit.new.splitlines() if line not in edit.old.splitlines()]
    assert code.count("<del") == len(gone)
    assert code.count("<ins") == len(come) > 0
    assert "this changes" in text(panel.cards[0].code)


def test_apply_asks_for_the_edit_and_binds_nothing(
    panel: Panel, front: FrontEnd, namespace: dict[str, Any]
) -> None:
    before = dict(namespace)
    panel.cards[0].apply.click()
    assert [(fix, seen) for fix, seen, _ in front.asked] == [(panel.cards[0].fix, True)]
    assert namespace == before
    assert not panel.cards[0].apply.disabled

    front.asked[0][2]("edited", "")
    assert panel.cards[0].apply.disabled
    assert shown(panel.cards[0].undo)
    assert "Written into the cell" in text(panel.cards[0].status)


def test_another_fix_waits_for_the_undo_of_the_first(panel: Panel, front: FrontEnd) -> None:
    panel.cards[0].apply.click()
    front.asked[0][2]("edited", "")
    panel.cards[1].apply.click()
    assert len(front.asked) == 1
    assert "Undo it first" in text(panel.cards[1].status)

    panel.cards[0].undo.click()
    assert front.asked[1][0] is None
    front.asked[1][2]("undone", "X_train")
    assert "X_train as before" in text(panel.cards[0].status)
    assert not panel.cards[0].apply.disabled
    panel.cards[1].apply.click()
    assert len(front.asked) == 3


def test_a_refusal_is_said_and_leaves_the_card_as_it_was(panel: Panel, front: FrontEnd) -> None:
    panel.cards[0].apply.click()
    front.asked[0][2]("refused", "The cell is <locked>.")
    assert "The cell is <locked>." in text(panel.cards[0].status)
    assert "<locked>" not in panel.cards[0].status.value
    assert not panel.cards[0].apply.disabled
    assert not shown(panel.cards[0].undo)


def test_without_the_front_end_apply_rebinds_as_ever(
    panel: Panel, front: FrontEnd, namespace: dict[str, Any]
) -> None:
    front.here = False  # another page, without the extension, has the same panel
    panel.cards[0].apply.click()
    assert front.asked == []
    assert namespace["X_train"] == ("table", (100, 20, 3))


def test_an_error_on_the_line_is_shown(
    panel: Panel, front: FrontEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*args: object, **keywords: object) -> None:
        raise FixError("No front end that can edit cells is connected.")

    monkeypatch.setattr(front, "write", gone)
    panel.cards[0].apply.click()
    assert "No front end" in text(panel.cards[0].status)


def test_an_answer_to_a_closed_panel_is_dropped(panel: Panel, front: FrontEnd) -> None:
    panel.cards[0].apply.click()
    panel.close()
    front.asked[0][2]("edited", "")
    assert panel._written is None
