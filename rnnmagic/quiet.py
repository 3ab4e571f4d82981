"""Nothing that an examination calls prints or warns: an object of the user's may when it is looked at.

What other threads write and warn of meanwhile is the user's, and goes on as ever.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import warnings
from collections import deque
from collections.abc import Iterator
from typing import Any


class _Mute:
    """A stream that drops what silent threads write, and lets through what the others do."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.silent: dict[int, int] = {}
        """How often each thread asked for silence; a thread changes its own number only."""

    def write(self, text: str) -> int:
        if threading.get_ident() in self.silent:
            return len(text)
        return int(self.stream.write(text) or 0)

    def flush(self) -> None:
        if threading.get_ident() not in self.silent:
            self.stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


_mutes: deque[_Mute] = deque(maxlen=64)
"""Of the latest streams, one each. `print` borrows `sys.stdout` and does not hold it (CPython issue 130163, mended
in 3.14): were a mute freed when the silence is over, the `print` of another thread that is under way would go on
with memory that is another's by now, and the kernel would die."""


def _mute_of(stream: Any) -> _Mute:
    if (
        type(stream) is _Mute
    ):  # another thread's, or one that somebody has taken for the stream and put back since
        return stream
    mute = next((mute for mute in _mutes if mute.stream is stream), None)
    if mute is None:
        mute = _Mute(stream)
        _mutes.append(mute)
    return mute


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Drop what this thread writes to the standard streams."""
    here = threading.get_ident()
    streams = {name: getattr(sys, name) for name in ("stdout", "stderr")}
    # Where there is no console there is none.
    mutes = {name: _mute_of(stream) for name, stream in streams.items() if stream is not None}
    for name, mute in mutes.items():
        mute.silent[here] = mute.silent.get(here, 0) + 1
        setattr(sys, name, mute)
    try:
        yield
    finally:
        for name, mute in mutes.items():
            mute.silent[here] -= 1
            if not mute.silent[here]:
                del mute.silent[here]
            if not mute.silent and getattr(sys, name) is mute:
                setattr(sys, name, mute.stream)


class _OfThread(type):
    """The type of a category that every warning of one thread belongs to, and none of another's."""

    home: int

    def __subclasscheck__(cls, category: type) -> bool:
        return threading.get_ident() == cls.home


@contextlib.contextmanager
def no_warnings() -> Iterator[None]:
    """Drop what this thread warns of. Filters are put back, those set meanwhile by whomever are not kept."""
    here: Any = _OfThread("OfThisThread", (Warning,), {"home": threading.get_ident()})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", here)
        yield
