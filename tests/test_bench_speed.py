"""The command that measures speed runs, and prints its tables. What it measures is no test."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_the_quick_form_prints_its_tables(root: Path, tmp_path: Path) -> None:
    command = [sys.executable, str(root / "tests" / "benchmarks" / "bench_speed.py"), "--quick"]
    done = subprocess.run(
        [*command, "--only", "loading", "without_error", "failing", "others"],
        env=os.environ | {"IPYTHONDIR": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=600,
    )
    printed = done.stdout
    assert done.returncode == 0, printed[-3000:] + done.stderr[-3000:]
    assert " cores, load " in printed
    assert "heavy modules imported: none" in printed
    for row in ("%load_ext rnnmagic", "before Keras is imported", "flat-rows", "input_declaration"):
        assert row in printed
    assert printed.count("(target ") == 7
    # The alternatives are installed for the benchmark only; without them it says how.
    assert "pip install tensor-sensor friendly-traceback" in printed or "TensorSensor" in printed
