"""The notebooks of `mistakes.py` on Keras 3 with torch."""

from __future__ import annotations

from typing import Any

import pytest
from matrix import hold, play
from mistakes import MISTAKES


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return play(tmp_path_factory.mktemp("matrix"), {"KERAS_BACKEND": "torch"})


@pytest.mark.parametrize("name", [mistake.name for mistake in MISTAKES if "torch" not in mistake.not_on])
def test_notebook(found: dict[str, Any], name: str) -> None:
    hold(found, name)


def test_no_other_backend_is_imported(found: dict[str, Any]) -> None:
    assert "torch" in found["modules"]
    assert "tensorflow" not in found["modules"]
