"""The command `rnnmagic`: checks and repairs notebooks from outside, and sums up the reports saved in them.

Notebooks run in kernels of their own and in processes of their own (`worker.py`); this process imports
no framework and runs nothing of a notebook. All that comes back is JSON, and is not trusted.
"""

from __future__ import annotations

import importlib.util
import os
import signal
import sys
import threading
from collections.abc import Sequence

FOUND_NOTHING, FOUND_MISTAKE, COULD_NOT = 0, 1, 2
"""Exit statuses. A mistake that was found goes before a notebook that could not be checked."""
INTERRUPTED = 130

NEEDED = ("nbclient", "nbformat", "jupyter_client", "ipykernel", "rich")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its exit status. `arguments` are those of the process if none are given."""
    from rnnmagic.cli.arguments import read_arguments

    options = read_arguments(arguments)
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        sys.stderr.write(
            f"rnnmagic: the command line needs {', '.join(missing)}: pip install 'rnnmagic[cli]'\n"
        )
        return COULD_NOT
    # A job that is cancelled ends as with Ctrl-C: files whole, kernels gone.
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if options.command == "check":
            from rnnmagic.cli.check import check

            return check(options)
        if options.command == "fix":
            from rnnmagic.cli.fix import fix

            return fix(options)
        from rnnmagic.cli.summary import summary

        return summary(options)
    except BrokenPipeError:
        # Whoever read has seen enough (`| head`); what is still buffered goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return COULD_NOT
    except KeyboardInterrupt:
        sys.stderr.write("rnnmagic: interrupted.\n")
        return INTERRUPTED
    except UsageError as problem:
        sys.stderr.write(f"rnnmagic: {problem}\n")
        return COULD_NOT


class UsageError(Exception):
    """What the user asked for cannot be done; the text says why, in one sentence."""
