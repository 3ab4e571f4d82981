"""Our own notebook cases, part 2 of 3 (parts, so that two processes can share them)."""

from pathlib import Path

from scoring import hold, score


def test_own_cases(tmp_path: Path) -> None:
    hold(score("own", tmp_path, part=1, parts=3), at_least=0.85)
