"""What a check costs: tables of times and ratios, each pair of times taken in one run, in turn.

    python tests/benchmarks/bench_speed.py                    # all tables
    python tests/benchmarks/bench_speed.py --quick            # few rounds, to see that it works
    python tests/benchmarks/bench_speed.py --only failing growth

Each table is measured in a process of its own; all figures are medians. `--only` takes `without_error`, `loading`,
`failing`, `growth`, `browser` (the panel in JupyterLab, with a Chromium of the machine) and `others` (what a user
would take instead).
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

TABLES = {
    "loading": "Loading the extension",
    "without_error": "A cell without an error",
    "failing": "Cells that fail: what the check adds, over the cell's own time with Keras's traceback",
    "growth": "Growth: what the check adds, and its memory, over the size of data, namespace, model and repairs",
    "browser": "In JupyterLab: the panel, and a click on Apply",
    "others": "What a user would take instead, on the same failing cells",
}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="few rounds and small sizes")
    parser.add_argument("--only", nargs="+", choices=TABLES, metavar="NAME", help=", ".join(TABLES))
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    names = options.only or list(TABLES)
    if options.here:
        importlib.import_module(f"speed.{names[0]}").measure(options.quick)
        return 0
    print(_machine(), flush=True)
    broken = []
    for name in names:
        print(f"\n{TABLES[name]}\n", flush=True)
        began = time.perf_counter()
        command = [sys.executable, __file__, "--here", "--only", name, *["--quick"] * options.quick]
        if subprocess.run(command, env=os.environ | {"PYTHONWARNINGS": "ignore"}).returncode:
            broken.append(name)
        print(f"  ({time.perf_counter() - began:.0f} s, load {os.getloadavg()[0]:.1f})", flush=True)
    if broken:
        print(f"\nBroke off: {', '.join(broken)}")
    return 1 if broken else 0


def _machine() -> str:
    versions = []
    for name in ("tensorflow", "keras", "ipython", "ipywidgets"):
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            versions.append(f"no {name}")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    model = _processor()
    return f"{model}, {cores} cores, load {load} as it began; Python {platform.python_version()}, {', '.join(versions)}"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    sys.exit(main())
