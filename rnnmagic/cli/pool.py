"""Notebooks run side by side, each by a worker process of its own kind (`worker.py`), and their results as they come.

A worker lives for many notebooks, is replaced when it dies, hangs or has run long enough, and never
outlives this process: its standard input closes with it.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

TASKS_OF_ONE = 50
"""After so many notebooks a worker makes way for a new one, and with it what its libraries have gathered."""
GRACE_S = 60.0
"""Beyond its own limits, before a worker that says nothing is killed."""
LEAVE_S = 3.0

# Without the current folder on the path: a student's json.py there is no part of this program. The
# folder of this package goes last, for where it runs from a checkout.
_CODE = """
import sys
if sys.path and sys.path[0] == "":
    del sys.path[0]
sys.path.append({home!r})
from rnnmagic.cli.worker import main
main()
"""

Task = dict[str, Any]
Result = dict[str, Any]
Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


def not_checked(kind: str, text: str) -> Result:
    """The result of a notebook that did not run."""
    return {
        "status": "not_checked",
        "problem": {"kind": kind, "text": text, "cell": None},
        "cells": {"code": 0, "ran": 0},
        "reached": None,
        "failed": [],
        "mistakes": [],
        "notes": [],
        "seconds": 0.0,
    }


class Runner:
    """One worker process at a time, started when needed. `run` is for one thread, `stop` for any."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._group: int | None = None
        self._done = 0
        self._stopped = False
        self._lock = threading.Lock()

    def run(self, task: Task) -> Result:
        """The task's result; says so in it when the worker died or had to be killed."""
        with self._lock:
            if self._stopped:
                return not_checked("interrupted", "it was not begun")
            process = self._process = self._ready()
            self._group = None
        seconds = task["options"]["notebook_timeout"] + GRACE_S
        late = threading.Event()

        def too_late() -> None:
            late.set()
            self._kill()

        timer = threading.Timer(seconds, too_late)
        timer.daemon = True
        timer.start()
        try:
            result = self._exchange(process, json.dumps(task))
        finally:
            timer.cancel()
        if result is not None:
            self._done += 1
            if self._done >= TASKS_OF_ONE:
                self._leave()
            return result
        self._kill()
        if self.stopped:
            return not_checked("interrupted", "it was interrupted")
        if late.is_set():
            return not_checked("notebook_timeout", f"it did not end within {seconds:g} s and was killed")
        return not_checked("tool", f"the process that ran it ended (status {process.wait()})")

    def _exchange(self, process: subprocess.Popen[str], line: str) -> Result | None:
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(line + "\n")
            process.stdin.flush()
            for answer in process.stdout:
                message = json.loads(answer)
                if "kernel" in message:
                    self._group = message["kernel"]
                else:
                    self._group = None
                    result: Result = message["result"]
                    return result
        except (OSError, ValueError, KeyError):
            pass  # it died at work
        return None

    @property
    def stopped(self) -> bool:
        """Whether `stop` was called: nothing runs any more."""
        return self._stopped

    def stop(self) -> None:
        """End the worker and its kernel; a `run` under way returns at once."""
        with self._lock:
            self._stopped = True
        self._leave()

    def _ready(self) -> subprocess.Popen[str]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._done = 0
        home = str(Path(__file__).resolve().parents[2])
        return subprocess.Popen(
            [sys.executable, "-c", _CODE.format(home=home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            start_new_session=True,  # Ctrl-C is for this process alone, which ends the others in order
        )

    def _leave(self) -> None:
        """Let the worker end by itself, which takes its kernel along, or kill it."""
        process = self._process
        if process is None:
            return
        with contextlib.suppress(OSError):
            if process.stdin is not None:
                process.stdin.close()
        try:
            process.wait(LEAVE_S)
        except subprocess.TimeoutExpired:
            pass
        self._kill()

    def _kill(self) -> None:
        process, group = self._process, self._group
        if process is not None and process.poll() is None:
            process.kill()
            process.wait()
        if group is not None and hasattr(os, "killpg"):
            with contextlib.suppress(OSError):
                os.killpg(group, signal.SIGKILL)
        self._group = None


class Pool:
    """Runs tasks on `jobs` runners; `results` gives them as they end."""

    def __init__(self, jobs: int) -> None:
        self._runners = [Runner() for _ in range(jobs)]

    def results(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Result]]:
        """Each task's number and result, in the order in which they end."""

        def run(runner: Runner, task: Task) -> Result:
            try:
                return runner.run(task)
            except Exception as problem:
                return not_checked("tool", f"it could not be run ({type(problem).__name__}: {problem})")

        return self.each(run, tasks)

    def each(
        self, work: Callable[[Runner, Item], Outcome], items: Sequence[Item]
    ) -> Iterator[tuple[int, Outcome]]:
        """Do something with each item, which must raise nothing, on a runner; number and outcome as they end."""
        waiting: queue.SimpleQueue[tuple[int, Item]] = queue.SimpleQueue()
        ended: queue.SimpleQueue[tuple[int, Outcome]] = queue.SimpleQueue()
        for item in enumerate(items):
            waiting.put(item)

        def serve(runner: Runner) -> None:
            while not runner.stopped:
                try:
                    number, item = waiting.get_nowait()
                except queue.Empty:
                    return
                ended.put((number, work(runner, item)))

        for runner in self._runners[: len(items)]:
            threading.Thread(target=serve, args=(runner,), daemon=True).start()
        for _ in items:
            yield ended.get()

    def close(self) -> None:
        """End every worker and kernel."""
        stopping = [threading.Thread(target=runner.stop) for runner in self._runners]
        for thread in stopping:
            thread.start()
        for thread in stopping:
            thread.join()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()
