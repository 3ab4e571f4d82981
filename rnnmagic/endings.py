"""What puts something in place, or back, and must not stop half way: neither for a limit of time nor for Ctrl-C.

`limit.py` (a block that takes too long) and `interrupts.py` (Ctrl-C) both raise in the midst of whatever is
under way, and both ask here first. An ending is

- an `__enter__`, `__exit__` or `__del__`, whoever's, and so the two halves of every `@contextmanager`;
- a function that is `@shielded`;
- an import, which may not be possible again once it stopped half way, and what a weak reference or the garbage
  collector calls (`gc.callbacks`: JAX has one), where an exception is not heard.

So what puts back stands in a context manager or is `@shielded`; a bare `finally` is neither.
"""

from __future__ import annotations

import _weakrefset
import contextlib
import gc
import weakref
from collections.abc import Callable
from types import CodeType
from typing import Any, TypeVar

_NAMES = frozenset({"__enter__", "__exit__", "__del__", "__aenter__", "__aexit__"})
_FILES = frozenset(
    {
        "<frozen importlib._bootstrap>",
        "<frozen importlib._bootstrap_external>",
        weakref.__file__,
        _weakrefset.__file__,
    }
)
_shielded: set[CodeType] = set()

_Function = TypeVar("_Function", bound=Callable[..., Any])


def shielded(function: _Function) -> _Function:
    """Let a function end, whatever comes: what it puts back must be put back as a whole."""
    _shielded.add(function.__code__)
    return function


def is_ending(code: CodeType) -> bool:
    """Whether nothing may be raised in a frame of this code, nor in what it calls."""
    return (
        code.co_name in _NAMES
        or code in _shielded
        or code.co_filename in _FILES
        # An `ExitStack` closes with functions of several names; what it decorates runs in `inner`.
        or (code.co_filename == contextlib.__file__ and code.co_name != "inner")
        or any(getattr(callback, "__code__", None) is code for callback in gc.callbacks)
    )
