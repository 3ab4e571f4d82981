"""What a user would take instead: Keras's own error, TensorSensor's `clarify`, friendly-traceback's explanation."""

from __future__ import annotations

import importlib.util
import re
import statistics
import sys
import textwrap
from collections.abc import Callable
from typing import Any

from speed.failing import pairs
from speed.playing import CHECK, fresh, ms, new_shell, play, table

CELLS = ("flat-rows", "stack-without-sequences", "one-hot-with-sparse-loss")
ROUNDS = 5
INSTALL = """\
  This table wants tensor-sensor and friendly-traceback, which nothing else here needs. Install them beside:
    python -m venv --system-site-packages other && other/bin/pip install tensor-sensor friendly-traceback
    other/bin/python tests/benchmarks/bench_speed.py --only others
  (for packages of another virtual environment, a .pth file in other's site-packages names theirs)"""

FRIENDLY = """\
import friendly_traceback
try:
{body}
except Exception:
    friendly_traceback.explain_traceback(redirect="capture")
    explained = friendly_traceback.get_output()
"""
CLARIFY = """\
import tsensor
with tsensor.clarify(show=None):
{body}
"""


def measure(quick: bool) -> None:
    missing = [name for name in ("tsensor", "friendly_traceback") if importlib.util.find_spec(name) is None]
    if missing:
        print(f"  Not measured: {' and '.join(missing)} cannot be imported.\n{INSTALL}")
        return
    shell = new_shell()
    rows = []
    for pair in pairs(CELLS[:1] if quick else CELLS):
        body = textwrap.indent(pair.cell.rstrip(), "    ")
        # A `%%` cell runs as it stands; the two others are wrapped around the same statements.
        ways: dict[str, tuple[str, bool, Callable[[Any], str]]] = {
            "Keras's own error": (pair.cell, True, _error),
            "rnnmagic": (CHECK + pair.cell, True, _ours),
            "TensorSensor": (CLARIFY.format(body=body), True, _error),
            "friendly-traceback": (FRIENDLY.format(body=body), False, _friendly),
        }
        took: dict[str, list[float]] = {way: [] for way in ways}
        said: dict[str, str] = {}
        for round_ in range(1 + (1 if quick else ROUNDS)):
            for way, (code, fails, tell) in ways.items():
                fresh(shell, pair.before)
                seconds = play(shell, code, fails=fails).wall
                said[way] = tell(shell)
                if round_:  # the first imports and compiles
                    took[way].append(seconds)
        own = statistics.median(took["Keras's own error"])
        for way, seconds in took.items():
            median = statistics.median(seconds)
            rows.append([pair.name, way, ms(median), f"{median / own:.2f}", said[way]])
    table(["cell", "way", "time", "over Keras's", "says"], rows)


def _error(shell: Any) -> str:
    """The error that the user is left with."""
    error = sys.last_value
    lines = [line.strip() for line in re.sub(r"\x1b\[\d*m", "", str(error)).splitlines() if line.strip()]
    told = next((line for line in lines if "encountered" not in line), "")
    return f"{type(error).__name__}: {told[:60]}"


def _ours(shell: Any) -> str:
    import rnnmagic

    report = rnnmagic.last_report()
    if report is None:
        return "nothing"
    verified = sum(fix.verified for fix in report.fixes)
    return f"cause {report.cause}, array {report.array and report.array.name}, {verified} verified fixes"


def _friendly(shell: Any) -> str:
    told = str(shell.user_ns.get("explained"))
    return "that it does not know the cause" if "does not know the cause" in told else "an explanation"
