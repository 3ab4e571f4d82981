"""What must hold for every notebook, whatever is wrong in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from amount import FIXED, FIXES_TRIED
from keras_state import assert_nothing_patched, differing, patched_places
from plan import Notebook
from playing import (
    MAGIC,
    Played,
    Ran,
    Stage,
    failing_statement,
    nothing_hidden,
    steady,
    text_before,
)

from rnnmagic.report import Report


def holds(stage: Stage, notebook: Notebook) -> Report | None:
    """Play the notebook in every way; the report of its last cell.

    Raises
    ------
    AssertionError
        With what differs, and for a fix with the cells that it made.
    """
    plain = stage.play(notebook, magic=False)
    if notebook.correct:
        assert plain.last.error is None, f"this notebook was meant to be right: {plain.last.error!r}"
    expected = _expected_state(stage, notebook, plain)

    places = patched_places()
    with nothing_hidden() as hidden:
        checked = stage.play(notebook, magic=True)
    assert_nothing_patched(places)
    assert not hidden, f"rnnmagic broke, and kept it to itself: {hidden}"
    _same_cells(notebook, plain, checked)
    report = checked.last.report
    assert report is not None
    if checked.last.error is None:
        assert report.outcome == "clean"
        if notebook.correct:
            told = [notice.summary for notice in (*report.warnings, *report.told)]
            assert not told, f"a false alarm: {told}"
    else:
        assert report.outcome in ("shape_error", "other_error")
    left = expected["before" if report.outcome == "shape_error" and "before" in expected else "after"]
    changed = differing(left, checked.after)
    assert not changed, "rnnmagic changed something, or left it changed:\n" + "\n".join(changed[:20])
    for source, fix in _fixes(notebook, checked):
        _works(stage, notebook, checked, source, fix)
    return report


def _expected_state(stage: Stage, notebook: Notebook, plain: Played) -> dict[str, Any]:
    """After a plain run; and before the failing call, where that is a call of a model."""
    states = {"after": plain.after}
    if plain.last.error is None or len(plain.cells) < len(notebook.cells) or not notebook.on_model:
        return states
    place, last = failing_statement(plain.last)
    if not last:
        return states
    if place == 0:
        states["before"] = plain.before
        return states
    above = text_before(plain.last, place)
    until = stage.play(replace(notebook, cells=(*notebook.cells[:-1], above)), magic=False)
    assert until.last.error is None
    states["before"] = until.after
    return states


def _same_cells(notebook: Notebook, plain: Played, checked: Played) -> None:
    """Each cell came out as without the check: its error, its traceback, and what it printed."""
    for one, other in zip(plain.cells, checked.cells, strict=False):
        report = other.report
        assert report is not None
        assert report.trouble is None, report.trouble
        json.dumps(report.to_dict())
        assert type(one.error) is type(other.error), f"{one.error!r} became {other.error!r}"
        assert steady(str(one.error)) == steady(str(other.error))
        before, after = ([steady(text) for text in ran.shown] for ran in (one, other))
        assert before == after, "another traceback:\n" + "\n".join([*before, "--- became ---", *after])
        if notebook.display == "none":
            assert steady(one.output) == steady(other.output)
        else:
            assert "could not show its report" not in other.output, other.output
        if other.error is None:
            assert report.outcome == "clean"
            if other is not checked.last:
                told = [notice.summary for notice in report.warnings]
                assert not told, f"warned in a cell that calls no model: {told}"
    assert len(plain.cells) == len(checked.cells)


# The fixes


def _fixes(notebook: Notebook, checked: Played) -> Iterator[tuple[list[str], Any]]:
    """The verified fixes that are tried, each with the notebook's cells after its edits."""
    report = checked.last.report
    assert report is not None
    verified = [fix for fix in report.fixes if fix.verified]
    for fix in verified[:FIXES_TRIED]:
        sources = [MAGIC + ran.source for ran in checked.cells]
        assert fix.edits, f"{fix.title}: a verified fix without an edit"
        for edit in fix.edits:
            spots = [place for place, source in enumerate(sources) if source.strip() == edit.old.strip()]
            assert spots, f"{fix.title}: an edit of a cell that is not there"
            sources[spots[-1]] = edit.new
        yield sources, fix


def _works(stage: Stage, notebook: Notebook, checked: Played, sources: list[str], fix: Any) -> None:
    """The repaired notebook runs, from its first edited cell on, and its last cell once more.

    The first fix in the session in which the cell failed, as a user would; every other, and at night
    the first as well, in a session where it did not.
    """
    old = [MAGIC + ran.source for ran in checked.cells]
    start = min(place for place, source in enumerate(sources) if source.strip() != old[place].strip())
    if fix.id == "fix-1":
        _run_all(stage, sources, fix, start, magic=True)
    if fix.id != "fix-1" or not FIXED:
        stage.begin(magic=False, notebook=replace(notebook, eager=notebook.eager or FIXED))
        for source in old[:-1]:
            stage.run(source.removeprefix(MAGIC), magic=False)
        _run_all(stage, sources, fix, start, magic=False)


def _run_all(stage: Stage, sources: list[str], fix: Any, start: int, *, magic: bool) -> None:
    for source in (*sources[start:], sources[-1]):
        assert source.startswith(MAGIC), f"{fix.title}: the magic line is gone"
        ran = stage.run(source.removeprefix(MAGIC), magic=magic)
        assert ran.error is None, _told(fix, sources, ran, magic)
        trouble = ran.report.trouble if ran.report is not None else None
        assert trouble is None, trouble


def _told(fix: Any, sources: list[str], ran: Ran, failed_before: bool) -> str:
    cells = "\n".join(f"# %%\n{source}" for source in sources)
    where = "in the session in which it failed" if failed_before else "from the start"
    return (
        f"a verified fix does not work, {where}: {fix.id} {fix.kind} {fix.title!r}\n{cells}\n"
        f"{type(ran.error).__name__}: {str(ran.error)[:600]}"
    )
