"""`rnnmagic fix`: writes repaired notebooks, each run again as proof."""

from __future__ import annotations

import argparse
from difflib import unified_diff
from pathlib import Path

from rnnmagic.cli import COULD_NOT, FOUND_MISTAKE, FOUND_NOTHING, INTERRUPTED, UsageError
from rnnmagic.cli.check import in_order, run_options
from rnnmagic.cli.files import FIXED, back_up, find_notebooks, read_notebook, write_whole
from rnnmagic.cli.places import cells_of
from rnnmagic.cli.pool import Pool, Runner, not_checked
from rnnmagic.cli.repairing import Repaired, repair, without_outputs
from rnnmagic.cli.screen import Screen, screen
from rnnmagic.cli.writers import place_text, problem_text, shown_path
from rnnmagic.views.wording import code_lines, count, one_line


def fix(options: argparse.Namespace) -> int:
    """Run the command; its exit status."""
    paths = find_notebooks(options.paths, options.exclude)
    if options.output is not None and len(paths) != 1:
        raise UsageError(f"--output takes one notebook, and these are {len(paths)}")
    texts: dict[Path, str] = {}

    def mend(runner: Runner, path: Path) -> Repaired:
        try:
            text = texts[path] = read_notebook(path)
            task = {"path": str(path.absolute()), "options": run_options(options, fixes=True)}
            return repair(
                text,
                lambda changed: runner.run({**task, "text": changed}),
                warnings=options.warnings,
                limit=options.limit,
            )
        except Exception as problem:
            reason = problem.strerror or "" if isinstance(problem, OSError) else str(problem)
            return Repaired("", problem=not_checked("invalid", f"it cannot be read: {reason}")["problem"])

    statuses: set[int] = set()
    with screen(None) as place:
        try:
            with Pool(options.jobs) as pool, place.progress(len(paths), "Repairing") as bar:
                for number, repaired in in_order(pool.each(mend, paths), bar.advance):
                    path = paths[number]
                    statuses.add(_finish(path, texts.pop(path, ""), repaired, options, place))
        except KeyboardInterrupt:
            place.paint(f"Interrupted; {count(len(paths), 'notebook')} were to be repaired.", "bold")
            return INTERRUPTED
    return next((status for status in (COULD_NOT, FOUND_MISTAKE) if status in statuses), FOUND_NOTHING)


def _finish(path: Path, old: str, done: Repaired, options: argparse.Namespace, place: Screen) -> int:
    """Write what was proved, and say what was done and what is left."""
    name = shown_path(path)
    for step in done.steps:
        place.paint(
            f"{name}: {place_text(step.mistake)}: {step.mistake['cause']}: "
            f"{one_line(step.fix['title'], 120)}; a run proves it",
            "green",
        )
    for mistake, reason in done.left:
        place.paint(f"{name}: {place_text(mistake)}: {mistake['cause']} is left: {reason}", "bold red")
    if done.problem is not None:
        place.paint(f"{name}: could not be run to its end: {problem_text(done.problem)}", "yellow")
    status = COULD_NOT if done.problem is not None else FOUND_MISTAKE if done.left else FOUND_NOTHING
    if not done.steps:
        if status == FOUND_NOTHING:
            place.paint(f"{name}: no mistake to mend")
        return status
    if options.diff:
        _show_difference(name, old, done.text, place)
    if options.dry_run:
        place.paint(f"{name}: nothing is written (--dry-run)")
        return status
    try:
        place.paint(f"{name}: {_write(path, old, done, options)}")
    except OSError as problem:
        place.paint(f"{name}: cannot be written: {problem.strerror or problem}", "bold red")
        return COULD_NOT
    except ValueError as problem:
        place.paint(f"{name}: {problem}", "bold red")
        return COULD_NOT
    return status


def _write(path: Path, old: str, done: Repaired, options: argparse.Namespace) -> str:
    text = without_outputs(done.text) if options.clear_outputs else done.text
    if options.in_place:
        if read_notebook(path) != old:
            raise ValueError("it was changed by someone else meanwhile; nothing is written")
        backup = back_up(path, old)
        write_whole(path, text)
        return f"repaired in place; the old notebook is {shown_path(backup)}"
    target = options.output or path.with_name(path.name.removesuffix(".ipynb") + FIXED)
    kept = ""
    if target.exists():
        before = read_notebook(target)
        if before != text:
            kept = f"; what was there is {shown_path(back_up(target, before))}"
    write_whole(target, text, like=path)
    return f"written to {shown_path(target)}{kept}"


def _show_difference(name: str, old: str, new: str, place: Screen) -> None:
    """The changed cells, each as a unified diff."""
    for index, (before, after) in enumerate(zip(cells_of(old), cells_of(new), strict=True)):
        if before.source == after.source:
            continue
        lines = unified_diff(
            before.source.splitlines(),
            after.source.splitlines(),
            f"{name} cell {index + 1}",
            f"{name} cell {index + 1} (repaired)",
            lineterm="",
        )
        for line in lines:
            style = "green" if line.startswith("+") else "red" if line.startswith("-") else ""
            place.paint("\n".join(code_lines(line, 1)), style)
