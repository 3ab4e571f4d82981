"""The course in `examples/`: every notebook run from top to bottom, every exercise repaired.

`RNNMAGIC_REWRITE_GOLDEN=1` writes the outputs anew; otherwise the panels of the run are compared with those
that the committed notebooks show to people reading them on the web. What the cells say of themselves:
`course.py`.
"""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from course import EXAMPLES, LESSONS, NAMES, TOUR, WIDGET, Ran, fails, first_fixes, notes, panels, run

NOTEBOOKS = {
    path.relative_to(EXAMPLES).as_posix(): path
    for path in sorted(EXAMPLES.rglob("[0-9]*.ipynb"))
    if ".ipynb_checkpoints" not in path.parts
}
SIZE_LIMIT = 2_500_000  # bytes of the whole folder, pictures included
FIGURE_LIMIT = 60_000  # bytes of one figure

_ran: dict[Path, Ran] = {}


@pytest.fixture
def ran(request: pytest.FixtureRequest) -> Ran:
    """The notebook named by the test's parameter, run once."""
    path = request.param
    if path not in _ran:
        _ran[path] = run(path)
    return _ran[path]


lessons = pytest.mark.parametrize(
    "ran", [LESSONS / f"{name}.ipynb" for name in NAMES], indirect=True, ids=NAMES
)
answers = pytest.mark.parametrize(
    "ran", [LESSONS / "answers" / f"{name}.ipynb" for name in NAMES], indirect=True, ids=NAMES
)
committed = pytest.mark.parametrize("name", NOTEBOOKS)


@pytest.mark.parametrize("ran", [TOUR], indirect=True, ids=["tour"])
def test_the_tour_is_clean_and_learns(ran: Ran) -> None:
    ((cell_id, report),) = ran.reports.items()
    assert report["outcome"] == "clean"
    assert ran.cell(cell_id).outputs == []
    printed = "".join(
        output.text for cell in ran.code for output in cell.outputs if output.output_type == "stream"
    )
    assert int(re.search(r"^Right on .+: (\d+)%$", printed, re.MULTILINE)[1]) >= 90


@lessons
def test_each_mistake_is_found_as_the_lesson_says(ran: Ran) -> None:
    planted = [cell for cell in ran.code if "expects" in notes(cell)]
    assert planted
    for cell in planted:
        report, cause = ran.reports[cell.id], notes(cell)["expects"]
        kinds = [output.output_type for output in cell.outputs if output.get("name") != "stderr"]
        if fails(cell):
            assert (report["outcome"], report["cause"]) == ("shape_error", cause), cell.id
            assert kinds[-2:] in (["error", "display_data"], ["display_data", "error"]), cell.id
            summary = report["summary"]
        else:
            assert report["outcome"] == "clean", cell.id
            (warning,) = report["warnings"]
            assert warning["cause"] == cause, cell.id
            summary = warning["summary"]
        shown = panels(cell)[-1]
        assert {"text/html", "text/plain"} <= set(shown)
        assert " ".join(summary.split()) in " ".join(shown["text/plain"].split())


@lessons
def test_whatever_else_is_in_a_lesson_is_right(ran: Ran) -> None:
    for cell in ran.code:
        if "expects" not in notes(cell):
            assert not [output for output in cell.outputs if output.output_type == "error"], cell.id
        if cell.id in ran.reports and "expects" not in notes(cell):
            assert ran.reports[cell.id]["outcome"] == "clean", cell.id
            assert ran.reports[cell.id]["warnings"] == [], cell.id


@lessons
def test_the_first_fix_makes_each_mistake_run(ran: Ran) -> None:
    for cell in ran.code:
        if "expects" in notes(cell):
            fix = first_fixes(ran.reports[cell.id])[0]
            assert fix["verified"], cell.id
            assert fix["edits"], cell.id
            if cell.id in ran.repaired:
                assert ran.repaired[cell.id]["outcome"] == "clean", cell.id
    assert ran.repaired


@lessons
def test_repaired_cells_are_the_first_fix_word_for_word(ran: Ran) -> None:
    for cell in ran.code:
        if "repairs" in notes(cell):
            failing = ran.cell(notes(cell)["repairs"])
            edit = first_fixes(ran.reports[failing.id])[0]["edits"][-1]
            assert (edit["old"], edit["new"].rstrip()) == (failing.source, cell.source)


@answers
def test_in_the_answers_everything_is_right(ran: Ran) -> None:
    """Cells in which a prediction is compared print `right` for each."""
    for cell in ran.code:
        assert not [output for output in cell.outputs if output.output_type == "error"], cell.id
        if cell.id.endswith("-check"):
            lines = cell.outputs[0].text.splitlines()
            assert lines
            assert all(line.endswith(" - right") for line in lines), lines
    for cell_id, report in ran.reports.items():
        assert (report["outcome"], report["warnings"]) == ("clean", []), cell_id


@pytest.mark.parametrize("name", NAMES)
def test_every_exercise_has_its_answer(name: str) -> None:
    """And what the exercises work on is the same in both notebooks."""
    lesson = nbformat.read(LESSONS / f"{name}.ipynb", as_version=4)
    answer = nbformat.read(LESSONS / "answers" / f"{name}.ipynb", as_version=4)
    asked, given = (
        {notes(cell)["exercise"]: cell for cell in book.cells if "exercise" in notes(cell)}
        for book in (lesson, answer)
    )
    assert list(asked) == list(given) == list(range(1, len(asked) + 1))
    assert len(asked) >= 2
    assert any("expects" in notes(cell) for cell in asked.values()), "a planted mistake"
    assert any("expects" not in notes(cell) for cell in asked.values()), "a shape to predict"
    for number, cell in asked.items():
        assert cell.source != given[number].source
    sources = {cell.id: cell.source for cell in lesson.cells}
    for cell in answer.cells:
        if cell.cell_type == "code" and "exercise" not in notes(cell):
            assert cell.source == sources[cell.id], cell.id


@pytest.mark.parametrize("ran", list(NOTEBOOKS.values()), indirect=True, ids=list(NOTEBOOKS))
def test_the_committed_notebook_shows_what_it_does_now(ran: Ran) -> None:
    """If it does not: see "Golden texts and examples" in CONTRIBUTING.md."""
    for was, now in zip(ran.committed.cells, ran.notebook.cells, strict=True):
        if was.cell_type == "code" and "expects" in notes(was):
            texts, renewed = ([shown["text/plain"] for shown in panels(cell)] for cell in (was, now))
            assert texts == renewed, was.id
            assert all("text/html" in shown for shown in panels(was)), was.id
        if was.cell_type == "code":
            drawn, draws = (
                [output for output in cell.outputs if "image/png" in output.get("data", {})]
                for cell in (was, now)
            )
            assert len(drawn) == len(draws), was.id


@committed
def test_committed_notebooks_hold_nothing_of_a_machine(name: str) -> None:
    notebook = nbformat.read(NOTEBOOKS[name], as_version=4)
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            output.get("data", {}).pop("image/png", None)  # a picture's letters may read like a folder
    text = nbformat.writes(notebook)
    assert WIDGET not in text
    assert not re.findall(r"/(?:home|root|Users|tmp|work)/\S*|\S+/site-packages", text)


@committed
def test_links_lead_somewhere(name: str) -> None:
    for cell in nbformat.read(NOTEBOOKS[name], as_version=4).cells:
        if cell.cell_type == "markdown":
            for target in re.findall(r"\]\((?!https?://)([^)#]+)", cell.source):
                assert (NOTEBOOKS[name].parent / target).exists(), target


def test_the_guide_names_every_lesson_and_its_links_lead_somewhere() -> None:
    text = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?://)([^)#]+)", text)
    assert all((EXAMPLES / target).exists() for target in targets)
    assert {f"lessons/{name}.ipynb" for name in NAMES} <= set(targets)


def test_the_folder_stays_small() -> None:
    assert sum(path.stat().st_size for path in EXAMPLES.rglob("*") if path.is_file()) < SIZE_LIMIT
    for path in NOTEBOOKS.values():
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", ()):
                assert len(output.get("data", {}).get("image/png", "")) * 3 / 4 < FIGURE_LIMIT, (
                    path.name,
                    cell.id,
                )
