"""A look at a call that ran: what a dry run of its first batch showed.

Preflight has mostly tried that batch before the call began; then its look is at hand.
"""

from __future__ import annotations

from typing import Any

from rnnmagic.frameworks.keras3.looks import Look
from rnnmagic.frameworks.keras3.masks import Reading

__all__ = ["Look", "Reading", "look"]


def look(model: Any, method: str, arguments: dict[str, Any]) -> Look:
    """Dry-run one call; the answer is kept for as long as the model lives."""
    from rnnmagic.frameworks.keras3.calls import Opaque, Unfit, batches_of
    from rnnmagic.frameworks.keras3.looks import look_at

    try:
        # The first kind of batch shows it all; the call has run, so that the others fit as well.
        batch = next(batches_of(model, method, arguments))
    except (Opaque, Unfit, StopIteration):
        return Look(False)
    return look_at(model, batch)
