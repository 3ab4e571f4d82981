"""One sample before and after a fix: a map of timesteps × features, or a line where there is one feature.

Time runs to the right, features downwards. Both are drawn in the same scale, so that numbers that
stay where they belong look alike, and a scramble looks like noise.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache

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
    """Both drawings side by side, folded, with what was left out said under them.

    Panel and HTML show the same ones, which are drawn once in each language.
    """
    return _both(pair, say("before"), say("after"))


@lru_cache(maxsize=16)
def _both(pair: SamplePair, before: str, after: str) -> Markup:
    low, high = _range(pair)
    drawings = []
    samples = ((before, pair.before), (after, pair.after))
    for number, (title, sample) in enumerate(samples):
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
        *drawings,
        viewBox=f"0 0 {width} {height}",
        width=f"{width}",
        height=f"{height}",
        role="img",
        aria_label=text,
        cls="picture",
    )
    scale = say(
        "Numbers from {low} (faint) to {high} (strong).", low=format(low, ".3g"), high=format(high, ".3g")
    )
    if pair.before.flat and pair.after.flat:
        scale = say(
            "Numbers from {low} (at the bottom) to {high} (at the top).",
            low=format(low, ".3g"),
            high=format(high, ".3g"),
        )
    remarks = [remark for title, sample in samples if (remark := _left_out(title.capitalize(), sample))]
    if pair.first_feature:
        remarks.append(say("Of the features the first is drawn."))
    if any(number is None for sample in (pair.before, pair.after) for row in sample.rows for number in row):
        remarks.append(say("A small cross is no number (nan or infinite)."))
    return el(
        "details",
        el("summary", say("The first sample before and after")),
        picture,
        el("p", " ".join([scale, *remarks]), cls="muted"),
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
            timesteps=f"{sample.shape[0]:,}",
            features=f"{sample.shape[1]:,}",
        )
    return " × ".join(f"{size:,}" for size in sample.shape)


def _left_out(title: str, sample: Sample) -> str:
    """What of a sample is not drawn; empty when all of it is."""
    if sample.is_whole:
        return ""
    steps = len(sample.rows[0]) if sample.flat else len(sample.rows)
    if sample.every > 1:
        return say("{title}: one place in {every} is drawn.", title=title, every=sample.every)
    if sample.flat:
        return say("{title}: the first {steps} numbers are drawn.", title=title, steps=steps)
    features = len(sample.rows[0])
    if len(sample.shape) > 2:
        return say(
            "{title}: {steps} × {features} numbers are drawn, the first of each further axis.",
            title=title,
            steps=steps,
            features=features,
        )
    return say(
        "{title}: the first {steps} timesteps and {features} features are drawn.",
        title=title,
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


def _map(sample: Sample, x: int, low: float, high: float) -> Iterator[Markup]:
    """One path for each strength of colour: a path a cell would be ten times the notebook."""
    steps, features = len(sample.rows), len(sample.rows[0])
    wide, tall = _cell(sample)
    # In units of a cell, so that nothing is computed or written for each number but its place.
    ways: dict[int, list[str]] = {}
    gaps: list[str] = []
    span = high / 2 - low / 2  # halves: a difference of two numbers can overflow
    scale = LEVELS / span if span > 1e-300 else 0.0
    for step, row in enumerate(sample.rows):
        for feature, number in enumerate(row):
            if number is None:
                gaps.append(f"M{step}.3 {feature}.3l.4 .4m0-.4l-.4 .4")
                continue
            level = min(LEVELS - 1, int((number / 2 - low / 2) * scale)) if scale else LEVELS // 2
            ways.setdefault(level, []).append(f"M{step} {feature}h1v1h-1z")
    place = f"translate({x} {TOP}) scale({wide:.4g} {tall:.4g})"
    paths = [el("path", d="".join(way), cls=f"heat heat{level}") for level, way in sorted(ways.items())]
    if gaps:
        paths.append(el("path", d="".join(gaps), cls="gap"))
    yield el("g", *paths, transform=place)
    frame = f"M{x} {TOP}h{steps * wide:.4g}v{features * tall:.4g}h{-steps * wide:.4g}z"
    yield el("path", d=frame, cls="frame")
    y = TOP + features * tall + 12
    yield el("text", (say("time →") + " "), x=f"{x}", y=f"{y:g}", cls="word")


def _line(sample: Sample, x: int, low: float, high: float) -> Iterator[Markup]:
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
