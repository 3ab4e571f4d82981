"""`%load_ext rnnmagic` in processes of their own: its time, and what it imports."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys

from speed.playing import ROOT, Failed, ms, table, verdict

LIMIT_S = 0.050
HEAVY = ("tensorflow", "keras", "tf_keras", "torch", "jax", "ipywidgets", "pandas", "numpy")

# A kernel has ipykernel's modules, and has run a cell, before a user gets to load anything.
SCRIPT = """
import json, sys, time
import ipykernel.zmqshell
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_cell("1 + 1")
before = set(sys.modules)
wall, processor = time.perf_counter(), time.process_time()
shell.run_line_magic("load_ext", {name!r})
took = time.perf_counter() - wall, time.process_time() - processor
print(json.dumps([*took, sorted(set(sys.modules) - before)]))
"""


def measure(quick: bool) -> None:
    # IPython's own `autoreload`, as something to hold it against.
    took: dict[str, list[tuple[float, float, list[str]]]] = {"rnnmagic": [], "autoreload": []}
    _load("rnnmagic")  # compiled and in the file cache
    for _ in range(3 if quick else 15):
        for name, found in took.items():
            found.append(_load(name))
    rows = [
        [
            f"%load_ext {name}",
            ms(statistics.median(wall for wall, _, _ in found), 1),
            ms(statistics.median(processor for _, processor, _ in found), 1),
            len(found[0][2]),
            len(found),
        ]
        for name, found in took.items()
    ]
    table(["in a fresh process", "wall", "processor", "modules", "runs"], rows)
    heavy = {module.split(".")[0] for _, _, modules in took["rnnmagic"] for module in modules} & set(HEAVY)
    wall, processor = (statistics.median(found[at] for found in took["rnnmagic"]) for at in (0, 1))
    print(
        f"  by the clock: {verdict(wall, LIMIT_S, ms)}; of processor time: {verdict(processor, LIMIT_S, ms)}"
    )
    print(f"  heavy modules imported: {sorted(heavy) or 'none'}")


def _load(name: str) -> tuple[float, float, list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(name=name)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise Failed(done.stderr[-1500:])
    wall, processor, modules = json.loads(done.stdout.splitlines()[-1])
    return wall, processor, modules
