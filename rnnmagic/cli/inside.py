"""What the command line runs inside a notebook's kernel: every cell checked, each report sent out.

`start` is called once, silently, before the first cell. It puts no name into the notebook's variables
and changes no line of a cell. A report goes out as a display of a type that only the command line
reads, as part of the cell's own outputs, so that it is there even if the next cell ends the kernel.
"""

from __future__ import annotations

from typing import Any

MIME = "application/vnd.rnnmagic.checked+json"
PROTOCOL = 1
"""Raised when the payload changes its meaning; the kernel's rnnmagic may be another than the caller's."""


TIME_LIMIT_S = 60.0
"""For trying fixes. Nobody waits in front of the cell, and the machine may be busy with other notebooks."""


def start(shell: Any) -> int:
    """Load rnnmagic in this shell, switch it on for every cell, and send each report; `PROTOCOL`."""
    _Sender(shell).switch_on()
    return PROTOCOL


class _Sender:
    def __init__(self, shell: Any) -> None:
        self._shell = shell
        # As it is now: `%%capture` and others put another in its place.
        self._publisher = shell.display_pub
        self._sent: object = None
        self._heard: object = None
        """The checker that this one comes after."""

    def after_cell(self, result: Any) -> None:
        """Send the report of the cell that ended, if it was checked. Nothing raised gets to the notebook."""
        from rnnmagic import extension

        try:
            report = extension.last_report()
            if report is not None and report is not self._sent:
                self._sent = report
                data = {"protocol": PROTOCOL, "report": report.to_dict()}
                self._publisher.publish(data={MIME: data}, metadata={})
        except Exception as problem:
            text = f"{type(problem).__name__}: {problem}"[:300]
            try:
                self._publisher.publish(data={MIME: {"protocol": PROTOCOL, "trouble": text}}, metadata={})
            except Exception:
                pass  # the kernel is going down
        self.switch_on()

    def switch_on(self) -> None:
        """On for the next cell, even if this one said `%rnncheck off` or unloaded the extension."""
        from rnnmagic import extension

        checker = extension.checker()
        if checker is None or checker.shell is not self._shell:
            manager = self._shell.extension_manager
            if manager.load_extension("rnnmagic") is not None:
                manager.reload_extension("rnnmagic")
            checker = extension.checker()
        if checker is None:
            return
        if checker is not self._heard:
            self._heard = checker
            self._come_last()
            # Nobody looks at what it would show.
            checker.settings.display = "none"
            checker.settings.quiet = True
            checker.settings.time_limit = max(checker.settings.time_limit, TIME_LIMIT_S)
        if not checker.on:
            checker.switch(True)

    def _come_last(self) -> None:
        """Be called after a checker that was just loaded, so that its report of a cell is there by then."""
        events = self._shell.events
        try:
            events.unregister("post_run_cell", self.after_cell)
        except ValueError:
            pass  # the first time, or someone cleared the events
        events.register("post_run_cell", self.after_cell)
