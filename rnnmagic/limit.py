"""A limit of time on what rnnmagic does by itself, so that no examination holds the kernel for ever.

    with limited(5.0):
        ...  # raises Expired when it takes longer

Python cannot stop a thread, but it can raise in one: when a block is overdue, another thread has
`Expired` raised in it, wherever it is. Two things make that safe.

- Nothing is raised while something is put in place or put back (`endings.py`). It is raised once that is over.
- Nothing is raised after the block was left: leaving it waits for the thread that would do so, and for what is
  on its way.

`Expired` is no `Exception`, so that an `except Exception` on the way, of ours or of the user's layers,
does not swallow it; one that swallows it all the same is sent it again.

A machine may be so busy that little of the time was ours. As long as the process has been at work for less
than half of the time, a block may take `PATIENT` times as long: what waits is stopped later than what works.

What cannot be stopped so is a single call into C: a `time.sleep(1000)`, a matrix product, a lock that
nobody releases. Only Ctrl-C ends these, where they heed it; a block is then left by `KeyboardInterrupt`.
"""

from __future__ import annotations

import _thread
import contextlib
import os
import sys
import time
from types import FrameType, TracebackType

from rnnmagic.endings import is_ending
from rnnmagic.threads import frames_of_threads

AGAIN_S = 0.1
"""After so long a block that is still there is sent `Expired` again."""
BUSY_S = 0.001
"""After so long a shielded block is looked at again."""
PATIENT = 3
"""How many times as long a block may take on a machine that is busy with something else."""
IDLE_S = 2.0
"""The thread that watches the time ends after so long without a block."""
AT_ONCE_S = 0.004
"""Less than Python lets a thread run before another may (`sys.getswitchinterval`, 5 ms)."""
LONGEST_S = 1e6


class Expired(BaseException):
    """A block took longer than it may."""


class limited:  # noqa: N801 - reads as what it does, like `contextlib.suppress`
    """A block that may take so many seconds, and raises `Expired` when it takes longer.

    Costs some microseconds. Blocks nest; each has its own limit. Where there are no threads (Pyodide)
    there is no limit.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.due = self.begun = self.worked = 0.0
        self.thread = 0
        self.home: FrameType | None = None
        self.sent = False

    def __enter__(self) -> limited:
        self.thread, self.home = _thread.get_ident(), sys._getframe(1)
        self.seconds = min(max(self.seconds, 0.0), LONGEST_S)
        self.begun, self.worked = time.perf_counter(), time.process_time()
        self.due = self.begun + self.seconds
        _clock.add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        while True:
            try:
                _clock.drop(self)
                if self.sent:
                    _let_arrive(self.thread)
                break
            except Expired:  # it was on its way, and the work is done
                continue
        self.home = None
        if self.sent and kind is not None and not issubclass(kind, (Expired, KeyboardInterrupt)):
            if _came_of_it(error):
                raise Expired from None

    def was_kept_waiting(self) -> bool:
        """Whether the machine was busy with something else for most of the time, and may go on a while."""
        return (
            time.process_time() - self.worked < self.seconds / 2
            and time.perf_counter() - self.begun < PATIENT * self.seconds
        )

    def is_shielded(self) -> bool:
        """Whether the thread of this block is where nothing may be raised, or no longer in it."""
        frame = frames_of_threads().get(self.thread)
        while frame is not None:
            if frame is self.home:
                return False
            if is_ending(frame.f_code):
                return True
            frame = frame.f_back
        return True


def _came_of_it(error: BaseException | None) -> bool:
    """Whether an error is what somebody made of an `Expired`."""
    for _ in range(20):
        if error is None or isinstance(error, Expired):
            break
        error = error.__cause__ or error.__context__
    return isinstance(error, Expired)


class _Clock:
    """Waits, on a thread of its own, for the first block to be overdue.

    The thread is started with the first block and is none that `threading` lists: the user's own code may count those.
    """

    def __init__(self) -> None:
        self._lock = _thread.allocate_lock()
        """Held for every look at `_blocks`, and from a look at a thread until it was sent something."""
        self._bell = _thread.allocate_lock()
        self._bell.acquire()
        self._blocks: list[limited] = []
        self._runs = False
        self._waits_until = 0.0

    def add(self, block: limited) -> None:
        with self._lock:
            self._blocks.append(block)
            starts = not self._runs
            self._runs = True
            if not starts and block.due < self._waits_until:
                self._waits_until = 0.0
                with contextlib.suppress(RuntimeError):
                    self._bell.release()
        if starts:
            try:
                _thread.start_new_thread(self._run, ())
            except RuntimeError:
                self._runs = False

    def drop(self, block: limited) -> None:
        with self._lock:
            if block in self._blocks:
                self._blocks.remove(block)

    def _run(self) -> None:
        idle_since: float | None = None
        while True:
            with self._lock:
                now = time.perf_counter()
                self._strike_overdue(now)
                if self._blocks:
                    idle_since = None
                    until = min(block.due for block in self._blocks)
                else:
                    idle_since = idle_since or now
                    until = idle_since + IDLE_S
                    if now >= until:
                        self._runs = False
                        return
                self._waits_until = until
            self._bell.acquire(timeout=max(until - time.perf_counter(), 0.0001))

    def _strike_overdue(self, now: float) -> None:
        # By itself, so that the waiting thread holds no block that was left.
        for block in self._blocks:
            if block.due <= now:
                block.due = now + self._strike(block)

    @staticmethod
    def _strike(block: limited) -> float:
        """Raise `Expired` in a block where that may be; after so many seconds it is looked at again."""
        if block.was_kept_waiting():
            return max(block.seconds / 10, BUSY_S)
        before = time.perf_counter()
        if block.is_shielded() or time.perf_counter() - before > AT_ONCE_S:
            # In the second case the other thread may have run since, and may be anywhere by now.
            return BUSY_S
        block.sent = True
        _raise_in(block.thread)
        return AGAIN_S


def _raise_in(thread: int) -> bool:
    """Have a thread raise `Expired` at its next step; whether that can be done.

    It is never taken back. Python lets one do so, but before 3.13 the thread then looks for an exception at every
    step for ever after, and in 3.11 under a profiler or a debugger it does nothing else any more.
    """
    try:
        import ctypes
    except ImportError:
        return False
    sent = ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(Expired))
    return bool(sent)


def _let_arrive(thread: int) -> None:
    """Have this thread, the one it is called on, raise what is on its way to it, so that nothing comes later."""
    with contextlib.suppress(Expired):
        if _raise_in(thread):  # in place of the one that may be on its way
            for _ in range(1000):
                pass


_clock = _Clock()


def _anew() -> None:
    """In a forked process there is no other thread, and a lock may be held for ever."""
    global _clock
    _clock = _Clock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_anew)
