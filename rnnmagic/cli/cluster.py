"""The same notebooks over a Dask cluster: each is a task of its own, run on a worker as it would be run here.

A task carries the notebook's text and its path. Where the worker sees the same file it runs in the
file's folder, with the data that lie there; elsewhere in an empty folder of its own.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rnnmagic.cli import UsageError
from rnnmagic.cli.files import read_notebook
from rnnmagic.cli.pool import Result, Runner, Task, not_checked

AHEAD = 2
"""Tasks handed to the scheduler for each of its threads, so that none waits and none of thousands fills it."""
CONNECT_S = 30

_local = threading.local()


def run_here(task: Task) -> Result:
    """Run a task on a worker of the cluster, in a process of its own that stays for the next."""
    from tempfile import TemporaryDirectory

    if not hasattr(_local, "runner"):
        _local.runner = Runner()
    runner: Runner = _local.runner
    path = Path(task["path"])
    try:
        same = read_notebook(path) == task["text"]
    except (OSError, ValueError):
        same = False
    if same:
        return runner.run(task)
    with TemporaryDirectory(prefix="rnnmagic-", ignore_cleanup_errors=True) as folder:
        result = runner.run({**task, "path": str(Path(folder) / path.name)})
    result["notes"].append("the worker does not see the notebook's folder: it ran in an empty one")
    return result


class Cluster:
    """A client of a cluster that is there, or of one on this machine.

    Parameters
    ----------
    address
        The scheduler's, or `local`.
    jobs
        Workers of a local cluster.

    Raises
    ------
    UsageError
        Dask is not installed, or nothing answers at the address.
    """

    def __init__(self, address: str, jobs: int) -> None:
        try:
            import dask
            import distributed
        except ImportError:
            raise UsageError("--dask needs dask.distributed: pip install 'rnnmagic[dask]'") from None
        self._distributed: Any = distributed
        self._local: Any = None
        try:
            if address == "local":
                # Killed workers are told by us, and that they are slow to leave is no news.
                logging.getLogger("distributed").setLevel(logging.CRITICAL)
                # A notebook that took its worker along would take the next one along, too.
                dask.config.set({"distributed.scheduler.allowed-failures": 0})
                self._local = self._distributed.LocalCluster(
                    n_workers=jobs, threads_per_worker=1, dashboard_address=None, memory_limit=0
                )
            self._client: Any = self._distributed.Client(
                self._local if self._local is not None else address, timeout=CONNECT_S, set_as_default=False
            )
        except (OSError, ValueError) as problem:
            raise UsageError(f"no Dask cluster answers at {address} ({problem})") from None

    def results(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Result]]:
        """Each task's number and result, in the order in which they end. Nothing is tried twice."""
        waiting = iter(enumerate(tasks))
        numbers: dict[Any, int] = {}
        ended = self._distributed.as_completed(loop=self._client.loop)

        def submit() -> Iterator[tuple[int, Result]]:
            """Hand over the next task; one whose file cannot be read is a result at once."""
            for number, task in waiting:
                try:
                    text = read_notebook(Path(task["path"]))
                except (OSError, ValueError) as problem:
                    reason = problem.strerror or "" if isinstance(problem, OSError) else str(problem)
                    yield number, not_checked("invalid", f"it cannot be read: {reason}")
                    continue
                future = self._client.submit(run_here, {**task, "text": text}, pure=False, retries=0)
                numbers[future.key] = number
                ended.add(future)
                return

        for _ in range(AHEAD * max(1, self._threads())):
            yield from submit()
        for future in ended:
            number = numbers.pop(future.key)
            if future.status == "finished":
                result: Result = future.result()
            else:
                result = not_checked("tool", _why(future))
            future.release()
            yield number, result
            yield from submit()

    def _threads(self) -> int:
        return sum(self._client.nthreads().values())

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *problem: object) -> None:
        self._client.close(timeout=5)
        if self._local is not None:
            self._local.close(timeout=10)


def _why(future: Any) -> str:
    problem = future.exception()
    if type(problem).__name__ == "KilledWorker":
        return "the cluster's worker that ran it was killed"
    text = " ".join(str(problem).split())[:200]
    return f"the cluster could not run it ({type(problem).__name__}: {text})"
