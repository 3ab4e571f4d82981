"""Where the code of a PyTorch object was written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def made_of(value: Any) -> Iterator[Any]:
    """The classes and functions whose code a module, loader or dataset runs."""
    yield type(value)
    held = getattr(value, "__dict__", {})
    if "_modules" in held:
        for part in value.modules():
            yield type(part)
    for name in ("dataset", "sampler", "batch_sampler"):
        part = held.get(name)
        if part is not None:
            yield from made_of(part)
    for part in held.get("datasets") or ():
        yield from made_of(part)
    collate = held.get("collate_fn")
    if getattr(collate, "__module__", None):
        yield collate
