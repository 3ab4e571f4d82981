"""Our own notebook cases, part 3 of 3 (parts, so that two processes can share them)."""

from pathlib import Path

from scoring import hold, score


def test_own_cases(tmp_path: Path) -> None:
    hold(score("own", tmp_path, part=2, parts=3), at_least=0.85)
