"""The notebooks of `torch_mistakes.py`: plain PyTorch in a real IPython shell, repaired and run again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from torch_mistakes import CORRECT, MISTAKES, MORE, SILENT

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("torch")
    result = folder / "rows.json"
    done = subprocess.run(
        [sys.executable, str(HERE / "run_torch.py"), "--json", str(result)],
        capture_output=True,
        text=True,
        env=os.environ | {"IPYTHONDIR": str(folder)},
        cwd=folder,
        timeout=900,
    )
    assert result.exists(), done.stdout[-2000:] + done.stderr[-4000:]
    print(done.stdout)
    told: dict[str, Any] = json.loads(result.read_text())
    told["rows"] = {row["name"]: row for row in told["rows"]}
    return told


@pytest.mark.parametrize("name", [mistake.name for mistake in (*MISTAKES, *MORE, *CORRECT, *SILENT)])
def test_notebook(found: dict[str, Any], name: str) -> None:
    row = found["rows"][name]
    told = "\n  ".join(row["problems"])
    assert not row["problems"], f"{name}:\n  {told}\n  the error was {row['error'][:400]!r}"


def test_names_are_told_apart() -> None:
    names = [mistake.name for mistake in (*MISTAKES, *MORE, *CORRECT, *SILENT)]
    assert len(set(names)) == len(names)


def test_no_other_framework_is_imported(found: dict[str, Any]) -> None:
    assert "torch" in found["modules"]
    assert {"tensorflow", "keras", "tf_keras", "jax"}.isdisjoint(found["modules"])
