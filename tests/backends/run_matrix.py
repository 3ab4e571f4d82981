#!/usr/bin/env python3
"""Play the notebooks of `mistakes.py` on one backend, each in a real IPython shell, and judge what is said.

    KERAS_BACKEND=jax python tests/backends/run_matrix.py
    KERAS_BACKEND=torch python tests/backends/run_matrix.py -k stacked --json rows.json
    python tests/backends/run_matrix.py --import "import tf_keras as keras"

Each cell at fault runs once without the magic and once with it: what the user sees of the error must be
the same, and the model must come out as it went in. Then the notebook runs again, from its first changed
cell, with the first fix that was offered as verified.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent), str(HERE.parent), str(HERE)]
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
# JAX compiles longer than these models run: no more of it than needed, and the same step only once.
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("JAX_DISABLE_MOST_OPTIMIZATIONS", "1")
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")

import score_cases  # noqa: E402
from mistakes import MISTAKES, Mistake  # noqa: E402


@dataclass
class Row:
    """What came of a notebook. It is right when nothing is in `problems`."""

    name: str
    problems: list[str] = field(default_factory=list)
    outcome: str = ""
    cause: str = ""
    array: str = ""
    layer: str = ""
    fixes: list[str] = field(default_factory=list)
    """Kinds; a question mark stands after one that is not verified."""
    seconds: float = 0.0
    error: str = ""
    report: dict[str, Any] = field(default_factory=dict)


def case_of(mistake: Mistake, imports: str) -> dict[str, Any]:
    """The notebook as the scorer of `tests/cases` reads it."""
    # `keras.utils.set_random_seed` would import TensorFlow on every backend.
    before = [f"import random\n{imports}\nimport numpy as np\nrandom.seed(1)\n"]
    cells = [dedent(cell).strip() + "\n" for cell in mistake.cells]
    return {"setup": before + cells[:-1], "cell": cells[-1], "oracle": "", "check": mistake.check}


def judge(mistake: Mistake, imports: str) -> Row:
    """Run the notebook with the magic, judge the report, and run it again repaired."""
    row, begun, case = Row(mistake.name), time.perf_counter(), case_of(mistake, imports)
    say = row.problems.append
    plain = "" if mistake.outcome == "clean" else _error_of(_play_plain(case))
    before, result, book = _play_watched(case)
    report = row.report = score_cases.last_report()
    row.error, row.outcome = _error_of(result), report.get("outcome", "none")
    row.cause = report.get("cause") or ""
    array, layer = report.get("array") or {}, report.get("layer") or {}
    row.array, row.layer = array.get("name") or "-", layer.get("name") or "-"
    row.fixes = [fix["kind"] + ("" if fix["verified"] else "?") for fix in report.get("fixes", [])]
    if _told(row.error) != _told(plain):
        say(f"the user sees another error: {row.error} instead of {plain}")
    if row.outcome != mistake.outcome:
        say(f"outcome {row.outcome}, not {mistake.outcome}")
    if mistake.outcome == "clean":
        _judge_clean(mistake, row)
    elif row.outcome == mistake.outcome:
        changed = _changed(before, book.shell.user_ns)
        if changed:
            say(f"the model is not what it was: {changed}")
        _judge_names(mistake, row, layer)
        _judge_repair(mistake, row, case)
    row.seconds = round(time.perf_counter() - begun, 2)
    return row


def _play_plain(case: dict[str, Any]) -> Any:
    book = score_cases.Notebook(case, magic=False)
    book.set_up()
    return book.run(case["cell"])[0]


def _play_watched(case: dict[str, Any]) -> tuple[Any, Any, Any]:
    with _quietly():
        book = score_cases.Notebook(case)
    book.set_up()
    before = _state(book.shell.user_ns)
    result, _ = book.run(score_cases.MAGIC + case["cell"])
    return before, result, book


def _state(namespace: dict[str, Any]) -> Any:
    """The model, with all the values that it and its optimizer hold."""
    model = namespace.get("model")
    if model is None:
        return None
    optimizer = getattr(model, "optimizer", None)
    variables = [*model.weights, *(getattr(optimizer, "variables", None) or ())]
    return model, [_value(variable) for variable in variables]


def _value(variable: Any) -> Any:
    import numpy as np

    value = variable if callable(getattr(variable, "value", None)) else variable.value
    value = value.detach() if hasattr(value, "detach") else value
    return np.array(value.numpy() if hasattr(value, "numpy") else value)


def _changed(before: Any, namespace: dict[str, Any]) -> str:
    if before is None or namespace.get("model") is not before[0]:
        return ""
    after = _state(namespace)
    if len(after[1]) != len(before[1]):
        return f"{len(before[1])} variables before, {len(after[1])} after"
    differ = [i for i, (a, b) in enumerate(zip(before[1], after[1], strict=True)) if not (a == b).all()]
    return f"variables {differ} hold other values" if differ else ""


def _error_of(result: Any) -> str:
    error = result.error_in_exec or result.error_before_exec
    return "" if error is None else f"{type(error).__name__}: {error}"


def _told(error: str) -> str:
    """What an error says, without the values and addresses that differ from run to run."""
    first = next((line for line in error.splitlines() if line.strip()), "")
    return first.split("(")[0].split(" for input ")[0][:120]


def _judge_clean(mistake: Mistake, row: Row) -> None:
    warned = [warning["cause"] for warning in row.report.get("warnings", [])]
    if mistake.warning is None and warned:
        row.problems.append(f"false alarm: {warned}")
    if mistake.warning is not None and mistake.warning not in warned:
        row.problems.append(f"no warning of {mistake.warning}, but {warned}")


def _judge_names(mistake: Mistake, row: Row, layer: dict[str, Any]) -> None:
    if row.cause not in mistake.causes:
        row.problems.append(f"cause {row.cause}, not {' or '.join(mistake.causes)}")
    if mistake.arrays and row.array not in mistake.arrays:
        row.problems.append(f"array {row.array}, not {' or '.join(mistake.arrays)}")
    if mistake.layers and not {layer.get("name") or "-", layer.get("class") or "-"} & set(mistake.layers):
        row.problems.append(f"layer {row.layer}, not {' or '.join(mistake.layers)}")


def _judge_repair(mistake: Mistake, row: Row, case: dict[str, Any]) -> None:
    fixes = row.report["fixes"]
    verified = [fix for fix in fixes if fix["verified"]]
    if mistake.kinds and (not fixes or fixes[0]["kind"] not in mistake.kinds):
        row.problems.append(f"first fix {row.fixes[:1]}, not {' or '.join(mistake.kinds)}")
    if not verified:
        row.problems.append("no verified fix")
        return
    with _quietly(), _eagerly():
        ran, why, book = score_cases.apply_and_rerun(case, verified[0], [])
    if not ran:
        row.problems.append(f"the verified fix '{verified[0]['title']}' does not work: {why}")
    elif mistake.check:
        exec(mistake.check, dict(book.shell.user_ns) | {"fix": verified[0]})


def _quietly() -> Any:
    """IPython says each time that the extension is loaded already."""
    return contextlib.redirect_stdout(io.StringIO())


@contextlib.contextmanager
def _eagerly() -> Iterator[None]:
    """TensorFlow needs many times longer to trace so small a model than to run it."""
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow is None:
        yield
        return
    tensorflow.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tensorflow.config.run_functions_eagerly(False)


def tell(row: Row) -> None:
    print(
        "ok   " if not row.problems else "FALLS",
        f"{row.name:54}{row.cause or row.outcome:22}{row.array:10}{row.layer:12}"
        f"{', '.join(row.fixes) or '-'}  {row.seconds:.1f}s",
        *(f"\n        {told}" for told in row.problems),
        *((f"\n        {row.error[:300]!r}",) if row.problems else ()),
        flush=True,
    )


def finish(rows: list[Row], result: Path | None) -> None:
    """Say how many are right; write the rows, and what was imported, for the test."""
    right = sum(not row.problems for row in rows)
    print(f"{right} of {len(rows)} right, {sum(row.seconds for row in rows):.0f} s")
    if result is not None:
        modules = sorted(name for name in sys.modules if "." not in name)
        written = {"rows": [row.__dict__ for row in rows], "modules": modules}
        result.write_text(json.dumps(written, default=str, indent=1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-k", default="", help="only notebooks whose name contains this")
    parser.add_argument("--import", dest="imports", default="import keras", help="what the first cell says")
    parser.add_argument("--json", type=Path, help="write the rows and the imported modules here")
    args = parser.parse_args()
    rows = []
    for mistake in MISTAKES:
        if args.k not in mistake.name or os.environ.get("KERAS_BACKEND") in mistake.not_on:
            continue
        try:
            row = judge(mistake, args.imports)
        except Exception as problem:
            row = Row(mistake.name, [f"{type(problem).__name__}: {problem}"])
        rows.append(row)
        tell(row)
    finish(rows, args.json)


if __name__ == "__main__":
    main()
