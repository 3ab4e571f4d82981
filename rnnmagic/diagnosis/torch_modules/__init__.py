"""Shape mistakes with plain PyTorch modules: the failing call is read off the error's own frames."""

from __future__ import annotations

from rnnmagic.diagnosis.torch_modules.rules import concerns, judge

__all__ = ["concerns", "judge"]
