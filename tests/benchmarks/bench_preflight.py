"""What a correct `fit` costs in a checked cell, against the plain cell, for small and large models.

Plain and checked cells take turns in one process, each with a model of its own, so that a busy
machine slows both alike; medians are compared. Not a test: `python tests/benchmarks/bench_preflight.py`.

    python tests/benchmarks/bench_preflight.py 1 3     numbers of layers to measure
"""

from __future__ import annotations

import os
import sys
import time
from statistics import median
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

from IPython.core.interactiveshell import InteractiveShell

from rnnmagic import preflight

SETUP = """
import numpy as np, keras
from keras import layers as L

rng = np.random.default_rng(0)
X = rng.normal(size=(640, 20, 8)).astype("float32")
y = rng.integers(0, 3, size=640)

def make(count):
    "An LSTM in every ten layers, and a stack of Dense between them."
    if count == 1:
        model = keras.Sequential([L.Input((20, 8)), L.LSTM(3, activation="softmax")])
    else:
        stack = [
            L.LSTM(16, return_sequences=True) if place % 10 == 0 else L.Dense(16, activation="relu")
            for place in range(max(0, count - 2))
        ]
        model = keras.Sequential([L.Input((20, 8)), *stack, L.LSTM(16), L.Dense(3, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
"""
FIT = "history = model.fit(X, y, batch_size=32, epochs=1, validation_split=0.1, verbose=0)"


def main(counts: list[int]) -> None:
    shell = InteractiveShell.instance()
    shell.extension_manager.load_extension("rnnmagic")
    spent: list[float] = []
    original = preflight.Preflight.__call__

    def timed(self: Any, *arguments: Any) -> Any:
        begun = time.perf_counter()
        try:
            return original(self, *arguments)
        finally:
            spent.append(time.perf_counter() - begun)

    preflight.Preflight.__call__ = timed  # type: ignore[method-assign]

    def run(code: str) -> float:
        begun = time.perf_counter()
        result = shell.run_cell(code, store_history=True)
        seconds = time.perf_counter() - begun
        assert result.success, result
        return seconds

    run(SETUP)
    run("model = make(3); " + FIT)
    run("model = make(3)")
    run("%%rnncheck\n" + FIT)
    print(
        f"{'layers':>6} {'plain':>9} {'checked':>9} {'ratio':>6} {'preflight':>10} {'share':>6}   again: ratio, preflight"
    )
    for count in counts:
        repeats = 7 if count < 10 else 3 if count < 100 else 1
        plain, checked, looks, plain2, checked2, looks2 = ([] for _ in range(6))  # type: ignore[var-annotated]
        for _ in range(repeats):
            for magic, first, second in (("", plain, plain2), ("%%rnncheck\n", checked, checked2)):
                run(f"keras.backend.clear_session(); model = make({count})")
                spent.clear()
                first.append(run(magic + FIT))
                looks += spent
                spent.clear()
                second.append(run(magic + FIT))
                looks2 += spent
        share = median(looks) / median(plain)
        print(
            f"{count:>6} {median(plain):>7.2f} s {median(checked):>7.2f} s {median(checked) / median(plain):>6.3f}"
            f" {median(looks) * 1000:>7.1f} ms {share:>6.1%}"
            f"   {median(checked2) / median(plain2):.3f}, {median(looks2) * 1000:.1f} ms",
            flush=True,
        )


if __name__ == "__main__":
    main([int(text) for text in sys.argv[1:] if text.isdecimal()] or [1, 3, 20, 200])
