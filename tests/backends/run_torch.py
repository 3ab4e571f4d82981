#!/usr/bin/env python3
"""Play the notebooks of `torch_mistakes.py`, each in a real IPython shell, and judge what is said.

    python tests/backends/run_torch.py -k batch_first --json rows.json

Each cell at fault runs once without the magic and once with it: the traceback and everything that the
kernel then holds, random states included, must be the same bit by bit. Then the notebook runs again, from
its first changed cell, with the first fix that was offered as verified, its last cell twice.
"""

from __future__ import annotations

import argparse
import hashlib
import pickle
import random
import sys
import time
import traceback
import warnings
from pathlib import Path
from textwrap import dedent
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent), str(HERE.parent), str(HERE)]

import score_cases  # noqa: E402
from mistakes import Mistake  # noqa: E402
from run_matrix import Row, _error_of, _judge_clean, _judge_names, _quietly, finish, tell  # noqa: E402
from torch_mistakes import CORRECT, IMPORTS, MISTAKES, MORE, SILENT  # noqa: E402


def case_of(mistake: Mistake) -> dict[str, Any]:
    cells = [dedent(cell).strip() + "\n" for cell in (IMPORTS, *mistake.cells)]
    return {"setup": cells[:-1], "cell": cells[-1]}


def judge(mistake: Mistake) -> Row:
    """Run the notebook without and with the magic, judge the report, and run it again repaired."""
    row, begun, case = Row(mistake.name), time.perf_counter(), case_of(mistake)
    plain, result, book = play(case, magic=False)
    held, way = held_by(book.shell.user_ns), way_of(result)
    plain_error = _error_of(plain)
    watched, result, book = play(case, magic=True)
    report = row.report = score_cases.last_report()
    row.error, row.outcome = _error_of(watched), report.get("outcome", "none")
    row.cause = report.get("cause") or ""
    array, layer = report.get("array") or {}, report.get("layer") or {}
    row.array, row.layer = array.get("name") or "-", layer.get("name") or "-"
    row.fixes = [fix["kind"] + ("" if fix["verified"] else "?") for fix in report.get("fixes", [])]
    say = row.problems.append
    if row.error != plain_error:
        say(f"the user sees another error: {row.error} instead of {plain_error}")
    if way_of(result) != way:
        say(f"the user sees another traceback: {way_of(result)} instead of {way}")
    now = held_by(book.shell.user_ns)
    differ = [name for name in held if now.get(name) != held[name]]
    if differ:
        say(f"changed: {differ}")
    if row.outcome != mistake.outcome:
        say(f"outcome {row.outcome}, not {mistake.outcome}")
    elif mistake.outcome == "clean":
        _judge_clean(mistake, row)
    else:
        _judge_names(mistake, row, layer)
        _judge_repairs(mistake, row, case)
    row.seconds = round(time.perf_counter() - begun, 2)
    return row


def play(case: dict[str, Any], *, magic: bool) -> tuple[Any, Any, Any]:
    book = opened(case, magic=magic)
    book.set_up()
    result, _ = book.run((score_cases.MAGIC if magic else "") + case["cell"])
    return result, result, book


def opened(case: dict[str, Any], *, magic: bool) -> Any:
    """A notebook in a kernel that remembers no other."""
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    with _quietly():
        if "rnnmagic" in shell.extension_manager.loaded:
            shell.run_line_magic("unload_ext", "rnnmagic")
        shell.history_manager.reset()
        shell.execution_count = 1
        return score_cases.Notebook(case, magic=magic)


def held_by(namespace: dict[str, Any]) -> dict[str, str]:
    """All values of the kernel's tensors, modules and optimizers, and the random states, told by their bits."""
    import numpy as np
    import torch

    found: dict[str, Any] = {
        "random": random.getstate(),
        "numpy": np.random.get_state(),
        "torch": torch.get_rng_state(),
        "dtype": str(torch.get_default_dtype()),
        "grad": torch.is_grad_enabled(),
    }
    for name, value in list(namespace.items()):
        if name.startswith("_") or name in ("In", "Out"):
            continue
        if isinstance(value, torch.nn.Module):
            grads = [None if p.grad is None else p.grad for p in value.parameters()]
            found[name] = [list(value.state_dict().values()), grads, [m.training for m in value.modules()]]
        elif isinstance(value, torch.optim.Optimizer):
            found[name] = value.state_dict()
        elif isinstance(value, torch.Tensor):
            found[name] = [value.detach(), value.grad, value._version]
        elif isinstance(value, (int, float, list, np.ndarray)):
            found[name] = value
    return {name: hashlib.sha256(pickle.dumps(_bits(value))).hexdigest() for name, value in found.items()}


def _bits(value: Any) -> Any:
    import torch

    if isinstance(value, torch.Tensor):
        return (str(value.dtype), tuple(value.shape), value.detach().contiguous().numpy().tobytes())
    if isinstance(value, dict):
        return [(str(key), _bits(item)) for key, item in value.items()]
    if isinstance(value, (list, tuple)):
        return [_bits(item) for item in value]
    return value if isinstance(value, (int, float, str, bytes, bool, type(None))) else repr(value)


def way_of(result: Any) -> list[tuple[str, str]]:
    """Files and functions that the error went through, as the user sees them."""
    error = result.error_in_exec
    if error is None:
        return []
    steps = traceback.extract_tb(error.__traceback__)
    return [(Path(step.filename).name.split("-input-")[0], step.name) for step in steps]


def _judge_repairs(mistake: Mistake, row: Row, case: dict[str, Any]) -> None:
    fixes = row.report["fixes"]
    verified = [fix for fix in fixes if fix["verified"]]
    if mistake.kinds and (not fixes or fixes[0]["kind"] not in mistake.kinds):
        row.problems.append(f"first fix {row.fixes[:1]}, not {' or '.join(mistake.kinds)}")
    if not verified:
        row.problems.append("no verified fix")
    for fix in verified:
        why = repaired(case, fix)
        if why:
            row.problems.append(f"the verified fix '{fix['title']}' does not work: {why}\n{fix['code']}")


def repaired(case: dict[str, Any], fix: dict[str, Any]) -> str:
    """Make the fix's edits in a fresh notebook and run from the first edited cell on, the last cell twice."""
    book = opened(case, magic=True)
    book.set_up()
    sources = [source for _, source in book.ran] + [score_cases.MAGIC + case["cell"]]
    start = len(sources) - 1
    for edit in fix["edits"]:
        spots = [i for i, source in enumerate(sources) if source.strip() == edit["old"].strip()]
        if not spots:
            return "an edit's `old` matches no cell"
        sources[spots[-1]] = edit["new"]
        start = min(start, spots[-1])
    for source in [*sources[start:], sources[-1]]:
        result, _ = book.run(source)
        if not result.success:
            return _error_of(result)[:200]
    return ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-k", default="", help="only notebooks whose name contains this")
    parser.add_argument("--json", type=Path, help="write the rows and the imported modules here")
    parser.add_argument("-v", action="store_true", help="print what the report says")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    rows = []
    for mistake in (*MISTAKES, *MORE, *CORRECT, *SILENT):
        if args.k not in mistake.name:
            continue
        try:
            row = judge(mistake)
        except Exception as problem:
            row = Row(mistake.name, [f"{type(problem).__name__}: {problem}", traceback.format_exc()[-1500:]])
        rows.append(row)
        tell(row)
        if args.v:
            print("    ", row.report.get("summary"))
            for fix in row.report.get("fixes", []):
                print("      *", fix["verified"], fix["title"], "|", fix["code"].replace("\n", " ⏎ "))
            print("      timing", row.report.get("timing"))
    finish(rows, args.json)


if __name__ == "__main__":
    main()
