#!/usr/bin/env python3
"""Score rnnmagic on a folder of notebook cases and print a table.

    python tests/score_cases.py tests/cases            # every case
    python tests/score_cases.py tests/cases -k ragged  # by name
    python tests/score_cases.py tests/cases --json out.json

A case is one `.py` file of `# %% <section>` cells:

    # id: two-dimensional-input
    # source: where the situation comes from
    # outcome: shape_error          (or: clean, other_error)
    # cause: flattened              (any of several, separated by |; see REPORT.md)
    # array: X_train                (name of the kernel variable at fault; - when the model is)
    # layer: LSTM                   (class or instance name that rejects it; - when there is none)
    # kind: reshape                 (acceptable kinds of the FIRST fix)
    # line: 2                       (optional: line of the cell at fault, the magic line being 1)
    # warning: mask_lost            (optional: a cause expected among report["warnings"])
    # %% setup       one or more, each an ordinary notebook cell
    # %% oracle      optional; runs before the cell at fault, computes the right answer
    # %% cell        the cell at fault, written WITHOUT the %%rnncheck line
    # %% reference   a cell that does it right, run in place of the one at fault by --validate
    # %% check       optional; asserts, with `seen`, `report`, `fix` and the oracle's names

--validate checks the cases themselves and needs no rnnmagic: the cell must fail (or pass, when
the outcome is clean) and the reference must pass with its check.

`seen` lists what reached the model when the repaired notebook ran again: one dict per
fit / evaluate / predict / train_on_batch call, with keys method, x, y, validation_data.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import io
import json
import multiprocessing as mp
import os
import re
import signal
import sys
import time
import traceback
from pathlib import Path
from unittest import mock

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("MPLBACKEND", "agg")

MAGIC = "%%rnncheck\n"
CASE_LIMIT_S = 150


def read_case(path: Path) -> dict:
    head, cells, kind, body = {}, [], None, []

    def flush():
        if kind is not None:
            cells.append((kind, "\n".join(body).strip("\n") + "\n"))

    for line in path.read_text().splitlines():
        mark = re.match(r"# %%\s*(\w+)\s*$", line)
        if mark:
            flush()
            kind, body = mark.group(1), []
        elif kind is None:
            field = re.match(r"# (\w+):\s*(.*?)\s*$", line)
            if field:
                head[field.group(1)] = field.group(2)
        else:
            body.append(line)
    flush()
    case = {
        "id": head.get("id", path.stem),
        "path": str(path),
        **{k: v for k, v in head.items() if k != "id"},
    }
    case["setup"] = [b for k, b in cells if k == "setup"]
    for name in ("cell", "oracle", "check", "reference"):
        found = [b for k, b in cells if k == name]
        case[name] = found[0] if found else ""
    if not case["cell"]:
        raise SystemExit(f"{path}: no `# %% cell` section")
    return case


def options(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split("|") if part.strip()]


class Notebook:
    """A fresh namespace in the one InteractiveShell of this process."""

    begun = 0

    def __init__(self, case, magic=True):
        from IPython.core.interactiveshell import InteractiveShell

        self.case = case
        self.shell = InteractiveShell.instance()
        # Each collects garbage, which takes half a second of looking through TensorFlow's modules.
        with mock.patch("gc.collect"):
            self.shell.reset(new_session=False)
            keras = sys.modules.get("keras")
            if keras is not None:
                keras.utils.clear_session()
        Notebook.begun += 1
        if Notebook.begun % 25 == 0:
            gc.collect()
            gc.freeze()  # what Keras keeps of each training is not gone through again
        if magic:
            self.shell.run_line_magic("load_ext", "rnnmagic")
        self.ran: list[tuple[int, str]] = []

    def run(self, source: str) -> tuple[object, float]:
        out, err = io.StringIO(), io.StringIO()
        start = time.perf_counter()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            number = self.shell.execution_count
            result = self.shell.run_cell(source, store_history=True)
        took = time.perf_counter() - start
        self.ran.append((number, source))
        self.output = out.getvalue() + err.getvalue()
        return result, took

    def set_up(self):
        for source in self.case["setup"]:
            result, _ = self.run(source)
            if not result.success:
                raise RuntimeError(
                    f"the case's own setup fails: {result.error_in_exec or result.error_before_exec!r}"
                )


def failed(result) -> bool:
    return not result.success


@contextlib.contextmanager
def recording(seen: list):
    """Note what reaches every keras.Model while the repaired notebook runs."""
    if "tf_keras" in sys.modules and "keras" not in sys.modules:
        # The legacy Keras alone: nothing is asked of its models.
        yield
        return
    import keras

    names = ("fit", "evaluate", "predict", "train_on_batch", "test_on_batch", "predict_on_batch")
    # The trainer among them is that of the backend in use.
    bases = [base for base in keras.Model.__mro__ if base.__module__.startswith("keras.")]
    bases.append(keras.Sequential)
    with contextlib.suppress(Exception):
        from keras.src.models.functional import Functional

        bases.append(Functional)
    saved = []

    def wrap(original, name):
        def noted(self, *args, **kwargs):
            named = dict(zip(("x", "y"), args, strict=False)) | kwargs
            seen.append(
                {
                    "method": name,
                    "x": named.get("x"),
                    "y": named.get("y"),
                    "validation_data": named.get("validation_data"),
                    "model": self,
                }
            )
            return original(self, *args, **kwargs)

        return noted

    for base in bases:
        for name in names:
            if name in vars(base):
                saved.append((base, name, vars(base)[name]))
                setattr(base, name, wrap(vars(base)[name], name))
    try:
        yield
    finally:
        for base, name, original in saved:
            setattr(base, name, original)


def last_report() -> dict:
    import rnnmagic

    report = rnnmagic.last_report()
    if report is None:
        return {}
    report = report.to_dict()
    json.dumps(report)  # plain JSON types only
    return report


def apply_and_rerun(case, fix, seen) -> tuple[bool, str, Notebook]:
    """Build the notebook afresh, make the fix's edits, run from the first edited cell on."""
    book = Notebook(case)
    book.set_up()
    cell = MAGIC + case["cell"]
    sources = [source for _, source in book.ran] + [cell]
    first = book.ran[0][0] if book.ran else book.shell.execution_count
    oracle = dict(book.shell.user_ns)
    if case["oracle"]:
        exec(compile(case["oracle"], "<oracle>", "exec"), oracle)
    start = len(sources) - 1
    for edit in fix["edits"]:
        old = edit["old"]
        spots = [i for i, source in enumerate(sources) if source.strip() == old.strip()]
        if not spots:
            return False, "an edit's `old` matches no cell", book
        sources[spots[-1]] = edit["new"]
        start = min(start, spots[-1])
    del first
    for round_ in (1, 2):  # twice: a repaired cell must be safe to run again
        for i in range(start, len(sources)):
            with recording(seen):
                result, _ = book.run(sources[i])
            if failed(result):
                error = result.error_in_exec or result.error_before_exec
                return (
                    False,
                    f"run {round_} of the repaired notebook: {type(error).__name__}: {str(error)[:200]}",
                    book,
                )
        start = len(sources) - 1
    book.oracle = oracle
    return True, "", book


def score_case(case: dict) -> dict:
    row = {"id": case["id"], "problems": []}
    expect = case.get("outcome", "shape_error")

    book = Notebook(case)
    book.set_up()
    result, plain_s = book.run(case["cell"])
    if expect == "clean" and failed(result):
        raise RuntimeError(f"the case is wrong: its cell fails without the magic: {result.error_in_exec!r}")
    if expect != "clean" and not failed(result):
        raise RuntimeError("the case is wrong: its cell passes without the magic")
    error = result.error_in_exec or result.error_before_exec
    row["error"] = f"{type(error).__name__}: {str(error)[:120]}" if error else None

    book = Notebook(case)
    book.set_up()
    result, checked_s = book.run(MAGIC + case["cell"])
    report = last_report()
    row["plain_s"], row["checked_s"] = round(plain_s, 3), round(checked_s, 3)
    row["report"] = report
    say = row["problems"].append
    if not report:
        say("no report")
        return row

    row["detected"] = report.get("outcome") == expect
    if not row["detected"]:
        say(f"outcome {report.get('outcome')!r}, want {expect!r}")
    if expect == "clean" and failed(result):
        say("the magic made a good cell fail")
    if expect != "clean" and not failed(result):
        say("the cell's failure was swallowed: Run All would go on")

    for warning in options(case.get("warning")):
        row["warned"] = warning in [w.get("cause") for w in report.get("warnings", [])]
        if not row["warned"]:
            say(f"no warning {warning!r}")
    if expect == "clean" and "warning" not in case and report.get("warnings"):
        say(f"false warning {[w.get('cause') for w in report['warnings']]}")
        row["warned"] = False
    if expect != "shape_error":
        return row

    array, layer = report.get("array") or {}, report.get("layer") or {}
    if "array" in case:
        want = options(case["array"])
        row["array_ok"] = (array.get("name") or "-") in want
        if not row["array_ok"]:
            say(f"array {array.get('name')!r}, want {want}")
    if "layer" in case:
        want = options(case["layer"])
        row["layer_ok"] = bool({layer.get("class") or "-", layer.get("name") or "-"} & set(want))
        if not row["layer_ok"]:
            say(f"layer {layer.get('name')!r} ({layer.get('class')!r}), want {want}")
    if "cause" in case:
        row["cause_ok"] = report.get("cause") in options(case["cause"])
        if not row["cause_ok"]:
            say(f"cause {report.get('cause')!r}, want {case['cause']!r}")
    if "line" in case:
        row["line_ok"] = (report.get("error") or {}).get("line") == int(case["line"])
        if not row["line_ok"]:
            say(f"line {(report.get('error') or {}).get('line')}, want {case['line']}")

    fixes = report.get("fixes", [])
    row["offered"] = len(fixes)
    if not fixes:
        say("no fix offered")
    if fixes and "kind" in case:
        row["kind_ok"] = fixes[0].get("kind") in options(case["kind"])
        if not row["kind_ok"]:
            say(f"first fix is a {fixes[0].get('kind')!r}, want {case['kind']!r}")
    row["verified_total"] = row["verified_ran"] = 0
    for place, fix in enumerate(fixes):
        seen: list = []
        ran, why, book = apply_and_rerun(case, fix, seen)
        if fix.get("verified"):
            row["verified_total"] += 1
            row["verified_ran"] += ran
            if not ran:
                say(f"fix {place} ({fix.get('kind')}) was offered as verified and does not work: {why}")
        right = ran
        if ran and case["check"]:
            scope = dict(book.oracle) | {
                "seen": seen,
                "report": report,
                "fix": fix,
                "after": book.shell.user_ns,
            }
            try:
                exec(compile(case["check"], "<check>", "exec"), scope)
            except Exception as problem:
                right = False
                why = f"check: {type(problem).__name__}: {problem}"
        if right:
            row.setdefault("right_at", place)
        if place == 0:
            row["first_right"] = right
            if not right:
                say(f"first fix is not right: {why}")
    row["any_right"] = "right_at" in row
    if fixes and not row["any_right"]:
        say("none of the offered fixes is right")
    return row


def validate_case(case: dict) -> dict:
    row = {"id": case["id"], "problems": []}
    expect = case.get("outcome", "shape_error")
    book = Notebook(case, magic=False)
    book.set_up()
    result, row["plain_s"] = book.run(case["cell"])
    error = result.error_in_exec or result.error_before_exec
    row["error"] = f"{type(error).__name__}: {str(error)[:300]}" if error else None
    if failed(result) != (expect != "clean"):
        row["problems"].append(
            f"the cell {'fails' if failed(result) else 'passes'} but the outcome is {expect}: {row['error']}"
        )
    if case["reference"]:
        book = Notebook(case, magic=False)
        book.set_up()
        scope, seen = dict(book.shell.user_ns), []
        if case["oracle"]:
            exec(compile(case["oracle"], "<oracle>", "exec"), scope)
        with recording(seen):
            result, _ = book.run(case["reference"])
        if failed(result):
            row["problems"].append(
                f"the reference fails: {result.error_in_exec or result.error_before_exec!r}"[:400]
            )
        elif case["check"]:
            try:
                exec(
                    compile(case["check"], "<check>", "exec"),
                    scope | {"seen": seen, "report": {}, "fix": {}, "after": book.shell.user_ns},
                )
            except Exception as problem:
                row["problems"].append(
                    f"the check refuses the reference: {type(problem).__name__}: {problem}"
                )
    elif expect == "shape_error":
        row["problems"].append("no reference")
    return row


class OutOfTime(BaseException):
    pass


def guarded(case: dict, score=None) -> dict:
    score = score or score_case

    def stop(*_):
        raise OutOfTime

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(CASE_LIMIT_S)
    try:
        return score(case)
    except OutOfTime:
        return {"id": case["id"], "problems": [f"no answer in {CASE_LIMIT_S} s"]}
    except RuntimeError as problem:
        return {"id": case["id"], "broken": str(problem), "problems": [f"BROKEN CASE: {problem}"]}
    except Exception:
        return {"id": case["id"], "problems": ["scoring failed: " + traceback.format_exc(limit=-3)]}
    finally:
        signal.alarm(0)


def rate(rows, key):
    known = [row[key] for row in rows if key in row]
    return f"{sum(map(bool, known))}/{len(known)}" if known else "-"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("-k", default="", help="only cases whose file name contains this")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write every row, reports included, here")
    parser.add_argument("--quiet", action="store_true", help="print the totals only")
    parser.add_argument(
        "--validate", action="store_true", help="check the cases themselves, without rnnmagic"
    )
    parser.add_argument(
        "--at-least", type=float, help="exit 1 when a smaller share of the cases passes without a problem"
    )
    args = parser.parse_args()
    paths = sorted(p for p in args.folder.rglob("*.py") if args.k in p.name)
    cases = [read_case(path) for path in paths]
    if not cases:
        raise SystemExit("no case found")
    if args.validate:
        rows = [guarded(case, validate_case) for case in cases]
    elif args.jobs > 1:
        with mp.get_context("spawn").Pool(args.jobs) as pool:
            rows = list(pool.imap(guarded, cases, chunksize=1))
    else:
        rows = [guarded(case) for case in cases]
    for row in rows:
        if not args.quiet:
            print(("ok    " if not row["problems"] else "FALLS "), row["id"])
            for problem in row["problems"]:
                print("         ", problem)
    perfect = sum(not row["problems"] for row in rows)
    faulty = [row for row in rows if "offered" in row]
    print(f"cases without a problem   {perfect}/{len(rows)}")
    for label, key in [
        ("outcome right", "detected"),
        ("array right", "array_ok"),
        ("layer right", "layer_ok"),
        ("cause right", "cause_ok"),
        ("line right", "line_ok"),
        ("first fix of the right kind", "kind_ok"),
        ("first fix right", "first_right"),
        ("some fix right", "any_right"),
        ("warnings right", "warned"),
    ]:
        print(f"{label:<26}{rate(rows, key)}")
    total, ran = sum(r.get("verified_total", 0) for r in rows), sum(r.get("verified_ran", 0) for r in rows)
    print(f"{'verified fixes that work':<26}{ran}/{total}")
    extra = sorted((r["checked_s"] - r["plain_s"]) / r["plain_s"] for r in faulty if r.get("plain_s"))
    if extra:
        print(f"{'added time / cell time':<26}median {extra[len(extra) // 2]:.2f}, worst {extra[-1]:.2f}")
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1, default=str))
    if args.at_least is not None and perfect / len(rows) < args.at_least:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
