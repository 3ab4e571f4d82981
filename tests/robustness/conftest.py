"""Notebooks are played here as in `tests/properties/`, whose helpers these tests share."""

import sys
from pathlib import Path

sys.path.insert(1, str(Path(__file__).resolve().parent.parent / "properties"))
