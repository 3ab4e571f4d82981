"""Data that never reaches the model: ragged, of an unusable type, or of unequal numbers."""

from __future__ import annotations

from rnnmagic.diagnosis.carriers.elements import unusable
from rnnmagic.diagnosis.carriers.lengths import RAGGED_MAKERS, ragged, ragged_while_made
from rnnmagic.diagnosis.carriers.many import several_counts, two_counts
from rnnmagic.diagnosis.carriers.samples import counts

__all__ = [
    "RAGGED_MAKERS",
    "counts",
    "ragged",
    "ragged_while_made",
    "several_counts",
    "two_counts",
    "unusable",
]
