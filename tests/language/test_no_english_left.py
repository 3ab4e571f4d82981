"""In another language nothing is said in English: each of a dozen reports is looked through for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def test_all_that_a_report_says_comes_from_a_catalogue(tmp_path: Path) -> None:
    out = tmp_path / "said.json"
    done = subprocess.run(
        [sys.executable, str(HERE / "speaking.py"), str(out)],
        env=os.environ | {"PYTHONPATH": str(HERE.parents[1]), "IPYTHONDIR": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(out.read_text())
    causes = {told["cause"] for told in found.values() if told["outcome"] == "shape_error"}
    assert len(causes) >= 10, causes
    assert found["stretched"]["warnings"] == ["broadcast_loss"]
    assert sum(told["fixes"] for told in found.values()) >= 15
    left = {name: told["left"] for name, told in found.items() if told["left"]}
    assert not left


def test_english_would_be_seen() -> None:
    from speaking import small

    assert small("SHAPE (32, 60) expected, not tried: X_train", "X_train") == ["expected", "not", "tried"]
    assert small("model.fit(X, y)", "model.fit(X, y)") == []
