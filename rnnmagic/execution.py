"""Runs a checked cell as if the magic line were not there, and hands what happened to the examination.

IPython itself runs the cell. A `Checker` hears of it before and after, through two of IPython's
events, and a transformer takes the magic line out. So display, `await`, `_`, line numbers, the
error reply and Run All stay IPython's own.
"""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rnnmagic import magic_line, policy
from rnnmagic.cells import Cell, CellLog, Run
from rnnmagic.front import is_graded
from rnnmagic.history import (
    CELLS_AT_MOST,
    cell_id_of,
    cell_of,
    cell_under_way,
    count_of_cancelled,
    earlier_cells,
    timed_body,
)
from rnnmagic.interrupts import Shield, call
from rnnmagic.ladder import Classroom
from rnnmagic.language import say
from rnnmagic.limit import Expired, limited
from rnnmagic.quiet import silence
from rnnmagic.report import ErrorInfo, Report
from rnnmagic.running import Running
from rnnmagic.settings import GRACE_S, RnnCheck
from rnnmagic.trouble import (
    bare_report,
    has_something_to_show,
    one_line,
    safe_text,
    swallowed,
    took_too_long,
)
from rnnmagic.values import class_name

if TYPE_CHECKING:
    from rnnmagic.lab import Lab
    from rnnmagic.views import Shown

DISPLAYS_AT_MOST = 20
"""Displays that follow the steps of their report's hints."""
OWN_MAGICS = ("%rnncheck", "%rnnfix", "%rnnshapes", "%load_ext rnnmagic", "%config RnnCheck")


class Checker:
    """Checks the cells of one shell: those with the magic line, or all after `%rnncheck on`.

    Parameters
    ----------
    shell
        IPython's `InteractiveShell`, of a kernel or not.
    parse
        Reads the options of a magic line into `RnnCheck` values; `None` when they are not valid.
    """

    def __init__(self, shell: Any, settings: RnnCheck, parse: magic_line.Parse) -> None:
        self.shell = shell
        self.settings = settings
        self.on = False
        self.log = CellLog()
        self.report: Report | None = None
        """Of the latest checked cell."""
        self.found: Report | None = None
        """The latest report that has something to show: where `%rnnfix` looks."""
        self.lab: Lab | None = None
        """The line to the lab extension, in a kernel."""
        self.classroom = Classroom(policy.from_outside(shell.config), self._seen_anew)
        self._shown: list[tuple[Report, Shown]] = []
        """The latest displays, with the report that each shows."""
        self._parse = parse
        self._running: list[Running] = []
        self._session: object = None
        self._line = magic_line.LineTransformer(parse)
        self._single_line = magic_line.SingleLineTransformer(self._prefilter)

    # Coming and going

    def register(self) -> None:
        """Hook into the shell, and learn the cells that ran before."""
        self.shell.input_transformers_cleanup.append(self._line)
        self.shell.input_transformers_post.append(self._single_line)
        self.shell.events.register("pre_run_cell", self.pre_run_cell)
        self.shell.events.register("post_run_cell", self.post_run_cell)
        self._session = self._session_mark()
        try:
            for cell in earlier_cells(self.shell):
                self.log.add(cell)
        except Exception as problem:  # a history of another make is no reason to stay away
            self._debug(problem)

    def unregister(self) -> None:
        """Leave nothing behind in the shell."""
        for transformers, own in (
            (self.shell.input_transformers_cleanup, self._line),
            (self.shell.input_transformers_post, self._single_line),
        ):
            if own in transformers:
                transformers.remove(own)
        for event, callback in (("pre_run_cell", self.pre_run_cell), ("post_run_cell", self.post_run_cell)):
            try:
                self.shell.events.unregister(event, callback)
            except ValueError:
                pass  # someone cleared the events before us
        for running in self._running:
            running.stop()
        self._running.clear()
        self.forget()

    def forget(self) -> None:
        """Drop every cell and report, and with them every object of the user's."""
        self.log.clear()
        self.report = self.found = None
        self._shown.clear()
        self.classroom.forget()
        if self.lab is not None:
            self.lab.forget()

    def switch(self, on: bool) -> None:
        """Check every later cell, or only those with the magic line."""
        self.on = on
        if self.lab is not None:
            self.lab.tell_state()

    # The two events. Nothing raised here may reach the user's cell.

    def pre_run_cell(self, info: Any) -> None:
        """IPython is about to run a cell."""
        call("later", self._before, info)

    def post_run_cell(self, result: Any) -> None:
        """A cell ended. `result` is `None` when the kernel cancelled it."""
        call("drop", self._ended, result, time.perf_counter())

    def _before(self, info: Any) -> None:
        try:
            self._begin(info)
        except BaseException as problem:  # IPython would print a traceback of ours, or end at a SystemExit
            self._debug(problem)

    def _ended(self, result: Any, ended: float) -> None:
        running = None
        try:
            running = self._take(result)
            if running is None:
                return
            running.seconds = ended - running.started
            running.stop()
            self._let_go()
            self._end(running, result)
        except BaseException as problem:
            self._debug(problem)
            if type(running) is not Running:
                running = None
                # It is not known which cell has ended: nothing is left listening.
                for running in self._mine():
                    self._running.remove(running)
                    running.stop()
            report = Report("other_error", trouble=one_line(say("rnnmagic stopped"), problem))
            self._keep(report)
            if running is not None and running.settings is not None:
                self.show(report, running.settings)
        finally:
            with swallowed():
                if self.lab is not None:
                    self.lab.let_go()

    def _let_go(self) -> None:
        """An array that the user deleted is to be freed, though an earlier report speaks of it."""
        if "rnnmagic.repair" in sys.modules:
            sys.modules["rnnmagic.repair"].let_go()

    def _begin(self, info: Any) -> None:
        self._forget_after_reset()
        if self.lab is not None:
            self.lab.open()  # where rnnmagic was loaded with nobody in front
        outer = self._outer()
        running = Running(info, cell_id_of(self.shell, info), self.shell.execution_count)
        self._running.append(running)
        if any(other.settings is not None for other in self._mine()):
            return  # the checked cell around this one watches already
        options = None
        args = magic_line.find(info.raw_cell)
        if args is not None:
            options = self._parse(args)
        elif self.on and outer is None and not _only_own_magics(info.raw_cell):
            options = {}
        if options is not None:
            self._arm(running, options)

    def _end(self, running: Running, result: Any) -> None:
        self._forget_after_reset()
        outer = self._outer()
        cell = self._log_cell(running, result, outer)
        error = None if result is None else result.error_before_exec or result.error_in_exec
        if running.settings is None:
            for other in self._mine():
                if other.settings is not None:
                    other.inner_error = error
            return
        run = Run(
            cell=cell,
            log=self.log,
            namespace=self.shell.user_ns,
            error=error or running.inner_error or running.shown_error(),
            seconds=running.seconds,
            compiled=result is None or result.error_before_exec is None,
        )
        self._finish(run, running, cancelled=result is None)

    def _arm(self, running: Running, options: magic_line.Options) -> None:
        running.settings = self.settings.override(**options)
        try:
            from rnnmagic.watch import Watch

            running.preflight = self._preflight(running)
            running.watch = Watch(running.preflight)
            running.watch.start()
        except BaseException as problem:
            self._debug(problem)
            running.stop()  # it may have got half way
            running.watch = None
            running.trouble = one_line(say("rnnmagic could not watch this cell"), problem)
        running.started = time.perf_counter()

    def _preflight(self, running: Running) -> Any:
        settings = running.settings
        if settings is None or settings.preflight == "off":
            return None
        from rnnmagic.preflight import Preflight

        def tell(report: Report) -> None:
            report = self.classroom.view(report, settings)
            # An interrupted cell leaves no report of its own: `%rnnfix` then repairs this.
            self.found = report
            self.show(report, settings)

        def look(report: Report) -> Report:
            return self.classroom.glance(report, settings)

        return Preflight(settings, lambda error: self._run_so_far(running, error), tell, look)

    def _run_so_far(self, running: Running, error: Exception) -> Run:
        """The cell under way, as if it had failed with this error."""
        cell = running.cell or cell_under_way(
            self.shell, running.info, running.cell_id, running.number, error
        )
        log = CellLog([*self.log.cells, *running.inner_cells, *timed_body(self.shell, cell), cell])
        seconds = time.perf_counter() - running.started
        return Run(cell, log, self.shell.user_ns, error, seconds)

    def _finish(self, run: Run, running: Running, *, cancelled: bool = False) -> None:
        assert running.settings is not None
        try:
            report = self._examine(run, running, cancelled)
        finally:
            running.release()
        report.trouble = report.trouble or running.trouble
        if running.preflight is not None:
            report.told = tuple(running.preflight.told)
        if report.execution_count is None:
            report.execution_count = run.cell.execution_count
        if report.cell_id is None:
            report.cell_id = run.cell.cell_id
        report.writer = self.lab
        report = _a_report(self.classroom.view(report, running.settings))
        self._keep(report)
        if has_something_to_show(report):
            self.show(report, running.settings)
        elif not running.settings.quiet and running.settings.display != "none" and report.outcome == "clean":
            print(say("rnncheck: no shape mistake found."))
        if self.lab is not None:
            try:
                self.lab.tell_report(report, run.cell.raw)
            except BaseException as problem:  # the report stands under the cell all the same
                self._debug(problem)

    def _examine(self, run: Run, running: Running, cancelled: bool) -> Report:
        error = run.error
        if cancelled or (error is not None and not isinstance(error, Exception)):
            # Ctrl-C, SystemExit, a cancelled await: the user wants the prompt back, not a diagnosis.
            name = "CancelledError" if error is None else class_name(error)
            return Report("other_error", error=ErrorInfo(name, safe_text(error)))
        if running.watch is None:
            return bare_report(error)
        settings = running.settings or self.settings
        from rnnmagic.frameworks.keras3 import too_old

        old = too_old(error)
        if old is not None:
            report = bare_report(error)
            report.trouble = say("rnnmagic needs Keras 3.6 or later; this kernel has {version}.", version=old)
            return report
        try:
            from rnnmagic.examine import examine

            # Each part has a limit of its own; this is for what stands between them.
            longest = 2 * settings.patience + settings.time_limit + GRACE_S
            with silence(), limited(longest):
                return _a_report(examine(run, running.watch, settings))
        except BaseException as problem:  # a dry run may run the user's layers: SystemExit, Ctrl-C and all
            self._debug(problem)
            report = bare_report(error)
            if isinstance(problem, Expired):
                report.trouble = took_too_long(settings.patience)
            else:
                report.trouble = one_line(say("rnnmagic could not examine this cell"), problem)
            return report

    def _keep(self, report: Report) -> None:
        self.report = report
        if has_something_to_show(report):
            self.found = report

    def _seen_anew(self, before: Report, after: Report) -> None:
        """A report is at another step of its hints: everywhere the new one takes its place."""
        if self.report is before:
            self.report = after
        if self.found is before:
            self.found = after
        if self.lab is not None:
            self.lab.tell_again(before, after)
        for place, (report, shown) in enumerate(self._shown):
            if report is before:
                self._shown[place] = after, shown
                self._display(after, shown.settings, shown)

    def show(self, report: Report, settings: RnnCheck | None = None) -> None:
        """Display a report; in its place one line, when the views break."""
        settings = settings or self.settings
        if settings.display == "none":
            return
        shown = self._display(report, settings)
        if shown is not None:
            self._shown.append((report, shown))
            del self._shown[:-DISPLAYS_AT_MOST]

    def _display(self, report: Report, settings: Any, shown: Shown | None = None) -> Shown | None:
        try:
            from rnnmagic.views import Shown, show_report

            with limited(self.settings.patience):
                shown = show_report(report, settings, self.shell, shown)
            return shown if isinstance(shown, Shown) else None
        except BaseException as problem:
            self._debug(problem)
            line = (
                report.summary
                or report.trouble
                or one_line(say("rnnmagic could not show its report"), problem)
            )
            print(f"rnncheck: {line}", file=_complaints())
            return None

    # Called by the magics

    @contextmanager
    def checking(self, body: str, source: str, filename: str, options: magic_line.Options) -> Iterator[None]:
        """Check what runs within, for the cell magic called by itself and not on the first line.

        Inside a cell the check becomes that cell's, and its report comes when the cell ends.
        """
        outer = self._outer()
        if outer is not None:
            if outer.settings is None:
                with Shield("later"):
                    self._arm(outer, options)
            raw = outer.info.raw_cell
            above = magic_line.locate(body, raw)
            if above is not None:
                outer.inner_cells.append(Cell(None, outer.cell_id, raw, source, filename, above))
            yield
            return
        cell = Cell(None, None, body, source, filename)
        running = Running(None, None, self.shell.execution_count, cell=cell)
        with Shield("later"):
            self._arm(running, options)
        error: BaseException | None = None
        try:
            yield
        except BaseException as problem:
            error = problem
            raise
        finally:
            seconds = time.perf_counter() - running.started
            with Shield("drop"):
                running.stop()
                self._add(cell)
                self._finish(Run(cell, self.log, self.shell.user_ns, error, seconds), running)
            del error

    # The bookkeeping

    def _mine(self) -> list[Running]:
        """Cells under way on this thread; a kernel with subshells runs cells on several."""
        here = threading.get_ident()
        return [running for running in self._running if running.thread == here]

    def _outer(self) -> Running | None:
        mine = self._mine()
        return mine[-1] if mine else None

    def _take(self, result: Any) -> Running | None:
        """The cell that this result ends, taken off the list with those left inside it."""
        mine = self._mine()
        for place in range(len(mine) - 1, -1, -1):
            running = mine[place]
            # An interrupt outside the user's code makes IPython build a second info; then the
            # source is what agrees. A cancelled cell has no result at all.
            if result is None or result.info is running.info or result.info.raw_cell == running.info.raw_cell:
                for inner in mine[place:]:
                    self._running.remove(inner)
                    if inner is not running:
                        inner.stop()
                return running
        return None

    def _log_cell(self, running: Running, result: Any, outer: Running | None) -> Cell:
        raw = running.info.raw_cell
        number = None if result is None else result.execution_count
        if number is None:
            number = count_of_cancelled(self.shell) if result is None else running.number
        cell = cell_of(self.shell, running.info, running.cell_id, number)
        count = cell.execution_count
        parts = [*running.inner_cells, *timed_body(self.shell, cell)]
        if outer is None:
            for part in parts:
                self._add(replace(part, execution_count=count))
            self._add(cell)
            return cell
        # What a user can edit is the cell around. Code that runs other code as a cell (`%rerun`,
        # a notebook run by `%run`) stands in no cell of this notebook and is not logged.
        around = outer.info.raw_cell
        above = magic_line.locate(raw, around)
        if above is not None:
            for part in (*parts, cell):
                part = replace(part, cell_id=outer.cell_id, raw=around, offset=above + part.offset)
                outer.inner_cells.append(part)
        return cell

    def _add(self, cell: Cell) -> None:
        self.log.add(cell)
        if len(self.log.cells) > CELLS_AT_MOST:
            del self.log.cells[: len(self.log.cells) - CELLS_AT_MOST]

    def _session_mark(self) -> object:
        """An object that `shell.reset` replaces, whether or not it opens a new history."""
        return self.shell.user_ns_hidden.get("get_ipython")

    def _forget_after_reset(self) -> None:
        mark = self._session_mark()
        if mark is not self._session:
            self._session = mark
            self.forget()

    def _prefilter(self, line: str) -> str:
        with self.shell.builtin_trap:
            return str(self.shell.prefilter_manager.prefilter_lines(line))

    def _debug(self, problem: BaseException) -> None:
        if self.settings.debug:
            traceback.print_exception(type(problem), problem, problem.__traceback__, file=_complaints())


def _complaints() -> Any:
    """Where a trouble of our own is printed. nbgrader takes the points of a cell that writes to stderr."""
    return sys.stdout if is_graded() else sys.stderr


def _a_report(found: Any) -> Report:
    """What is to be a report.

    Raises
    ------
    TypeError
        It is something else.
    """
    if not isinstance(found, Report):
        raise TypeError("no report")
    return found


def _only_own_magics(raw: str) -> bool:
    """Whether a cell does nothing but ask rnnmagic: it is no work of the user's to check."""
    lines = [line.strip() for line in raw.splitlines() if line.strip()]
    return all(line.startswith((*OWN_MAGICS, "#")) for line in lines)
