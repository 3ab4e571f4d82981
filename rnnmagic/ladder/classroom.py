"""The ladders of one kernel: which step each report has reached, and what of it may be seen.

Imported when rnnmagic is loaded; what the first report needs is imported with it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from rnnmagic.language import say
from rnnmagic.policy import Rules, strictest, tighten
from rnnmagic.report import FixError, Report

KEPT = 20
"""Reports whose steps can be gone on with."""

Changed = Callable[[Report, Report], None]
"""Hears that a report is seen in another way: the one that views had, and the one to take its place."""


class _Ladder:
    """One whole report, and the step that it is shown at."""

    def __init__(self, whole: Report, asked: bool) -> None:
        self.whole, self.asked, self.step = whole, asked, 1
        self.view = whole


class Classroom:
    """Makes of each report what may be seen of it, and takes it a step further when asked.

    Parameters
    ----------
    rules
        What is set from outside.
    changed
        Told when a report that views have is to be replaced by another.
    """

    def __init__(self, rules: Rules, changed: Changed) -> None:
        self.rules = rules
        self._changed = changed
        self._lock = threading.RLock()
        self._ladders: list[_Ladder] = []

    def view(self, report: Report, settings: Any) -> Report:
        """The report as it may be seen now. With hints on it begins at the first step."""
        from rnnmagic.ladder.mask import masked, teaches

        if not teaches(report):
            return masked(report, 1, self.rules, asked=False)
        with self._lock:
            ladder = _Ladder(report, bool(settings.hints) or self.rules.hints)
            self._ladders.append(ladder)
            del self._ladders[:-KEPT]
            return self._look(ladder)

    def glance(self, report: Report, settings: Any) -> Report:
        """The report as it would be seen, when it is only told of in an error's message."""
        from rnnmagic.ladder.mask import masked

        asked = bool(settings.hints) or self.rules.hints
        step = 1 if asked else self.rules.highest_step
        return masked(report, step, self.rules, asked=asked)

    def climb(self, report: Report) -> Report:
        """The next step of a report, which takes the place of what views had.

        Raises
        ------
        FixError
            It is not shown step by step, or no further step is to be seen.
        """
        with self._lock:
            ladder = next((one for one in self._ladders if one.view is report), None)
            if report.lesson is None:
                raise FixError(
                    say(
                        "This report is not shown step by step. Hints are turned on by %%rnncheck --hints, "
                        "or by %config RnnCheck.hints = True."
                    )
                )
            if ladder is None:
                raise FixError(say("This report is no longer there. Run the cell again."))
            if not report.lesson.more:
                raise FixError(report.lesson.end or say("All hints of this report have been shown."))
            ladder.step += 1
            return self._renew(ladder)

    def tighten(self, rules: Rules) -> None:
        """Add the rules of another source; what is already shown is shown anew."""
        with self._lock:
            stricter = tighten(strictest([self.rules, rules]))
            if stricter.values == self.rules.values:
                return
            self.rules = stricter
            for ladder in self._ladders:
                ladder.asked = ladder.asked or stricter.hints
                self._renew(ladder)

    def forget(self) -> None:
        """Let go of every report."""
        with self._lock:
            self._ladders.clear()

    def _look(self, ladder: _Ladder) -> Report:
        from rnnmagic.ladder.mask import last_step, masked

        top = min(self.rules.highest_step, last_step(ladder.whole))
        step = min(ladder.step, top) if ladder.asked else top
        ladder.view = masked(ladder.whole, step, self.rules, asked=ladder.asked, climber=self)
        return ladder.view

    def _renew(self, ladder: _Ladder) -> Report:
        before = ladder.view
        after = self._look(ladder)
        self._changed(before, after)
        return after
