"""A look at the threads of a process, while threads come and go and garbage is collected, ends."""

from __future__ import annotations

import gc
import subprocess
import sys

from rnnmagic.threads import frames_of_threads

BUSY = """
import _thread, gc, sys, time
from rnnmagic.threads import frames_of_threads

class Slow:
    def __init__(self):
        self.me = self
    def __del__(self):
        time.sleep(0.0001)  # another thread has its turn

def moment():
    time.sleep(0.001)

def come_and_go():
    while True:
        try:
            _thread.start_new_thread(moment, ())
        except RuntimeError:
            pass
        time.sleep(0.0002)

_thread.start_new_thread(come_and_go, ())
gc.set_threshold(5, 2, 2)
end = time.monotonic() + 3
while time.monotonic() < end:
    Slow()
    assert _thread.get_ident() in LOOK()
assert gc.isenabled()
print("went on", flush=True)
import os; os._exit(0)
"""


def test_it_ends() -> None:
    """By itself, `sys._current_frames` locks Python 3.11.2 up here within a second."""
    script = BUSY.replace("LOOK", "frames_of_threads")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stdout == "went on\n", done.stderr


def test_collections_go_on_as_before() -> None:
    frames_of_threads()
    assert gc.isenabled()
    gc.disable()
    try:
        frames_of_threads()
        assert not gc.isenabled()
    finally:
        gc.enable()
