"""Repairs the text of one notebook: a verified fix is written in, and stays only if a run proves it.

A change touches the sources of the cells that the fix names, found by their exact old text, and
nothing else in the file. Locked cells are left alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rnnmagic.cli.document import Document, NotANotebookError
from rnnmagic.cli.places import cells_of, new_source, replaced
from rnnmagic.cli.pool import Result

Mistake = dict[str, Any]
TRIES = 3
"""Fixes that are tried for one mistake, best first."""


@dataclass
class Step:
    """A fix that a run has proved."""

    mistake: Mistake
    fix: dict[str, Any]


@dataclass
class Repaired:
    """What became of a notebook. `text` is as it was read when nothing was proved."""

    text: str
    steps: list[Step] = field(default_factory=list)
    left: list[tuple[Mistake, str]] = field(default_factory=list)
    """Mistakes that are still there, each with the reason."""
    problem: dict[str, Any] | None = None
    """Why the notebook as it now is does not run to its end, if that is no shape mistake."""
    runs: int = 0
    interrupted: bool = False


class RefusedError(ValueError):
    """A fix that cannot be written into this notebook; the text says why."""


def repair(text: str, run: Callable[[str], Result], *, warnings: bool, limit: int) -> Repaired:
    """Mend one mistake after the other, each proved by a run from a fresh kernel.

    Parameters
    ----------
    text
        The notebook's file.
    run
        Runs a notebook's text; its result has every fix.
    warnings
        Mend silent mistakes as well.
    limit
        At most so many fixes.
    """
    done = Repaired(text)
    given_up: dict[tuple[Any, ...], str] = {}
    result = run(text)
    done.runs = 1
    while len(done.steps) < limit:
        mistake = next(
            (one for one in _in_order(result, warnings) if _key(one) not in given_up and not one["expected"]),
            None,
        )
        if mistake is None or _interrupted(result):
            break
        reason = "no verified fix"
        tries = 0
        for fix in mistake["fixes"]:
            if not fix["verified"] or tries >= TRIES:
                continue
            try:
                changed = apply_fix(done.text, fix)
            except RefusedError as refusal:
                reason = str(refusal)
                continue
            after = run(changed)
            done.runs += 1
            tries += 1
            if _interrupted(after):
                done.interrupted = True
                return _ended(done, result, given_up, warnings)
            if proves(mistake, result, after):
                done.text, result = changed, after
                done.steps.append(Step(mistake, fix))
                break
            reason = f"{fix['title']!r} did not hold when the notebook ran again"
        else:
            given_up[_key(mistake)] = reason
    return _ended(done, result, given_up, warnings)


def _ended(done: Repaired, result: Result, given_up: dict[tuple[Any, ...], str], warnings: bool) -> Repaired:
    done.interrupted = done.interrupted or _interrupted(result)
    done.problem = result["problem"]
    for mistake in _in_order(result, warnings):
        if mistake["expected"]:
            continue
        done.left.append((mistake, given_up.get(_key(mistake), "the limit of fixes is reached")))
    return done


def _in_order(result: Result, warnings: bool) -> list[Mistake]:
    """What is to be mended: errors before silent mistakes, each from the top."""
    wanted = [one for one in result["mistakes"] if warnings or one["kind"] == "error"]
    return sorted(wanted, key=lambda one: (one["kind"] != "error", one["cell"]["index"]))


def _key(mistake: Mistake) -> tuple[Any, ...]:
    return mistake["cell"]["index"], mistake["kind"], mistake["cause"], mistake["line"]


def _interrupted(result: Result) -> bool:
    return result["problem"] is not None and result["problem"]["kind"] == "interrupted"


def proves(mistake: Mistake, before: Result, after: Result) -> bool:
    """Whether the later run shows that the mistake is mended and that nothing else broke.

    An error is mended when its cell was begun and ended without an error. A silent mistake is mended when
    its cell has one less of the cause. In no cell up to there may anything fail that did not fail before.
    """
    here = mistake["cell"]["index"]
    problem = after["problem"]
    died = problem is not None and (problem["cell"] is None or problem["cell"]["index"] <= here)
    if died or after["reached"] is None or after["reached"] < here:
        return False
    if {index for index in after["failed"] if index <= here} - (set(before["failed"]) - {here}):
        return False
    if mistake["kind"] == "error":
        return True
    return _count(mistake, after) < _count(mistake, before) and len(after["failed"]) <= len(before["failed"])


def _count(mistake: Mistake, result: Result) -> int:
    return sum(
        one["cause"] == mistake["cause"] and one["cell"]["index"] == mistake["cell"]["index"]
        for one in result["mistakes"]
    )


def apply_fix(text: str, fix: dict[str, Any]) -> str:
    """The notebook's text with the fix written into its cells.

    Raises
    ------
    RefusedError
        A cell that is locked, or that does not read as the fix expects.
    """
    if not fix["edits"]:
        raise RefusedError("the fix names no cell to change")
    try:
        document = Document(text)
        cells = cells_of(text)
    except (NotANotebookError, ValueError):
        raise RefusedError("the file cannot be changed place by place") from None
    if document.format != 4:
        raise RefusedError(
            f"the notebook is of the old format {document.format}; open and save it in Jupyter first"
        )
    changes = []
    for edit in fix["edits"]:
        index = edit["index"]
        if index is None or index >= len(cells) or cells[index].source != edit["old"]:
            raise RefusedError("a cell that the fix would change does not read as it ran")
        if is_locked(document.notebook.cells[index].metadata):
            raise RefusedError(f"cell {index + 1} is locked")
        changes.append((cells[index].parts["source"], new_source(text, cells[index], edit["new"])))
    if len({span.start for span, _ in changes}) != len(changes):
        raise RefusedError("the fix changes one cell twice")
    changed = replaced(text, changes)
    # Proof that exactly these sources changed, and that the file is still the same notebook.
    now = cells_of(changed)
    expected = {edit["index"]: edit["new"] for edit in fix["edits"]}
    for index, cell in enumerate(cells):
        if now[index].source != expected.get(index, cell.source):
            raise RefusedError("the file cannot be changed place by place")
    return changed


def is_locked(metadata: Any) -> bool:
    """Whether a cell says that it must not be changed: `editable: false`, or nbgrader's `locked`."""
    grader = metadata.get("nbgrader")
    return metadata.get("editable") is False or (isinstance(grader, dict) and grader.get("locked") is True)


def without_outputs(text: str) -> str:
    """The notebook's text with the outputs and counts of all code cells emptied, all else as it is."""
    changes = []
    for cell in cells_of(text):
        kind = cell.parts.get("cell_type")
        if kind is None or kind.value != "code":
            continue
        if "outputs" in cell.parts:
            changes.append((cell.parts["outputs"], "[]"))
        if "execution_count" in cell.parts:
            changes.append((cell.parts["execution_count"], "null"))
    return replaced(text, changes)
