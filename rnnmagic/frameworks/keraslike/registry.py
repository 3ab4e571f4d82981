"""Keras's tables of the user's own classes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def registered_names(registries: list[dict[str, Any]]) -> Iterator[None]:
    """Take out of the tables again what is entered inside."""
    saved = [dict(registry) for registry in registries]
    try:
        yield
    finally:
        for registry, content in zip(registries, saved, strict=True):
            if dict(registry) != content:
                registry.clear()
                registry.update(content)
