"""A checked or unchecked cell while it is under way: what is to be known at its end."""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from rnnmagic import magic_line
from rnnmagic.cells import Cell
from rnnmagic.language import say
from rnnmagic.settings import RnnCheck
from rnnmagic.trouble import one_line, swallowed


@dataclass
class Running:
    """A cell under way. Cells nest: `%%capture` runs its body as a cell of its own."""

    info: Any
    cell_id: str | None
    number: int
    thread: int = field(default_factory=threading.get_ident)
    settings: RnnCheck | None = None
    """Set when the cell is checked."""
    watch: Any = None
    preflight: Any = None
    """The `Preflight` that looks at a training before it begins."""
    trouble: str | None = None
    inner_error: BaseException | None = None
    """Of a cell within that failed while this one went on (`%%capture`)."""
    cell: Cell | None = None
    """Known from the start when the cell magic was called by itself."""
    inner_cells: list[Cell] = field(default_factory=list)
    """Parts of this cell that were compiled by themselves; logged when the count is known."""
    shown_before: object = field(default_factory=lambda: getattr(sys, "last_value", None))
    """The error whose traceback IPython showed last, before this cell."""
    seconds: float = 0.0
    started: float = field(default_factory=time.perf_counter)

    def stop(self) -> None:
        """Take the watch off. It is stopped once, whatever happens, and stays for the examination."""
        if self.watch is None:
            return
        try:
            self.watch.stop()
        except BaseException as problem:
            self._is_troubled(problem)
            with swallowed():
                self.watch.stop()  # what an interrupt has left on

    def release(self) -> None:
        """Let the watch drop the frames, models and arrays that it noted."""
        release = getattr(self.watch, "release", None)
        self.watch = None
        if release is not None:
            try:
                release()
            except BaseException as problem:
                self._is_troubled(problem)

    def _is_troubled(self, problem: BaseException) -> None:
        self.trouble = self.trouble or one_line(say("rnnmagic could not stop watching"), problem)

    def shown_error(self) -> BaseException | None:
        """The error that a cell magic showed and did not pass on, as `%%time` does up to IPython 8."""
        shown = getattr(sys, "last_value", None)
        if shown is self.shown_before or magic_line.body_under_magics(self.info.raw_cell) is None:
            return None
        return shown if isinstance(shown, BaseException) else None
