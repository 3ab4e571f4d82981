"""What a check costs: a failing cell, plain and checked in turn, over the size of data and model.

    python tests/benchmarks/bench_diagnosis.py [--rounds 5] [--largest 8] [--layers 1 3 20 200]

The data are zero-stride: 10^8 elements take no memory, and nothing but shapes may be looked at. The model is
made anew for every run. `ready` is the time from the error to the report with all its fixes dry-run; `ratio`
is the time that the check adds, divided by the plain failing cell's own.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import io
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

TARGET_S = 1.0
TIMESTEPS, FEATURES = 20, 3
CALL = "model.fit(X, y, epochs=1, verbose=0)"
CHECK = "%%rnncheck\n"
LOAD = """
import time
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
began = time.perf_counter()
shell.run_line_magic("load_ext", "rnnmagic")
print(time.perf_counter() - began)
"""


def stacked(count: int) -> str:
    """Code of a model of so many layers under a Dense: LSTMs, every tenth of a deep one, and Dense between."""
    every = 1 if count <= 3 else 10
    layers = [
        f"keras.layers.LSTM(32, return_sequences={place != count - 1})"
        if place % every == 0 or place == count - 1
        else "keras.layers.Dense(32, activation='relu')"
        for place in range(count)
    ]
    return (
        "keras.utils.set_random_seed(0)\n"
        f"model = keras.Sequential([\n    keras.Input(({TIMESTEPS}, {FEATURES})),\n    "
        + ",\n    ".join([*layers, "keras.layers.Dense(1)"])
        + ",\n])\nmodel.compile('adam', 'mse')"
    )


def run(shell: Any, code: str, *, may_fail: bool = False) -> float:
    """Seconds of a cell, its report included; what it shows is not shown."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        began = time.perf_counter()
        result = shell.run_cell(code)
        took = time.perf_counter() - began
    if result.success is may_fail:
        raise SystemExit(f"this cell was meant to {'fail' if may_fail else 'pass'}:\n{code}")
    return took


def load_extension(rounds: int) -> float:
    """Median seconds of `%load_ext rnnmagic`, each in a Python of its own."""
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    return statistics.median(
        float(
            subprocess.run(
                [sys.executable, "-c", LOAD], env=env, capture_output=True, text=True, check=True
            ).stdout
        )
        for _ in range(rounds)
    )


@dataclass
class Setting:
    """A model and its data, and what the rounds with them took."""

    label: str
    model: str
    samples: int
    plain: list[float] = field(default_factory=list)
    checked: list[float] = field(default_factory=list)
    reports: list[Any] = field(default_factory=list)

    def row(self) -> str:
        alone, both = statistics.median(self.plain), statistics.median(self.checked)
        added = statistics.median(b - a for a, b in zip(self.plain, self.checked, strict=True))
        diagnose = statistics.median(report.timing.diagnose for report in self.reports)
        verify = statistics.median(report.timing.verify for report in self.reports)
        return (
            f"  {self.label:>8}  {self.samples:8d}  {alone * 1e3:6.0f}  {both * 1e3:7.0f}  {added * 1e3:6.0f}"
            f"  {added / alone:5.2f}  {diagnose * 1e3:8.0f}  {verify * 1e3:6.0f}"
            f"  {self.ready() * 1e3:6.0f}  {max(self._ready()) * 1e3:7.0f}  {len(self.reports[0].fixes):5d}"
        )

    def ready(self) -> float:
        return statistics.median(self._ready())

    def _ready(self) -> list[float]:
        return [report.timing.diagnose + report.timing.verify for report in self.reports]


def measure(shell: Any, setting: Setting, first: str, *, keep: bool) -> None:
    """A failing fit, plain and checked, the one that comes `first` first."""
    import rnnmagic

    run(
        shell,
        f"X = np.broadcast_to(np.float32(0), ({setting.samples}, {TIMESTEPS * FEATURES}))\n"
        f"y = np.broadcast_to(np.float32(0), ({setting.samples}, 1))",
    )
    seconds: dict[str, float] = {}
    for magic in (first, CHECK if first == "" else ""):
        run(shell, setting.model)
        gc.collect()
        seconds[magic] = run(shell, magic + CALL, may_fail=True)
    report = rnnmagic.last_report()
    if report is None or report.outcome != "shape_error":
        raise SystemExit("the check did not find the error")
    if keep:
        setting.plain.append(seconds[""])
        setting.checked.append(seconds[CHECK])
        setting.reports.append(report)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5, help="runs of each kind for each size")
    parser.add_argument("--largest", type=int, default=8, help="exponent of the largest size")
    parser.add_argument(
        "--layers", type=int, nargs="*", default=[1, 3, 20, 60, 200], help="sizes of the model"
    )
    options = parser.parse_args()

    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    run(shell, "import numpy as np, keras")
    shell.run_line_magic("load_ext", "rnnmagic")
    by_size = [
        Setting(f"{10.0**n:.0e}", stacked(3), max(1, 10**n // (TIMESTEPS * FEATURES)))
        for n in range(3, options.largest + 1)
    ]
    by_depth = [Setting(str(count), stacked(count), 64) for count in options.layers]
    everything = [*by_size, *by_depth]

    # Interleaved, so that a busy machine is busy for both; the first round only warms up.
    measure(shell, everything[0], "", keep=False)
    for round_ in range(options.rounds):
        for setting in everything:
            # In turn first: the second finds memory that the first has touched.
            measure(shell, setting, "" if round_ % 2 else CHECK, keep=True)

    print(f"medians of {options.rounds}, milliseconds; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    for settings, what in ((by_size, "elements"), (by_depth, "layers")):
        if settings:
            print(
                f"\n  {what:>8}   samples   plain  checked   added  ratio  diagnose  verify   ready  (worst)  fixes"
            )
            print("\n".join(setting.row() for setting in settings))
    slow = any(setting.ready() > TARGET_S for setting in by_size)
    print(f"\n%load_ext rnnmagic: {load_extension(options.rounds) * 1e3:.0f} ms")
    print(
        f"target for a 3-layer LSTM: ready in under {TARGET_S:.0f} s on two cores: {'MISSED' if slow else 'met'}"
    )
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
