"""Play cells in a shell of this process, plain and checked in turn, and hold the times together."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("MPLBACKEND", "agg")
ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "taxonomy")]

CHECK = "%%rnncheck --display panel\n"
"""The panel with its HTML and text, as a notebook gets them: a shell alone would only print text."""


class Took(NamedTuple):
    """Seconds of a cell, by the clock and of the processors (all threads)."""

    wall: float
    processor: float


class Failed(RuntimeError):
    """A cell did not do what the benchmark takes for granted."""


def new_shell() -> Any:
    """A shell without a history file, and with rnnmagic."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    shell.run_line_magic("load_ext", "rnnmagic")
    return shell


def play(shell: Any, code: str, *, fails: bool = False) -> Took:
    """What a cell took, with its traceback and its report; what it shows is not shown.

    Raises
    ------
    Failed
        The cell failed though it should not, or the other way round.
    """
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        began, worked = time.perf_counter(), time.process_time()
        result = shell.run_cell(code, store_history=True)
        took = Took(time.perf_counter() - began, time.process_time() - worked)
    if result.success is fails:
        raise Failed(
            f"this cell was meant to {'fail' if fails else 'run'}:\n{code}\n{out.getvalue()[-1500:]}"
        )
    return took


def fresh(shell: Any, cells: Iterable[str]) -> None:
    """An empty namespace, Keras without names of layers counted, and these cells run."""
    shell.reset(new_session=False)
    keras = sys.modules.get("keras")
    if keras is not None:
        if not gc.get_freeze_count():
            gc.freeze()  # TensorFlow's modules stay; a collection need not go through them
        keras.utils.clear_session()
    for code in cells:
        play(shell, code)
    gc.collect()


class Pair:
    """The same failing cell, plain and checked, the one and the other first in turn."""

    def __init__(self, name: str, before: Sequence[str], cell: str, magic: str = CHECK) -> None:
        self.name, self.before, self.cell, self.magic = name, before, cell, magic
        self.plain: list[Took] = []
        self.checked: list[Took] = []
        self.cause = ""
        self.reports: list[Any] = []

    def measure(self, shell: Any) -> None:
        import rnnmagic

        took = {}
        for magic in ("", self.magic) if len(self.plain) % 2 else (self.magic, ""):
            fresh(shell, self.before)
            took[magic] = play(shell, magic + self.cell, fails=True)
            if magic:
                report = rnnmagic.last_report()
                if report is None or report.outcome != "shape_error":
                    told = None if report is None else (report.outcome, report.trouble)
                    raise Failed(f"{self.name}: the check did not find the error, but says {told}")
                self.cause = str(report.cause)
                self.reports.append(report)
        self.plain.append(took[""])
        self.checked.append(took[self.magic])

    def memory(self, shell: Any) -> float:
        """Bytes by which the check raises the cell's peak, as Python and NumPy allocate them."""
        peaks = []
        for magic in ("", self.magic):
            fresh(shell, self.before)
            tracemalloc.start()
            try:
                play(shell, magic + self.cell, fails=True)
                peaks.append(tracemalloc.get_traced_memory()[1])
            finally:
                tracemalloc.stop()
        return peaks[1] - peaks[0]

    def timing(self, what: str) -> float:
        """Median seconds of `diagnose` or `verify`."""
        return statistics.median(getattr(report.timing, what) for report in self.reports)

    @property
    def own(self) -> float:
        """Seconds of the plain cell."""
        return statistics.median(took.wall for took in self.plain)

    @property
    def added(self) -> float:
        """Seconds; the median of what each round has added."""
        return self._added("wall")

    @property
    def ratio(self) -> float:
        return self.added / self.own

    @property
    def processor_ratio(self) -> float:
        """The same of processor time, which other work on the machine changes less."""
        return self._added("processor") / statistics.median(took.processor for took in self.plain)

    def _added(self, what: str) -> float:
        pairs = zip(self.plain, self.checked, strict=True)
        return statistics.median(getattr(b, what) - getattr(a, what) for a, b in pairs)


def interleaved(pairs: Sequence[Pair], shell: Any, rounds: int) -> None:
    """All pairs once to warm up (the first call of each path imports and compiles), then round by round."""
    for pair in pairs:
        pair.measure(shell)
        pair.plain.clear(), pair.checked.clear(), pair.reports.clear()
    for _ in range(rounds):
        for pair in pairs:
            pair.measure(shell)


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table, the first column to the left and the others to the right."""
    texts = [list(heads), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in texts) for column in range(len(heads))]
    for row in texts:
        first, *rest = (
            text.ljust(width) if not column else text.rjust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        print("  " + "  ".join([first, *rest]).rstrip(), flush=True)


def ms(seconds: float, digits: int = 0) -> str:
    return f"{seconds * 1e3:,.{digits}f} ms"


def verdict(value: float, limit: float, tell: Callable[[float], str] = "{:.2f}".format) -> str:
    return f"{tell(value)} (target {tell(limit)}: {'met' if value < limit else 'MISSED'})"
