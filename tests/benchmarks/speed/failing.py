"""Cells that fail, for every cause: the time that the check adds, over the cell's own."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from speed.playing import Failed, Pair, interleaved, ms, new_shell, table, verdict

MEDIAN_LIMIT, WORST_LIMIT = 0.5, 2.0

CELLS = (
    "flat-rows",
    "flat-rows-undeclared",
    "no-feature-axis-three-wanted",
    "one-sample-at-predict",
    "one-flat-sample",
    "one-number-a-sample-undeclared",
    "features-before-steps",
    "one-feature-more",
    "one-feature-more-at-predict",
    "ids-padded-in-front-to-another-length",
    "mask-one-step-longer",
    "object-array-of-ids",
    "lists-of-ids",
    "axis-of-one-inside-undeclared",
    "mask-for-each-feature",
    "lists-of-numbers",
    "words-into-an-embedding",
    "flatten-between-embedding-and-rnn",
    "declared-the-wrong-way-round",
    "declared-as-a-number",
    "units-not-whole",
    "stack-without-sequences",
    "sequence-out-one-class",
    "four-columns-one-output",
    "one-hot-with-sparse-loss",
    "target-as-a-list-of-arrays",
    "stateful-with-a-short-last-batch",
    "states-of-more-samples",
    "four-states-for-an-lstm",
    "sequence-joined-with-vector",
    "sequences-of-unequal-length-joined",
    "one-input-too-many",
    "file-of-one-output",
    "subclass-flat-rows",
    "own-layer-made-for-another-length",
    "tape-three-targets-two-outputs",
    "unequal-sequences-batched",
)
"""Of the cells of `tests/taxonomy/`: one or more of each cause, small models and short data, so that the
cell's own time is little and the ratio is the worst that there is."""
MODEL = """\
model = keras.Sequential([keras.Input((T, F)), L.LSTM(8, name="rnn1"), L.Dense(1)])
model.compile("adam", "mse")
"""
QUICK = ("flat-rows", "declared-as-a-number")


def pairs(names: tuple[str, ...]) -> Iterator[Pair]:
    import scoring_cells

    known = {cell.name: cell for group in scoring_cells.groups() for cell in scoring_cells.read(group)}
    for name in names:
        if name not in known:
            raise Failed(f"tests/taxonomy has no cell {name!r}")
        cell = known[name]
        yield Pair(name, cell.as_case()["setup"], cell.source)
    if len(names) > len(QUICK):
        yield Pair("one-target-less", [scoring_cells.PRELUDE, MODEL], "model.fit(X, y[1:], verbose=0)")


def measure(quick: bool) -> None:
    shell = new_shell()
    chosen = list(pairs(QUICK if quick else CELLS))
    interleaved(chosen, shell, 1 if quick else 3)
    rows = [
        [
            pair.cause,
            pair.name,
            ms(pair.own),
            ms(pair.added),
            f"{pair.ratio:.2f}",
            f"{pair.processor_ratio:.2f}",
            ms(pair.timing("diagnose")),
            ms(pair.timing("verify")),
            len(pair.reports[-1].fixes),
        ]
        for pair in sorted(chosen, key=lambda pair: pair.cause)
    ]
    table(
        ["cause", "cell", "own", "added", "ratio", "of processor", "diagnosis", "fixes tried", "fixes"], rows
    )
    _sum_up([pair.ratio for pair in chosen], "by the clock")
    _sum_up([pair.processor_ratio for pair in chosen], "of processor time")


def _sum_up(ratios: list[float], what: str) -> None:
    median, worst = statistics.median(ratios), max(ratios)
    print(
        f"  {what}: median {verdict(median, MEDIAN_LIMIT)}, worst {verdict(worst, WORST_LIMIT)}", flush=True
    )
