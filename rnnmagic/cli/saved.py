"""The reports that rnnmagic has left in saved notebooks, read without running anything.

Notebooks come from students: every field is looked at, and one that cannot be read is told and passed over.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rnnmagic.cli.causes import ALL_CAUSES
from rnnmagic.cli.files import read_notebook
from rnnmagic.views.stored import MIME

REPORTS_AT_MOST = 500
"""Reports read of one notebook."""
_FOLDERS = ("submitted", "autograded", "feedback")
"""nbgrader's: below each lies <student>/<assignment>/<notebook>."""
_CALL = re.compile(r"[\w.\]\[]+\s*\(")

By = Literal["none", "pseudonym", "name"]


@dataclass(frozen=True)
class Seen:
    """One mistake in one saved notebook."""

    notebook: int
    """The notebook's number; its path would tell the student."""
    student: str
    assignment: str | None
    cell: int
    """Index of the cell."""
    cause: str
    silent: bool
    hint: int | None
    """The step of the hints that had been opened."""
    mended: bool | None
    """Whether a later cell makes the same call and did not fail; `None` where that cannot be seen."""


@dataclass(frozen=True)
class Notebook:
    """What one file holds."""

    student: str
    assignment: str | None
    seen: tuple[Seen, ...]


class UnreadableError(ValueError):
    """A file that is no notebook; the text says why."""


def read_saved(path: Path, number: int) -> Notebook:
    """The mistakes saved in a notebook.

    Raises
    ------
    UnreadableError
        It cannot be read.
    """
    try:
        text = read_notebook(path)
        notebook = json.loads(text.removeprefix("\ufeff"))
    except OSError as problem:
        raise UnreadableError(problem.strerror or "it cannot be opened") from None
    except ValueError as problem:
        raise UnreadableError(str(problem)[:160]) from None
    except RecursionError:
        raise UnreadableError("it is nested too deep") from None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        raise UnreadableError("it is JSON, but no notebook")
    student, assignment = who(path)
    seen = [
        Seen(number, student, assignment, index, cause, silent, hint, mended)
        for index, cell in enumerate(cells)
        if isinstance(cell, dict) and cell.get("cell_type") == "code"
        for report in _reports(cell)
        for cause, silent, hint, mended in _mistakes(report, cell, cells[index + 1 :])
    ]
    return Notebook(student, assignment, tuple(seen[:REPORTS_AT_MOST]))


def _reports(cell: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The reports among a cell's outputs; of one shown twice (`%rnncheck last`) the later, which knows more hints."""
    found: dict[str, dict[str, Any]] = {}
    outputs = cell.get("outputs")
    for output in outputs if isinstance(outputs, list) else ():
        data = output.get("data") if isinstance(output, dict) else None
        report = data.get(MIME) if isinstance(data, dict) else None
        if isinstance(report, dict):
            found[json.dumps([report.get(key) for key in ("execution_count", "cause", "summary")])] = report
    yield from found.values()


def _mistakes(
    report: dict[str, Any], cell: dict[str, Any], below: list[Any]
) -> Iterator[tuple[str, bool, int | None, bool | None]]:
    hints = report.get("hints")
    step = hints.get("step") if isinstance(hints, dict) else None
    hint = step if isinstance(step, int) and not isinstance(step, bool) and 0 <= step <= 99 else None
    if report.get("outcome") == "shape_error":
        yield _cause(report), False, hint, _mended(report, cell, below)
    warnings = report.get("warnings")
    for notice in warnings if isinstance(warnings, list) else ():
        if isinstance(notice, dict):
            yield _cause(notice), True, hint, None


def _cause(part: dict[str, Any]) -> str:
    cause = part.get("cause")
    return cause if isinstance(cause, str) and cause in ALL_CAUSES else "other"


def _mended(report: dict[str, Any], cell: dict[str, Any], below: list[Any]) -> bool | None:
    """Whether the same call (`model.fit(`) ran later, in a cell further down, and raised nothing.

    A cell that was run again after its repair has lost its report, so that what is left to see are
    cells that were copied or written anew. Counts of another session cannot be compared.
    """
    error = report.get("error")
    statement = error.get("statement") if isinstance(error, dict) else None
    call = _CALL.search(statement) if isinstance(statement, str) else None
    count = cell.get("execution_count")
    if call is None or not isinstance(count, int):
        return None
    wanted = "".join(call[0].split())
    for other in below:
        if not isinstance(other, dict) or other.get("cell_type") != "code":
            continue
        later = other.get("execution_count")
        if not isinstance(later, int) or later <= count:
            continue
        if wanted in "".join(_source(other).split()) and not _failed(other):
            return True
    return False


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source")
    if isinstance(source, list):
        return "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""


def _failed(cell: dict[str, Any]) -> bool:
    outputs = cell.get("outputs")
    return any(
        isinstance(output, dict) and output.get("output_type") == "error"
        for output in (outputs if isinstance(outputs, list) else ())
    )


def who(path: Path) -> tuple[str, str | None]:
    """Student and assignment by nbgrader's folders, else the file's name and no assignment."""
    parts = path.absolute().parts
    for place in range(len(parts) - 2, -1, -1):
        if parts[place] in _FOLDERS:
            below = parts[place + 1 : -1]
            if below:
                return below[0], below[1] if len(below) > 1 else None
    return path.stem, None


def pseudonym(student: str, key: str) -> str:
    """The same for the same student and key; without the key nobody can tell who it is."""
    digest = hmac.new(key.encode(), student.encode("utf-8", "surrogateescape"), hashlib.sha256)
    return f"student-{digest.hexdigest()[:10]}"
