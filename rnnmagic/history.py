"""What IPython knows of the cells that ran: their sources and the names they were compiled under.

Written against IPython 8 and 9 and ipykernel 6 and 7, which differ in both.
"""

from __future__ import annotations

import linecache
import traceback
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from rnnmagic.cells import Cell
from rnnmagic.magic_line import blank_lines_above, body_under_magics

CELLS_AT_MOST = 2_000
"""Older cells are forgotten; a fix can no longer name them."""


def transformed_source(shell: Any, info: Any) -> str:
    """The Python source that IPython made of a cell, given its `ExecutionInfo`."""
    source = getattr(info, "transformed_cell", None)  # newer IPython only
    if isinstance(source, str):
        return source
    try:
        return str(shell.transform_cell(info.raw_cell))
    except Exception:  # a syntax error that the transformers met first
        return str(info.raw_cell)


def code_filename(shell: Any, raw: str, source: str, number: int) -> str:
    """The name that this cell's code was compiled under, as tracebacks and code objects have it.

    A kernel names code by its raw text, a plain shell by its transformed text and the number.
    """
    try:
        return str(shell.compile.get_code_name(raw, source, number))
    except Exception:
        return f"<ipython-input-{number}>"


def earlier_cells(shell: Any) -> Iterator[Cell]:
    """The cells of this session that ran before rnnmagic was loaded, oldest first.

    IPython keeps no cell ids, so they have none; it drops newlines at a cell's end.
    """
    manager = shell.history_manager
    if manager is None:
        return
    raws, sources = list(manager.input_hist_raw), list(manager.input_hist_parsed)
    names: dict[int, list[str]] = {}
    for name, number in getattr(shell.compile, "_filename_map", {}).items():
        names.setdefault(number, []).append(name)
    count = min(len(raws), len(sources))
    for number in range(max(1, count - CELLS_AT_MOST), count):
        raw, source = raws[number], sources[number]
        if not raw.strip():
            continue
        # The name was made of the text before its last newlines were dropped, so it is looked
        # up first and made anew only when a later run of the same text took it over.
        known = [name for name in names.get(number, ()) if _compiled_source(name).rstrip() == source.rstrip()]
        filename = known[-1] if known else code_filename(shell, raw, source, number)
        yield Cell(number, None, raw, source, filename, blank_lines_above(raw))


def _compiled_source(name: str) -> str:
    entry = linecache.cache.get(name)
    return "".join(entry[2]) if entry is not None and len(entry) == 4 else ""


def cell_id_of(shell: Any, info: Any) -> str | None:
    """The front end's id of the cell that is about to run."""
    found = getattr(info, "cell_id", None)
    if not found:
        try:
            found = shell.get_parent()["metadata"]["cellId"]
        except Exception:  # no kernel, or a front end without cell ids
            return None
    return found if isinstance(found, str) and found else None


def cell_of(shell: Any, info: Any, cell_id: str | None, number: int) -> Cell:
    """The cell of an `ExecutionInfo` that was compiled with this number."""
    raw = info.raw_cell
    source = transformed_source(shell, info)
    filename = code_filename(shell, raw, source, number)
    count = number if info.store_history else None
    return Cell(count, cell_id, raw, source, filename, blank_lines_above(raw))


def cell_under_way(shell: Any, info: Any, cell_id: str | None, number: int, error: Exception) -> Cell:
    """The cell by the number that its code was compiled with: counted up before, or after, by version."""
    names = {frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)}
    numbers = (count_of_cancelled(shell), number, number - 1)
    cells = [cell_of(shell, info, cell_id, one) for one in numbers]
    return next((cell for cell in cells if cell.filename in names), cells[0])


def count_of_cancelled(shell: Any) -> int:
    """The number of the latest cell, for one that was cancelled and has no result."""
    manager = shell.history_manager
    return max(1, len(manager.input_hist_raw) - 1) if manager is not None else 1


def timed_body(shell: Any, cell: Cell) -> list[Cell]:
    """`%%time` compiles its body under a name of its own, with the body's line numbers."""
    found = body_under_magics(cell.raw)
    if found is None or found[0] != "time":
        return []
    _, body, above = found
    try:
        source = shell.transform_cell(body)
    except Exception:  # the body is no Python; the cell's own error says so
        return []
    above += blank_lines_above(body)
    names = ("<timed exec>", "<timed eval>")
    return [replace(cell, transformed=source, filename=name, offset=above) for name in names]
