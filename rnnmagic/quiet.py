"""Nothing that an examination calls prints or warns: an object of the user's may when it is looked at.

What other threads write and warn of meanwhile is the user's, and goes on as ever.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any


class _Mute:
    """A stream that drops what this thread writes until it is `over`, and lets the others' through."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._thread = threading.get_ident()
        self.over = False
        """Another thread may have taken this for the stream, and have put it back since, for good."""

    def _drops(self) -> bool:
        return not self.over and threading.get_ident() == self._thread

    def write(self, text: str) -> int:
        if self._drops():
            return len(text)
        return int(self._stream.write(text) or 0)

    def flush(self) -> None:
        if not self._drops():
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Drop what this thread writes to the standard streams."""
    out, err = sys.stdout, sys.stderr
    quiet_out, quiet_err = _Mute(out), _Mute(err)
    sys.stdout, sys.stderr = quiet_out, quiet_err
    try:
        yield
    finally:
        quiet_out.over = quiet_err.over = True
        if sys.stdout is quiet_out:
            sys.stdout = out
        if sys.stderr is quiet_err:
            sys.stderr = err


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
