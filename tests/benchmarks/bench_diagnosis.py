"""What a check costs: a failing cell of a 3-layer LSTM, plain and checked in turn, over the size of the data.

    python tests/benchmarks/bench_diagnosis.py [--rounds 5] [--largest 8]

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
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

TARGET_S = 1.0
TIMESTEPS, FEATURES = 20, 3
MODEL = """
keras.utils.set_random_seed(0)
model = keras.Sequential([
    keras.Input(({timesteps}, {features})),
    keras.layers.LSTM(32, return_sequences=True),
    keras.layers.LSTM(32, return_sequences=True),
    keras.layers.LSTM(32),
    keras.layers.Dense(1),
])
model.compile("adam", "mse")
"""
CALL = "model.fit(X, y, epochs=1, verbose=0)"
LOAD = """
import time
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
began = time.perf_counter()
shell.run_line_magic("load_ext", "rnnmagic")
print(time.perf_counter() - began)
"""


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


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5, help="runs of each kind for each size")
    parser.add_argument("--largest", type=int, default=8, help="exponent of the largest size")
    options = parser.parse_args()

    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    import rnnmagic

    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    run(shell, "import numpy as np, keras")
    shell.run_line_magic("load_ext", "rnnmagic")
    model = MODEL.format(timesteps=TIMESTEPS, features=FEATURES)
    sizes = [(10**n, _samples(10**n)) for n in range(3, options.largest + 1)]

    # Interleaved, so that a busy machine is busy for both; the first round only warms up.
    plain: dict[int, list[float]] = {size: [] for size, _ in sizes}
    checked: dict[int, list[float]] = {size: [] for size, _ in sizes}
    parts: dict[int, list[tuple[float, float, int]]] = {size: [] for size, _ in sizes}
    for round_ in range(options.rounds + 1):
        for size, samples in sizes[:1] if round_ == 0 else sizes:
            run(
                shell,
                f"X = np.broadcast_to(np.float32(0), ({samples}, {TIMESTEPS * FEATURES}))\n"
                f"y = np.broadcast_to(np.float32(0), ({samples}, 1))",
            )
            seconds: dict[str, float] = {}
            # In turn first: the second finds memory that the first has touched.
            for magic in ("", "%%rnncheck\n")[:: 1 if round_ % 2 else -1]:
                run(shell, model)
                gc.collect()
                seconds[magic] = run(shell, magic + CALL, may_fail=True)
            report = rnnmagic.last_report()
            if report is None or report.outcome != "shape_error":
                raise SystemExit("the check did not find the error")
            if round_:
                plain[size].append(seconds[""])
                checked[size].append(seconds["%%rnncheck\n"])
                parts[size].append((report.timing.diagnose, report.timing.verify, len(report.fixes)))

    print(
        f"failing fit of a 3-layer LSTM, medians of {options.rounds}, milliseconds; {os.cpu_count()} cores, ",
        end="",
    )
    print(f"load {os.getloadavg()[0]:.1f}\n")
    print("  elements   samples   plain  checked   added  ratio  diagnose  verify   ready  (worst)  fixes")
    slow = False
    for size, samples in sizes:
        alone, both = statistics.median(plain[size]), statistics.median(checked[size])
        added = statistics.median(b - a for a, b in zip(plain[size], checked[size], strict=True))
        ready = [diagnose + verify for diagnose, verify, _ in parts[size]]
        diagnose, verify = (statistics.median(part[i] for part in parts[size]) for i in (0, 1))
        slow = slow or statistics.median(ready) > TARGET_S
        print(
            f"  {size:8.0e}  {samples:8d}  {alone * 1e3:6.0f}  {both * 1e3:7.0f}  {added * 1e3:6.0f}"
            f"  {added / alone:5.2f}  {diagnose * 1e3:8.0f}  {verify * 1e3:6.0f}"
            f"  {statistics.median(ready) * 1e3:6.0f}  {max(ready) * 1e3:7.0f}  {parts[size][0][2]:5d}"
        )
    print(f"\n%load_ext rnnmagic: {load_extension(options.rounds) * 1e3:.0f} ms")
    print(f"target: ready in under {TARGET_S:.0f} s on two cores: {'MISSED' if slow else 'met'}")
    return 1 if slow else 0


def _samples(elements: int) -> int:
    return max(1, elements // (TIMESTEPS * FEATURES))


if __name__ == "__main__":
    sys.exit(main())
