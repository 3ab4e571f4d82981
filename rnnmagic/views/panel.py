"""The panel under a failing cell: fixes as cards, with Apply, Undo, Show code and parameters.

Front ends deliver clicks on any thread, also while a cell runs and also two at once (JupyterLab's
subshells), so every callback takes the panel's lock, does no TensorFlow work, prints nothing (output
would land in a random cell) and raises nothing: what goes wrong is said in the status line. No callback
calls `set_next_input`, which would overwrite the next cell that the user runs.
"""

from __future__ import annotations

import importlib
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Literal

from rnnmagic.endings import shielded
from rnnmagic.interrupts import Shield
from rnnmagic.language import say
from rnnmagic.report import HINT_STEPS, Applied, Fix, FixError, Report, WriteNews
from rnnmagic.views import html, stored, wording
from rnnmagic.views.markup import Markup, el
from rnnmagic.views.parts import Look, set_control, tree

# ipywidgets has no types: everything that comes out of it is Any, here and in `parts.py` alone.
_widgets: Any = importlib.import_module("ipywidgets")

OPEN_AT_MOST = 20
"""Panels that stay alive; older ones fall back to the HTML of the same report."""


class _Card:
    """One fix: its widgets, and the fix as its parameters stand now."""

    def __init__(self, report: Report, fix: Fix, number: int, writes: bool, look: Look) -> None:
        self.report = report
        self.fix = fix
        self.number = number
        self.rebound = False
        """Whether the variables are rebound by this card, with these parameters or others."""
        self.writes = writes
        """Apply edits the notebook's cells, so the card shows what will change in them."""
        self.head = look.text()
        self.code = look.text()
        self.source = look.text(hidden=True)
        self.status = look.text()
        title = wording.one_line(fix.title, 120)
        self.apply = look.click(
            say("Apply fix {number}", number=number),
            say("Apply fix {number}: {title}", number=number, title=title),
            primary=number == 1,
        )
        self.undo = look.click(
            say("Undo"), say("Undo fix {number}: {title}", number=number, title=title), hidden=True
        )
        self.show = look.click(
            say("Show code"),
            say("Show the whole repaired code of fix {number}: {title}", number=number, title=title),
        )
        self.controls: dict[str, Any] = {
            name: look.control(parameter) for name, parameter in (fix.parameters or {}).items()
        }
        buttons = _widgets.HBox(
            [*self.controls.values(), self.apply, self.undo, self.show], layout=look.plain
        )
        buttons.add_class("rnnmagic-buttons")
        self.box = _widgets.VBox([self.head, self.code, buttons, self.status, self.source], layout=look.plain)
        self.box.add_class("rnnmagic-card")
        self.render()

    @property
    def source_shown(self) -> bool:
        return bool(self.source.layout.display != "none")

    def render(self) -> None:
        """Bring every widget in line with the fix."""
        self.head.value = html.root(html.fix_head(self.fix, self.number)).html
        edits = self.writes and bool(self.fix.edits)
        code = html.difference(self.fix, self.report) if edits else html.fix_code(self.fix)
        self.code.value = html.root(code).html
        if self.source_shown:
            self.source.value = html.source(self.fix, self.number, self.rebound).html
        for name, control in self.controls.items():
            parameter = (self.fix.parameters or {}).get(name)
            if parameter is not None:
                set_control(control, parameter)

    def show_source(self, shown: bool) -> None:
        self.source.layout.display = None if shown else "none"
        self.show.description = say("Hide code") if shown else say("Show code")
        if shown:
            self.source.value = html.source(self.fix, self.number, self.rebound).html

    def mark(self, applied: bool, rebound: bool, latest: bool) -> None:
        """Show whether the fix is in force. Only the latest one can be taken back."""
        if rebound is not self.rebound:
            self.rebound = rebound
            self.render()
        self.apply.disabled = applied
        self.apply.description = (
            f"{wording.OK_MARK} " + say("Applied")
            if applied
            else say("Apply fix {number}", number=self.number)
        )
        self.undo.layout.display = None if latest else "none"
        (self.box.add_class if applied else self.box.remove_class)("rnnmagic-applied")


class Panel:
    """The widgets of one report. `box` is what is displayed."""

    def __init__(self, report: Report, settings: Any) -> None:
        self.report = report
        self.display_id = uuid.uuid4().hex
        self.origin: tuple[str, str] | None = None
        self._lock = threading.RLock()
        self._syncing = False
        self._closed = False
        self._applied: list[tuple[_Card, Fix]] = []
        self._written: _Card | None = None
        """The card whose fix stands in the notebook's cells."""
        self.message = ""
        """The latest status line, as text; it stands in the card that it is about."""
        self.cards: list[_Card] = []
        self.hint: Any = None
        """The button for the next hint, where there is one."""
        self._limit = max(0, int(settings.max_fixes))
        self.box = _widgets.VBox()
        self.box.add_class("rnnmagic-panel")
        self._build(report)

    def show(self, report: Report) -> None:
        """Show another report in the same place: this one at another step of its hints."""
        with self._lock:
            if self._closed:
                return
            old = [part for child in self.box.children for part in tree(child)]
            self._applied.clear()
            self._written = None
            self._build(report)
            for widget in old:
                widget.close()

    def _build(self, report: Report) -> None:
        self.report = report
        fixes = wording.shown_fixes(report, self._limit)
        writes = report.writer is not None and report.writer.reaches()
        title = html.section(wording.fixes_title(report)) if fixes else None
        # Fixes that cannot be carried out have no buttons, and need no widgets.
        read = [html.fix_card(fix, number) for number, fix in enumerate(fixes, 1)] if report.refuses else []
        look = Look()
        self.head = look.text(html.root(html.head(report), html.flow(report), title, *read), css=True)
        self.cards = [
            _Card(report, fix, number, writes, look) for number, fix in enumerate([] if read else fixes, 1)
        ]
        self.foot = look.text(html.root(*_foot(report, len(fixes))))
        self.hint = _next_hint(report, look)
        hint = [] if self.hint is None else [self.hint]
        self.box.children = [self.head, *(card.box for card in self.cards), self.foot, *hint]
        for card in self.cards:
            card.apply.on_click(partial(self._guarded, self._apply, card))
            card.undo.on_click(partial(self._guarded, self._undo, card))
            card.show.on_click(partial(self._guarded, self._toggle, card))
            for name, control in card.controls.items():
                control.observe(partial(self._changed, card, name), names="value")
        if self.hint is not None:
            self.hint.on_click(self._climb)

    def _climb(self, button: Any) -> None:
        """The next hint was asked for. `show` is called while this goes on, so no lock is held."""
        report = self.report
        if self._closed or button is not self.hint or report.climber is None:
            return  # a second click that was on its way
        try:
            with Shield("drop"):
                report.climber.climb(report)
        except Exception as error:
            text = wording.sentence(_message(error))
            self.foot.value = html.root(*_foot(report, 0), el("p", text, role="status")).html

    @property
    def model_id(self) -> str:
        return str(self.box.model_id)

    @property
    def closed(self) -> bool:
        return self._closed

    @shielded
    def close(self) -> None:
        """Close every widget. Waits for no callback: one under way finds its widgets closed."""
        self._closed = True
        for widget in tree(self.box):
            widget.close()

    # --- callbacks ---

    @contextmanager
    def _safely(self, card: _Card) -> Iterator[None]:
        """One callback at a time, and its errors in the card's status line."""
        with Shield("drop"), self._lock:
            try:
                yield
            except KeyboardInterrupt:
                self._say(card, say("Nothing was changed."), "fail")
            except FixError as error:
                self._say(card, _message(error), "fail")
            except BaseException as error:  # out of a callback it would reach the kernel
                self._say(
                    card,
                    say(
                        "That did not work: {kind}: {message}",
                        kind=type(error).__name__,
                        message=_message(error),
                    ),
                    "fail",
                )

    def _guarded(self, act: Callable[[_Card], None], card: _Card, _button: Any) -> None:
        if not self._closed:
            with self._safely(card):
                act(card)

    def _apply(self, card: _Card) -> None:
        writer = self.report.writer
        if writer is not None and card.fix.edits and writer.reaches():
            if self._written is not None:
                raise FixError(say("A fix stands in the cells already. Undo it first."))
            self._applied.clear()  # the writer takes back what was rebound
            self._mark()
            self._say(card, say("Changing the cell…"))
            writer.write(self.report, card.fix, partial(self._told, card), seen=card.writes)
            return
        if not card.fix.rebinds:
            card.show_source(True)
            self._say(
                card,
                say(
                    "This fix changes code, not data, so nothing in the kernel was changed. Copy the repaired code below, or run %rnnfix {number}.",
                    number=card.number,
                ),
            )
            return
        if (card, card.fix) in self._applied:
            self._say(card, say("This fix is applied already. Run the cell again."))
            return
        applied = self.report.apply(card.fix.id)
        self._applied.append((card, card.fix))
        self._mark()
        self._say(card, _applied_text(applied), "ok")

    def _told(self, card: _Card, news: WriteNews, text: str) -> None:
        """The front end has answered; on any thread, perhaps long after."""
        if self._closed:
            return
        with self._lock:
            if news == "edited":
                self._written = card
                self._say(card, say("Written into the cell."), "ok")
            elif news == "undone":
                self._written = None
                self._say(card, say("Undone: {text} as before.", text=text) if text else say("Undone."), "ok")
            else:
                self._say(card, text or say("Nothing was changed."), "fail")
            self._mark()

    def _undo(self, card: _Card) -> None:
        if self._written is card and self.report.writer is not None:
            self.report.writer.take_back(partial(self._told, card))
            return
        try:
            restored = self.report.undo()
        except FixError:
            # Taken back elsewhere (`%rnnfix undo`) or beyond reach: nothing here is in force.
            self._applied.clear()
            self._mark()
            raise
        if self._applied:
            self._applied.pop()
        self._mark()
        names = ", ".join(wording.name(name) for name in restored)
        self._say(card, say("Undone: {names} as before.", names=names) if names else say("Undone."), "ok")

    def _toggle(self, card: _Card) -> None:
        card.show_source(not card.source_shown)

    def _changed(self, card: _Card, name: str, change: Any) -> None:
        """A parameter control was moved: ask for the fix with that value and show it."""
        if self._closed:
            return
        with Shield("drop"), self._lock:
            if self._syncing:
                return
            with self._safely(card):
                card.fix = self.report.adjust(card.fix.id, **{name: change["new"]})
                applied = any(other is card for other, _ in self._applied)
                self._say(card, say("Changed. Press Apply to use it.") if applied else "")
            # After an error, too: the controls show the fix as it is.
            self._syncing = True
            try:
                with self._safely(card):
                    card.render()
                    self._mark()
            finally:
                self._syncing = False

    # --- state shown ---

    def _mark(self) -> None:
        latest = self._applied[-1][0] if self._applied else None
        for card in self.cards:
            rebound = any(other is card for other, _ in self._applied)
            written = card is self._written
            card.mark(written or (card, card.fix) in self._applied, rebound, written or card is latest)

    def _say(self, card: _Card, text: str, kind: Literal["ok", "fail", "info"] = "info") -> None:
        self.message = wording.sentence(text)
        for other in self.cards:
            if other is not card and other.status.value:
                other.status.value = ""
        if not text:
            card.status.value = ""
            return
        marks = {"ok": wording.OK_MARK, "fail": wording.FAIL_MARK, "info": ""}
        mark = el("span", marks[kind] + " ", cls=kind) if marks[kind] else None
        card.status.value = html.root(el("p", mark, self.message, role="status", cls="status")).html


def _next_hint(report: Report, look: Look) -> Any:
    """The button for the next hint; none when there is none to come."""
    if not report.more_hints or report.lesson is None:
        return None
    number = report.lesson.step + 1
    button = look.click(
        say("Next hint"),
        say(
            "Show hint {number} of {steps}: {step}",
            number=number,
            steps=HINT_STEPS,
            step=wording.step_name(number),
        ),
        primary=True,
    )
    button.add_class("rnnmagic-hint")
    return button


def open_panel(report: Report, settings: Any, shell: Any) -> Panel:
    """A panel for the report, registered so that old ones are closed."""
    panel = Panel(report, settings)
    panel.origin = _origin(shell)
    with _open_lock:
        replaced = [old for old in _open if _replaces(panel.origin, old.origin)]
        kept = [old for old in _open if old not in replaced and not old.closed]
        surplus = kept[: max(0, len(kept) + 1 - OPEN_AT_MOST)]
        _open[:] = [*kept[len(surplus) :], panel]
    for old in replaced:
        old.close()
    for old in surplus:
        _fall_back(old, settings, shell)
    return panel


_open: list[Panel] = []
_open_lock = threading.Lock()


def _origin(shell: Any) -> tuple[str, str] | None:
    """The cell that displays, and the run of it: `(cell id, message id)`."""
    try:
        parent = shell.get_parent()
        return str(parent["metadata"]["cellId"]), str(parent["header"]["msg_id"])
    except Exception:
        return None


def _replaces(new: tuple[str, str] | None, old: tuple[str, str] | None) -> bool:
    """Whether a display at `new` stands where `old` was: the same cell, run again."""
    return new is not None and old is not None and new[0] == old[0] and new[1] != old[1]


def _fall_back(panel: Panel, settings: Any, shell: Any) -> None:
    """Put the HTML in the panel's place, so that no dead buttons stay, and close its widgets."""
    from rnnmagic.views.text import render_text

    try:
        limit = max(0, int(settings.max_fixes))
        data = {
            "text/html": html.render_html(panel.report, max_fixes=limit),
            "text/plain": render_text(panel.report, max_fixes=limit),
            stored.MIME: stored.stored_report(panel.report),
        }
        if getattr(shell, "kernel", None) is not None:
            transient = {"display_id": panel.display_id}
            shell.display_pub.publish(data=data, metadata={}, transient=transient, update=True)
    finally:
        panel.close()


def _foot(report: Report, shown: int) -> list[Markup | None]:
    hidden = wording.hidden_fixes(report, shown)
    go_on = wording.how_to_go_on(report)
    end = wording.hints_end(report)
    lines = [el("p", text, cls="muted") for text in (hidden, go_on, end) if text]
    return [html.notes(report), *lines] if report.lesson or not report.fixes else [*lines, html.notes(report)]


def _applied_text(applied: Applied) -> str:
    """The message of the repair, with the names it rebound if it does not say them itself."""
    message = applied.message.strip()
    if message and all(name in message for name in applied.rebound):
        return message
    names = ", ".join(wording.name(name) for name in applied.rebound)
    return say(
        "Applied: {names} rebound. {message}", names=names, message=message or say("Run the cell again.")
    )


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return say("(no message)")
