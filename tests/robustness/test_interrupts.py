"""An interrupt at any moment of a check leaves everything whole: some of the rounds that `interrupts.py` plays."""

from __future__ import annotations

import gc
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parent))

from interrupts import interrupt

from rnnmagic.interrupts import Shield, call, may_be_stopped

ROUNDS = 12


def test_interrupts_leave_everything_whole() -> None:
    played = interrupt(ROUNDS, seed=6, tell=False)
    assert len(played) == ROUNDS
    assert [one for one in played if one.wrong] == []
    # Moments were hit: the interrupts came while the kernel was at work, by the kernel's own clock.
    assert sum(one.hit for one in played) > ROUNDS // 3, played


# The shield itself, at moments that are not random


@pytest.fixture(autouse=True)
def _usual() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def work(log: list[str], seconds: float = 0.1) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass
    log.append("worked")


def interrupted(then: Any, log: list[str], seconds: float = 0.1) -> None:
    with Shield(then):
        signal.raise_signal(signal.SIGINT)
        work(log, seconds)


@may_be_stopped
def stoppable(log: list[str], inner: Any = work) -> None:
    signal.raise_signal(signal.SIGINT)
    inner(log)


@contextmanager
def putting_back(log: list[str]) -> Iterator[None]:
    try:
        yield
    finally:
        signal.raise_signal(signal.SIGINT)
        work(log)
        log.append("put back")


def test_what_may_be_stopped_is() -> None:
    log: list[str] = []
    with pytest.raises(KeyboardInterrupt), Shield("drop"):
        stoppable(log)
    assert log == []
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_ending_is_finished_first() -> None:
    log: list[str] = []

    @may_be_stopped
    def trial() -> None:
        with putting_back(log):
            pass
        work(log, 30)

    with pytest.raises(KeyboardInterrupt), Shield("drop"):
        trial()
    assert log == ["worked", "put back"]


def test_one_that_comes_while_garbage_is_collected_is_not_lost() -> None:
    """What is raised in one of `gc.callbacks` is printed and gone; JAX has one."""
    log: list[str] = []

    def callback(phase: str, _info: Any) -> None:
        if phase == "stop" and not log:
            log.append("collected")
            signal.raise_signal(signal.SIGINT)

    @may_be_stopped
    def trial() -> None:
        gc.collect()
        work(log, 30)

    gc.callbacks.append(callback)
    try:
        with pytest.raises(KeyboardInterrupt), Shield("drop"):
            trial()
    finally:
        gc.callbacks.remove(callback)
    assert log == ["collected"]


def test_what_is_put_off_to_the_end_is_dropped_or_raised() -> None:
    log: list[str] = []
    interrupted("drop", log)
    with pytest.raises(KeyboardInterrupt):
        interrupted("raise", log)
    assert log == ["worked", "worked"]
    time.sleep(0.05)  # nothing comes afterwards


def test_or_comes_a_moment_later() -> None:
    log: list[str] = []
    interrupted("later", log)
    with pytest.raises(KeyboardInterrupt):
        work(log, 30)
    assert log == ["worked"]


def test_what_hangs_is_stopped_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnnmagic.interrupts.PUT_OFF_AT_MOST", 0.2)
    with pytest.raises(KeyboardInterrupt):
        interrupted("drop", [], 30)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_machine_that_stood_still_hangs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer that slept in an ending, or had no time for it, is no reason to stop half way."""
    began, looks = time.monotonic(), iter(range(sys.maxsize))
    clock = SimpleNamespace(monotonic=lambda: began + 15 * min(next(looks), 2), sleep=time.sleep)
    monkeypatch.setattr("rnnmagic.interrupts.time", clock)
    log: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        interrupted("raise", log)
    assert log == ["worked"]


@pytest.mark.parametrize("edge", ["__init__", "__enter__", "__exit__"])
@pytest.mark.parametrize("then", ["drop", "later"])
def test_one_that_comes_while_a_shield_goes_up_or_down(
    then: Any, edge: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The work is done once and whole, and nobody sees the interrupt before it."""
    usual, struck = getattr(Shield, edge), []

    def strike(*arguments: Any, **options: Any) -> Any:
        before = usual(*arguments, **options) if edge == "__exit__" else None
        if not struck:
            struck.append(edge)
            signal.raise_signal(signal.SIGINT)
        return before if edge == "__exit__" else usual(*arguments, **options)

    monkeypatch.setattr(Shield, edge, strike)
    log: list[str] = []
    call(then, work, log)
    assert log == ["worked"]
    assert struck == [edge]
    if then == "later":
        with pytest.raises(KeyboardInterrupt):
            work(log, 30)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_shield_under_another_and_in_a_thread_does_nothing() -> None:
    with Shield("drop"):
        outer = signal.getsignal(signal.SIGINT)
        with Shield("raise"):
            assert signal.getsignal(signal.SIGINT) is outer
        assert signal.getsignal(signal.SIGINT) is outer
        failed: list[BaseException] = []

        def elsewhere() -> None:
            try:
                with Shield("raise"):
                    pass
            except BaseException as problem:
                failed.append(problem)

        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        assert not failed


@pytest.mark.parametrize("handler", [signal.SIG_IGN, lambda *_: None], ids=["ignored", "own"])
def test_a_handler_of_the_users_stays(handler: Any) -> None:
    signal.signal(signal.SIGINT, handler)
    with Shield("raise"):
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is handler
