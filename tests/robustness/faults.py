"""What goes wrong in a stage of rnnmagic's, on purpose."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock


class Nonsense:
    """An object whose every attribute raises."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(f"there is no {name} here")


def _raises(kind: type[BaseException]) -> Callable[..., Any]:
    def broken(*_args: Any, **_options: Any) -> Any:
        raise kind("broken on purpose")

    return broken


def _loops(*_args: Any, **_options: Any) -> Any:
    while True:
        pass


def _sleeps(*_args: Any, **_options: Any) -> Any:
    while True:
        time.sleep(0.01)


def _gives(value: Any) -> Callable[..., Any]:
    def nonsense(*_args: Any, **_options: Any) -> Any:
        return value

    return nonsense


KINDS: dict[str, type[BaseException]] = {
    kind.__name__: kind for kind in (ValueError, KeyboardInterrupt, SystemExit, RecursionError, MemoryError)
}
RAISES = {name: _raises(kind) for name, kind in KINDS.items()}
HANGS = {"loops": _loops, "sleeps": _sleeps}
NONSENSE = {"None": _gives(None), "a string": _gives("nonsense"), "a trap": _gives(Nonsense())}
FAULTS = RAISES | HANGS | NONSENSE


@contextmanager
def broken(place: str, fault: str) -> Iterator[mock.Mock]:
    """Let a function, `module:name.name`, do nothing but what is wrong with it."""
    module, names = place.split(":")
    *owners, last = names.split(".")
    owner: Any = importlib.import_module(module)
    for name in owners:
        owner = getattr(owner, name)
    called = mock.Mock()

    def instead(*args: Any, **options: Any) -> Any:
        called()
        return FAULTS[fault](*args, **options)

    with mock.patch.object(owner, last, instead):
        yield called
