"""The panel, driven through its own widgets: clicks, choices, threads, hostile text, closing."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import view_page
import view_samples as samples
from ipywidgets import HTML, Button, Dropdown
from ipywidgets.widgets import widget as widget_module

from rnnmagic.ladder import Classroom
from rnnmagic.policy import Rules
from rnnmagic.report import Applied, Fix, FixError, Report
from rnnmagic.settings import RnnCheck
from rnnmagic.views import STORED_MIME
from rnnmagic.views import panel as panel_module
from rnnmagic.views.panel import Panel, open_panel
from rnnmagic.views.parts import tree

SETTINGS = SimpleNamespace(display="auto", max_fixes=6)


@pytest.fixture(autouse=True)
def _no_widgets_left() -> Iterator[None]:
    yield
    for panel in panel_module._open:
        panel.close()
    panel_module._open.clear()


@pytest.fixture
def namespace() -> dict[str, Any]:
    return {"X_train": "table", "X_val": "other table"}


@pytest.fixture
def repairer(namespace: dict[str, Any]) -> samples.NamespaceRepairer:
    return samples.NamespaceRepairer(namespace)


@pytest.fixture
def panel(repairer: samples.NamespaceRepairer) -> Iterator[Panel]:
    made = Panel(samples.flattened(repairer), SETTINGS)
    yield made
    made.close()


def text(widget: Any) -> str:
    return view_page.Page(widget.value).text


def shown(widget: Any) -> bool:
    return bool(widget.layout.display != "none")


def everything(panel: Panel) -> list[Any]:
    return tree(panel.box)


def test_apply_rebinds_and_says_what_to_do(panel: Panel, namespace: dict[str, Any]) -> None:
    card = panel.cards[0]
    assert not shown(card.undo)
    card.apply.click()
    assert namespace == {"X_train": ("table", (100, 20, 3)), "X_val": ("other table", (100, 20, 3))}
    assert "X_train, X_val rebound. Run the cell again." in text(card.status)
    assert card.apply.disabled
    assert shown(card.undo)


def test_the_message_of_the_repair_is_shown(panel: Panel) -> None:
    class Speaking:
        def apply(self, fix: Fix) -> Applied:
            return Applied(fix, ("X_train",), "X_train now holds <100> sequences. Run cell 7 again.")

    panel.report.repairer = Speaking()  # type: ignore[assignment]
    panel.cards[0].apply.click()
    assert panel.message == "X_train now holds <100> sequences. Run cell 7 again."
    assert panel.message in text(panel.cards[0].status)


def test_undo_brings_back_what_was_there(panel: Panel, namespace: dict[str, Any]) -> None:
    before = dict(namespace)
    card = panel.cards[0]
    card.apply.click()
    card.undo.click()
    assert namespace == before
    assert "X_train, X_val as before" in text(card.status)
    assert not card.apply.disabled
    assert not shown(card.undo)


def test_only_the_latest_apply_can_be_undone(panel: Panel, namespace: dict[str, Any]) -> None:
    first, second = panel.cards[:2]
    first.apply.click()
    second.apply.click()
    assert (shown(first.undo), shown(second.undo)) == (False, True)
    assert not text(first.status), "one status line at a time"
    second.undo.click()
    assert (shown(first.undo), shown(second.undo)) == (True, False)
    first.undo.click()
    assert namespace == {"X_train": "table", "X_val": "other table"}


def test_an_undo_that_was_done_elsewhere_frees_the_card(
    panel: Panel, repairer: samples.NamespaceRepairer
) -> None:
    card = panel.cards[0]
    card.apply.click()
    repairer.undo()
    card.undo.click()
    assert "Nothing was applied." in text(card.status)
    assert not card.apply.disabled


def test_a_fix_of_code_only_shows_its_source_and_changes_nothing(
    panel: Panel, namespace: dict[str, Any], repairer: samples.NamespaceRepairer
) -> None:
    before = dict(namespace)
    card = panel.cards[2]
    card.apply.click()
    assert namespace == before
    assert repairer.history == []
    assert shown(card.source)
    assert "changes code, not data" in text(card.status)
    assert card.fix.edits[0].new in text(card.source)
    assert card.fix.edits[1].new in text(card.source)
    assert "%rnnfix 3" in text(card.source)


def test_show_code_toggles_the_whole_source(panel: Panel) -> None:
    card = panel.cards[0]
    card.show.click()
    assert shown(card.source)
    assert card.fix.edits[0].new in text(card.source)
    assert "Cell [7]" in text(card.source)
    assert card.show.description == "Hide code"
    card.show.click()
    assert not shown(card.source)


def test_the_source_of_an_applied_fix_says_to_undo_before_copying(panel: Panel) -> None:
    card = panel.cards[0]
    card.show.click()
    assert "Undo first" not in text(card.source)
    card.apply.click()
    assert "Undo first" in text(card.source)
    card.controls["timesteps"].value = 30
    assert "Undo first" in text(card.source)
    card.undo.click()
    assert "Undo first" not in text(card.source)


def test_a_parameter_changes_code_shapes_title_and_source_at_once(panel: Panel) -> None:
    card = panel.cards[0]
    card.show.click()
    card.controls["timesteps"].value = 30
    assert "reshape(-1, 30, 2)" in text(card.code)
    assert "[100,30,2]" in text(card.head)
    assert "not tried" in text(card.head)
    assert "30 steps of 2" in text(card.head)
    assert "reshape(-1, 30, 2)" in text(card.source)
    assert panel.report.fixes[0] is card.fix


def test_apply_uses_the_chosen_parameter(panel: Panel, namespace: dict[str, Any]) -> None:
    card = panel.cards[0]
    card.apply.click()
    card.controls["timesteps"].value = 15
    assert "Press Apply" in text(card.status)
    assert not card.apply.disabled
    card.apply.click()
    assert namespace["X_train"][1] == (100, 15, 4)


def test_a_choice_that_fails_is_said_and_taken_back(panel: Panel) -> None:
    card = panel.cards[0]
    before = card.fix
    card.controls["timesteps"].value = 60
    assert "RuntimeError: the verifier lost its way" in text(card.status)
    assert card.controls["timesteps"].value == 20
    assert card.fix is before


def test_errors_are_shown_never_raised(panel: Panel, namespace: dict[str, Any]) -> None:
    del namespace["X_val"]
    card = panel.cards[0]
    card.apply.click()
    assert "X_val is no longer in the kernel." in text(card.status)
    assert "✗" in text(card.status)
    assert not card.apply.disabled
    panel.report.repairer = None
    card.apply.click()
    assert "not connected to a kernel" in text(card.status)


def test_an_error_without_a_readable_message_is_shown(panel: Panel) -> None:
    class Rude(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no")

    class Failing:
        def apply(self, fix: Fix) -> Applied:
            raise Rude

        def undo(self) -> tuple[str, ...]:
            raise FixError("<b>nothing</b> to undo")

    panel.report.repairer = Failing()  # type: ignore[assignment]
    panel.cards[0].apply.click()
    assert "Rude" in text(panel.cards[0].status)
    panel.cards[0].undo.click()
    assert "<b>nothing</b> to undo" in text(panel.cards[0].status)


def test_callbacks_print_nothing(panel: Panel, capfd: pytest.CaptureFixture[str]) -> None:
    for card in panel.cards:
        for button in (card.apply, card.apply, card.undo, card.undo, card.show):
            button.click()
        for control in card.controls.values():
            control.value = 30
            control.value = 60
    assert capfd.readouterr() == ("", "")


def test_two_clicks_at_once_apply_once(panel: Panel, repairer: samples.NamespaceRepairer) -> None:
    apply = repairer.apply

    def slow(fix: Fix) -> Applied:
        time.sleep(0.05)
        return apply(fix)

    repairer.apply = slow  # type: ignore[method-assign]
    run_at_once([panel.cards[0].apply.click] * 4)
    assert len(repairer.history) == 1
    assert "applied already" in panel.message


def test_clicks_and_choices_on_many_threads_leave_panel_and_kernel_in_step(
    panel: Panel, repairer: samples.NamespaceRepairer, namespace: dict[str, Any]
) -> None:
    first, second = panel.cards[:2]

    def choose(steps: int) -> Any:
        return lambda: setattr(first.controls["timesteps"], "value", steps)

    actions = [first.apply.click, second.apply.click, first.undo.click, first.show.click]
    run_at_once([*actions, choose(30), choose(12), choose(60), choose(15)] * 6)
    assert len(set(repairer.threads)) > 1
    assert len(repairer.history) == len(panel._applied)
    assert first.fix is panel.report.fixes[0]
    assert first.controls["timesteps"].value == first.fix.parameters["timesteps"].value  # type: ignore[index]
    assert first.fix.code in text(first.code)
    while repairer.history:
        first.undo.click()
    assert namespace == {"X_train": "table", "X_val": "other table"}
    assert panel._applied == []


def run_at_once(actions: list[Any]) -> None:
    gate = threading.Barrier(len(actions))
    failures: list[BaseException] = []

    def run(action: Any) -> None:
        gate.wait()
        try:
            action()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not failures
    assert not any(thread.is_alive() for thread in threads)


@pytest.mark.parametrize("payload", view_page.PAYLOADS)
def test_hostile_text_stays_text_in_every_widget(payload: str) -> None:
    report = view_page.poisoned(samples.ragged(), payload)
    report.repairer = samples.NamespaceRepairer({})
    panel = Panel(report, SETTINGS)
    try:
        card = panel.cards[0]
        card.show.click()
        card.apply.click()
        markup = [widget for widget in everything(panel) if isinstance(widget, HTML)]
        assert len(markup) >= 6
        for widget in markup:
            view_page.check(widget.value)
        assert payload in text(card.source)
        assert payload in text(card.status)
        assert payload in text(panel.head)
        assert not any(getattr(widget, "description_allow_html", False) for widget in everything(panel))
    finally:
        panel.close()


def test_controls_and_buttons_have_names() -> None:
    panel = Panel(samples.ragged(), SETTINGS)
    controls = [widget for widget in everything(panel) if isinstance(widget, Dropdown)]
    assert [control.description for control in controls] == ["zeros go", "length", "fill with"]
    assert [control.value for control in controls] == ["post", 9, 0.0]
    assert [label for label, _ in controls[0].options] == ["pre", "post"]
    for button in (widget for widget in everything(panel) if isinstance(widget, Button)):
        assert button.description
        assert "Pad the sequences to one length" in button.tooltip
    panel.close()


def test_max_fixes_limits_the_cards() -> None:
    panel = Panel(samples.flattened(), SimpleNamespace(display="auto", max_fixes=2))
    assert len(panel.cards) == 2
    assert "1 more way" in text(panel.foot)
    panel.close()


class Shell:
    """As much of a kernel's shell as a panel asks for: where it is, and where displays go."""

    kernel = object()

    def __init__(self) -> None:
        self.cell, self.message = "a", 0
        self.published: list[dict[str, Any]] = []
        self.display_pub = self

    def get_parent(self) -> dict[str, Any]:
        return {"header": {"msg_id": str(self.message)}, "metadata": {"cellId": self.cell}}

    def publish(self, **message: Any) -> None:
        self.published.append(message)


def test_old_panels_fall_back_to_html_and_close() -> None:
    shell = Shell()
    before = len(widget_module._instances)
    opened = []
    for number in range(25):
        shell.cell, shell.message = f"cell {number}", number
        opened.append(open_panel(samples.ragged(), SETTINGS, shell))
    assert [panel.closed for panel in opened] == [True] * 5 + [False] * 20
    assert [message["transient"]["display_id"] for message in shell.published] == [
        panel.display_id for panel in opened[:5]
    ]
    assert all(message["update"] and set(message["data"]) == {STORED_MIME, "text/html", "text/plain"}
               for message in shell.published)  # fmt: skip
    alive = len(widget_module._instances)
    for number in range(25, 30):
        shell.cell, shell.message = f"cell {number}", number
        open_panel(samples.ragged(), SETTINGS, shell)
    assert len(widget_module._instances) == alive
    for panel in panel_module._open:
        panel.close()
    assert len(widget_module._instances) == before


def test_running_a_cell_again_closes_its_old_panel() -> None:
    shell = Shell()
    first = open_panel(samples.ragged(), SETTINGS, shell)
    beside = open_panel(samples.ragged(), SETTINGS, shell)
    assert not first.closed, "two reports of one run stand side by side"
    shell.message = 1
    again = open_panel(samples.ragged(), SETTINGS, shell)
    assert (first.closed, beside.closed, again.closed) == (True, True, False)
    assert shell.published == [], "the front end has cleared that output itself"


def test_a_cell_that_is_run_often_keeps_one_panel() -> None:
    shell = Shell()
    beside = open_panel(samples.ragged(), SETTINGS, shell)
    shell.cell = "b"
    for shell.message in range(30):
        open_panel(samples.ragged(), SETTINGS, shell)
    assert len(panel_module._open) == 2
    assert not beside.closed


def test_a_click_on_a_closed_panel_does_nothing(panel: Panel, namespace: dict[str, Any]) -> None:
    panel.close()
    panel.cards[0].apply.click()
    panel.cards[0].controls["timesteps"].value = 30
    assert namespace["X_train"] == "table"


def test_hints_are_climbed_in_the_same_panel_and_old_widgets_go() -> None:
    shown: list[Panel] = []

    def changed(before: Report, after: Report) -> None:
        shown[0].show(after)

    room = Classroom(Rules(), changed)
    panel = Panel(room.view(samples.flattened(), RnnCheck(hints=True)), RnnCheck())
    shown.append(panel)
    box = panel.model_id
    for step in range(1, 5):
        assert panel.report.lesson is not None
        assert panel.report.lesson.step == step
        assert panel.cards == []
        hint, head = panel.hint, panel.head
        hint.click()
        hint.click()  # of a button that has gone already
        assert head.comm is None
    assert panel.model_id == box
    assert panel.hint is None
    assert len(panel.cards) == 3


def test_hints_asked_for_on_two_threads_wait_for_nobody() -> None:
    shown: list[Panel] = []
    room = Classroom(Rules(), lambda before, after: shown[0].show(after))
    panel = Panel(room.view(samples.flattened(), RnnCheck(hints=True)), RnnCheck())
    shown.append(panel)

    def climb() -> None:
        try:
            room.climb(panel.report)
        except FixError:
            pass  # the other one was faster

    threads = [
        threading.Thread(target=act, daemon=True) for _ in range(4) for act in (climb, panel.hint.click)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def test_where_nothing_may_be_applied_there_is_no_button() -> None:
    rules = Rules(allow_apply=False, sources=("RNNMAGIC_POLICY",))
    room = Classroom(rules, lambda before, after: None)
    panel = Panel(room.view(samples.flattened(), RnnCheck()), RnnCheck())
    assert panel.cards == []
    assert panel.hint is None
    assert "X_train.reshape(-1, 20, 3)" in panel.head.value
    assert "policy: RNNMAGIC_POLICY" in panel.foot.value
