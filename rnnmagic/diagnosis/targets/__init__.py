"""The model's answer and the target do not fit together, at the loss or at a metric."""

from __future__ import annotations

from rnnmagic.diagnosis.targets.answer import Answer, answer_of
from rnnmagic.diagnosis.targets.encoding import labels
from rnnmagic.diagnosis.targets.rules import judge

__all__ = ["Answer", "answer_of", "judge", "labels"]
