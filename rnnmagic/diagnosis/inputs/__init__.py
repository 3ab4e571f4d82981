"""An array that does not fit what the model wants at its input.

Pure reasoning on shapes, with hints from names and a small sample of the data where the shapes
alone leave several readings.
"""

from __future__ import annotations

from rnnmagic.diagnosis.inputs.rules import judge
from rnnmagic.diagnosis.inputs.single import one_sample
from rnnmagic.diagnosis.inputs.situation import Finding, Situation, fix

__all__ = ["Finding", "Situation", "fix", "judge", "one_sample"]
