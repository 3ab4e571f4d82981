"""One JupyterLab on a copy of the examples, for each module of tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab import Lab, running_lab


@pytest.fixture(scope="module")
def notebooks(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that JupyterLab shows: the examples, and what a test puts there."""
    folder = tmp_path_factory.mktemp("notebooks")
    for notebook in (root / "examples").glob("*.ipynb"):
        shutil.copy(notebook, folder)
    return folder


@pytest.fixture(scope="module")
def lab(notebooks: Path, chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(notebooks, tmp_path_factory.mktemp("home"), chromium) as running:
        yield running
