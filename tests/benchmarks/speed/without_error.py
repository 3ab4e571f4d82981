"""A cell without an error: bare IPython, rnnmagic loaded, and the cell checked."""

from __future__ import annotations

import contextlib
import gc
import io
import statistics
import time
from typing import Any

from speed.playing import Failed, ms, new_shell, play, table, verdict

CELL = "seen = 1 + 1"
LIMIT_S = 1e-3
BLOCK = 100
"""Cells in a row of one kind; the kinds take turns by blocks."""
WAYS = ("bare", "loaded", "checked")


def measure(quick: bool) -> None:
    shell = new_shell()
    rows, added = [], []
    for there in ("before Keras is imported", "after"):
        if there == "after":
            shell.run_line_magic("reload_ext", "rnnmagic")
            play(shell, "import numpy as np, keras")
            play(shell, "%%rnncheck\n" + CELL)
        took = _in_turn(shell, 300 if quick else 10_000)
        middle = {way: statistics.median(seconds) for way, seconds in took.items()}
        added.append(middle["checked"] - middle["bare"])
        rows.append([there, *(ms(middle[way], 3) for way in WAYS), ms(added[-1], 3), len(took["bare"])])
    table(["1 line, no error", *WAYS, "added", "runs of each"], rows)
    print(f"  added by the magic: {verdict(max(added), LIMIT_S, lambda s: ms(s, 2))}")


def _in_turn(shell: Any, runs: int) -> dict[str, list[float]]:
    took: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(runs // BLOCK):
        for way in WAYS:
            with contextlib.redirect_stdout(io.StringIO()):
                shell.run_line_magic("unload_ext", "rnnmagic")
                if way != "bare":
                    shell.run_line_magic("load_ext", "rnnmagic")
            code = "%%rnncheck\n" + CELL if way == "checked" else CELL
            gc.collect(0)
            with contextlib.redirect_stdout(io.StringIO()):
                for _ in range(BLOCK):
                    began = time.perf_counter()
                    result = shell.run_cell(code, store_history=True)
                    took[way].append(time.perf_counter() - began)
                    if not result.success:
                        raise Failed(f"{code!r} failed")
    return took
