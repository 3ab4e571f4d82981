"""A JupyterLab and a Notebook 7 on a copy of the examples, for each module of tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab import Lab, running_lab
from playwright.sync_api import expect

# Two cores run a kernel that loads TensorFlow, a server, a browser, and another worker's tests.
expect.set_options(timeout=15_000)

# Kernels as users have them: without rnnmagic, and with one that speaks another protocol.
KERNELS = {
    "without-rnnmagic": """
import sys
class Missing:
    def find_spec(self, name, *rest):
        if name == "rnnmagic":
            raise ModuleNotFoundError("No module named 'rnnmagic'", name=name)
sys.meta_path.insert(0, Missing())
""",
    "other-rnnmagic": "import rnnmagic.lab.link; rnnmagic.lab.link.PROTOCOL = 99; rnnmagic.__version__ = '9.9.9'",
}


@pytest.fixture(scope="module")
def notebooks(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the server shows: the examples and lessons, and what a test puts there."""
    folder = tmp_path_factory.mktemp("notebooks")
    for pattern in ("*.ipynb", "lessons/*.ipynb"):
        for notebook in (root / "examples").glob(pattern):
            shutil.copy(notebook, folder)
    return folder


@pytest.fixture(scope="module")
def lab(
    request: pytest.FixtureRequest, notebooks: Path, chromium: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lab]:
    """JupyterLab, or the application that the module asks for by a parameter."""
    app = getattr(request, "param", "lab")
    home = tmp_path_factory.mktemp("home")
    with running_lab(notebooks, home, chromium, app, kernels=KERNELS) as running:
        yield running
