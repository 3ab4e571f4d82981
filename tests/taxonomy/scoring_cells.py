#!/usr/bin/env python3
"""Run the cells of this folder through rnnmagic, all in one process, and judge what it says.

    python tests/taxonomy/scoring_cells.py                   # a table of all cells
    python tests/taxonomy/scoring_cells.py -k flat --all     # by name; every verified fix, in graphs

A file in `cells/` holds the cells of one group, each under a line of what is expected of it:

    # %% <name>: <outcome>, layer <who rejects it>, array <who is at fault>

with alternatives separated by `|`, and `-` for none. What stands above a line `# then` is a cell
that ran before. `prelude.py` is the first cell of every notebook.

A cell is right when outcome, layer and array are, and a repaired notebook runs. Whether the repair
is also the one that the user means is judged by the notebook cases (`tests/cases/`).
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent), str(HERE.parent)]
import score_cases  # noqa: E402


@dataclass(frozen=True)
class Cell:
    """One way to get a shape wrong, or to get it right in an unusual way."""

    name: str
    group: str
    expected: dict[str, list[str]]
    setup: str
    source: str

    def as_case(self) -> dict[str, Any]:
        before = [PRELUDE, self.setup] if self.setup else [PRELUDE]
        return {"setup": before, "cell": self.source, "oracle": "", "check": ""}


@dataclass
class Row:
    """What came of a cell."""

    cell: Cell
    problems: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    """Fixes that were offered as verified and do not work."""
    report: dict[str, Any] = field(default_factory=dict)
    ran: list[str] = field(default_factory=list)
    seconds: float = 0.0


PRELUDE = (HERE / "prelude.py").read_text()


def read(group: str) -> list[Cell]:
    """The cells of one file."""
    found = []
    for part in re.split(r"(?m)^# %% ", (HERE / "cells" / f"{group}.py").read_text())[1:]:
        head, body = part.split("\n", 1)
        name, told = head.split(": ", 1)
        outcome, *rest = told.split(", ", 2)
        expected = {"outcome": outcome.split("|")}
        for item in rest:
            key, value = item.split(" ", 1)
            expected[key] = value.split("|")
        setup, _, source = body.rpartition("# then\n")
        found.append(
            Cell(name, group, expected, setup.strip() + "\n" if setup else "", source.strip() + "\n")
        )
    return found


def groups() -> list[str]:
    return sorted(path.stem for path in (HERE / "cells").glob("*.py"))


def judge(cell: Cell, *, thorough: bool = False) -> Row:
    """Run the cell with the magic, and the notebook again with the first fix that was tried.

    `thorough` runs it with every fix, and in graphs as Keras does by itself; otherwise the repaired
    notebook runs eagerly, which is many times faster for models as small as these.
    """
    row, begun, case = Row(cell), time.perf_counter(), cell.as_case()
    _forget()
    book = score_cases.Notebook(case)
    book.set_up()
    result, _ = book.run(score_cases.MAGIC + cell.source)
    report = row.report = score_cases.last_report()
    outcome = report.get("outcome", "none")
    if outcome not in cell.expected["outcome"]:
        row.problems.append(f"outcome {outcome}")
    if result.success != (outcome == "clean"):
        row.problems.append("the magic changed whether the cell fails")
    if outcome == "shape_error" and "shape_error" in cell.expected["outcome"]:
        _judge_names(row)
        # What may as well count as no matter of shapes need not have a repair.
        _judge_fixes(row, case, thorough, needed="other_error" not in cell.expected["outcome"])
    row.seconds = time.perf_counter() - begun
    return row


def _forget() -> None:
    """A kernel that knows no cells of the notebook before."""
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    if "rnnmagic" in shell.extension_manager.loaded:
        shell.extension_manager.unload_extension("rnnmagic")
    if shell.history_manager is not None:
        shell.history_manager.reset(new_session=False)


def _judge_names(row: Row) -> None:
    for key, told in (("layer", ("name", "class")), ("array", ("name", "expression"))):
        if key not in row.cell.expected:
            continue
        found = row.report.get(key) or {}
        names = {found.get(field) or "-" for field in told}
        if not names & set(row.cell.expected[key]):
            row.problems.append(f"{key} {found.get('name')!r}")


def _judge_fixes(row: Row, case: dict[str, Any], thorough: bool, needed: bool) -> None:
    import tensorflow as tf

    fixes = row.report.get("fixes", [])
    if not fixes and needed:
        row.problems.append("no fix")
    if not fixes:
        return
    verified = [fix for fix in fixes if fix.get("verified")]
    tried = verified + [fix for fix in fixes if not fix.get("verified")]
    works = False
    for fix in tried if thorough else tried[:1]:
        _forget()
        tf.config.run_functions_eagerly(not thorough)
        try:
            ran, why, _ = score_cases.apply_and_rerun(case, fix, [])
        finally:
            tf.config.run_functions_eagerly(False)
        works |= ran
        row.ran.append(f"{fix['kind']}{'' if fix['verified'] else '?'}{'' if ran else ' fails'}")
        if fix.get("verified") and not ran:
            row.broken.append(f"{fix['title']}: {why}")
    if not works:
        row.problems.append("no fix that works")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "-k", default="", help="only cells or groups whose name contains one of these, by comma"
    )
    parser.add_argument("--all", action="store_true", help="run the notebook with every fix, in graphs")
    parser.add_argument("--part", default="0/1", help="0/2 and 1/2 are the two halves of the cells")
    parser.add_argument("--json", type=Path, help="write what was found here")
    args = parser.parse_args()
    rows = []
    words = args.k.split(",")
    part, parts = (int(number) for number in args.part.split("/"))
    for cell in [cell for group in groups() for cell in read(group)][part::parts]:
        if not any(word in cell.name or word == cell.group for word in words):
            continue
        try:
            row = judge(cell, thorough=args.all)
        except RuntimeError as problem:
            row = Row(cell, [f"the cell itself is wrong: {problem}"])
        rows.append(row)
        layer, array = row.report.get("layer") or {}, row.report.get("array") or {}
        print(
            "ok   " if not row.problems and not row.broken else "FALLS",
            f"{cell.name:44}{row.report.get('outcome', '-'):12}{row.report.get('cause') or '-':20}"
            f"{layer.get('name') or '-':12}{array.get('expression') or '-':14}"
            f"{', '.join(row.ran) or '-'}  {row.seconds:.1f}s",
            *(f"\n        {told}" for told in (*row.problems, *row.broken)),
            flush=True,
        )
    right = sum(not row.problems and not row.broken for row in rows)
    print(f"{right} of {len(rows)} cells right, {sum(row.seconds for row in rows):.0f} s")
    if args.json:
        told = [{**row.__dict__, "cell": row.cell.__dict__} for row in rows]
        args.json.write_text(json.dumps(told, indent=1, default=str))


if __name__ == "__main__":
    main()
