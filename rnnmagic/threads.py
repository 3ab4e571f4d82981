"""What the threads of this process are at."""

from __future__ import annotations

import gc
import sys
import threading
from types import FrameType

from rnnmagic.endings import shielded


@shielded
def frames_of_threads() -> dict[int, FrameType]:
    """The innermost frame of each thread, by its `threading.get_ident()`.

    Up to Python 3.11.4 a collection of garbage within `sys._current_frames` could lock up the process (a
    finalizer gives another thread the turn, which waits for the list of threads that is held here).
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        return sys._current_frames()
    finally:
        if collects:
            gc.enable()


_OF_A_KERNEL = ("ipykernel.", "IPython.", "zmq.", "tornado.", "tqdm.", "debugpy.", "rnnmagic.")


def has_others() -> bool:
    """Whether there are threads that may be the user's: others than this one, and those of a kernel itself.

    In most notebooks there is none, and no thread's frames need to be looked at.
    """
    here = threading.get_ident()
    return any(
        thread.ident != here and thread.is_alive() and not _is_a_kernels(thread)
        for thread in threading.enumerate()
    )


def _is_a_kernels(thread: threading.Thread) -> bool:
    runs = getattr(thread, "_target", None)
    modules = (type(thread).__module__, getattr(runs, "__module__", None))
    return isinstance(thread, threading._DummyThread) or any(
        isinstance(module, str) and f"{module}.".startswith(_OF_A_KERNEL) for module in modules
    )
