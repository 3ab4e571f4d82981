"""The notebook cases that the project was given: every second one, so that CI ends in time."""

from pathlib import Path

from scoring import hold, score


def test_given_cases(tmp_path: Path) -> None:
    hold(score("shared", tmp_path), at_least=0.90)
