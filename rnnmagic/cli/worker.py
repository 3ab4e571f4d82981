"""A process that runs notebooks, one after the other: a JSON line with a task comes in, JSON lines go out.

`{"kernel": group}` when a kernel has started, then `{"result": …}`. When the line of tasks closes,
because whoever wrote it is done or gone, the kernel under way is killed and the process ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any


def main() -> None:
    """Serve tasks from standard input until it closes."""
    # What a library prints must not get between the answers.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    tasks: queue.Queue[str | None] = queue.Queue()
    group: list[int] = []
    with tempfile.TemporaryDirectory(prefix="rnnmagic-", ignore_cleanup_errors=True) as folder:

        def read() -> None:
            for line in sys.stdin:
                tasks.put(line)
            tasks.put(None)
            if group:
                from rnnmagic.cli.session import end_group

                end_group(group[0])
                _clear(folder)
                os._exit(0)

        def tell(message: dict[str, Any]) -> None:
            out.write(json.dumps(message) + "\n")
            out.flush()

        def started(number: int) -> None:
            group[:] = [number]
            tell({"kernel": number})

        threading.Thread(target=read, daemon=True).start()
        while (line := tasks.get()) is not None:
            result = run_task(json.loads(line), folder, started)
            group.clear()
            tell({"result": result})


def run_task(task: dict[str, Any], folder: str, started: Any = None) -> dict[str, Any]:
    """Run the notebook of a task: `path`, `text` if it is not the file's own, `options`."""
    from rnnmagic.cli.files import read_notebook
    from rnnmagic.cli.pool import not_checked
    from rnnmagic.cli.session import run_notebook

    path = Path(task["path"])
    text = task.get("text")
    if text is None:
        try:
            text = read_notebook(path)
        except (OSError, ValueError) as problem:
            reason = problem.strerror or "" if isinstance(problem, OSError) else str(problem)
            return not_checked("invalid", f"it cannot be read: {reason}")
    options = {**task["options"], "connection": folder}
    try:
        return run_notebook(text, path.parent, options, started)
    except Exception as problem:
        return not_checked("tool", f"the run broke off ({type(problem).__name__}: {str(problem)[:200]})")


def _clear(folder: str) -> None:
    for path in Path(folder).iterdir():
        with contextlib.suppress(OSError):
            path.unlink()
    with contextlib.suppress(OSError):
        os.rmdir(folder)
