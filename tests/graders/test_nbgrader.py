"""A whole nbgrader run of the example assignment, with rnnmagic and without: the same scores, a plain report."""

from __future__ import annotations

import json
import shutil
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


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course that was graded; `scores.json` in it has the scores by assignment, student and task."""
    folder = tmp_path_factory.mktemp("course")
    shutil.copytree(CLASSROOM / "nbgrader", folder, dirs_exist_ok=True)
    plain = without_rnnmagic(read(folder / "source" / "rooms" / "rooms.ipynb"))
    write(plain, folder / "source" / "plain" / "plain.ipynb")
    nbgrader(folder, "generate")
    for assignment in ("rooms", "plain"):
        for student, answers in STUDENTS.items():
            if assignment == "plain" and student in ALIKE:
                continue
            handed_in = filled_in(
                read(folder / "release" / assignment / f"{assignment}.ipynb"), answers, task_of
            )
            if assignment == "plain":
                handed_in = without_rnnmagic(handed_in)
            write(handed_in, folder / "submitted" / student / assignment / f"{assignment}.ipynb")
    (folder / "scores.json").write_text(nbgrader(folder, "grade").splitlines()[-1])
    return folder


def nbgrader(folder: Path, step: str) -> str:
    done = subprocess.run(
        [sys.executable, str(HERE / "run_nbgrader.py"), step],
        cwd=folder, env=environment(folder), capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def read(path: Path) -> Any:
    return nbformat.read(str(path), as_version=4)


def write(notebook: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, str(path))


def task_of(cell: Any) -> str | None:
    grader = cell.metadata.get("nbgrader", {})
    return grader["grade_id"] if grader.get("solution") else None


def outputs(course: Path, student: str, name: str, assignment: str = "rooms") -> list[Any]:
    """Of one cell of a graded notebook."""
    notebook = read(course / "autograded" / student / assignment / f"{assignment}.ipynb")
    (cell,) = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name]
    return list(cell.outputs)


def test_the_scores_are_those_without_rnnmagic(course: Path) -> None:
    scores = json.loads((course / "scores.json").read_text())
    assert scores["rooms"] == SCORES
    assert {name: scores["plain"][ALIKE.get(name, name)] for name in STUDENTS} == SCORES


def test_the_training_is_that_without_rnnmagic(course: Path) -> None:
    for student in ("ada", "cleo", "dan"):
        told = [printed(outputs(course, student, "training"))]
        told.append(printed(outputs(course, ALIKE.get(student, student), "training", "plain")))
        assert told[0].startswith("loss ") and told[0] == told[1]


def printed(cell: list[Any]) -> str:
    return "".join(output.text for output in cell if output.get("name") == "stdout")


def test_a_failing_cell_has_its_own_error_and_a_plain_report(course: Path) -> None:
    error, report = outputs(course, "ben", "training")
    (alone,) = outputs(course, "ben", "training", "plain")
    assert error.output_type == alone.output_type == "error"
    assert (error.ename, error.evalue) == (alone.ename, alone.evalue)
    assert report.output_type == "display_data"
    assert set(report.data) - {WIDGET} == set(report.data) >= {"text/html", "text/plain"}
    assert "`X` is a flat table (240, 36)" in report.data["text/plain"]


def test_no_widget_anywhere(course: Path) -> None:
    for notebook in course.glob("autograded/*/rooms/rooms.ipynb"):
        assert WIDGET not in notebook.read_text()
        assert "widgets" not in read(notebook).metadata


def test_a_failed_test_teaches(course: Path) -> None:
    (failed,) = [o for o in outputs(course, "cleo", "test-build") if o.output_type == "error"]
    assert failed.ename == "ExpectationError"
    assert "`build()` answers (240, 12, 1) where (any, 1) is expected." in " ".join(failed.evalue.split())
    assert failed.evalue.endswith("One probability for each sample.")


def test_the_silent_mistake_is_told_where_it_was_made(course: Path) -> None:
    told = [
        o.data["text/plain"] for o in outputs(course, "cleo", "training") if o.output_type == "display_data"
    ]
    assert len(told) == 1 and "silent shape mistake" in told[0]


def test_a_right_solution_shows_nothing_of_ours(course: Path) -> None:
    for student in ("ada", "dan"):
        assert [o.output_type for o in outputs(course, student, "training")] == ["stream"]


def test_the_feedback_shows_the_report(course: Path) -> None:
    page = (course / "feedback" / "ben" / "rooms" / "rooms.html").read_text(encoding="utf-8")
    assert "is a flat table" in page and "rnnmagic" in page
