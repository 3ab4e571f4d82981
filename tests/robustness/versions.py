"""Run a quick part of the tests in the oldest and the newest versions of what rnnmagic works with.

    python tests/robustness/versions.py                      # lists the sets
    python tests/robustness/versions.py oldest ipykernel-6.29
    python tests/robustness/versions.py newest --folder sets    # keeps the environments there

For each set an environment is made, rnnmagic's own tree put on its path, and the tests of PART run in it. A set
names the Pythons that have wheels of everything in it; the first that this machine has is taken, and a set for
which there is none is said and not run.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

TESTING = (
    "pytest",
    "pytest-timeout",
    "pytest-xdist",
    "psutil",
    "nbclient",
    "nbformat",
    "nbconvert",
    "jsonschema",
    "packaging",
)
BESIDE = ("pandas", "scikit-learn", "matplotlib")
"""What the cells of the taxonomy import, in any version that fits."""

PART = (
    "tests/kernel/test_fidelity.py",
    "tests/kernel/test_lab_line.py",
    "tests/kernel/test_hints_live.py",
    "tests/kernel/test_reports.py",
    "tests/kernel/test_preflight_live.py",
    "tests/views/test_in_kernel.py",
    "tests/views/test_panel.py",
    "tests/test_model_survives.py",
    "tests/test_preflight.py",
)
CALLBACKS = (
    "tests/views/test_in_kernel.py",
    "tests/kernel/test_lab_line.py",
    "tests/kernel/test_fidelity.py",
)
"""Clicks, which ipykernel 6 delivers on the cell's own thread, 7 on subshells, and 7.4 where the button spoke last."""


@dataclass(frozen=True)
class Set:
    pythons: tuple[str, ...]
    packages: tuple[str, ...]
    tests: tuple[str, ...] = PART
    falls: dict[str, str] = field(default_factory=dict)
    """Tests that fall in these versions, each with the reason; they are said, and not run."""


LEFT = "Keras 3.6 sets `model.history` before its predict can be watched: it stays set after one that failed"
OF_OLDEST = {
    "tests/test_model_survives.py::test_correct_call_after_a_failure[predict, then fit]": LEFT,
    "tests/test_model_survives.py::test_failing_twice_and_in_another_way": LEFT,
    "tests/test_preflight.py::test_told_before_the_first_step[last batch of a stateful model]": (
        "the short last batch is told in more general words, without `stateful`"
    ),
}


SETS = {
    "oldest": Set(
        ("3.10",),
        (
            "tensorflow-cpu==2.16.1", "keras==3.6.0", "numpy==1.26.4", "ipython==8.18.1", "ipykernel==6.29.5",
            "ipywidgets==8.1.0", "traitlets==5.14.3", "asttokens==2.4.1", "executing==2.0.1", "pure_eval==0.2.2",
            "jupyterlab==4.2.0", "jupyter-client==8.6.3",
        ),
        falls=OF_OLDEST,
    ),
    "ipykernel-6.29": Set(("3.10", "3.11", "3.12"), ("tensorflow-cpu", "ipykernel==6.29.5"), CALLBACKS),
    "ipykernel-7.1": Set(("3.11", "3.12", "3.10"), ("tensorflow-cpu", "ipykernel==7.1.0"), CALLBACKS),
    "ipykernel-7.4": Set(("3.11", "3.12", "3.10"), ("tensorflow-cpu", "ipykernel==7.4.*"), CALLBACKS),
    "newest": Set(("3.13", "3.12"), ("tensorflow-cpu", "keras", "jupyterlab>=4,<5", "ipykernel")),
}  # fmt: skip


def python_of(versions: tuple[str, ...]) -> str | None:
    """The first of these Pythons that is here and runs."""
    for version in versions:
        for name in (
            f"python{version}",
            *(sorted(map(str, Path.home().glob(f".pyenv/versions/{version}.*/bin/python")))),
        ):
            found = shutil.which(name)
            if (
                found
                and subprocess.run([found, "-c", "import venv, ensurepip"], capture_output=True).returncode
                == 0
            ):
                return found
    return None


def run(name: str, folder: Path, tests: list[str]) -> str:
    """What became of one set: a line for the table."""
    chosen = SETS[name]
    python = python_of(chosen.pythons)
    if python is None:
        return f"not run: none of Python {', '.join(chosen.pythons)} is on this machine"
    place = folder / name
    inside = str(place / "bin" / "python")
    if not Path(inside).exists():
        subprocess.run([python, "-m", "venv", place], check=True)
        wanted = [*chosen.packages, "ipywidgets>=8.1", "ipython>=8.18", "pure_eval>=0.2.2", *TESTING, *BESIDE]
        done = subprocess.run(
            [inside, "-m", "pip", "install", "-q", "--prefer-binary", *wanted], text=True, capture_output=True
        )
        if done.returncode:
            shutil.rmtree(place)
            return f"not run: pip could not install it: {done.stderr.strip().splitlines()[-1:]}"
        # A kernel of this environment, whatever is registered for the user.
        subprocess.run(
            [inside, "-m", "ipykernel", "install", "--sys-prefix"], check=True, capture_output=True
        )
    for test, why in chosen.falls.items():
        print(f"    NOT RUN {test}: {why}")
    left_out = [part for test in chosen.falls for part in ("--deselect", test)]
    began = time.monotonic()
    done = subprocess.run(
        [inside, "-m", "pytest", "-n", "0", "-q", "-p", "no:cacheprovider", *left_out, *(tests or chosen.tests)],
        cwd=ROOT, text=True, capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PATH": f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}"},
    )  # fmt: skip
    lines = done.stdout.strip().splitlines()
    for line in lines:
        if line.startswith(("FAILED", "ERROR", "SKIPPED")):
            print("   ", line)
    (place / "tests.log").write_text(done.stdout + done.stderr)
    return f"{lines[-1] if lines else done.stderr[-300:]} (exit {done.returncode}, {time.monotonic() - began:.0f} s)"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("sets", nargs="*", choices=[*SETS, []], metavar="set")
    parser.add_argument("--folder", type=Path, help="where the environments are made and kept")
    parser.add_argument("--test", action="append", default=[], help="these tests in place of the set's")
    options = parser.parse_args()
    if not options.sets:
        for name, chosen in SETS.items():
            print(f"{name:16} Python {' or '.join(chosen.pythons)}: {', '.join(chosen.packages)}")
        return 0
    with tempfile.TemporaryDirectory() as own:
        told = {}
        for name in options.sets:
            print(f"{name}: running", flush=True)
            told[name] = run(name, options.folder or Path(own), options.test)
            print(f"{name}: {told[name]}", flush=True)
    return 0 if all("exit 0" in line for line in told.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
