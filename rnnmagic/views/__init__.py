"""How a report is shown: one display that holds the panel, the HTML and the text together.

A front end picks the richest one it can show, so the same cell output serves a live notebook, a saved
one, nbconvert and a terminal. In a kernel the plain data go along for `rnnmagic report`, shown by no
front end. ipywidgets is imported only when a panel is made.
"""

from __future__ import annotations

import shutil
import sys
from typing import Any, Protocol

from rnnmagic.front import is_attended
from rnnmagic.language import say
from rnnmagic.report import Report
from rnnmagic.views.html import render_html
from rnnmagic.views.stored import MIME as STORED_MIME
from rnnmagic.views.stored import stored_report
from rnnmagic.views.text import render_text
from rnnmagic.views.wording import one_line

__all__ = ["render_html", "render_text", "show_report"]

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


def show_report(report: Report, settings: Settings, shell: Any) -> None:
    """Show a report once, in the way `settings.display` asks for.

    `auto` is the panel in a kernel that has ipywidgets and somebody in front of it, HTML in any other
    kernel, text elsewhere. A report without fixes has nothing to click and needs no panel.
    """
    way = settings.display
    if way == "none":
        return
    kernel = getattr(shell, "kernel", None) is not None
    if report.ahead and way == "panel":
        way = "html"  # a running kernel answers no button
    if way == "auto":
        way = (
            ("panel" if report.fixes and settings.max_fixes > 0 and not report.ahead else "html")
            if kernel
            else "text"
        )
        if way == "panel" and not is_attended(shell):
            way = "html"  # nobody could click
    limit = max(0, int(settings.max_fixes))
    panel, note = (
        _make_panel(report, settings, shell, asked=settings.display) if way == "panel" else (None, None)
    )
    data: dict[str, Any] = {}
    if panel is not None:
        data[WIDGET_MIME] = {"version_major": 2, "version_minor": 0, "model_id": panel.model_id}
    if way != "text":
        data["text/html"] = render_html(report, max_fixes=limit, note=note)
    width = WIDTH if kernel else min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns)
    text = render_text(report, width, max_fixes=limit, note=note)
    data["text/plain"] = text if kernel else _printable(text)
    if kernel:
        data[STORED_MIME] = stored_report(report)
    transient = {} if panel is None else {"display_id": panel.display_id}
    shell.display_pub.publish(data=data, metadata={}, transient=transient)


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
