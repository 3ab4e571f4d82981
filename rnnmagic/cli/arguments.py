"""What can be typed after `rnnmagic`: three commands, their options and help."""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Sequence
from pathlib import Path

from rnnmagic import __version__

DESCRIPTION = """\
Find shape mistakes of recurrent networks in notebooks, mend them, and sum up
the reports that are saved in notebooks."""

EXIT_STATUS = """\
exit status:
  0    no shape mistake
  1    at least one shape mistake, whatever else happened
  2    no mistake, but a notebook could not be checked to its end, or the command
       cannot be carried out
  130  interrupted by Ctrl-C; what was written is whole

`rnnmagic check` and `rnnmagic fix` RUN the notebooks, with your rights and in
their own folders. Run notebooks of others where they can do no harm."""

FIX_STATUS = """\
exit status:
  0    no notebook has a mistake left
  1    a mistake is left: no verified fix, a locked cell, or the fix did not hold
  2    a notebook could not be run or written
  130  interrupted by Ctrl-C; every file is whole

A fix is written only after the repaired notebook ran, from a fresh kernel, past
the cell that failed. Everything but the changed cells' sources stays byte by byte."""

REPORT_STATUS = """\
exit status: 0 when the reports were read, 1 when a notebook could not be read,
2 when the command cannot be carried out.

Nothing is run and nothing leaves the machine: only what rnnmagic saved in the
cells' outputs is read. Students are told apart by the folder below `submitted`
(nbgrader), else by the file's name."""


def read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options of one run; `command` is `check`, `fix` or `report`. Leaves with status 2 on a mistake."""
    return make_parser().parse_args(arguments)


def make_parser() -> argparse.ArgumentParser:
    """The parser of all three commands."""
    parser = argparse.ArgumentParser(
        prog="rnnmagic", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action="version", version=f"rnnmagic {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _add_check(commands)
    _add_fix(commands)
    _add_report(commands)
    return parser


Commands = "argparse._SubParsersAction[argparse.ArgumentParser]"


def _command(commands: Commands, name: str, summary: str, epilog: str) -> argparse.ArgumentParser:  # type: ignore[valid-type]
    made: argparse.ArgumentParser = commands.add_parser(  # type: ignore[attr-defined]
        name,
        help=summary,
        description=summary[0].upper() + summary[1:] + ".",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return made


def _add_check(commands: Commands) -> None:  # type: ignore[valid-type]
    parser = _command(commands, "check", "run notebooks and say each shape mistake", EXIT_STATUS)
    _add_notebooks(parser)
    _add_running(parser)
    parser.add_argument(
        "--format",
        choices=("text", "json", "sarif"),
        default="text",
        help="how the mistakes are written: text (the default), json, or sarif 2.1.0 for code scanning",
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="write there and not to standard output")
    parser.add_argument(
        "--skip-expected",
        action="store_true",
        help="leave out mistakes in cells tagged raises-exception, which are there on purpose",
    )
    _add_jobs(parser)
    parser.add_argument(
        "--dask",
        metavar="ADDRESS",
        help="run the notebooks on the Dask cluster at this address (tcp://…), or 'local' for one of --jobs "
        "workers on this machine; rnnmagic must be installed on the workers",
    )


def _add_fix(commands: Commands) -> None:  # type: ignore[valid-type]
    parser = _command(commands, "fix", "write repaired notebooks, each run again as proof", FIX_STATUS)
    _add_notebooks(parser)
    _add_running(parser)
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="write there and not to NAME.fixed.ipynb; one notebook only",
    )
    where.add_argument(
        "--in-place",
        action="store_true",
        help="change the notebook itself; its old text is kept as NAME.ipynb.bak (.bak1, … when that exists)",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="write nothing; say what would be changed, proof included"
    )
    parser.add_argument("--diff", action="store_true", help="print the changed cells as a unified diff")
    parser.add_argument("--warnings", action="store_true", help="mend silent mistakes, too")
    parser.add_argument(
        "--clear-outputs", action="store_true", help="empty the outputs and counts, which are of the old run"
    )
    parser.add_argument(
        "--limit", type=_count, default=20, metavar="N", help="at most N fixes in one notebook (20)"
    )
    _add_jobs(parser)


def _add_report(commands: Commands) -> None:  # type: ignore[valid-type]
    parser = _command(
        commands, "report", "sum up the reports saved in a folder's notebooks; runs nothing", REPORT_STATUS
    )
    _add_notebooks(parser)
    parser.add_argument(
        "--format", choices=("text", "json", "csv", "html"), default="text", help="text is the default"
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="write there and not to standard output")
    parser.add_argument(
        "--html", type=Path, metavar="FILE", help="write the page as well; it is one file and loads nothing"
    )
    parser.add_argument(
        "--by",
        choices=("none", "pseudonym", "name"),
        default="none",
        help="whether mistakes are listed by student: not at all (the default), under a pseudonym, by name",
    )
    parser.add_argument(
        "--key",
        metavar="TEXT",
        help="makes the pseudonyms: the same key gives the same ones; without it one is drawn and said",
    )


def _add_notebooks(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths",
        nargs="+",
        type=Path,
        metavar="NOTEBOOK|FOLDER",
        help="notebooks, or folders searched for them",
    )
    parser.add_argument(
        "--exclude",
        action="append",
        default=[],
        metavar="PATTERN",
        help="leave out files and folders whose name or path matches, as 'draft*' or '*/solutions/*'; "
        "may be given again. .ipynb_checkpoints and *.fixed.ipynb are left out of folders always",
    )


def _add_running(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--kernel", metavar="NAME", help="run all in this kernel, whatever kernel the notebooks name"
    )
    parser.add_argument(
        "--allow-errors", action="store_true", help="go on after a cell that failed, to the notebook's end"
    )
    parser.add_argument(
        "--timeout",
        type=_count,
        default=600,
        metavar="SECONDS",
        help="for one cell (600); then it is stopped",
    )
    parser.add_argument(
        "--notebook-timeout", type=_seconds, default=3600.0, metavar="SECONDS", help="for one notebook (3600)"
    )


def _add_jobs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--jobs",
        type=_count,
        default=min(4, os.cpu_count() or 1),
        metavar="N",
        help="notebooks run side by side (as many as processors, at most 4)",
    )


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number, 1 or more, not {text!r}")
    return int(text)


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"must be seconds, more than 0, not {text!r}")
    return number
