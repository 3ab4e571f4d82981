"""How the cost of a check grows: with the data, the namespace, the model's layers and the repairs tried."""

from __future__ import annotations

import math
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from speed.playing import CHECK, Pair, interleaved, ms, new_shell, play, table, verdict

MEMORY_LIMIT = 20e6
TIMESTEPS, FEATURES = 20, 3
IMPORTS = "import numpy as np, keras\nfrom keras import layers as L\nkeras.utils.set_random_seed(0)"
CALL = "model.fit(X, y, epochs=1, verbose=0)"


def measure(quick: bool) -> None:
    shell = new_shell()
    play(shell, IMPORTS)
    with tempfile.TemporaryDirectory() as folder:
        series = [
            ("elements of data", _data([3, 5] if quick else [3, 5, 7, 9], Path(folder)), 3),
            ("names", _names([10, 1_000] if quick else [10, 1_000, 10_000, 100_000]), 3),
            ("layers", _layers([1, 5] if quick else [1, 5, 20, 60, 200, 500]), 2),
            ("fixes", _fixes([1] if quick else [1, 2, 4, 8]), 3),
        ]
        for what, sized, rounds in series:
            pairs = [pair for _, pair in sized]
            interleaved(pairs, shell, 1 if quick else rounds)
            _print(what, sized, [pair.memory(shell) for pair in pairs])


def _print(what: str, sized: Sequence[tuple[int, Pair]], memory: Sequence[float]) -> None:
    rows = [
        [
            f"{size:,}",
            ms(pair.own),
            ms(pair.added),
            f"{pair.ratio:.2f}",
            f"{pair.processor_ratio:.2f}",
            ms(pair.timing("diagnose")),
            ms(pair.timing("verify")),
            len(pair.reports[-1].fixes),
            f"{held / 1e6:.1f} MB",
        ]
        for (size, pair), held in zip(sized, memory, strict=True)
    ]
    heads = [
        what,
        "own",
        "added",
        "ratio",
        "of processor",
        "diagnosis",
        "fixes tried",
        "fixes",
        "memory added",
    ]
    table(heads, rows)
    if len(sized) > 1:
        sizes = [math.log(size) for size, _ in sized]
        slopes = [
            statistics.linear_regression(sizes, [math.log(max(time, 1e-4)) for time in times]).slope
            for times in ([pair.own for _, pair in sized], [pair.added for _, pair in sized])
        ]
        print(f"  slope (log time over log {what}): own {slopes[0]:.2f}, added {slopes[1]:.2f}", end="; ")
    print(f"peak memory added: {verdict(max(memory), MEMORY_LIMIT, lambda b: f'{b / 1e6:.1f} MB')}\n")


def _data(exponents: Sequence[int], folder: Path) -> Iterator[tuple[int, Pair]] | list[tuple[int, Pair]]:
    """Flat rows in a file without content, which takes no room on the disk."""
    found = []
    for exponent in exponents:
        rows = max(33, 10**exponent // (TIMESTEPS * FEATURES))
        path = folder / f"{exponent}.f32"
        with path.open("wb") as file:
            file.truncate(rows * TIMESTEPS * FEATURES * 4)
        data = (
            f"X = np.memmap({str(path)!r}, 'float32', 'r', shape=({rows}, {TIMESTEPS * FEATURES}))\n"
            f"y = np.broadcast_to(np.float32(0), ({rows}, 1))"
        )
        found.append((10**exponent, Pair(f"1e{exponent}", [IMPORTS, data, _stacked(3)], CALL)))
    return found


_ROWS = f"X = np.zeros((64, {TIMESTEPS * FEATURES}), 'float32')\ny = np.zeros((64, 1), 'float32')"


def _names(counts: Sequence[int]) -> list[tuple[int, Pair]]:
    found = []
    for count in counts:
        # Of many kinds, arrays of the data's own shape among them.
        fill = (
            f"globals().update({{f'name_{{i}}': (np.zeros((64, {TIMESTEPS * FEATURES}), 'int8') if i % 50 == 0 "
            f"else [i, i] if i % 3 == 0 else str(i) if i % 3 == 1 else i) for i in range({count})}})"
        )
        found.append((count, Pair(str(count), [IMPORTS, fill, _ROWS, _stacked(3)], CALL)))
    return found


def _layers(counts: Sequence[int]) -> list[tuple[int, Pair]]:
    return [(count, Pair(str(count), [IMPORTS, _ROWS, _stacked(count)], CALL)) for count in counts]


def _fixes(counts: Sequence[int]) -> list[tuple[int, Pair]]:
    """A call with two mistakes, and so many of its repairs tried and shown; there are four in all."""
    model = (
        "model = keras.Sequential([keras.Input((20, 3)), L.LSTM(4), L.Dense(4, activation='softmax')])\n"
        "model.compile('adam', 'sparse_categorical_crossentropy')\n"
        "X = np.zeros((64, 60), 'float32')\ny = np.eye(4)[np.zeros(64, int)]"
    )
    return [
        (count, Pair(str(count), [IMPORTS, model], CALL, f"{CHECK.strip()} --max-fixes {count}\n"))
        for count in counts
    ]


def _stacked(count: int) -> str:
    """Code of a model of so many layers under a Dense: LSTMs, every tenth of a deep one, and Dense between."""
    every = 1 if count <= 3 else 10
    layers = [
        f"L.LSTM(32, return_sequences={place != count - 1})"
        if place % every == 0 or place == count - 1
        else "L.Dense(32, activation='relu')"
        for place in range(count)
    ]
    inside = ",\n    ".join([f"keras.Input(({TIMESTEPS}, {FEATURES}))", *layers, "L.Dense(1)"])
    return f"model = keras.Sequential([\n    {inside},\n])\nmodel.compile('adam', 'mse')"
