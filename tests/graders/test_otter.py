"""An Otter run of the example assignment, without containers, with rnnmagic and without: the same scores."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from classroom import CLASSROOM, SCORES, STUDENTS, environment, filled_in, without_rnnmagic

HERE = Path(__file__).parent
WIDGET = "application/vnd.jupyter.widget-view+json"
ALIKE = {"dan": "ada"}
"""Without rnnmagic these hand in the same."""

Found = dict[str, dict[str, Any]]


def command(folder: Path, *line: str) -> str:
    done = subprocess.run(line, cwd=folder, env=environment(folder), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def graded(folder: Path, master: Any, answers: dict[str, dict[str, str]], *, plain: bool) -> Found:
    """What `otter assign` and then `otter run` make of these students, by student."""
    folder.mkdir()
    nbformat.write(without_rnnmagic(master) if plain else master, str(folder / "rooms.ipynb"))
    # Without `--no-run-tests` it would grade its own answers: these are Ada's.
    command(folder, sys.executable, "-m", "otter", "assign", "--no-run-tests", "rooms.ipynb", "dist")
    handed_in = []
    for student, lines in answers.items():
        notebook = nbformat.read(str(folder / "dist" / "student" / "rooms.ipynb"), as_version=4)
        tasks = iter(STUDENTS["ada"])
        filled_in(notebook, lines, lambda cell, tasks=tasks: next(tasks) if is_answer(cell) else None)  # type: ignore[misc]
        path = folder / student / "rooms.ipynb"
        path.parent.mkdir()
        nbformat.write(without_rnnmagic(notebook) if plain else notebook, str(path))
        handed_in.append(str(path))
    (archive,) = (folder / "dist" / "autograder").glob("*.zip")
    printed = command(folder, sys.executable, str(HERE / "run_otter.py"), str(archive), *handed_in)
    found: Found = json.loads(printed.splitlines()[-1])
    return found


def is_answer(cell: Any) -> bool:
    return "otter_answer_cell" in cell.metadata.get("tags", [])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("otter")


@pytest.fixture(scope="module")
def found(folder: Path) -> Found:
    return graded(folder / "with", master(), STUDENTS, plain=False)


def master() -> Any:
    return nbformat.read(str(CLASSROOM / "otter" / "rooms.ipynb"), as_version=4)


def test_the_scores_are_those_without_rnnmagic(found: Found, folder: Path) -> None:
    assert {student: of["scores"] for student, of in found.items()} == SCORES
    others = {student: answers for student, answers in STUDENTS.items() if student not in ALIKE}
    plain = graded(folder / "without", master(), others, plain=True)
    assert {student: plain[ALIKE.get(student, student)]["scores"] for student in STUDENTS} == SCORES


def test_a_failed_test_teaches(found: Found) -> None:
    told = " ".join(found["cleo"]["told"]["build"].split())
    assert "`build()` answers (240, 12, 1) where (any, 1) is expected." in told
    assert "One probability for each sample." in told


def test_a_failing_cell_has_its_own_error_and_a_plain_report(found: Found) -> None:
    shown = [output for output in found["ben"]["outputs"] if output["output_type"] != "stream"]
    (report,) = [
        o for o in shown if o.get("data", {}).get("text/plain", "").startswith("rnnmagic: `X` is a flat")
    ]
    assert shown[shown.index(report) - 1]["ename"] == "ValueError"
    assert not any(WIDGET in output.get("data", {}) for one in found.values() for output in one["outputs"])
