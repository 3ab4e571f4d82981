"""Score a part of the notebook cases in a process of their own, and hold the result to a standard.

The scorer (`tests/score_cases.py`) runs each case in a real IPython shell with real Keras: the
failing cell with the magic, then the repaired notebook once for every fix that was offered.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parent.parent
ALL = bool(os.environ.get("RNNMAGIC_ALL_CASES"))
"""Every case, more than an hour on two cores; otherwise some, so that CI ends in time."""
EACH = {"own": 6, "shared": 2}


def score(folder: str, tmp_path: Path, part: int = 0, parts: int = 1) -> list[dict[str, Any]]:
    """Rows of the scorer for every `parts`-th case of `tests/cases/<folder>`, from number `part` on."""
    chosen = tmp_path / "cases"
    chosen.mkdir()
    paths = sorted((TESTS / "cases" / folder).glob("*.py"))
    if not ALL:
        paths = paths[:: EACH[folder]]
    for path in paths[part::parts]:
        shutil.copy(path, chosen)
    result = tmp_path / "rows.json"
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(TESTS.parent)}
    done = subprocess.run(
        [sys.executable, str(TESTS / "score_cases.py"), str(chosen), "--json", str(result)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=2400,
    )
    assert result.exists(), done.stdout[-2000:] + done.stderr[-2000:]
    print(done.stdout)
    return json.loads(result.read_text())


def hold(rows: list[dict[str, Any]], at_least: float) -> None:
    """No promise broken, no false report, and at least this share of cases without any problem."""
    told = "\n".join(f"{row['id']}: {row['problems']}" for row in rows if row["problems"])
    broken = [row["id"] for row in rows if row.get("verified_total", 0) != row.get("verified_ran", 0)]
    assert not broken, f"fixes offered as verified do not work: {broken}\n{told}"
    quiet = [row for row in rows if row["id"].startswith(("clean-", "other-"))]
    false = [(row["id"], row["problems"]) for row in quiet if row["problems"]]
    assert not false, f"false reports: {false}"
    share = sum(not row["problems"] for row in rows) / len(rows)
    assert share >= at_least, f"{share:.1%} of {len(rows)} cases are without a problem\n{told}"
