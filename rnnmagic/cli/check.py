"""`rnnmagic check`: runs notebooks and says each shape mistake."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from rnnmagic.cli import COULD_NOT, FOUND_MISTAKE, FOUND_NOTHING, INTERRUPTED
from rnnmagic.cli.files import find_notebooks
from rnnmagic.cli.pool import Pool, Result, Task
from rnnmagic.cli.sarif import SarifWriter
from rnnmagic.cli.screen import Screen, screen
from rnnmagic.cli.writers import JsonWriter, TextWriter, Totals, Writer


class Results(Protocol):
    """What runs tasks: processes here, or a cluster."""

    def results(self, tasks: list[Task]) -> Iterator[tuple[int, Result]]: ...


def check(options: argparse.Namespace) -> int:
    """Run the command; its exit status."""
    paths = find_notebooks(options.paths, options.exclude)
    tasks = [{"path": str(path.absolute()), "options": run_options(options)} for path in paths]
    totals = Totals()
    begun = time.monotonic()
    with screen(options.output) as place:
        writer = _writer(options.format, place)
        writer.begin()
        try:
            with _workers(options) as workers, place.progress(len(tasks), "Checking") as bar:
                for number, result in in_order(workers.results(tasks), bar.advance):
                    if options.skip_expected:
                        result["mistakes"] = [one for one in result["mistakes"] if not one["expected"]]
                    totals.add(result)
                    writer.add(paths[number], result)
        except KeyboardInterrupt:
            totals.interrupted = True
        writer.end(totals, time.monotonic() - begun)
    if totals.interrupted:
        return INTERRUPTED
    if totals.mistakes or totals.warnings:
        return FOUND_MISTAKE
    return COULD_NOT if totals.not_checked else FOUND_NOTHING


def run_options(options: argparse.Namespace, **more: Any) -> dict[str, Any]:
    """What a worker needs to know to run a notebook."""
    return {
        "kernel": options.kernel,
        "allow_errors": options.allow_errors,
        "timeout": options.timeout,
        "notebook_timeout": options.notebook_timeout,
        **more,
    }


def in_order(results: Iterator[tuple[int, Any]], ended: Callable[[], None]) -> Iterator[tuple[int, Any]]:
    """The results in the order of their numbers; those that came too early wait. `ended` hears of each at once."""
    waiting: dict[int, Any] = {}
    following = 0
    for number, result in results:
        waiting[number] = result
        ended()
        while following in waiting:
            yield following, waiting.pop(following)
            following += 1


@contextmanager
def _workers(options: argparse.Namespace) -> Iterator[Results]:
    if options.dask is None:
        with Pool(options.jobs) as pool:
            yield pool
        return
    from rnnmagic.cli.cluster import Cluster

    with Cluster(options.dask, options.jobs) as cluster:
        yield cluster


def _writer(name: str, place: Screen) -> Writer:
    if name == "json":
        return JsonWriter(place.out)
    if name == "sarif":
        return SarifWriter(place.out)
    return TextWriter(place.paint)
