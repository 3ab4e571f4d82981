"""Before a training begins: will it fail later on? Said at once, while the cell goes on.

The framework foresees the failure on shapes (`frameworks/keraslike/ahead.py`); here it becomes a
diagnosis, a notice under the running cell, and with `preflight = "stop"` an error. Where anything
is in doubt, and when anything of ours breaks, nothing is said and the cell runs as it would have.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, NoReturn

from rnnmagic import frameworks
from rnnmagic.interrupts import may_be_stopped
from rnnmagic.language import say
from rnnmagic.limit import Expired, limited
from rnnmagic.report import ErrorInfo, Fix, Notice, Report

if TYPE_CHECKING:
    from rnnmagic.cells import Run
    from rnnmagic.diagnosis import Diagnosis
    from rnnmagic.evidence import Evidence
    from rnnmagic.settings import RnnCheck

SECONDS = 2.0
"""Of this thread's own time in one cell; after so many no further call is looked at."""
FIXES = 1
FIX_SECONDS = 1.0


class ShapeError(ValueError):
    """Raised in place of a training that is certain to fail, with `RnnCheck.preflight = "stop"`."""


def stop(error: ShapeError) -> NoReturn:
    """Raise it: a place of its own, so that the traceback ends in a line that says what it is."""
    raise error


class Preflight:
    """Looks at the calls of one cell before they begin.

    Parameters
    ----------
    run_so_far
        Gives the cell under way, as if it had failed with this error.
    tell
        Shows a report under the running cell.
    look
        Gives what of a report may be told in an error's message.
    """

    def __init__(
        self,
        settings: RnnCheck,
        run_so_far: Callable[[Exception], Run],
        tell: Callable[[Report], None],
        look: Callable[[Report], Report],
    ) -> None:
        self.settings = settings
        self._look_at = look
        self.told: list[Notice] = []
        self._run_so_far, self._tell = run_so_far, tell
        self._spent = 0.0

    def __call__(self, recorder: Any, call: Any, frame: FrameType) -> ShapeError | None:
        """Look at a call that has just been entered in `frame`; the answer is an error to raise."""
        if self._spent > SECONDS:
            return None
        begun = time.thread_time()
        try:
            with limited(self.settings.patience):
                found = self._look(recorder, call, frame)
                # Anything else would be raised in the user's cell.
                return found if type(found) is ShapeError else None
        except Expired:
            self._spent = math.inf  # it would take as long the next time
            return None
        finally:
            self._spent += time.thread_time() - begun

    @may_be_stopped
    def _look(self, recorder: Any, call: Any, frame: FrameType) -> ShapeError | None:
        framework = frameworks.of(call.model)
        if framework is None:
            return None
        sure = self.settings.preflight == "stop"
        found = framework.foresee(call.model, call.method, call.arguments, sure=sure)
        if found is None:
            return None
        stop = self.settings.preflight == "stop" and found.certain
        if found.at_once and not stop:
            return None  # the error itself comes as fast
        error = ValueError(found.trial.reason).with_traceback(_way_to(frame))
        try:
            report = self._report(error, recorder, found, begun=time.perf_counter())
        finally:
            error.__traceback__ = None  # it holds every frame of the user's
        if report is None:
            return None
        if stop:
            return ShapeError(f"{report.ahead} {self._look_at(report).summary}")
        notice = Notice(
            report.cause or "other",
            f"{report.ahead} {report.summary}",
            report.array,
            report.layer,
            None if report.error is None else report.error.line,
            tuple(report.fixes),
        )
        if any((one.line, one.summary) == (notice.line, notice.summary) for one in self.told):
            return None  # a loop over folds: once is enough
        self.told.append(notice)
        self._tell(report)
        return None

    def _report(self, error: Exception, recorder: Any, found: Any, begun: float) -> Report | None:
        from rnnmagic.diagnosis.dispatch import of_trial
        from rnnmagic.editor import Editor
        from rnnmagic.evidence import gather
        from rnnmagic.examine import array_at_fault

        run = self._run_so_far(error)
        evidence = gather(run, recorder)
        if evidence.call is None:
            return None
        editor = Editor(evidence)
        diagnosis = of_trial(evidence, found.trial, editor)
        if diagnosis is None:
            return None
        fixes, repairer = self._fixes(evidence, editor, diagnosis, begun)
        return Report(
            "shape_error",
            error=ErrorInfo("", found.trial.reason, evidence.line, evidence.statement, diagnosis.phase),
            cause=diagnosis.cause,
            summary=diagnosis.summary,
            array=array_at_fault(diagnosis),
            layer=diagnosis.layer,
            fixes=fixes,
            ahead=_sentence(found),
            execution_count=run.cell.execution_count,
            cell_id=run.cell.cell_id,
            repairer=repairer,
        )

    def _fixes(
        self, evidence: Evidence, editor: Any, diagnosis: Diagnosis, begun: float
    ) -> tuple[list[Fix], Any]:
        """The first fixes that hold, as far as they can be tried in a moment; not for a stop."""
        if self.settings.preflight == "stop" or not self.settings.verify:
            return [], None
        from rnnmagic.examine import Fixer

        settings = self.settings.override(max_fixes=min(FIXES, self.settings.max_fixes))
        fixer = Fixer(evidence, editor, settings, begun + min(FIX_SECONDS, self.settings.time_limit))
        try:
            fixes = [fix for fix in fixer.fixes(diagnosis) if fix.verified]
            return fixes, fixer.repairer() if fixes else None
        except Exception:
            return [], None


def _sentence(found: Any) -> str:
    """What will fail, and when."""
    if found.when == "validation":
        return say("The validation after epoch {epoch} will fail.", epoch=found.epoch)
    if found.when == "last":
        if found.samples is None:
            return say("The last batch will fail.")
        return say("The last batch, of {samples} samples, will fail.", samples=found.samples)
    if found.when == "labels":
        return say("The loss will fail.") if found.certain else say("The loss will fail, or be nan.")
    return say("A metric will fail.") if found.when == "metric" else say("The first batch will fail.")


def _way_to(frame: FrameType) -> TracebackType | None:
    """The stack down to a frame, as the traceback of an error that it raises would tell it."""
    traceback: TracebackType | None = None
    step: FrameType | None = frame
    while step is not None:
        traceback = TracebackType(traceback, step, step.f_lasti, step.f_lineno)
        step = step.f_back
    return traceback
