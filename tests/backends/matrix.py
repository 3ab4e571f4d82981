"""One process plays all the notebooks of `mistakes.py` on one backend; each is a test item of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


def play(folder: Path, environment: dict[str, str], *arguments: str) -> dict[str, Any]:
    """What `run_matrix.py` found: `rows` by the notebook's name, and `modules`, those it imported."""
    result = folder / "rows.json"
    done = subprocess.run(
        [sys.executable, str(HERE / "run_matrix.py"), "--json", str(result), *arguments],
        capture_output=True,
        text=True,
        env=os.environ | {"JAX_COMPILATION_CACHE_DIR": str(folder / "compiled")} | environment,
        cwd=folder,
        timeout=900,
    )
    assert result.exists(), done.stdout[-2000:] + done.stderr[-4000:]
    print(done.stdout)
    found = json.loads(result.read_text())
    found["rows"] = {row["name"]: row for row in found["rows"]}
    return found


def hold(found: dict[str, Any], name: str) -> None:
    """Fail with what is wrong about the report of one notebook."""
    row = found["rows"][name]
    told = "\n  ".join(row["problems"])
    assert not row["problems"], f"{name}:\n  {told}\n  the error was {row['error'][:400]!r}"
