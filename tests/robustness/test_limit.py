"""The limit of time: it ends what hangs, and nothing that puts something back."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from rnnmagic.endings import shielded
from rnnmagic.limit import Expired, limited


def endless() -> None:
    while True:
        pass


def dozing() -> None:
    while True:
        time.sleep(0.01)


@pytest.mark.parametrize("hangs", [endless, dozing])
def test_what_hangs_is_ended(hangs: object) -> None:
    with pytest.raises(Expired), limited(0.1):
        hangs()  # type: ignore[operator]


def test_what_ends_in_time_costs_next_to_nothing() -> None:
    with limited(1.0):
        pass
    begun = time.process_time()
    for _ in range(1000):
        with limited(1.0):
            pass
    assert (time.process_time() - begun) / 1000 < 0.0002


def test_nothing_is_raised_where_something_is_put_back() -> None:
    done: list[str] = []

    @contextlib.contextmanager
    def patched() -> Iterator[None]:
        slowly()
        done.append("on")
        try:
            yield
        finally:
            slowly()
            done.append("off")

    def slowly() -> None:
        end = time.process_time() + 0.3
        while time.process_time() < end:
            pass

    @shielded
    def put_back() -> None:
        slowly()
        done.append("back")

    with pytest.raises(Expired), limited(0.1), patched():
        endless()
    assert done == ["on", "off"]

    def put_back_and_hang() -> None:
        put_back()
        endless()

    with pytest.raises(Expired), limited(0.1):
        put_back_and_hang()
    assert done == ["on", "off", "back"]


def test_nothing_comes_after_the_block_was_left() -> None:
    """Blocks that end at about their limit, again and again."""
    ended = 0
    for number in range(400):
        try:
            with limited(0.0002 * (number % 5)):
                end = time.perf_counter() + 0.0005
                while time.perf_counter() < end:
                    pass
        except Expired:
            ended += 1
        for _ in range(200):
            pass
    time.sleep(0.05)
    assert ended > 0


def test_the_inner_of_two_blocks_ends_first_and_the_outer_goes_on() -> None:
    with limited(60.0), pytest.raises(Expired), limited(0.05):
        endless()
    with pytest.raises(Expired), limited(0.05), limited(60.0):
        endless()


def test_what_swallows_it_is_sent_it_again() -> None:
    def stubborn() -> None:
        for _ in range(2):
            with contextlib.suppress(BaseException):
                endless()
        try:
            endless()
        except BaseException as problem:
            raise RuntimeError("something else") from problem

    with pytest.raises(Expired), limited(0.05):
        stubborn()


def test_other_threads_are_left_alone() -> None:
    ended: list[str] = []

    def work() -> None:
        with contextlib.suppress(Expired), limited(0.05):
            endless()
        ended.append(threading.current_thread().name)

    threads = [threading.Thread(target=work, name=str(number)) for number in range(4)]
    for thread in threads:
        thread.start()
    end = time.perf_counter() + 0.2
    while time.perf_counter() < end:
        pass
    for thread in threads:
        thread.join()
    assert sorted(ended) == ["0", "1", "2", "3"]
    assert threading.active_count() == len(threading.enumerate())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore")
def test_a_forked_process_has_a_clock_of_its_own() -> None:
    with limited(1.0):
        child = os.fork()
        if child == 0:
            try:
                with limited(0.05):
                    endless()
            except BaseException as problem:
                os._exit(7 if isinstance(problem, Expired) else 8)
            os._exit(9)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


PROFILED = """
import sys, time
from rnnmagic.limit import Expired, limited

def work(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for _ in range(50):
            pass

for number in range(60):
    try:
        # Some end by themselves while they are being ended.
        with limited(0.002):
            work(0.0005 * (number % 8))
    except Expired:
        pass
sys.setprofile(lambda *_: None)
work(0.1)
sys.setprofile(None)
print("went on")
"""


def test_afterwards_a_profiler_or_a_debugger_works() -> None:
    """Python 3.11 hung under one for good once an exception on its way had been taken back."""
    done = subprocess.run([sys.executable, "-c", PROFILED], capture_output=True, text=True, timeout=60)
    assert done.stdout == "went on\n", done.stderr
