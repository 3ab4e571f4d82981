"""Flat tables, a missing feature axis, and long series that were never cut into windows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rnnmagic.diagnosis import hints
from rnnmagic.diagnosis.base import Candidate, plural, text
from rnnmagic.diagnosis.inputs.single import is_one_sample, one_sample
from rnnmagic.diagnosis.inputs.situation import ONE_SAMPLE, Finding, Situation, fix, short
from rnnmagic.diagnosis.inputs.uneven import uneven
from rnnmagic.evidence import Operand
from rnnmagic.language import say
from rnnmagic.ops import Expand, FeatureMajor, Op, Reshape, Slice, Windows
from rnnmagic.report import Confidence, Parameter


def two_to_three(case: Situation) -> Finding | None:
    rows, width = case.got
    _, steps, features = case.want
    if width is None:
        # Windows whose length a dataset does not tell: of one feature where no width is declared.
        return _feature_axis(case, "likely") if features in (None, 1) and rows is not None else None
    if rows is None:
        # A batch of a generator, whose size is not known: only the width can tell.
        if steps is not None and features not in (None, 1) and width == steps * int(features or 0):
            return _flat(case, steps, int(features or 0))
        one = features in (None, 1) and steps in (None, width)
        return _feature_axis(case, "likely") if one else None
    if is_one_sample(case):
        return one_sample(case)
    if steps is not None and features is not None:
        if features == 1 and steps == width:
            return _feature_axis(case, "sure")
        if width == steps * features and not (steps == 1 and rows > 4 * width and _is_series(case)):
            return _flat(case, steps, features)
        if width == features:
            return table(case, steps)
        if width == steps:
            return _feature_axis(case, "likely", declare=(steps, 1))
        if width % features == 0:
            return _flat(case, width // features, features)
        if width % steps == 0:
            return replace(_flat(case, steps, width // steps), declare=(steps, width // steps))
        return uneven(case, steps, features)
    if features is not None:
        if features == 1 and not _is_series(case):
            return _feature_axis(case, "likely")
        if width == features:
            return table(case, None)
        if width % features == 0:
            return _flat(case, width // features, features)
        return _feature_axis(case, "possible", declare=(None, 1))
    return _undeclared(case)


def _undeclared(case: Situation) -> Finding:
    """(rows, width) before an RNN for which nothing was declared: names and data must tell."""
    _, width = case.got
    assert width is not None
    columns = hints.columns_of(case.operand.value, case.namespace)
    named_steps = hints.steps_named(case.namespace)
    named_features = hints.features_named(case.namespace)
    if columns is not None:
        if columns.features == 1:
            return _feature_axis(case, "sure")
        return _flat(case, columns.timesteps, columns.features)
    if hints.rows_overlap(case.operand.value):
        return _feature_axis(case, "sure")
    for steps in sorted(named_steps, reverse=True):
        if (
            1 < steps < width
            and width % steps == 0
            and width // steps in (named_features or {width // steps})
        ):
            return _flat(case, steps, width // steps)
    if width in named_steps:
        return _feature_axis(case, "likely")
    for features in sorted(named_features, reverse=True):
        if 1 < features < width and width % features == 0:
            return _flat(case, width // features, features)
    if _is_series(case) or width in named_features or width == 1:
        return table(case, None)
    return _feature_axis(case, "likely")


def _is_series(case: Situation) -> bool:
    """Whether the rows follow one another in time, rather than being samples of their own."""
    value, (rows, width) = case.operand.value, case.got
    if rows is None or width is None or rows < 16:
        return False
    sample = hints.sample_of(value)
    down, across = hints.roughness(sample, 0), hints.roughness(sample, 1)
    if hints.smoother(down, across) == 0:
        return True
    from rnnmagic.values import is_from

    if is_from(value, "pandas", "DataFrame") and hints.columns_of(value, case.namespace) is None:
        index = type(value.index).__name__
        return index in ("DatetimeIndex", "PeriodIndex") or width <= 12
    return False


def _flat(case: Situation, steps: int, features: int) -> Finding:
    _rows, width = case.got
    name = case.operand.label
    assert width is not None
    axes = ("samples", "timesteps*features")
    sentence = say(
        "`{name}` is a flat table {shape}; the layer wants (samples, timesteps, features). {width} columns = {timesteps} × {features}, so each row becomes ({steps}, {width_of_step}).",
        name=name,
        shape=text(case.got),
        width=width,
        timesteps=plural(steps, "timestep"),
        features=plural(features, "feature"),
        steps=steps,
        width_of_step=features,
    )
    if width != steps * features:
        steps = width // features
    trivial = steps == 1 or features == 1
    columns = hints.columns_of(case.operand.value, case.namespace)
    order: str | None = None
    sure: Confidence = "likely"
    reason = ""
    if columns is not None and (columns.timesteps, columns.features) == (steps, features):
        order, sure = columns.order, "sure"
        reason = say("The columns are named so: {names}, …", names=", ".join(columns.sample))
    elif not trivial:
        order = hints.flat_order(case.operand.value, steps, features)
        if order is not None:
            reason = say("Read this way the values run smoothly along time.")
    by_time = fix(
        case,
        Reshape((steps, features)),
        say(
            "Reshape {array} to (samples, {steps}, {features})",
            array=short(case),
            steps=steps,
            features=features,
        ),
        reason
        if order == "time" and reason
        else say("Right when each row holds all features of step 1, then all of step 2, and so on."),
        sure if trivial or order == "time" else "likely",
        None if trivial else say("Wrong if the columns run feature by feature: the values would be mixed."),
        parameters=None,
    )
    if trivial:
        return Finding("flattened", sentence, (by_time,), axes)
    by_feature = fix(
        case,
        FeatureMajor(steps, features),
        say("Reshape {array}, columns feature by feature", array=short(case)),
        reason
        if order == "feature" and reason
        else say("Right when each row holds all steps of feature 1, then all of feature 2, and so on."),
        sure if order == "feature" else "possible",
        say("Wrong if the columns run step by step: the values would be mixed."),
    )
    advice: tuple[str, ...] = ()
    candidates = [by_time, by_feature]
    if order == "feature":
        candidates.reverse()
    elif order is None:
        advice = (
            (
                say(
                    "The shape alone cannot tell how the {width} columns lie: step by step or feature by feature. Look at how the table was made, or name its columns.",
                    width=width,
                )
            ),
        )
    candidates += _other_splits(case, steps, features)
    return Finding("flattened", sentence, tuple(candidates), axes, advice)


def _other_splits(case: Situation, steps: int, features: int) -> list[Candidate]:
    """The reading with steps and features changed over, where nothing was declared."""
    _, wanted_steps, wanted_features = case.want
    if wanted_steps is not None or wanted_features is not None or steps == features:
        return []
    return [
        fix(
            case,
            Reshape((features, steps)),
            say(
                "Reshape {array} to (samples, {features}, {steps})",
                array=short(case),
                features=features,
                steps=steps,
            ),
            say(
                "Right when there are {features} timesteps of {steps} features.",
                features=features,
                steps=steps,
            ),
            "possible",
            say("Wrong if the timesteps and features are the other way round."),
        )
    ]


def _feature_axis(case: Situation, confidence: Confidence, declare: Any = None) -> Finding:
    rows, width = case.got
    name = case.operand.label
    whole = text((rows, width, 1))
    told = {
        "name": name,
        "shape": text(case.got),
        "samples": say("samples") if rows is None else plural(rows, "sample"),
        "whole": whole,
    }
    sentence = (
        say(
            "`{name}` is {shape}: {samples} of any number of timesteps, and no axis for the features. The layer wants (samples, timesteps, features), here {whole}.",
            **told,
        )
        if width is None
        else say(
            "`{name}` is {shape}: {samples} of {width} timesteps, and no axis for the features. The layer wants (samples, timesteps, features), here {whole}.",
            width=width,
            **told,
        )
    )
    first = fix(
        case,
        Expand(-1),
        say("Give {array} a feature axis: {whole}", array=short(case), whole=whole),
        say("Each of the numbers in a row is one timestep of a single feature."),
        confidence,
    )
    others: list[Candidate] = []
    if case.want[1] is None and width not in (None, 1):
        others.append(
            fix(
                case,
                Expand(1),
                say("One timestep of {width} features: ({rows}, 1, {width})", width=width, rows=rows),
                say("Only if the columns of a row are different quantities, measured once."),
                "possible",
                say("With one timestep the recurrent layer has nothing to remember."),
            )
        )
    return Finding(
        "feature_axis_missing", sentence, (first, *others), ("samples", "timesteps"), declare=declare
    )


def table(case: Situation, steps: int | None) -> Finding:
    """(rows, features): one long series that was never cut into windows."""
    rows, width = case.got[0], case.got[1] if len(case.got) > 1 else 1
    name = case.operand.label
    assert rows is not None
    known = steps is not None
    if steps is None:
        named = sorted(n for n in hints.steps_named(case.namespace) if 1 < n < rows)
        steps = named[0] if named else max(2, min(10, rows // 4))
    if known:
        sentence = say(
            "`{name}` is one long table {shape}: {rows} rows in time with {features}. The layer wants samples of {steps} timesteps each: cut the table into windows.",
            name=name,
            shape=text(case.got),
            rows=rows,
            features=plural(width, "feature"),
            steps=steps,
        )
    else:
        sentence = say(
            "`{name}` is one long table {shape}: {rows} rows in time with {features}. The layer wants samples of some timesteps each: cut the table into windows.",
            name=name,
            shape=text(case.got),
            rows=rows,
            features=plural(width, "feature"),
        )
    axes = ("timesteps", "features") if len(case.got) > 1 else ("timesteps",)
    choices = tuple(sorted({n for n in (2, 5, 7, 10, 12, 14, 20, 24, 30, 48, 50, 60, steps) if 1 < n < rows}))

    # Without targets the newest window counts most: no row has to be kept for its answer.
    asks = case.target_operand is None and case.method in ONE_SAMPLE[:3]
    at_once = asks or _belongs_to_the_row(case)

    def windows(values: Mapping[str, Any]) -> Candidate:
        length = int(values.get("timesteps", steps))
        op = Windows(length, keep_last=at_once)
        data: list[tuple[Operand, Op]] = [(case.operand, op)]
        why = say("Each sample is a stretch of rows, its target that of the row after it.")
        if asks:
            why = say("Each sample is a stretch of rows; the last one ends with the newest row.")
        elif at_once:
            why = say("Each sample is a stretch of rows, its target that of its last row.")
        target = case.target_operand
        if target is not None and target.described.shape and target.described.shape[0] == rows:
            if target.value is case.operand.value and len(case.answer) == 3:
                # An autoencoder: the windows are the targets, too.
                op = Windows(length, keep_last=True)
                data = [(case.operand, op), (target, op)]
                why = say("Each sample is a stretch of rows, and its own target.")
            else:
                first = length - 1 if at_once else length
                data.append((target, Slice(0, first, None, kind="align", repeatable=False)))
        return Candidate(
            kind="window",
            title=say("Cut {array} into windows of {length} timesteps", array=short(case), length=length),
            why=why,
            confidence="sure" if known else "likely",
            caution=None
            if known
            else say("The length of {length} is a guess: choose what one sample should see.", length=length),
            data=tuple(data),
            target=case.operand.name,
            before=case.got,
            after=op.shape(case.got),
            parameters=None
            if known
            else {"timesteps": Parameter(say("timesteps in a window"), length, choices)},
            vary=None if known else windows,
        )

    others: list[Candidate] = []
    if len(case.got) > 1 and (case.want[1] in (None, 1)):
        others.append(
            fix(
                case,
                Expand(1),
                say("Each row as a sample of one timestep: ({rows}, 1, {width})", rows=rows, width=width),
                say("Only if the rows do not belong together in time."),
                "possible",
                say("With one timestep the recurrent layer has nothing to remember."),
            )
        )
    return Finding("unwindowed", sentence, (windows({}), *others), axes)


def _belongs_to_the_row(case: Situation) -> bool:
    """Whether the target of a row is what one asks when that row is the last that is known.

    So it is for a class of the row, and for a value that is already the next row's. A value of the
    row itself (a column of the table, most of all) is what the rows before are to foretell.
    """
    target = case.target_operand
    rows = hints.sample_of(case.operand.value, 65)
    wanted = None if target is None else hints.sample_of(target.value, 65)
    if rows is None or wanted is None or target is None:
        return False
    # As many rows in both, as far as they are looked at; of wide rows fewer are read.
    counts = {min(65, shape[0] or 0) for shape in (case.got, target.described.shape) if shape}
    count = min(len(rows), len(wanted))
    if len(counts) != 1 or count < 3:
        return False
    rows, wanted = rows[:count], wanted[:count]
    import numpy as np

    with np.errstate(all="ignore"):
        table, values = rows.reshape(len(rows), -1), wanted.reshape(len(wanted), -1)
        ahead = [np.allclose(table[1:, column], values[:-1, 0]) for column in range(table.shape[1])]
        same = [np.allclose(table[:, column], values[:, 0]) for column in range(table.shape[1])]
    classes = str(target.described.dtype).startswith(("int", "uint", "bool"))
    return (classes or any(ahead)) and not any(same)


def one_to_three(case: Situation) -> Finding | None:
    (count,) = case.got
    _, steps, features = case.want
    assert count is not None
    name = case.operand.label
    alone = case.targets in (None, 1) and case.method != "fit"
    if alone and steps is not None and features is not None and count == steps * features:
        shape = (1, steps, features)
        op: Op = Reshape((steps, features))
        sentence = say(
            "`{name}` is one sample laid flat {shape}; the model takes a batch, {batch_shape} for one.",
            name=name,
            shape=text(case.got),
            batch_shape=text(shape),
        )
        first = fix(
            case,
            op,
            say("Make a batch of one: {shape}", shape=text(shape)),
            say("One sample is a batch of size 1."),
            "sure",
            siblings=False,
        )
        return Finding("batch_axis_missing", sentence, (first,), ("timesteps",))
    if alone and features in (None, 1) and steps in (None, count):
        sentence = say(
            "`{name}` is one series {shape}; the model takes a batch, (1, {count}, 1) for one.",
            name=name,
            shape=text(case.got),
            count=count,
        )
        first = fix(
            case,
            Reshape((count, 1)),
            say("Make a batch of one: (1, {count}, 1)", count=count),
            say("One series of one feature is one sample."),
            "likely",
            siblings=False,
        )
        return Finding("batch_axis_missing", sentence, (first,), ("timesteps",))
    if features in (None, 1):
        return table(case, steps)
    return None
