"""A notebook's text read for running: what is valid, what Jupyter would open all the same, and what is none."""

from __future__ import annotations

import json
import warnings
from typing import Any

import nbformat

from rnnmagic.cli.places import CellText, FileLines, cells_of, span_of_line


class NotANotebookError(ValueError):
    """Why a text cannot be run as a notebook, in words that fit behind a colon."""


class Document:
    """One notebook: the cells to run, and where they stand in the file.

    Raises
    ------
    NotANotebookError
        It is no notebook.
    """

    def __init__(self, text: str) -> None:
        try:
            plain = json.loads(text[1:] if text.startswith("\ufeff") else text)
        except ValueError as problem:
            raise NotANotebookError(f"it is no valid JSON ({problem})") from None
        except RecursionError:
            raise NotANotebookError("it is no valid JSON (nested too deep)") from None
        if not isinstance(plain, dict) or not isinstance(plain.get("nbformat"), int):
            raise NotANotebookError("it is JSON, but no notebook")
        self.format = plain["nbformat"]
        self.note: str | None = None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # cells without ids: older notebooks have none
                self.notebook: Any = _read(plain)
        except NotANotebookError:
            raise
        except Exception as problem:
            raise NotANotebookError(f"it is no valid notebook ({_first_line(problem)})") from None
        try:
            nbformat.validate(self.notebook, relax_add_props=True)
        except Exception as problem:
            if not _sound(self.notebook):
                raise NotANotebookError(f"it is no valid notebook ({_first_line(problem)})") from None
            self.note = f"not quite a valid notebook ({_first_line(problem)})"
        self._cells: list[CellText] | None = None
        self._lines: FileLines | None = None
        if self.format == 4:
            try:
                self._cells, self._lines = cells_of(text), FileLines(text)
            except ValueError:
                pass  # then places are said by cell alone

    def region(self, index: int, line: int | None) -> dict[str, int] | None:
        """Where a line of a cell stands in the file; `None` if that is not known."""
        if self._cells is None or self._lines is None or index >= len(self._cells):
            return None
        span = span_of_line(self._cells[index], line)
        return self._lines.region(span.start, span.end)

    def source_region(self, index: int) -> dict[str, int] | None:
        """Where the whole source of a cell stands in the file."""
        return self.region(index, None)

    def cell_has_id(self, index: int) -> bool:
        """Whether the file gives the cell an id; reading an older notebook makes one up."""
        cell = self.cell_text(index)
        return cell is not None and "id" in cell.parts

    def cell_text(self, index: int) -> CellText | None:
        return None if self._cells is None or index >= len(self._cells) else self._cells[index]


def _read(plain: dict[str, Any]) -> Any:
    if plain["nbformat"] == 4:
        notebook: Any = nbformat.from_dict(plain)  # type: ignore[no-untyped-call]
        for cell in notebook.get("cells", ()):
            if isinstance(cell, dict) and isinstance(cell.get("source"), list):
                cell["source"] = "".join(cell["source"])
            if isinstance(cell, dict) and cell.get("cell_type") == "code":
                # What earlier runs put out is not looked at, and may be large.
                cell["outputs"] = []
        return notebook
    if plain["nbformat"] > 4:
        raise NotANotebookError(f"its format, {plain['nbformat']}, is newer than this program knows")
    return nbformat.reads(json.dumps(plain), as_version=4)  # type: ignore[no-untyped-call]


def _sound(notebook: Any) -> bool:
    cells = notebook.get("cells")
    return (
        isinstance(notebook.get("metadata"), dict)
        and isinstance(cells, list)
        and all(map(_sound_cell, cells))
    )


def _sound_cell(cell: Any) -> bool:
    if not isinstance(cell, dict) or not isinstance(cell.get("metadata"), dict):
        return False
    tags = cell["metadata"].get("tags", [])
    return (
        cell.get("cell_type") in ("code", "markdown", "raw")
        and isinstance(cell.get("source"), str)
        and isinstance(tags, list)
    )


def _first_line(problem: BaseException) -> str:
    lines = str(problem).strip().splitlines() or [type(problem).__name__]
    return lines[0][:160]
