"""How `rnnmagic check` writes: one writer for each format, fed with results in order, so that none is kept."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any, Protocol, TextIO

from rnnmagic import __version__
from rnnmagic.cli.pool import Result
from rnnmagic.views.wording import code_lines, count, one_line, sentence

JSON_SCHEMA = 1


class Totals:
    """What was found so far."""

    def __init__(self) -> None:
        self.notebooks = self.with_mistakes = self.without = self.not_checked = 0
        self.mistakes = self.warnings = 0
        self.causes: Counter[str] = Counter()
        self.interrupted = False

    def add(self, result: Result) -> None:
        self.notebooks += 1
        found = result["mistakes"]
        self.mistakes += sum(one["kind"] == "error" for one in found)
        self.warnings += sum(one["kind"] == "warning" for one in found)
        self.causes.update(one["cause"] for one in found)
        self.with_mistakes += bool(found)
        if result["status"] == "not_checked":
            self.not_checked += 1
        elif not found:
            self.without += 1

    def to_dict(self) -> dict[str, Any]:
        return {
            "notebooks": self.notebooks,
            "with_mistakes": self.with_mistakes,
            "without": self.without,
            "not_checked": self.not_checked,
            "errors": self.mistakes,
            "warnings": self.warnings,
            "causes": dict(sorted(self.causes.items())),
            "interrupted": self.interrupted,
        }


class Writer(Protocol):
    """Takes the notebooks one by one, in order, and ends the document."""

    def begin(self) -> None: ...

    def add(self, path: Path, result: Result) -> None: ...

    def end(self, totals: Totals, seconds: float) -> None: ...


class Paint(Protocol):
    """Writes a line of text in a style."""

    def __call__(self, text: str, style: str = "") -> None: ...


class TextWriter:
    """One block for each mistake, and a summary."""

    def __init__(self, paint: Paint) -> None:
        self._paint = paint

    def begin(self) -> None:
        pass

    def add(self, path: Path, result: Result) -> None:
        for mistake in result["mistakes"]:
            self._mistake(path, mistake)
        left = result["cells"]["code"] - result["cells"]["ran"]
        if result["status"] == "stopped" and left > 0:
            self._paint(f"{shown_path(path)}: {count(left, 'cell')} after it did not run", "dim")
            self._paint("")
        if result["status"] == "not_checked":
            self._paint(
                f"{shown_path(path)}: could not be checked: {problem_text(result['problem'])}", "yellow"
            )
            self._paint("")
        for note in result["notes"]:
            self._paint(f"{shown_path(path)}: note: {sentence(note)}", "dim")

    def _mistake(self, path: Path, mistake: dict[str, Any]) -> None:
        silent = ", silent" if mistake["kind"] == "warning" else ""
        expected = ", expected" if mistake["expected"] else ""
        self._paint(
            f"{shown_path(path)}: {place_text(mistake)}: {mistake['cause']}{silent}{expected}", "bold red"
        )
        self._paint(f"    {sentence(mistake['summary'])}")
        statement = (mistake["error"] or {}).get("statement")
        if statement:
            self._paint(f"    in  {one_line(statement, 120)}", "dim")
        fix = mistake["fix"]
        if fix is not None:
            tried = "verified" if fix["verified"] else "not tried"
            self._paint(f"    fix {one_line(fix['title'], 120)} ({tried})", "green")
            for line in code_lines(fix["code"], 8):
                self._paint(f"        {line}")
            if fix["caution"]:
                self._paint(f"        {sentence(fix['caution'])}", "dim")
        self._paint("")

    def end(self, totals: Totals, seconds: float) -> None:
        parts = []
        if totals.with_mistakes:
            found = []
            if totals.mistakes:
                found.append(count(totals.mistakes, "mistake"))
            if totals.warnings:
                found.append(count(totals.warnings, "silent mistake"))
            parts.append(f"{' and '.join(found)} in {totals.with_mistakes}")
        if totals.without:
            parts.append(f"none in {totals.without}")
        if totals.not_checked:
            parts.append(f"{totals.not_checked} could not be checked to the end")
        if totals.interrupted:
            parts.append("interrupted")
        self._paint(f"{count(totals.notebooks, 'notebook')} in {seconds:.0f} s: {', '.join(parts)}.", "bold")


class JsonWriter:
    """The documented JSON, written as the results come: `schema`, `tool`, `notebooks`, `summary`."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._first = True

    def begin(self) -> None:
        tool = json.dumps({"name": "rnnmagic", "version": __version__})
        self._out.write(f'{{"schema": {JSON_SCHEMA}, "tool": {tool}, "notebooks": [')

    def add(self, path: Path, result: Result) -> None:
        self._out.write("\n" if self._first else ",\n")
        self._first = False
        json.dump({"file": path.as_posix(), **without_edits(result)}, self._out, ensure_ascii=False)

    def end(self, totals: Totals, seconds: float) -> None:
        summary = json.dumps({**totals.to_dict(), "seconds": round(seconds, 3)})
        self._out.write(f'\n], "summary": {summary}}}\n')


def without_edits(result: Result) -> Result:
    """The result without the whole cells that a fix changes: those are for `rnnmagic fix`."""
    mistakes = []
    for mistake in result["mistakes"]:
        fix = mistake["fix"]
        if fix is not None:
            fix = {key: value for key, value in fix.items() if key != "edits"}
        mistakes.append({**mistake, "fix": fix})
    return {**result, "mistakes": mistakes}


def shown_path(path: Path) -> str:
    """A path on one line, whatever characters its owner has put into it."""
    return one_line(path.as_posix(), 400)


def cell_text(cell: dict[str, Any]) -> str:
    """The cell by its place in the notebook, from 1, and by its number in this run."""
    number = cell["execution_count"]
    return f"cell {cell['index'] + 1}" + ("" if number is None else f" [{number}]")


def place_text(mistake: dict[str, Any]) -> str:
    line = mistake["line"]
    return cell_text(mistake["cell"]) + ("" if line is None else f", line {line}")


def problem_text(problem: dict[str, Any]) -> str:
    where = "" if problem["cell"] is None else f"{cell_text(problem['cell'])}: "
    return where + sentence(problem["text"])
