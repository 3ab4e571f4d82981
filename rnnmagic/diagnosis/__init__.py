"""From evidence to a diagnosis: which constraint is violated, by which array or layer, and why."""

from __future__ import annotations

from rnnmagic.diagnosis.base import Candidate, Diagnosis
from rnnmagic.diagnosis.dispatch import diagnose

__all__ = ["Candidate", "Diagnosis", "diagnose"]
