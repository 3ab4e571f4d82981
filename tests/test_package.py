"""What is built and installed: the wheel, the sdist, the JupyterLab extension, an import without frameworks."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import rnnmagic

EXTENSION = "share/jupyter/labextensions/rnnmagic"
LEFT_OUT = shutil.ignore_patterns(
    ".git",
    ".venv",
    "node_modules",
    "__pycache__",
    "dist",
    "build",
    ".*_cache",
    ".hypothesis",
    ".ipynb_checkpoints",
)


@pytest.fixture(scope="module")
def dist(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An sdist of this tree and a wheel made from it.

    The extension was built when the package was installed. It is packed as it stands, so that this takes
    seconds and no network; the install command of the README and CI builds it.
    """
    bundle = root / "rnnmagic" / "labextension"
    assert (bundle / "package.json").exists(), "Install first: pip install -e '.[all,test]'"
    out = tmp_path_factory.mktemp("dist")
    tree = out / "tree"
    shutil.copytree(root, tree, ignore=LEFT_OUT)
    build(tree, "sdist", out, {"SKIP_JUPYTER_BUILDER": "1"})
    with tarfile.open(next(out.glob("*.tar.gz"))) as archive:
        # Made here a moment ago; the first releases of 3.10 and 3.11 know no filter.
        archive.extractall(out / "sdist", **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    unpacked = next((out / "sdist").iterdir())
    # From an sdist the hook finds the bundle and runs no npm: on the PATH there is none.
    build(unpacked, "wheel", out, {"PATH": ""})
    return out


def build(tree: Path, target: str, out: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(out)],
        cwd=tree, env={**os.environ, **environment}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(dist: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(next(dist.glob("*.whl")))


def test_wheel_holds_the_package_and_nothing_else(root: Path, wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    tops = {name.split("/", 1)[0].split("-", 1)[0] for name in names}
    assert tops == {"rnnmagic"}
    modules = {name for name in names if name.startswith("rnnmagic/")}
    assert modules == {
        path.relative_to(root).as_posix()
        for path in (root / "rnnmagic").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and "labextension" not in path.parts
    }
    assert "rnnmagic/py.typed" in modules
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_wheel_installs_the_lab_extension(wheel: zipfile.ZipFile) -> None:
    data = {name.split("/data/", 1)[1]: name for name in wheel.namelist() if ".data/data/" in name}
    assert all(name.startswith(f"{EXTENSION}/") for name in data)
    assert f"{EXTENSION}/schemas/rnnmagic/plugin.json" in data
    package = json.loads(wheel.read(data[f"{EXTENSION}/package.json"]))
    assert f"{EXTENSION}/{package['jupyterlab']['_build']['load']}" in data
    install = json.loads(wheel.read(data[f"{EXTENSION}/install.json"]))
    assert install["packageName"] == "rnnmagic"
    sources = [name for name in data if name.endswith((".map", ".ts"))]
    assert not sources, f"A development bundle: {sources}"


def test_one_version(root: Path, wheel: zipfile.ZipFile) -> None:
    assert Path(wheel.filename or "").name.split("-")[1] == rnnmagic.__version__
    for name in ("package.json", "package-lock.json"):
        package = json.loads((root / "labextension" / name).read_text(encoding="utf-8"))
        assert package["version"] == rnnmagic.__version__, name
    assert importlib.metadata.version("rnnmagic") == rnnmagic.__version__, (
        "The version has changed: install again."
    )


def test_what_it_needs() -> None:
    needs = [Requirement(text) for text in importlib.metadata.requires("rnnmagic") or []]
    core = {canonicalize_name(need.name) for need in needs if need.marker is None}
    assert core == {"asttokens", "executing", "ipython", "ipywidgets", "numpy", "pure-eval", "traitlets"}
    extras = set(importlib.metadata.metadata("rnnmagic").get_all("Provides-Extra") or [])
    assert extras == {"all", "cli", "dask", "lab", "lessons", "tensorflow", "test"}


def test_lab_extension_is_installed_here() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "jupyter", "labextension", "list"], capture_output=True, text=True, timeout=120
    )
    lines = [line for line in (done.stdout + done.stderr).splitlines() if " rnnmagic v" in line]
    assert len(lines) == 1
    assert "enabled" in lines[0]
    assert "OK" in lines[0]


def test_no_framework_is_imported() -> None:
    """`import rnnmagic` and `%load_ext rnnmagic` work where no framework is, and import none where one is."""
    heavy = [
        "tensorflow",
        "keras",
        "tf_keras",
        "torch",
        "jax",
        "pandas",
        "sklearn",
        "ipywidgets",
        "jupyterlab",
    ]
    code = f"""
import sys
heavy = {heavy!r}

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in heavy:
            raise ModuleNotFoundError(f"{{name}} is not here", name=name)

sys.meta_path.insert(0, Absent())
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
before = set(shell.user_ns)
import rnnmagic
assert rnnmagic.last_report() is None
shell.run_line_magic("load_ext", "rnnmagic")
assert not [name for name in heavy if name in sys.modules]
assert set(shell.user_ns) == before, set(shell.user_ns) - before
assert shell.run_cell("%%rnncheck\\nanswer = 42").success
assert shell.user_ns["answer"] == 42
assert rnnmagic.last_report().to_dict()["outcome"] == "clean"
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_lock_names_no_registry(root: Path) -> None:
    lock = json.loads((root / "labextension" / "package-lock.json").read_text(encoding="utf-8"))
    named = [name for name, entry in lock["packages"].items() if "://" in str(entry.get("resolved", ""))]
    assert not named
