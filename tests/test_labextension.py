"""The TypeScript of the lab extension: lint, format, types, its own unit tests, the size of the bundle.

Installing the package with the README's test command leaves `node_modules` behind, and the `test`
extra brings a Node.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def npm(root: Path) -> dict[str, str]:
    """The environment in which npm finds Node; the packages are there afterwards."""
    here = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": os.pathsep.join([here, os.environ.get("PATH", "")])}
    if not (root / "labextension" / "node_modules" / "vitest").exists():
        run(root, environment, "npm", "ci", "--no-audit", "--no-fund")
    return environment


def run(root: Path, environment: dict[str, str], *command: str) -> str:
    done = subprocess.run(
        command, cwd=root / "labextension", env=environment, capture_output=True, text=True, timeout=400
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-6000:]}{done.stderr[-2000:]}"
    return done.stdout


@pytest.mark.parametrize("script", ["lint", "types", "test", "size"])
def test_script(root: Path, npm: dict[str, str], script: str) -> None:
    run(root, npm, "npm", "run", script)


def test_the_lock_names_no_registry(root: Path) -> None:
    lock = (root / "labextension" / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
