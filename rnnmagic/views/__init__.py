"""How a report is shown: one display that holds the panel, the HTML and the text together.

A front end picks the richest one it can show, so the same cell output serves a live notebook, a saved
one, nbconvert and a terminal. In a kernel the plain data go along for `rnnmagic report`, shown by no
front end. ipywidgets is imported only when a panel is made.
"""

from __future__ import annotations

import shutil
import sys
import uuid
from dataclasses import dataclass
from typing import Any, Protocol

from rnnmagic.front import is_attended
from rnnmagic.language import say
from rnnmagic.report import Report
from rnnmagic.views.html import render_html, render_step_html
from rnnmagic.views.stored import MIME as STORED_MIME
from rnnmagic.views.stored import stored_report
from rnnmagic.views.text import render_step_text, render_text
from rnnmagic.views.wording import one_line

__all__ = ["Shown", "render_html", "render_text", "show_report", "show_step"]

WIDTH = 88
WIDGET_MIME = "application/vnd.jupyter.widget-view+json"

# What a terminal without Unicode gets instead.
_PLAIN = str.maketrans(
    {"✓": "ok", "✗": "x", "→": "->", "…": "...", "–": "-", "×": "x", "·": "-", "█": "#", "≠": "!="}
)


class Settings(Protocol):
    """What the views read of `rnnmagic.settings.RnnCheck`."""

    display: Any
    max_fixes: Any


@dataclass
class Shown:
    """A display of a report that can be brought up to date."""

    display_id: str
    settings: Settings
    panel: Any = None


def show_report(report: Report, settings: Settings, shell: Any, shown: Shown | None = None) -> Shown | None:
    """Show a report once, in the way `settings.display` asks for.

    `auto` is the panel in a kernel that has ipywidgets and somebody in front of it, HTML in any other
    kernel, text elsewhere. A report without buttons has nothing to click and needs no panel.

    Parameters
    ----------
    shown
        An earlier display of this report, at another step of its hints, which this takes the place of.

    Returns
    -------
    The display, where a front end can bring it up to date.
    """
    way = settings.display
    if way == "none":
        return None
    kernel = getattr(shell, "kernel", None) is not None
    if report.ahead and way == "panel":
        way = "html"  # a running kernel answers no button
    if way == "auto":
        way = ("panel" if _has_buttons(report, settings) else "html") if kernel else "text"
        if way == "panel" and not is_attended(shell):
            way = "html"  # nobody could click
    limit = max(0, int(settings.max_fixes))
    note: str | None = None
    panel = None if shown is None else shown.panel
    if panel is not None:
        panel.show(report)
    elif way == "panel" and shown is None:
        panel, note = _make_panel(report, settings, shell, asked=settings.display)
    data: dict[str, Any] = {}
    if panel is not None and not panel.closed:
        data[WIDGET_MIME] = {"version_major": 2, "version_minor": 0, "model_id": panel.model_id}
    if way != "text":
        data["text/html"] = render_html(report, max_fixes=limit, note=note)
    width = WIDTH if kernel else min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns)
    text = render_text(report, width, max_fixes=limit, note=note)
    data["text/plain"] = text if kernel else _printable(text)
    if kernel:
        data[STORED_MIME] = stored_report(report)
    update = shown is not None
    if shown is None and kernel:
        shown = Shown(uuid.uuid4().hex if panel is None else panel.display_id, settings, panel)
    transient = {} if shown is None else {"display_id": shown.display_id}
    shell.display_pub.publish(data=data, metadata={}, transient=transient, update=update)
    return shown


def _has_buttons(report: Report, settings: Settings) -> bool:
    if report.ahead:
        return False
    return report.more_hints or bool(report.fixes and settings.max_fixes > 0 and not report.refuses)


def show_step(report: Report, shell: Any) -> None:
    """Show what the latest step of a report's hints has added, by itself."""
    kernel = getattr(shell, "kernel", None) is not None
    width = WIDTH if kernel else min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns)
    text = render_step_text(report, width)
    data = {"text/plain": text if kernel else _printable(text)}
    if kernel:
        data["text/html"] = render_step_html(report)
    shell.display_pub.publish(data=data, metadata={}, transient={})


def _make_panel(report: Report, settings: Settings, shell: Any, asked: str) -> tuple[Any, str | None]:
    """The panel, or none and the reason, if it is one that the user should hear.

    That ipywidgets is missing is said only to a user who asked for the panel; the HTML has it all.
    """
    try:
        from rnnmagic.views.panel import open_panel
    except ImportError:
        return None, say("The panel needs ipywidgets: pip install ipywidgets") if asked == "panel" else None
    try:
        return open_panel(report, settings, shell), None
    except Exception as error:
        reason = one_line(f"{type(error).__name__}: {error}", 160)
        return None, say("rnnmagic could not open its panel ({reason}).", reason=reason)


def _printable(text: str) -> str:
    """The text as the terminal's encoding can print it, never an error instead of a report."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except (UnicodeError, LookupError):
        return text.translate(_PLAIN).encode("ascii", "backslashreplace").decode("ascii")
    return text
