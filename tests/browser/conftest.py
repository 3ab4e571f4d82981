"""One JupyterLab on a copy of the examples, for each module of tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab import Lab, running_lab


@pytest.fixture(scope="module")
def lab(root: Path, chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("notebooks")
    for notebook in (root / "examples").glob("*.ipynb"):
        shutil.copy(notebook, folder)
    with running_lab(folder, tmp_path_factory.mktemp("home"), chromium) as running:
        yield running
