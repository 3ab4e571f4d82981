"""An array's name where there is little room."""

from __future__ import annotations

from rnnmagic.language import say


def short(name: str) -> str:
    """The name, or plain words where it is too long for a title."""
    return name if len(name) <= 24 else say("the array")
