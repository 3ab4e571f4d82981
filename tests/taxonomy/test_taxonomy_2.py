"""Ways to get a shape wrong, half 2 of 2 (halves, so that two processes can share them)."""

from pathlib import Path

import pytest
from taxonomy import check


@pytest.mark.timeout(2400)
def test_cells(tmp_path: Path) -> None:
    check(1, 2, tmp_path)
