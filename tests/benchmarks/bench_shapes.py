"""How long the Shapes panel's question takes in the kernel, by number of names and size of data.

    python tests/benchmarks/bench_shapes.py

Medians of interleaved runs, in milliseconds and as a ratio to ten names.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from rnnmagic.shapes import survey

RUNS = 15


def namespaces(folder: Path) -> dict[str, dict[str, Any]]:
    large = np.memmap(folder / "large", dtype="float32", mode="w+", shape=(40_000_000, 20, 3))
    plain = {count: {f"a{n}": n for n in range(count)} for count in (10, 1_000, 10_000)}
    arrays = {f"b{n}": np.zeros((10, 3)) for n in range(500)}
    return {
        "10 names": plain[10],
        "1,000 names": plain[1_000],
        "10,000 names": plain[10_000],
        "500 arrays": arrays,
        "10,000 names, 500 arrays": plain[10_000] | arrays,
        "an array of 9.6 GB": {"X": large},
    }


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        spaces = namespaces(Path(folder))
        took: dict[str, list[float]] = {name: [] for name in spaces}
        for _ in range(RUNS):
            for name, space in spaces.items():
                begun = time.perf_counter()
                survey(dict(space), rows=500)
                took[name].append((time.perf_counter() - begun) * 1000)
        base = statistics.median(took["10 names"])
        for name, times in took.items():
            median = statistics.median(times)
            print(f"{name:26} {median:8.2f} ms  {median / base:8.1f}")


if __name__ == "__main__":
    main()
