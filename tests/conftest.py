"""What all tests share."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# TensorFlow's start-up notices, in this process and in every kernel that it starts.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("MPLBACKEND", "agg")
# Of every process that is started here: TensorFlow's hundred threads would each keep memory of their own.
os.environ.setdefault("MALLOC_ARENA_MAX", "2")
# The texts that tests know are the English ones, on a machine of any language.
os.environ["LANGUAGE"] = "en"

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def find_chromium() -> str | None:
    """Path of a Chromium or Chrome on this machine; `RNNMAGIC_BROWSER` names another."""
    for name in (os.environ.get("RNNMAGIC_BROWSER", ""), *BROWSERS):
        found = shutil.which(name) if name else None
        if found:
            return found
    return None


LONG = ("taxonomy", "scored", "properties", "backends", "browser", "kernel", "lessons")
"""Folders whose files take longest, the longest first: begun last, one of two processes would wait for the other."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        return next((n for n, folder in enumerate(LONG) if folder in item.path.parts), len(LONG))

    items.sort(key=place)


_frozen: tuple[Path, int] | None = None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Keep garbage collections from going through TensorFlow's modules: half a second for every fresh notebook.

    And through what Keras keeps of each training, some ten thousand objects: once a file.
    """
    global _frozen
    there = sum(
        name in sys.modules for name in ("keras", "tensorflow", "tf_keras", "torch", "jax", "sklearn")
    )
    if there and (item.path, there) != _frozen:
        _frozen = item.path, there
        gc.collect()
        gc.freeze()
        for name in ("keras.src.backend.common.global_state", "tf_keras.src.backend"):
            if hasattr(sys.modules.get(name), "gc"):
                sys.modules[name].gc = Rarely()  # type: ignore[attr-defined]


class Rarely:
    """In place of `gc` where `clear_session` collects garbage, which many tests call: that takes its time."""

    calls = 0

    def collect(self) -> int:
        Rarely.calls += 1
        return gc.collect() if self.calls % 25 == 0 else 0


@pytest.fixture(scope="module", autouse=True)
def nothing_left_to_the_next() -> Iterator[None]:
    """A setting of TensorFlow's that a file leaves behind fails here, and not in a file that happens to follow."""
    yield
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow is not None:
        left = tensorflow.config.functions_run_eagerly()
        tensorflow.config.run_functions_eagerly(False)
        assert not left, "left TensorFlow running functions eagerly"


def pytest_report_header() -> str:
    return f"browser: {find_chromium() or 'NONE FOUND, the browser tests will fail (see CONTRIBUTING.md)'}"


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the project's tree."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a browser for Playwright's `executable_path`. Without one the test fails: it says how to get one."""
    found = find_chromium()
    if found is None:
        pytest.fail(
            "No Chromium or Chrome on this machine, so the panel cannot be tested in a browser. Install one "
            "(Debian, Ubuntu: apt install chromium), or name one in RNNMAGIC_BROWSER, or leave these tests "
            "out with --ignore tests/browser.",
            pytrace=False,
        )
    return found
