"""One sample before and after a fix: a map of timesteps × features, or a line where there is one feature.

Time runs to the right, features downwards. Both are drawn in the same scale, so that numbers that
stay where they belong look alike, and a scramble looks like noise.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from rnnmagic.language import say
from rnnmagic.samples import Number, Sample, SamplePair
from rnnmagic.views import wording
from rnnmagic.views.markup import Markup, el

LEVELS = 8
WIDE, HIGH = 216, 84
"""The most that one drawing takes, in pixels."""
GAP = 20
TOP, BOTTOM = 18, 18
CELL_AT_MOST = 12.0


def before_and_after(pair: SamplePair) -> Markup:
    """Both drawings side by side, folded, with what was left out said under them."""
    low, high = _range(pair)
    drawings = []
    for number, (title, sample) in enumerate(((say("before"), pair.before), (say("after"), pair.after))):
        x = number * (WIDE + GAP)
        drawings.append(el("text", f"{title}: {_size(sample)} ", x=f"{x}", y="12", cls="caption"))
        drawings += _line(sample, x, low, high) if sample.flat else _map(sample, x, low, high)
    width = 2 * WIDE + GAP
    height = math.ceil(TOP + max(_height(pair.before), _height(pair.after)) + BOTTOM)
    text = say(
        "The first sample before the fix, {size}, and after it, {later_size}; its numbers go from {low} to {high}.",
        size=_size(pair.before),
        later_size=_size(pair.after),
        low=format(low, ".3g"),
        high=format(high, ".3g"),
    )
    picture = el(
        "svg",
        el("title", text),
        *drawings,
        viewBox=f"0 0 {width} {height}",
        width=f"{width}",
        height=f"{height}",
        role="img",
        aria_label=text,
        cls="picture",
    )
    remarks = [
        remark
        for remark in (_left_out(pair.before, say("before")), _left_out(pair.after, say("after")))
        if remark
    ]
    if pair.first_feature:
        remarks.append(say("Of the features the first is drawn."))
    if any(number is None for sample in (pair.before, pair.after) for row in sample.rows for number in row):
        remarks.append(say("A small cross is no number (nan or infinite)."))
    return el(
        "details",
        el("summary", say("The first sample before and after")),
        picture,
        el(
            "p",
            " ".join(
                [
                    say(
                        "Numbers from {low} (faint) to {high} (strong).",
                        low=format(low, ".3g"),
                        high=format(high, ".3g"),
                    ),
                    *remarks,
                ]
            ),
            cls="muted",
        ),
        cls="sample",
    )


def _cell(sample: Sample) -> tuple[float, float]:
    """Width and height of one number in a map."""
    return min(CELL_AT_MOST, WIDE / len(sample.rows)), min(CELL_AT_MOST, HIGH / len(sample.rows[0]))


def _height(sample: Sample) -> float:
    return HIGH if sample.flat else _cell(sample)[1] * len(sample.rows[0])


def _size(sample: Sample) -> str:
    if len(sample.shape) <= 1:
        return wording.count(math.prod(sample.shape), "number")
    if len(sample.shape) == 2 and sample.shape[1] == 1:
        return wording.count(sample.shape[0], "timestep")
    if len(sample.shape) == 2:
        return say(
            "{timesteps} timesteps × {features} features",
            timesteps=format(sample.shape[0], ","),
            features=format(sample.shape[1], ","),
        )
    return " × ".join(f"{size:,}" for size in sample.shape)


def _left_out(sample: Sample, which: str) -> str:
    """What of a sample is not drawn."""
    if sample.is_whole:
        return ""
    steps = len(sample.rows[0]) if sample.flat else len(sample.rows)
    if sample.every > 1:
        return say("Of the sample {which}, every {every}th place is drawn.", which=which, every=sample.every)
    if sample.flat:
        return say("Of the sample {which}, the first {steps} numbers are drawn.", which=which, steps=steps)
    features = len(sample.rows[0])
    if len(sample.shape) > 2:
        return say(
            "Of the sample {which}, {steps} × {features} numbers are drawn, the first of each further axis.",
            which=which,
            steps=steps,
            features=features,
        )
    return say(
        "Of the sample {which}, the first {steps} timesteps and {features} features are drawn.",
        which=which,
        steps=steps,
        features=features,
    )


def _range(pair: SamplePair) -> tuple[float, float]:
    numbers = [
        number
        for sample in (pair.before, pair.after)
        for row in sample.rows
        for number in row
        if number is not None
    ]
    return (min(numbers), max(numbers)) if numbers else (0.0, 0.0)


def _share(number: float, low: float, high: float) -> float:
    """Where a number stands between the lowest and the highest, 0 to 1; halves, since a difference can overflow."""
    span = high / 2 - low / 2
    return 0.5 if span <= 0 else min(1.0, max(0.0, (number / 2 - low / 2) / span))


def _map(sample: Sample, x: float, low: float, high: float) -> Iterator[Markup]:
    """One path for each strength of colour: a path a cell would be ten times the notebook."""
    steps, features = len(sample.rows), len(sample.rows[0])
    wide, tall = _cell(sample)
    ways: dict[int | None, list[str]] = {}
    for step, row in enumerate(sample.rows):
        for feature, number in enumerate(row):
            level = None if number is None else min(LEVELS - 1, int(_share(number, low, high) * LEVELS))
            left, top = x + step * wide, TOP + feature * tall
            if level is None:
                way = f"M{left + wide * 0.3:.4g} {top + tall * 0.3:.4g}l{wide * 0.4:.3g} {tall * 0.4:.3g}"
                way += f"m0 {-tall * 0.4:.3g}l{-wide * 0.4:.3g} {tall * 0.4:.3g}"
            else:
                way = f"M{left:.4g} {top:.4g}h{wide:.3g}v{tall:.3g}h{-wide:.3g}z"
            ways.setdefault(level, []).append(way)
    for level, way_of in sorted(ways.items(), key=lambda item: -1 if item[0] is None else item[0]):
        yield el("path", d="".join(way_of), cls="gap" if level is None else f"heat heat{level}")
    frame = f"M{x} {TOP}h{steps * wide:.4g}v{features * tall:.4g}h{-steps * wide:.4g}z"
    yield el("path", d=frame, cls="frame")
    y = TOP + features * tall + 12
    yield el("text", (say("time →") + " "), x=f"{x}", y=f"{y:g}", cls="word")


def _line(sample: Sample, x: float, low: float, high: float) -> Iterator[Markup]:
    numbers: tuple[Number, ...] = sample.rows[0]
    apart = WIDE / max(1, len(numbers) - 1)
    way, drawing = [], False
    for place, number in enumerate(numbers):
        if number is None:
            drawing = False
            continue
        y = TOP + HIGH - 2 - _share(number, low, high) * (HIGH - 4)
        way.append(f"{'L' if drawing else 'M'}{x + place * apart:.4g} {y:.4g}")
        drawing = True
    yield el("path", d=f"M{x} {TOP}h{WIDE}v{HIGH}h{-WIDE}z", cls="frame")
    yield el("path", d="".join(way) or "M0 0", cls="line")
    yield el("text", (say("in this order →") + " "), x=f"{x}", y=f"{TOP + HIGH + 12}", cls="word")
