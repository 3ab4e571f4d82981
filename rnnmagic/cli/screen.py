"""Where text goes: standard output or a file, coloured and with a progress bar on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from rnnmagic.cli import UsageError
from rnnmagic.cli.files import whole_file

PAGE_WIDTH = 110


class Screen:
    """The place that a command writes to."""

    def __init__(self, out: TextIO, *, to_file: bool) -> None:
        self.out = out
        self._console = None if to_file or not out.isatty() else Console(file=out, highlight=False)

    def paint(self, text: str, style: str = "") -> None:
        """One line; its style is seen on a terminal only. Nothing in the text is markup."""
        if self._console is not None:
            self._console.print(Text(text, style), soft_wrap=True)
        else:
            self.out.write(text + "\n")
            self.out.flush()

    def console(self) -> Console:
        """For tables: as wide as the terminal, or as a page where there is none."""
        return self._console or Console(file=self.out, width=PAGE_WIDTH, highlight=False, color_system=None)

    @contextmanager
    def progress(self, total: int, what: str) -> Iterator[Bar]:
        """A bar on the terminal, below what is written there; nothing where neither output nor errors go to one."""
        if self._console is not None:
            console = self._console
        elif sys.stderr.isatty():
            console = Console(stderr=True)
        else:
            yield Bar(None, 0)
            return
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=console, transient=True) as shown:
            yield Bar(shown, total, what)


class Bar:
    """A progress bar, or nothing."""

    def __init__(self, shown: Progress | None, total: int, what: str = "") -> None:
        self._shown = shown
        self._task = None if shown is None else shown.add_task(what, total=total)

    def advance(self) -> None:
        if self._shown is not None and self._task is not None:
            self._shown.advance(self._task)


@contextmanager
def screen(output: Path | None) -> Iterator[Screen]:
    """Standard output, or a file that is there whole or not at all.

    Raises
    ------
    UsageError
        The file cannot be written.
    """
    if output is None:
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="backslashreplace")
        yield Screen(sys.stdout, to_file=False)
        return
    try:
        with whole_file(output) as file:
            yield Screen(file, to_file=True)
    except OSError as problem:
        raise UsageError(f"{output} cannot be written: {problem.strerror or problem}") from None
