"""SARIF 2.1.0, the format of code scanning: each mistake with its place in the notebook file.

A notebook is JSON, so a mistake has two places: the lines of the .ipynb file, and as a logical location
the cell and the line in it. A fix replaces the JSON of the cells' sources, exactly.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote

from rnnmagic import __version__
from rnnmagic.cli.causes import ALL_CAUSES, MEANINGS
from rnnmagic.cli.files import read_notebook
from rnnmagic.cli.places import cells_of, new_source
from rnnmagic.cli.pool import Result
from rnnmagic.cli.writers import Totals, cell_text, place_text, problem_text
from rnnmagic.report import WARNING_CAUSES
from rnnmagic.views.wording import sentence

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
NOT_CHECKED = "not-checked"


class SarifWriter:
    """Writes one run, the results as they come."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._first = True
        self._notifications: list[dict[str, Any]] = []

    def begin(self) -> None:
        driver = {
            "name": "rnnmagic",
            "semanticVersion": __version__,
            "rules": [_rule(cause) for cause in ALL_CAUSES],
            "notifications": [
                {
                    "id": NOT_CHECKED,
                    "shortDescription": {"text": "A notebook that could not be checked to its end."},
                }
            ],
        }
        self._out.write(
            f'{{"$schema": {json.dumps(SCHEMA)}, "version": "2.1.0", "runs": [{{\n'
            f'"tool": {json.dumps({"driver": driver}, ensure_ascii=False)},\n'
            '"columnKind": "unicodeCodePoints",\n"results": ['
        )

    def add(self, path: Path, result: Result) -> None:
        text: str | None = None
        for mistake in result["mistakes"]:
            if text is None:
                text = _file_text(path)
            self._out.write("\n" if self._first else ",\n")
            self._first = False
            json.dump(_result(path, mistake, text), self._out, ensure_ascii=False)
        if result["status"] == "not_checked":
            location: dict[str, Any] = {"physicalLocation": {"artifactLocation": _artifact(path)}}
            if result["problem"]["cell"] is not None:
                location["logicalLocations"] = [_logical(result["problem"]["cell"])]
            self._notifications.append(
                {
                    "descriptor": {"id": NOT_CHECKED},
                    "level": "error",
                    "message": {"text": "Could not be checked: " + problem_text(result["problem"])},
                    "locations": [location],
                }
            )

    def end(self, totals: Totals, seconds: float) -> None:
        invocation = {
            "executionSuccessful": not (totals.interrupted or totals.not_checked),
            "toolExecutionNotifications": self._notifications,
        }
        self._out.write(f'\n],\n"invocations": [{json.dumps(invocation, ensure_ascii=False)}]\n}}]}}\n')


def _rule(cause: str) -> dict[str, Any]:
    what, remedy = MEANINGS[cause]
    silent = cause in WARNING_CAUSES
    return {
        "id": cause,
        "name": "".join(word.capitalize() for word in cause.split("_")),
        "shortDescription": {"text": what},
        "fullDescription": {"text": what},
        "help": {"text": f"{what} {remedy}"},
        "defaultConfiguration": {"level": "warning" if silent else "error"},
    }


def _result(path: Path, mistake: dict[str, Any], text: str | None) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(path)}
    if mistake["region"] is not None:
        physical["region"] = mistake["region"]
    fix = mistake["fix"]
    message = sentence(mistake["summary"]) or mistake["cause"]
    if fix is not None:
        tried = "verified" if fix["verified"] else "not tried"
        message += f" Fix ({tried}): {sentence(fix['title'])}."
    result: dict[str, Any] = {
        "ruleId": mistake["cause"],
        "ruleIndex": ALL_CAUSES.index(mistake["cause"]),
        "level": "note" if mistake["expected"] else "error" if mistake["kind"] == "error" else "warning",
        "message": {"text": message},
        "locations": [
            {
                "physicalLocation": physical,
                "logicalLocations": [_logical(mistake["cell"])],
                "message": {"text": f"In {place_text(mistake)}."},
            }
        ],
        "properties": {
            "cellIndex": mistake["cell"]["index"],
            "executionCount": mistake["cell"]["execution_count"],
            "cellLine": mistake["line"],
        },
    }
    written = None if fix is None or text is None else _fix(path, fix, text)
    if written is not None:
        result["fixes"] = [written]
    return result


def _logical(cell: dict[str, Any]) -> dict[str, Any]:
    return {"name": cell_text(cell), "fullyQualifiedName": f"cells[{cell['index']}]", "kind": "object"}


def _fix(path: Path, fix: dict[str, Any], text: str) -> dict[str, Any] | None:
    """The fix as replacements in the file; `None` if one of its cells is not found there as it ran."""
    if not fix["edits"]:
        return None
    try:
        cells = cells_of(text)
    except ValueError:
        return None
    replacements = []
    for edit in fix["edits"]:
        index = edit["index"]
        if (
            index is None
            or edit["region"] is None
            or index >= len(cells)
            or cells[index].source != edit["old"]
        ):
            return None
        replacements.append(
            {
                "deletedRegion": edit["region"],
                "insertedContent": {"text": new_source(text, cells[index], edit["new"])},
            }
        )
    change = {"artifactLocation": _artifact(path), "replacements": replacements}
    return {"description": {"text": sentence(fix["title"])}, "artifactChanges": [change]}


def _file_text(path: Path) -> str | None:
    try:
        return read_notebook(path)
    except (OSError, ValueError):
        return None


def _artifact(path: Path) -> dict[str, Any]:
    """The file, relative to the current folder where it lies below it, as code scanning wants it."""
    absolute = Path(os.path.abspath(path))
    try:
        return {"uri": quote(absolute.relative_to(Path.cwd()).as_posix())}
    except ValueError:
        return {"uri": absolute.as_uri()}
