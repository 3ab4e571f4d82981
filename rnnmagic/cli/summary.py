"""`rnnmagic report`: sums up the reports saved in a folder's notebooks."""

from __future__ import annotations

import argparse
import csv
import json
import secrets
import sys
from typing import Any

from rich.box import SIMPLE
from rich.table import Table
from rich.text import Text

from rnnmagic import __version__
from rnnmagic.cli import FOUND_NOTHING, UsageError
from rnnmagic.cli.files import find_notebooks, write_whole
from rnnmagic.cli.page import render_page
from rnnmagic.cli.saved import UnreadableError, pseudonym, read_saved
from rnnmagic.cli.screen import Screen, screen
from rnnmagic.cli.tally import Tally
from rnnmagic.cli.writers import shown_path
from rnnmagic.views.wording import count, one_line

SOME_UNREADABLE = 1
JSON_SCHEMA = 1


def summary(options: argparse.Namespace) -> int:
    """Run the command; its exit status."""
    paths = find_notebooks(options.paths, options.exclude, fixed=True)
    key = options.key
    if options.by == "pseudonym" and not key:
        key = secrets.token_hex(16)
        sys.stderr.write(f"rnnmagic: pseudonyms made with a new key; --key {key} gives the same again.\n")
    name = {"none": None, "name": str, "pseudonym": lambda student: pseudonym(student, key)}[options.by]
    tally = Tally(name)
    with screen(options.output) as place:
        with place.progress(len(paths), "Reading") as bar:
            for number, path in enumerate(paths):
                try:
                    tally.add(read_saved(path, number))
                except UnreadableError as problem:
                    tally.unreadable += 1
                    # Said to the one who asks, and not in what is passed on: the path may name a student.
                    sys.stderr.write(
                        f"rnnmagic: {shown_path(path)} cannot be read: {one_line(str(problem))}\n"
                    )
                bar.advance()
        found = tally.to_dict()
        if options.html is not None:
            try:
                write_whole(options.html, render_page(found))
            except OSError as problem:
                raise UsageError(f"{options.html} cannot be written: {problem.strerror or problem}") from None
        _write(found, options.format, place)
    return SOME_UNREADABLE if tally.unreadable else FOUND_NOTHING


def _write(found: dict[str, Any], form: str, place: Screen) -> None:
    if form == "json":
        tool = {"name": "rnnmagic", "version": __version__}
        json.dump({"schema": JSON_SCHEMA, "tool": tool, **found}, place.out, indent=2, ensure_ascii=False)
        place.out.write("\n")
    elif form == "csv":
        _write_csv(found, place)
    elif form == "html":
        place.out.write(render_page(found))
    else:
        _write_text(found, place)


COLUMNS = ("times", "notebooks", "students", "hint", "mended", "not mended", "not known")


def _numbers(row: dict[str, Any]) -> list[str]:
    hint = row["median_hint_step"]
    mended = row["mended"]
    shown = [row["times"], row["notebooks"], row["students"], "" if hint is None else f"{hint:g}"]
    return [str(value) for value in (*shown, mended["yes"], mended["no"], mended["unknown"])]


def _write_csv(found: dict[str, Any], place: Screen) -> None:
    """One table: a line for each cause and, when asked for, for each student and cause."""
    lines = csv.writer(place.out, lineterminator="\n")
    head = ["median hint step" if name == "hint" else name for name in COLUMNS]
    lines.writerow(["group", "name", "cause", *head])
    for row in found["causes"]:
        lines.writerow(["all", "", row["cause"], *_numbers(row)])
    for group, rows in (("assignment", found["assignments"]), ("student", found["by_student"] or ())):
        for row in rows:
            name = _harmless(one_line(row[group], 200))
            lines.writerow([group, name, "", *_numbers(row)])
            for cause, times in row["causes"].items():
                lines.writerow([group, name, cause, times, *[""] * (len(COLUMNS) - 1)])


def _harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return "'" + text if text[:1] in "=+-@\t\r" else text


def _write_text(found: dict[str, Any], place: Screen) -> None:
    console = place.console()
    where = f"{count(found['notebooks'], 'notebook')} of {count(found['students'], 'student')}"
    lines = [f"{where}: {count(found['times'], 'saved mistake')} in {found['notebooks_with_mistakes']}"]
    if found["unreadable"]:
        lines.append(f"{count(found['unreadable'], 'notebook')} could not be read")
    console.print(Text("; ".join(lines) + "."), soft_wrap=True)
    groups = (
        ("cause", found["causes"]),
        ("assignment", found["assignments"]),
        ("student", found["by_student"]),
    )
    for field, rows in groups:
        if rows:
            table = Table(box=SIMPLE, pad_edge=False, header_style="bold")
            table.add_column(field, overflow="fold")
            # One student is one student.
            shown = [place for place, name in enumerate(COLUMNS) if (field, name) != ("student", "students")]
            for column in shown:
                table.add_column(COLUMNS[column], justify="right")
            for row in rows:
                numbers = _numbers(row)
                table.add_row(Text(one_line(row[field], 60)), *(numbers[column] for column in shown))
            console.print(table)
    if found["median_hint_step"] is not None:
        console.print(Text("hint: the median step of the hints that was opened."), soft_wrap=True)
