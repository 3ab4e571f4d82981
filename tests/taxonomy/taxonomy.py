"""Score a part of the cells in a process of its own, and hold each to what is expected of it.

A cell that rnnmagic does not diagnose or repair stands in `known.py` with the reason. The list stays
true: a cell that falls and is not on it fails the test, and so does one on it that has come right.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from known import KNOWN

HERE = Path(__file__).resolve().parent
THOROUGH = bool(os.environ.get("RNNMAGIC_ALL_CASES"))
"""All cells, and the notebook again with every fix, in graphs; otherwise every second cell, and the first fix eagerly."""


def check(part: int, parts: int, tmp_path: Path) -> None:
    """Score one of so many parts of the cells, or of every second one."""
    result = tmp_path / "rows.json"
    chosen = f"{part}/{parts}" if THOROUGH else f"{2 * part}/{2 * parts}"
    command = [sys.executable, str(HERE / "scoring_cells.py"), "--part", chosen, "--json", str(result)]
    done = subprocess.run(
        [*command, "--all"] if THOROUGH else command,
        capture_output=True,
        text=True,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(HERE.parent.parent)},
        cwd=tmp_path,
        timeout=2400,
    )
    assert result.exists(), done.stdout[-2000:] + done.stderr[-2000:]
    print(done.stdout)
    rows = {row["cell"]["name"]: row for row in json.loads(result.read_text())}
    broken = {name: row["broken"] for name, row in rows.items() if row["broken"]}
    assert not broken, f"fixes offered as verified do not work: {broken}"
    wrong = {name: row["problems"] for name, row in rows.items() if row["problems"]}
    new = {name: told for name, told in wrong.items() if name not in KNOWN}
    assert not new, f"cells that fall, and are not among those known to: {new}"
    right = [name for name in KNOWN if name in rows and name not in wrong]
    assert not right, f"cells that have come right; take them off the list in known.py: {right}"
