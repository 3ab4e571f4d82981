"""The parts of `supply.py` that ask no registry."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))

import supply


@pytest.mark.parametrize("part", ["wheel", "twice", "install"])
def test_supply(part: str, root: Path, tmp_path: Path) -> None:
    bundle = root / "rnnmagic" / "labextension"
    assert (bundle / "package.json").exists(), "Install first: pip install -e '.[all,test]'"
    assert supply.PARTS[part](tmp_path, root) == []
