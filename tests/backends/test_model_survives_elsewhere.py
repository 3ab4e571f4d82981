"""A failed call leaves the model as it was, on JAX and on torch too, and what will fail later is said before."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from situations import SITUATIONS

BACKENDS = ("jax", "torch")
EACH = [
    (backend, name)
    for backend in BACKENDS
    for name, situation in SITUATIONS.items()
    if backend not in situation.not_on
]


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    found = {}
    for backend in BACKENDS:
        result = tmp_path_factory.mktemp(backend) / "rows.json"
        done = subprocess.run(
            [sys.executable, str(Path(__file__).with_name("survive.py")), str(result)],
            capture_output=True,
            text=True,
            env=os.environ | {"KERAS_BACKEND": backend},
            cwd=result.parent,
            timeout=900,
        )
        assert result.exists(), done.stdout[-2000:] + done.stderr[-4000:]
        found[backend] = json.loads(result.read_text())
    return found


@pytest.mark.parametrize(("backend", "name"), EACH)
def test_model_survives(rows: dict[str, Any], backend: str, name: str) -> None:
    row, situation = rows[backend][name], SITUATIONS[name]
    assert "problem" not in row, row["problem"]
    assert row["outcome"] == "shape_error", row["error"]
    assert row["changed"] == []
    assert row["later"] is True
    assert situation.foreseen in row["told"]
