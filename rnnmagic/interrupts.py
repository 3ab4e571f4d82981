"""An interrupt (Ctrl-C) stops what rnnmagic does, but never half way through putting something back.

Python raises `KeyboardInterrupt` wherever the main thread happens to be, in a `finally` as well: what was
to be restored there would stay patched or half rolled back. While a `Shield` is up, an interrupt is put
off until the code under way is one that may be stopped, and no ending (`endings.py`).
"""

from __future__ import annotations

import _thread
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import CodeType, FrameType, TracebackType
from typing import Any, Literal, TypeVar

from rnnmagic.endings import is_ending

PUT_OFF_AT_MOST = 2.0
"""Seconds. What takes longer hangs, and is stopped wherever it is."""
AT_ONCE = 0.25
"""Seconds between two looks that count at most: a machine that stood still does not make a short ending hang."""
AGAIN_AFTER = 0.005
_LATER = 0.02

_open: set[CodeType] = set()

Function = TypeVar("Function", bound=Callable[..., Any])


def may_be_stopped(function: Function) -> Function:
    """Mark a function that an interrupt may stop, unless it is in an ending (`endings.py`) at that moment."""
    _open.add(function.__code__)
    return function


class Shield:
    """While it is up, only what is marked by `may_be_stopped` is interrupted, and no ending.

    Parameters
    ----------
    then
        What becomes of an interrupt that was put off to the end: it is dropped, since nothing is left to
        stop; raised; or sent once more a moment later, when the user's own code is under way.
    stoppable
        Whether what is directly under the shield may be stopped, too.

    Under another shield, and in threads other than the main one, which no interrupt reaches, it does nothing.
    """

    __slots__ = ("_handler", "_stoppable", "_then")

    def __init__(self, then: Literal["drop", "raise", "later"], *, stoppable: bool = False) -> None:
        self._then, self._stoppable = then, stoppable
        self._handler: _Handler | None = None

    def __enter__(self) -> None:
        if threading.get_ident() != threading.main_thread().ident:
            return
        usual = signal.getsignal(signal.SIGINT)
        # Ignored, or left to the system, or somebody's below Python: no exception comes of it.
        if not callable(usual) or isinstance(usual, _Handler):
            return
        self._handler = _Handler(usual, sys._getframe(1), self._stoppable)
        signal.signal(signal.SIGINT, self._handler)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        handler = self._handler
        if handler is None:
            return
        self._handler = None
        pending, handler.put_off = handler.put_off is not None, None
        now: Any = signal.getsignal(signal.SIGINT)
        if now is handler:
            signal.signal(signal.SIGINT, handler.usual)
        pending, handler.put_off = pending or handler.put_off is not None, None
        handler.base = None
        if not pending or isinstance(error, KeyboardInterrupt):
            return
        if self._then == "raise":
            handler.usual(signal.SIGINT, None)
        elif self._then == "later":
            _thread.start_new_thread(_send_later, ())


def call(then: Literal["drop", "later"], work: Callable[..., object], *arguments: Any) -> None:
    """Do some work under a shield, once and whole, for a caller who would show an interrupt as a fault of ours.

    An interrupt may also come while the shield is on its way up or down, where nothing holds it off yet: then
    the work is begun all the same, and the interrupt becomes what one becomes that came a moment later.
    """
    begun = came = False
    for _ in range(3):
        try:
            with Shield(then):
                if not begun:
                    begun = True
                    work(*arguments)
            break
        except KeyboardInterrupt:
            came = True
    if came and then == "later":
        _thread.start_new_thread(_send_later, ())


class _Handler:
    """Takes the place of the usual handler of SIGINT."""

    __slots__ = ("base", "looked", "put_off", "stoppable", "usual")

    def __init__(self, usual: Callable[..., Any], base: FrameType, stoppable: bool) -> None:
        self.usual, self.stoppable = usual, stoppable
        self.base: FrameType | None = None if stoppable else base
        """Of the code that the shield was put up in: what called that is no concern here."""
        self.put_off: float | None = None
        """For how many seconds there has been an interrupt that is put off, or None."""
        self.looked = 0.0

    def __call__(self, number: int, frame: FrameType | None) -> None:
        now, put_off = time.monotonic(), self.put_off
        if put_off is not None:
            put_off += min(now - self.looked, AT_ONCE)
        self.looked = now
        if self._closed(frame) and (put_off is None or put_off < PUT_OFF_AT_MOST):
            self.put_off = put_off or 0.0
            if put_off is None:
                # Without `threading`, whose locks the code under way may hold.
                _thread.start_new_thread(_again, (self,))
            return
        self.put_off = None
        self.usual(number, frame)

    def _closed(self, frame: FrameType | None) -> bool:
        while frame is not None and frame is not self.base:
            if frame.f_code in _open:
                return False
            if is_ending(frame.f_code):
                return True
            frame = frame.f_back
        return not self.stoppable


def _again(handler: _Handler) -> None:
    while handler.put_off is not None:
        time.sleep(AGAIN_AFTER)
        if handler.put_off is not None:
            _thread.interrupt_main(signal.SIGINT)


def _send_later() -> None:
    time.sleep(_LATER)
    _thread.interrupt_main(signal.SIGINT)
