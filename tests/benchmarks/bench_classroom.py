"""Checks a class of generated submissions with the real command, and watches what it costs.

Not a test: `python tests/benchmarks/bench_classroom.py 200 --jobs 2`, or with `--dask` over a local Dask
cluster. Prints notebooks a minute, the peak memory of the command and of all below it, whether every
mistake was found, what became of the notebooks that kill their kernel or never end, and whether any
process was left.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import psutil
from classroom import write

ROOT = Path(__file__).resolve().parents[2]
MB = 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("number", nargs="?", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--timeout", type=int, default=120, help="seconds for one cell")
    parser.add_argument("--dask", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="classroom-") as folder:
        measure(Path(folder), options)


def measure(folder: Path, options: argparse.Namespace) -> None:
    expected = write(folder, options.number)
    out = folder / "found.json"
    command = [
        sys.executable, "-m", "rnnmagic", "check", str(folder / "submitted"), "--format", "json",
        "--output", str(out), "--jobs", str(options.jobs), "--timeout", str(options.timeout),
        *(["--dask", "local"] if options.dask else []),
    ]  # fmt: skip
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths), "TF_CPP_MIN_LOG_LEVEL": "3"}
    begun = time.monotonic()
    process = psutil.Popen(command, env=environment)
    peaks = watch(process)
    seconds = time.monotonic() - begun
    found = json.loads(out.read_text(encoding="utf-8"))
    print(
        f"{len(expected)} notebooks, {options.jobs} jobs{', Dask' if options.dask else ''}: {seconds:.0f} s,"
    )
    print(f"  {60 * len(expected) / seconds:.1f} notebooks a minute; exit status {process.returncode}")
    print(f"  peak memory: the command {peaks.own / MB:.0f} MB, all below it {peaks.below / MB:.0f} MB")
    print(f"  at most {peaks.zombies} zombies at a time; left running afterwards: {peaks.left()}")
    judge(expected, found)


class Peaks:
    """The most memory seen, in bytes, and every process below the command."""

    def __init__(self) -> None:
        self.own = self.below = self.zombies = 0
        self.seen: set[psutil.Process] = set()

    def left(self) -> int:
        time.sleep(2)
        return sum(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in self.seen)


def watch(process: psutil.Popen) -> Peaks:
    peaks = Peaks()
    while process.poll() is None:
        own, below, zombies = 0, 0, 0
        try:
            own = process.memory_info().rss
            for child in process.children(recursive=True):
                peaks.seen.add(child)
                try:
                    zombies += child.status() == psutil.STATUS_ZOMBIE
                    below += child.memory_info().rss
                except psutil.Error:
                    pass
        except psutil.Error:
            pass
        peaks.own, peaks.below = max(peaks.own, own), max(peaks.below, below)
        peaks.zombies = max(peaks.zombies, zombies)
        time.sleep(0.5)
    return peaks


def judge(expected: dict, found: dict) -> None:
    """Compare what was found with what was put in."""
    results = {Path(one["file"]): one for one in found["notebooks"]}
    assert list(results) == sorted(results), "the results are in order"
    right = mistakes = 0
    for path, submission in expected.items():
        result = results[path]
        causes = tuple(one["cause"] for one in result["mistakes"])
        problem = None if result["problem"] is None else result["problem"]["kind"]
        right += (causes, problem) == (submission.causes, submission.problem)
        mistakes += len(submission.causes)
        if (causes, problem) != (submission.causes, submission.problem):
            print(f"  NOT AS EXPECTED {path.name} of {submission.student}: {causes}, {result['problem']}")
        elif problem is not None:
            print(f"  survived: {submission.student}, cell {result['problem']['cell']['index'] + 1}: "
                  f"{result['problem']['text']}")  # fmt: skip
    slowest = max(one["seconds"] for one in results.values())
    mean = sum(one["seconds"] for one in results.values()) / len(results)
    print(f"  {right} of {len(expected)} as expected, {mistakes} mistakes put in")
    print(
        f"  {mean:.1f} s for a notebook in the mean, {slowest:.1f} s at most; causes {found['summary']['causes']}"
    )


if __name__ == "__main__":
    main()
