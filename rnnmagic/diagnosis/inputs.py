"""An array that does not fit what the model wants at its input.

Pure reasoning on shapes, with hints from names and a small sample of the data where the shapes
alone leave several readings.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import permutations
from typing import Any

from rnnmagic.diagnosis import hints
from rnnmagic.diagnosis.base import AXES3, Candidate, plural, text
from rnnmagic.evidence import Operand
from rnnmagic.ops import (
    Batched,
    Cast,
    Chain,
    ClassIndex,
    Expand,
    FeatureMajor,
    Mapped,
    Op,
    Reshape,
    Slice,
    Squeeze,
    Transpose,
    Windows,
)
from rnnmagic.report import Confidence, Parameter, Shape

ONE_SAMPLE = ("predict", "predict_on_batch", "__call__", "train_on_batch", "test_on_batch")
SCRAMBLES = "A reshape also fits these sizes, but it would mix the axes and scramble every sample."


@dataclass(frozen=True)
class Situation:
    """One array before one input of a model, and what is known around them."""

    operand: Operand
    got: Shape
    want: Shape
    method: str
    namespace: dict[str, Any] = field(repr=False)
    targets: int | None = None
    """Samples of y, `None` when there is no y."""
    trained: bool = False
    declared: bool = True
    ids: bool = False
    target_operand: Operand | None = None
    declaration: tuple[str, ...] = ()
    """What stands in the model's declaration, one text for each axis but the batch."""
    fits: tuple[str, ...] = ()
    """Kernel arrays that do fit the model's input."""


@dataclass(frozen=True)
class Finding:
    """The cause with its sentence, and the repairs, best first."""

    cause: str
    sentence: str
    candidates: tuple[Candidate, ...]
    axes: tuple[str, ...] | None = None
    advice: tuple[str, ...] = ()
    model_at_fault: bool = False
    declare: Shape | None = None
    """The input shape (no batch axis) that the model should be declared with, where that is a repair."""


def judge(case: Situation) -> Finding:
    """Say why the array does not fit."""
    got, want = case.got, case.want
    rank, wanted = len(got), len(want)
    if case.operand.described.carrier == "dataset":
        return _dataset(case)
    if case.operand.described.carrier == "loader":
        return _batches(case)
    if wanted == 3:
        finding = {1: _one_to_three, 2: _two_to_three, 3: _three_to_three}.get(rank, _more_to_three)(case)
    elif wanted == 2:
        finding = _to_two(case)
    else:
        finding = None
    return finding or _general(case)


def _fix(
    case: Situation,
    op: Op,
    title: str,
    why: str,
    confidence: Confidence,
    caution: str | None = None,
    **more: Any,
) -> Candidate:
    return Candidate(
        kind=more.pop("kind", op.kind),
        title=title[:60],
        why=why,
        confidence=confidence,
        caution=caution,
        data=((case.operand, op),),
        target=case.operand.name,
        before=case.got,
        after=op.shape(case.got),
        **more,
    )


# Flat tables and missing axes


def _two_to_three(case: Situation) -> Finding | None:
    rows, width = case.got
    _, steps, features = case.want
    if rows is None or width is None:
        return None
    if _is_one_sample(case):
        return _one_sample(case)
    if steps is not None and features is not None:
        if features == 1 and steps == width:
            return _feature_axis(case, "sure")
        if width == steps * features and not (steps == 1 and rows > 4 * width and _is_series(case)):
            return _flat(case, steps, features)
        if width == features:
            return _table(case, steps)
        if width == steps:
            return _feature_axis(case, "likely", declare=(steps, 1))
        if width % features == 0:
            return _flat(case, width // features, features)
        if width % steps == 0:
            return replace(_flat(case, steps, width // steps), declare=(steps, width // steps))
        return None
    if features is not None:
        if features == 1 and not _is_series(case):
            return _feature_axis(case, "likely")
        if width == features:
            return _table(case, None)
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
        return _table(case, None)
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
    sentence = (
        f"`{name}` is a flat table {text(case.got)}; the layer wants (samples, timesteps, features). "
        f"{width} columns = {plural(steps, 'timestep')} × {plural(features, 'feature')}, "
        f"so each row becomes ({steps}, {features})."
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
        reason = f"The columns are named so: {', '.join(columns.sample)}, …"
    elif not trivial:
        order = hints.flat_order(case.operand.value, steps, features)
        if order is not None:
            reason = "Read this way the values run smoothly along time."
    by_time = _fix(
        case,
        Reshape((steps, features)),
        f"Reshape {_short(case)} to (samples, {steps}, {features})",
        reason
        if order == "time" and reason
        else "Right when each row holds all features of step 1, then all of step 2, and so on.",
        sure if trivial or order == "time" else "likely",
        None if trivial else "Wrong if the columns run feature by feature: the values would be mixed.",
        parameters=None,
    )
    if trivial:
        return Finding("flattened", sentence, (by_time,), axes)
    by_feature = _fix(
        case,
        FeatureMajor(steps, features),
        f"Reshape {_short(case)}, columns feature by feature",
        reason
        if order == "feature" and reason
        else "Right when each row holds all steps of feature 1, then all of feature 2, and so on.",
        sure if order == "feature" else "possible",
        "Wrong if the columns run step by step: the values would be mixed.",
    )
    advice = ()
    candidates = [by_time, by_feature]
    if order == "feature":
        candidates.reverse()
    elif order is None:
        advice = (
            (f"The shape alone cannot tell how the {width} columns lie: step by step or feature by "
            "feature. Look at how the table was made, or name its columns."),
        )
    candidates += _other_splits(case, steps, features)
    return Finding("flattened", sentence, tuple(candidates), axes, advice)


def _other_splits(case: Situation, steps: int, features: int) -> list[Candidate]:
    """The reading with steps and features changed over, where nothing was declared."""
    _, wanted_steps, wanted_features = case.want
    if wanted_steps is not None or wanted_features is not None or steps == features:
        return []
    return [
        _fix(
            case,
            Reshape((features, steps)),
            f"Reshape {_short(case)} to (samples, {features}, {steps})",
            f"Right when there are {features} timesteps of {steps} features.",
            "possible",
            "Wrong if the timesteps and features are the other way round.",
        )
    ]


def _short(case: Situation) -> str:
    name = case.operand.label
    return name if len(name) <= 24 else (case.operand.name or "the array")[:24]


def _feature_axis(case: Situation, confidence: Confidence, declare: Any = None) -> Finding:
    rows, width = case.got
    name = case.operand.label
    sentence = (
        f"`{name}` is {text(case.got)}: {rows} samples of {width} timesteps, and no axis for the "
        f"features. The layer wants (samples, timesteps, features), here ({rows}, {width}, 1)."
    )
    first = _fix(
        case,
        Expand(-1),
        f"Give {_short(case)} a feature axis: ({rows}, {width}, 1)",
        "Each of the numbers in a row is one timestep of a single feature.",
        confidence,
    )
    others: list[Candidate] = []
    if case.want[1] is None and width != 1:
        others.append(
            _fix(
                case,
                Expand(1),
                f"One timestep of {width} features: ({rows}, 1, {width})",
                "Only if the columns of a row are different quantities, measured once.",
                "possible",
                "With one timestep the recurrent layer has nothing to remember.",
            )
        )
    return Finding(
        "feature_axis_missing", sentence, (first, *others), ("samples", "timesteps"), declare=declare
    )


def _table(case: Situation, steps: int | None) -> Finding:
    """(rows, features): one long series that was never cut into windows."""
    rows, width = case.got[0], case.got[1] if len(case.got) > 1 else 1
    name = case.operand.label
    assert rows is not None
    known = steps is not None
    if steps is None:
        named = sorted(n for n in hints.steps_named(case.namespace) if 1 < n < rows)
        steps = named[0] if named else max(2, min(10, rows // 4))
    sentence = (
        f"`{name}` is one long table {text(case.got)}: {rows} rows in time with {plural(width, 'feature')}. "
        f"The layer wants samples of {steps if known else 'some'} timesteps each: cut the table into windows."
    )
    axes = ("timesteps", "features") if len(case.got) > 1 else ("timesteps",)
    choices = tuple(sorted({n for n in (2, 5, 7, 10, 12, 14, 20, 24, 30, 48, 50, 60, steps) if 1 < n < rows}))

    def windows(values: Mapping[str, Any]) -> Candidate:
        length = int(values.get("timesteps", steps))
        op = Windows(length)
        data: list[tuple[Operand, Op]] = [(case.operand, op)]
        target = case.target_operand
        if target is not None and target.described.shape and target.described.shape[0] == rows:
            data.append((target, Slice(0, length, None, kind="align", repeatable=False)))
        return Candidate(
            kind="window",
            title=f"Cut {_short(case)} into windows of {length} timesteps",
            why="Each sample is a stretch of rows, its target the row after it.",
            confidence="sure" if known else "likely",
            caution=None
            if known
            else f"The length of {length} is a guess: choose what one sample should see.",
            data=tuple(data),
            target=case.operand.name,
            before=case.got,
            after=op.shape(case.got),
            parameters=None if known else {"timesteps": Parameter("timesteps in a window", length, choices)},
            vary=None if known else windows,
        )

    others: list[Candidate] = []
    if len(case.got) > 1 and (case.want[1] in (None, 1)):
        others.append(
            _fix(
                case,
                Expand(1),
                f"Each row as a sample of one timestep: ({rows}, 1, {width})",
                "Only if the rows do not belong together in time.",
                "possible",
                "With one timestep the recurrent layer has nothing to remember.",
            )
        )
    return Finding("unwindowed", sentence, (windows({}), *others), axes)


def _is_one_sample(case: Situation) -> bool:
    """Whether the array is a single sample, its batch axis left out."""
    got, want = case.got, case.want
    inner = want[1:]
    if len(got) != len(inner):
        return False
    node = case.operand.node
    picked = isinstance(node, ast.Subscript) and _is_index(node.slice)
    matches = all(w is None or w == g for w, g in zip(inner, got, strict=True))
    if picked and matches:
        return True
    exact = got == inner
    if case.targets is not None and case.targets == got[0] and case.targets != 1:
        return False
    return exact or (case.method in ONE_SAMPLE[:3] and matches and inner[-1] is not None and case.trained)


def _is_index(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int)
    if isinstance(node, ast.UnaryOp):
        return _is_index(node.operand)
    return isinstance(node, (ast.Name, ast.BinOp))


def _one_sample(case: Situation) -> Finding:
    name = case.operand.label
    sentence = (
        f"`{name}` is one sample {text(case.got)}; the model takes a batch of samples, "
        f"{text((1, *case.got))} for one."
    )
    candidates: list[Candidate] = [
        _fix(
            case,
            Expand(0),
            f"Make a batch of one: {text((1, *case.got))}"[:60],
            "A model answers for a batch; one sample is a batch of size 1.",
            "sure",
            siblings=False,
        )
    ]
    axes = ("timesteps", "features") if len(case.got) == 2 else ("timesteps",)
    return Finding("batch_axis_missing", sentence, tuple(candidates), axes)


def _one_to_three(case: Situation) -> Finding | None:
    (count,) = case.got
    _, steps, features = case.want
    assert count is not None
    name = case.operand.label
    alone = case.targets in (None, 1) and case.method != "fit"
    if alone and steps is not None and features is not None and count == steps * features:
        shape = (1, steps, features)
        op: Op = Reshape((steps, features))
        sentence = f"`{name}` is one sample laid flat {text(case.got)}; the model takes a batch, {text(shape)} for one."
        first = _fix(
            case,
            op,
            f"Make a batch of one: {text(shape)}",
            "One sample is a batch of size 1.",
            "sure",
            siblings=False,
        )
        return Finding("batch_axis_missing", sentence, (first,), ("timesteps",))
    if alone and features in (None, 1) and steps in (None, count):
        sentence = (
            f"`{name}` is one series {text(case.got)}; the model takes a batch, (1, {count}, 1) for one."
        )
        first = _fix(
            case,
            Reshape((count, 1)),
            f"Make a batch of one: (1, {count}, 1)",
            "One series of one feature is one sample.",
            "likely",
            siblings=False,
        )
        return Finding("batch_axis_missing", sentence, (first,), ("timesteps",))
    if features in (None, 1):
        return _table(case, steps)
    return None


# Three axes, but not those


def _three_to_three(case: Situation) -> Finding | None:
    samples, one, two = case.got
    _, steps, features = case.want
    turned = _turned(case)
    if turned is not None:
        return turned
    if features is not None and two != features:
        if (
            samples is not None
            and one is not None
            and two is not None
            and 1 in (one, two)
            and steps is not None
        ):
            if one * two == steps * features:
                return _flat_with_axis(case, steps, features)
        return _width(case)
    if steps is not None and one != steps:
        return _length(case)
    return None


def _turned(case: Situation) -> Finding | None:
    """Whether another order of the same axes fits."""
    got, want = case.got, case.want
    _, steps, features = want
    if features is None and steps is None:
        return None
    fitting: list[tuple[int, ...]] = []
    for axes in permutations(range(3)):
        if axes == (0, 1, 2):
            continue
        new = tuple(got[axis] for axis in axes)
        if any(w is not None and w != n for w, n in zip(want[1:], new[1:], strict=True)):
            continue
        if case.targets is not None and new[0] != case.targets:
            continue
        fitting.append(axes)
    if not fitting:
        return None
    fits_now = all(w is None or w == g for w, g in zip(want[1:], got[1:], strict=True))
    if fits_now and (case.targets is None or case.targets == got[0]):
        return None
    keep_batch = [axes for axes in fitting if axes[0] == 0]
    axes = (keep_batch or fitting)[0]
    if axes[0] == 0 and (steps is None and got[1] != features):
        return None
    name = case.operand.label
    before = _axis_names(axes)
    sentence = (
        f"`{name}` {text(case.got)} has its axes as ({', '.join(before)}); the layer wants "
        f"(samples, timesteps, features), so {text(tuple(got[a] for a in axes))}."
    )
    first = _fix(
        case,
        Transpose(axes),
        f"Transpose {_short(case)} to {text(tuple(got[a] for a in axes))}",
        "The sizes are right but in another order; a transpose keeps every sample whole.",
        "sure" if steps is not None and features is not None and steps != features else "likely",
    )
    scrambling = _fix(
        case,
        Reshape(tuple(int(got[a] or 0) for a in axes[1:])),
        f"Reshape {_short(case)} (wrong unless mislabelled)",
        "Only if the array was made with the wrong reshape in the first place.",
        "possible",
        SCRAMBLES,
    )
    # Which of the two is wrong, the data or the declaration?
    if axes == (0, 2, 1) and case.declared and _declaration_is_swapped(case):
        return Finding(
            "input_declaration",
            f"`{name}` is {text(case.got)} = (samples, timesteps, features), but the model was declared "
            f"with ({steps}, {features}): timesteps and features are swapped. Declare ({got[1]}, {got[2]}).",
            (first,),
            AXES3,
            model_at_fault=True,
            declare=(got[1], got[2]),
        )
    return Finding("axis_order", sentence, (first, scrambling), before)


def _axis_names(axes: tuple[int, ...]) -> tuple[str, ...]:
    names = [""] * 3
    for place, axis in enumerate(axes):
        names[axis] = AXES3[place]
    return tuple(names)


def _declaration_is_swapped(case: Situation) -> bool:
    """Whether the data is right and the declaration has its axes swapped."""
    if case.trained or case.fits:
        return False
    if len(case.declaration) == 2:
        first, second = case.declaration
        if hints.says(first, hints.FEATURE_WORDS) and not hints.says(first, hints.STEP_WORDS):
            return True
        if hints.says(second, hints.STEP_WORDS) and not hints.says(second, hints.FEATURE_WORDS):
            return True
        if hints.says(first, hints.STEP_WORDS) or hints.says(second, hints.FEATURE_WORDS):
            return False
        # Written as a swap of the array's own axes: (X.shape[2], X.shape[1]).
        if "shape[2]" in first and "shape[1]" in second:
            return True
    axis = hints.time_axis(case.operand.value)
    if axis is not None:
        return axis == 1
    _, one, two = case.got
    steps, features = hints.steps_named(case.namespace), hints.features_named(case.namespace)
    right = (one in steps) + (two in features)
    wrong = (two in steps) + (one in features)
    if right != wrong:
        return right > wrong
    return one is not None and two is not None and one > two


def _flat_with_axis(case: Situation, steps: int, features: int) -> Finding:
    name = case.operand.label
    sentence = (
        f"`{name}` {text(case.got)} holds each sample flat, beside an axis of size 1; the layer wants "
        f"(samples, {steps}, {features})."
    )
    first = _fix(
        case,
        Reshape((steps, features)),
        f"Reshape {_short(case)} to (samples, {steps}, {features})",
        "Right when each row holds all features of step 1, then all of step 2, and so on.",
        "likely",
        "Wrong if the columns run feature by feature: the values would be mixed.",
    )
    return Finding("flattened", sentence, (first,), ("samples", "1", "timesteps*features"))


def _width(case: Situation) -> Finding:
    """The last axis is of another size."""
    got, want = case.got, case.want
    width, features = got[-1], want[-1]
    assert width is not None and features is not None
    name = case.operand.label
    more = width > features
    sentence = (
        f"`{name}` {text(got)} has {plural(width, 'feature')} at each timestep; the model takes {features}."
    )
    candidates: list[Candidate] = []
    if more:
        first = _fix(
            case,
            Slice(-1, None, features, repeatable=True),
            f"Keep the first {plural(features, 'feature')} of {_short(case)}",
            "Right when the surplus columns were added at the end.",
            "likely",
            "Check which columns the model was made for: this drops the last "
            f"{plural(width - features, 'column')}.",
        )
        last = _fix(
            case,
            Slice(-1, -features, None, repeatable=True),
            f"Keep the last {plural(features, 'feature')} of {_short(case)}",
            "Right when the surplus columns stand at the front (an index, a date).",
            "possible",
            f"This drops the first {plural(width - features, 'column')}.",
        )
        candidates = [first, last]
    model_at_fault = case.declared and not case.trained and not case.fits
    if more and case.target_operand is not None and len(got) == 3:
        column = hints.column_of_target(case.operand.value, case.target_operand.value)
        if column in (0, width - 1) and width == features + 1:
            # The target is among the features: the model is declared without it, and rightly so.
            model_at_fault = False
            sentence += f" Feature {column} is the target `{case.target_operand.label}` itself."
            candidates = [
                replace(
                    candidates[0 if column else 1],
                    confidence="sure",
                    caution=None,
                    why="What is to be predicted must not be among the inputs.",
                )
            ]
    inner = (*tuple(None if w is None else g for g, w in zip(got[1:-1], want[1:-1], strict=True)), width)
    return Finding(
        "input_declaration" if model_at_fault else "features",
        sentence
        + (
            f" Declare ({', '.join('None' if s is None else str(s) for s in inner)}) if the data is right."
            if model_at_fault
            else ""
        ),
        tuple(candidates),
        AXES3 if len(got) == 3 else None,
        model_at_fault=model_at_fault,
        declare=inner if not case.trained else None,
    )


def _length(case: Situation) -> Finding:
    """The time axis is of another size."""
    got, want = case.got, case.want
    steps, wanted = got[1], want[1]
    assert steps is not None and wanted is not None
    name = case.operand.label
    sentence = f"`{name}` {text(got)} has {plural(steps, 'timestep')}; the model was declared with {wanted}."
    candidates: list[Candidate] = []
    if steps > wanted:
        candidates = [
            _fix(
                case,
                Slice(1, -wanted, None, kind="truncate", repeatable=True),
                f"Keep the last {plural(wanted, 'timestep')} of {_short(case)}",
                "The newest steps are those nearest to what is predicted.",
                "likely",
                f"The first {plural(steps - wanted, 'timestep')} of each sample are not used.",
                siblings=False,
            ),
            _fix(
                case,
                Slice(1, None, wanted, kind="truncate", repeatable=True),
                f"Keep the first {plural(wanted, 'timestep')} of {_short(case)}",
                "Right when the beginning of each sample matters.",
                "possible",
                f"The last {plural(steps - wanted, 'timestep')} of each sample are not used.",
                siblings=False,
            ),
        ]
    return Finding("timesteps", sentence, tuple(candidates), AXES3, declare=(None, *want[2:]))


def _more_to_three(case: Situation) -> Finding | None:
    got, want = case.got, case.want
    name = case.operand.label
    sentence = (
        f"`{name}` has {len(got)} axes, {text(got)}; the layer wants three: (samples, timesteps, features)."
    )
    candidates: list[Candidate] = []
    ones = [axis for axis, size in enumerate(got) if size == 1]
    if len(got) == 4:
        for axis in sorted(ones, key=lambda a: (a == 0, a)):
            op = Squeeze(axis)
            if _fits(op.shape(got), want, case.targets):
                candidates.append(
                    _fix(
                        case,
                        op,
                        f"Take out the axis of size 1: {text(op.shape(got))}",
                        "That axis holds nothing but itself; no value moves.",
                        "sure" if len(ones) == 1 else "likely",
                    )
                )
    tail = got[2:]
    if all(size is not None for size in got[1:]):
        merged = 1
        for size in tail:
            merged *= int(size or 0)
        reshape = Reshape((int(got[1] or 0), merged))
        candidates.append(
            _fix(
                case,
                reshape,
                f"Reshape {_short(case)} to {text(reshape.shape(got))}",
                "Axis 1 is time; all that belongs to one timestep becomes its features.",
                "likely" if not candidates else "possible",
                None if not candidates else "Only if axis 1 is time.",
            )
        )
        _, steps, features = want
        if steps is not None and features is not None:
            whole = 1
            for size in got[1:]:
                whole *= int(size or 0)
            if whole == steps * features and (steps, features) != (got[1], merged):
                candidates.append(
                    _fix(
                        case,
                        Reshape((steps, features)),
                        f"Reshape {_short(case)} to (samples, {steps}, {features})",
                        "The sizes multiply out.",
                        "possible",
                        "The axes are mixed unless the elements happen to lie in this order.",
                    )
                )
        if len(got) == 4 and _fits(got[:3], want, case.targets):
            pick = Chain((_Pick(),), kind="select")
            candidates.append(
                _fix(
                    case,
                    pick,
                    f"Keep only the first of the {got[3]} channels",
                    "Right when the channels are copies of one another (grey images).",
                    "possible",
                    "The other channels are not used.",
                )
            )
    declare = (int(got[1] or 0), merged) if all(s is not None for s in got[1:]) else None
    return Finding("rank", sentence, tuple(candidates), None, declare=declare if not case.trained else None)


class _Pick(Op):
    """The first channel: `x[..., 0]`."""

    kind = "select"

    def shape(self, shape: Shape) -> Shape:
        return shape[:-1]

    def apply(self, value: Any) -> Any:
        return value[..., 0]

    def code(self, expression: str, value: Any, spell: Any) -> str:
        return f"{expression}[..., 0]"


def _fits(shape: Shape, want: Shape, targets: int | None = None) -> bool:
    return (
        len(shape) == len(want)
        and all(w is None or s is None or w == s for s, w in zip(shape[1:], want[1:], strict=True))
        and (targets is None or shape[0] is None or shape[0] == targets)
    )


def _to_two(case: Situation) -> Finding | None:
    """(samples, timesteps) of ids, or (samples, features), is wanted."""
    got, want, name = case.got, case.want, case.operand.label
    if len(got) == 1 and _is_one_sample(case):
        return _one_sample(case)
    if len(got) == 1 and case.method in ONE_SAMPLE and want[1] in (None, got[0]):
        return _one_sample(case)
    if len(got) == 3 and case.ids:
        if got[2] == 1:
            op: Op = Squeeze(-1)
            return Finding(
                "rank",
                f"`{name}` {text(got)} has an axis of size 1 too many; the Embedding wants ids, (samples, timesteps).",
                (
                    _fix(
                        case,
                        op,
                        f"Take out the last axis: {text(op.shape(got))}",
                        "An Embedding makes the feature axis itself.",
                        "sure",
                    ),
                ),
                ("samples", "timesteps", "1"),
            )
        return Finding(
            "rank",
            f"`{name}` {text(got)} is one-hot; the Embedding wants ids, (samples, timesteps).",
            (
                _fix(
                    case,
                    ClassIndex(),
                    f"Back to ids: {text(got[:-1])}",
                    "An Embedding looks ids up; it does the one-hot step itself.",
                    "likely",
                ),
            ),
            AXES3,
        )
    if len(got) == 2 and want[1] is not None and got[1] != want[1]:
        turned = (got[1], got[0])
        if _fits(turned, want, case.targets) and case.targets != got[0]:
            return Finding(
                "axis_order",
                f"`{name}` {text(got)} has samples and columns the other way round; the model wants {text(want)}.",
                (
                    _fix(
                        case,
                        Transpose((1, 0)),
                        f"Transpose {_short(case)} to {text(turned)}",
                        "The sizes are right but in another order.",
                        "sure",
                    ),
                ),
                ("timesteps", "samples"),
            )
        return _width_of_two(case)
    return None


def _width_of_two(case: Situation) -> Finding:
    finding = _width(replace(case))
    if not case.ids:
        return finding
    got, want = case.got, case.want
    return replace(
        finding,
        cause="timesteps",
        sentence=f"`{case.operand.label}` {text(got)} has {plural(got[1], 'timestep')}; the model was declared with {want[1]}.",
        declare=(None,),
        model_at_fault=False,
    )


def _batches(case: Situation) -> Finding:
    """A dataset of batches whose arrays do not fit: the repair goes into a `map`."""
    element = getattr(case.operand.value, "element_spec", None)
    names = ("x", "y", "w")[: len(element)] if type(element) is tuple else ("x",)
    as_array = replace(
        case, operand=replace(case.operand, described=replace(case.operand.described, carrier="array"))
    )
    finding = judge(as_array)
    candidates = []
    for candidate in finding.candidates:
        ops = [op for _, op in candidate.data]
        if len(ops) == 1 and isinstance(ops[0], (Reshape, Transpose, Expand)):
            candidates.append(replace(candidate, data=((case.operand, Mapped(ops[0], names)),)))
    return replace(finding, candidates=tuple(candidates))


def _dataset(case: Situation) -> Finding:
    """A dataset whose elements are single samples."""
    name, got, want = case.operand.label, case.got, case.want
    if len(got) == len(want) - 1:
        op = Batched(32)

        def batched(values: Mapping[str, Any]) -> Candidate:
            size = int(values.get("batch_size", 32))
            return _fix(
                case,
                Batched(size),
                f"Batch the dataset: {_short(case)}.batch({size})",
                "Keras takes a dataset's elements as batches; each of these is one sample.",
                "sure",
                parameters={"batch_size": Parameter("batch size", size, (8, 16, 32, 64, 128))},
                vary=batched,
            )

        sentence = (
            f"`{name}` gives one sample {text(got)} at a time; the model takes batches, "
            f"{text((None, *got))}. The dataset was never batched."
        )
        del op
        return Finding("batch_axis_missing", sentence, (batched({}),), ("timesteps", "features"))
    return Finding("rank", f"`{name}` gives elements {text(got)}; the model takes {text(want)}.", ())


def _general(case: Situation) -> Finding:
    """Another wrong number of axes, or sizes that no rule above explains."""
    got, want, name = case.got, case.want, case.operand.label
    sentence = f"`{name}` is {text(got)}; the model wants {text(want)}."
    return Finding("rank" if len(got) != len(want) else "features", sentence, tuple(_by_size(case)))


def _by_size(case: Situation) -> Iterator[Candidate]:
    """Repairs that only the sizes speak for."""
    got, want = case.got, case.want
    if len(got) == len(want) + 1:
        for axis, size in enumerate(got):
            op = Squeeze(axis)
            if size == 1 and _fits(op.shape(got), want):
                yield _fix(
                    case,
                    op,
                    f"Take out axis {axis}: {text(op.shape(got))}",
                    "That axis has size 1; no value moves.",
                    "likely",
                )
    if len(got) == len(want) - 1:
        if _fits((*got, 1), want):
            yield _fix(
                case,
                Expand(-1),
                f"Add a last axis: {text((*got, 1))}",
                "One channel, its axis not there.",
                "likely",
            )
        if _fits((1, *got), want):
            yield _fix(
                case,
                Expand(0),
                f"Make a batch of one: {text((1, *got))}",
                "One sample is a batch of size 1.",
                "likely",
            )
    inner = want[1:]
    sizes = [size for size in got[1:] if size is not None]
    if inner and all(size is not None for size in inner) and len(sizes) == len(got) - 1:
        have, need = 1, 1
        for size in sizes:
            have *= size
        for size in inner:
            need *= int(size or 0)
        if have == need and got[1:] != inner:
            yield _fix(
                case,
                Reshape(tuple(int(size or 0) for size in inner)),
                f"Reshape {_short(case)} to {text((got[0], *inner))}",
                "The sizes multiply out.",
                "possible",
                "Only the sizes speak for this; check that the order of the elements is the right one.",
            )


def cast(case: Situation, dtype: str = "float32") -> Candidate:
    """The same array with elements a layer can compute with."""
    return _fix(
        case,
        Cast(dtype),
        f"Cast {_short(case)} to {dtype}",
        "The values are numbers; only their type is not.",
        "likely",
    )
