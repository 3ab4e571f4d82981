"""The magics: `%%rnncheck`, `%rnncheck`, `%rnnshapes` and `%rnnfix`."""

# IPython's decorators for magics carry no types.
# mypy: disable-error-code="untyped-decorator, no-untyped-call"

from __future__ import annotations

import argparse
import ast
import contextlib
import traceback
from collections.abc import Iterator
from typing import Any

from IPython.core import magic
from IPython.core.error import UsageError
from IPython.core.magic_arguments import argument, magic_arguments
from IPython.display import display

from rnnmagic import policy
from rnnmagic.execution import Checker
from rnnmagic.language import say, several
from rnnmagic.limit import Expired, limited
from rnnmagic.magic_line import Options
from rnnmagic.quiet import silence
from rnnmagic.report import HINT_STEPS, Edit, Fix, FixError, Report, nobody
from rnnmagic.settings import DISPLAYS, PREFLIGHTS
from rnnmagic.trouble import has_something_to_show, one_line, took_too_long
from rnnmagic.values import variables

# Typed for use without a name only.
_cell_magic: Any = magic.cell_magic
_line_magic: Any = magic.line_magic

WORDS = {
    "%rnncheck": ("on", "off", "last", "hint", "status"),
    "%%rnncheck": ("--display", "--hints", "--max-fixes", "--no-verify", "--preflight", "--time-limit"),
    "%rnnfix": ("undo",),
}


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(
            say("must be a whole number, 1 or more, not {text}", text=repr(text))
        )
    return int(text)


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError(say("must be seconds, 0 or more, not {text}", text=repr(text)))
    return number


@magic.magics_class
class RnnMagics(magic.Magics):
    """What the user types. The work is done elsewhere: here words are read and errors worded."""

    def __init__(self, shell: Any, checker: Checker) -> None:
        super().__init__(shell)
        self.checker = checker
        self._ip = shell

    @magic_arguments("%rnncheck")
    @argument("--display", choices=DISPLAYS, help="How the report is shown.")
    @argument("--hints", action="store_true", help="Show the report step by step (%%%%rnncheck hint).")
    @argument("--max-fixes", type=_count, metavar="N", help="Show at most N fixes, best first.")
    @argument("--no-verify", action="store_true", help="Offer fixes without a dry run on shapes.")
    @argument(
        "--time-limit", type=_seconds, metavar="SECONDS", help="After this time no further fix is tried."
    )
    @argument("--preflight", choices=PREFLIGHTS, help="What to do about a shape error later in the training.")
    @_cell_magic("rnncheck")
    def check_cell(self, line: str, cell: str) -> Any:
        """Run the cell, and explain a shape error of a recurrent network if there is one.

        Goes on the first line of a cell, which otherwise runs as if the line were not there.
        The options hold for this cell; `%config RnnCheck` sets them for all.
        """
        # IPython gets here only when the line was not taken out beforehand: because its options
        # are wrong, hold a {variable}, or because run_cell_magic was called.
        options = _options(line)
        return self._run_body(cell, options)

    @magic_arguments("rnncheck")
    @argument(
        "action",
        choices=WORDS["%rnncheck"],
        nargs="?",
        default="status",
        help="on, off: check every later cell, or only those with %%%%rnncheck. "
        "last: show the latest report again. hint: show its next hint. status: say what is set (the default).",
    )
    @_line_magic("rnncheck")
    def check(self, line: str) -> None:
        """Check every later cell, or show the latest report again."""
        action = _parsed(self.check, line).action
        with self._one_line_at_most():
            self._check(action)

    def _check(self, action: str) -> None:
        if action in ("on", "off"):
            self.checker.switch(action == "on")
            self._say_state()
        elif action == "last":
            self._show_last()
        elif action == "hint":
            self._show_hint()
        else:
            self._say_state()
            print(policy.describe(self.checker.classroom.rules))
            self._say_latest()

    @magic_arguments("rnnfix")
    @argument("which", nargs="?", help="A fix's number, or 'undo'. Without it the fixes are listed.")
    @_line_magic("rnnfix")
    def fix(self, line: str) -> None:
        """Put the repaired source of the checked cell into a new cell, or take back an applied fix."""
        which = _parsed(self.fix, line).which
        with self._one_line_at_most():
            self._fix(which)

    def _fix(self, which: str | None) -> None:
        report = self.checker.found or self._latest()
        try:
            if which is None:
                self._list_fixes(report)
            elif which == "undo":
                self._undo(report)
            elif which.isdecimal():
                report.check_allowed()
                self._insert(report, report.fix(int(which)))
            else:
                raise UsageError(
                    say("%rnnfix takes a fix's number or 'undo', not {which}.", which=repr(which))
                )
        except FixError as problem:
            raise UsageError(str(problem)) from None

    @magic_arguments("rnnshapes")
    @argument("names", nargs="*", help="Variables to show; all arrays, tables, datasets and models if none.")
    @_line_magic("rnnshapes")
    def shapes(self, line: str) -> None:
        """List the kernel's arrays, tables, datasets, ragged lists and models with shapes and axes."""
        from rnnmagic import shapes

        names = _parsed(self.shapes, line).names
        with self._one_line_at_most():
            try:
                # An object of the user's may print, or take for ever, when it is asked for its shape.
                with limited(self.checker.settings.patience), silence():
                    table = shapes.survey(self._ip.user_ns, names or None)
            except shapes.UnknownNameError as problem:
                raise UsageError(str(problem)) from None
            display({"text/plain": shapes.as_text(table), "text/html": shapes.as_html(table)}, raw=True)

    # The parts

    @contextlib.contextmanager
    def _one_line_at_most(self) -> Iterator[None]:
        """Trouble of ours as one line, like every mistake in the use of a magic; Ctrl-C is the user's own."""
        try:
            yield
        except (UsageError, KeyboardInterrupt):
            raise
        except BaseException as problem:
            settings = self.checker.settings
            if settings.debug:
                traceback.print_exception(type(problem), problem, problem.__traceback__)
            if isinstance(problem, Expired):
                raise UsageError(took_too_long(settings.patience)) from None
            raise UsageError(one_line(say("rnnmagic could not do that"), problem)) from None

    def _run_body(self, body: str, options: Options) -> Any:
        __tracebackhide__ = True
        shell = self._ip
        source = shell.transform_cell(body)
        filename = shell.compile.cache(source, shell.execution_count, raw_code=body)
        with self.checker.checking(body, source, filename, options):
            tree = shell.transform_ast(shell.compile.ast_parse(source, filename=filename))
            last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
            exec(shell.compile(tree, filename, "exec"), shell.user_global_ns, shell.user_ns)
            if last is None:
                return None
            value = eval(
                shell.compile(ast.Expression(last.value), filename, "eval"),
                shell.user_global_ns,
                shell.user_ns,
            )
            return None if shell.displayhook.semicolon_at_end_of_expression(source) else value

    def _latest(self) -> Report:
        if self.checker.report is None:
            raise UsageError(say("No cell has been checked yet: put %%rnncheck on the first line of a cell."))
        return self.checker.report

    def _show_last(self) -> None:
        report = self._latest()
        if has_something_to_show(report):
            self.checker.show(report)
            return
        self._say_latest()
        if self.checker.found is not None:
            print(
                say(
                    "The latest report with something to show is that of {cell}:",
                    cell=_cell_name(self.checker.found),
                )
            )
            self.checker.show(self.checker.found)

    def _show_hint(self) -> None:
        report = self.checker.found or self._latest()
        try:
            report = self.checker.classroom.climb(report)
        except FixError as problem:
            raise UsageError(str(problem)) from None
        from rnnmagic.views import show_step

        show_step(report, self._ip)

    def _say_state(self) -> None:
        if self.checker.on:
            print(say("rnncheck is on: every later cell is checked."))
        else:
            print(say("rnncheck is off: only cells that begin with %%rnncheck are checked."))

    def _say_latest(self) -> None:
        report = self.checker.report
        if report is None:
            print(say("No cell has been checked yet."))
        elif report.outcome == "clean":
            print(say("The latest checked cell, {cell}, ran without a shape error.", cell=_cell_name(report)))
        elif report.outcome == "other_error":
            print(
                say(
                    "The latest checked cell, {cell}, failed for a reason that is not a shape.",
                    cell=_cell_name(report),
                )
            )
        elif report.lesson is not None:
            told = say(
                "The latest checked cell, {cell}, has a shape error, which is shown up to step {step} of {steps} of its "
                "hints.",
                cell=_cell_name(report),
                step=report.lesson.step,
                steps=HINT_STEPS,
            )
            print(told)
        else:
            count = len(report.fixes)
            if count:
                told = several(
                    "The latest checked cell, {cell}, has a shape error with one fix offered.",
                    "The latest checked cell, {cell}, has a shape error with {count} fixes offered.",
                    count,
                    cell=_cell_name(report),
                )
            else:
                told = say(
                    "The latest checked cell, {cell}, has a shape error with no fix offered.",
                    cell=_cell_name(report),
                )
            print(told)

    def _list_fixes(self, report: Report) -> None:
        if not report.offered:
            report.fix(1)  # raises, with the sentence for it
        if report.lesson is not None and report.lesson.step < HINT_STEPS:
            report.check_allowed()
        for number, fix in enumerate(report.offered, 1):
            print(f"{number}. {fix.title}" + ("" if fix.verified else (" " + say("(not tried)"))))
            for code in fix.code.splitlines():
                print(f"       {code}")
        print(report.refuses or say("%rnnfix 1 puts the repaired cell of the first into a new cell."))

    def _undo(self, report: Report) -> None:
        lab = self.checker.lab
        rebound = getattr(report.repairer, "applied", None) is not None
        if not rebound and lab is not None and lab.has_undo and lab.reaches():
            lab.take_back(nobody)
            print(say("The fix is taken out of its cells, and the variables are brought back."))
            return
        names = report.undo()
        print(
            say("Restored {names}.", names=", ".join(names)) if names else say("Nothing had to be restored.")
        )

    def _insert(self, report: Report, fix: Fix) -> None:
        if not fix.edits:
            raise UsageError(say("{title}: this fix has no source to insert.", title=fix.title))
        if getattr(report.repairer, "applied", None) is not None:
            names = report.undo()
            print(
                say(
                    "Took back the applied fix ({names}): the repaired source does the repair itself.",
                    names=", ".join(names),
                )
            )
        main = _main_edit(report, fix)
        for edit in fix.edits:
            if edit is not main:
                told = say("Change {cell} as well, and run it first:", cell=_cell_name(edit))
                print(f"{told}\n\n{edit.new}\n")
        if not _is_of(main, report):
            print(
                say(
                    "The new cell is {cell}, repaired. Run it, then {again} again.",
                    cell=_cell_name(main),
                    again=_cell_name(report),
                )
            )
        self._ip.set_next_input(main.new, replace=False)


def _cell_name(place: Report | Edit) -> str:
    return (
        say("a cell without a number")
        if place.execution_count is None
        else say("cell [{execution_count}]", execution_count=place.execution_count)
    )


def _is_of(edit: Edit, report: Report) -> bool:
    if edit.execution_count is None or report.execution_count is None:
        return edit.cell_id is not None and edit.cell_id == report.cell_id
    return edit.execution_count == report.execution_count


def _main_edit(report: Report, fix: Fix) -> Edit:
    """The edit of the checked cell, or else of the last cell that changes."""
    return next((edit for edit in fix.edits if _is_of(edit, report)), fix.edits[-1])


def _parsed(function: Any, line: str) -> argparse.Namespace:
    """The arguments of a magic.

    Raises
    ------
    UsageError
        They are not valid; IPython prints one line and no traceback.
    """
    try:
        parsed: argparse.Namespace = function.parser.parse_argstring(line)
    except ValueError as problem:  # quotes that do not close
        raise UsageError(f"{function.parser.prog.lstrip('%')}: {problem}.") from None
    return parsed


def _options(line: str) -> Options:
    args = _parsed(RnnMagics.check_cell, line)
    found: Options = {}
    if args.display is not None:
        found["display"] = args.display
    if args.max_fixes is not None:
        found["max_fixes"] = args.max_fixes
    if args.preflight is not None:
        found["preflight"] = args.preflight
    if args.time_limit is not None:
        found["time_limit"] = args.time_limit
    if args.hints:
        found["hints"] = True
    if args.no_verify:
        found["verify"] = False
    return found


def cell_options(line: str) -> Options | None:
    """The options of a `%%rnncheck` line as `RnnCheck` values; `None` when they are not valid."""
    try:
        return _options(line)
    except UsageError:
        return None


def complete(shell: Any, event: Any) -> list[str]:
    """Completions for what follows a magic's name; a hook for IPython's `complete_command`."""
    if event.command == "%rnnshapes":
        return [name for name, _ in variables(shell.user_ns) if not name.startswith("_")]
    return list(WORDS.get(event.command, ()))


COMPLETED = (*WORDS, "%rnnshapes")
