"""Three axes, but in another order than the model's."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

from rnnmagic.diagnosis import hints
from rnnmagic.diagnosis.base import AXES3, text
from rnnmagic.diagnosis.inputs.situation import Finding, Situation, fix, short
from rnnmagic.diagnosis.inputs.sizes import other_length, other_width
from rnnmagic.language import later, say
from rnnmagic.ops import Reshape, Transpose

SCRAMBLES = later("A reshape also fits these sizes, but it would mix the axes and scramble every sample.")


def three_to_three(case: Situation) -> Finding | None:
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
        return other_width(case)
    if steps is not None and one != steps:
        return other_length(case)
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
    sentence = say(
        "`{name}` {shape} has its axes as ({axes}); the layer wants (samples, timesteps, features), so {turned}.",
        name=name,
        shape=text(case.got),
        axes=", ".join(before),
        turned=text(tuple(got[a] for a in axes)),
    )
    first = fix(
        case,
        Transpose(axes),
        say("Transpose {array} to {shape}", array=short(case), shape=text(tuple(got[a] for a in axes))),
        say("The sizes are right but in another order; a transpose keeps every sample whole."),
        "sure" if steps is not None and features is not None and steps != features else "likely",
    )
    scrambling = fix(
        case,
        Reshape(tuple(int(got[a] or 0) for a in axes[1:])),
        say("Reshape {array} (wrong unless mislabelled)", array=short(case)),
        say("Only if the array was made with the wrong reshape in the first place."),
        "possible",
        say(SCRAMBLES),
    )
    # Which of the two is wrong, the data or the declaration?
    if axes == (0, 2, 1) and case.declared and _declaration_is_swapped(case):
        return Finding(
            "input_declaration",
            say(
                "`{name}` is {shape} = (samples, timesteps, features), but the model was declared with ({steps}, {features}): timesteps and features are swapped. Declare ({real_steps}, {real_features}).",
                name=name,
                shape=text(case.got),
                steps=steps,
                features=features,
                real_steps=got[1],
                real_features=got[2],
            ),
            (replace(first, confidence="possible"),),
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
    if case.time is not None:
        return case.time == 1
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
    sentence = say(
        "`{name}` {shape} holds each sample flat, beside an axis of size 1; the layer wants (samples, {steps}, {features}).",
        name=name,
        shape=text(case.got),
        steps=steps,
        features=features,
    )
    first = fix(
        case,
        Reshape((steps, features)),
        say(
            "Reshape {array} to (samples, {steps}, {features})",
            array=short(case),
            steps=steps,
            features=features,
        ),
        say("Right when each row holds all features of step 1, then all of step 2, and so on."),
        "likely",
        say("Wrong if the columns run feature by feature: the values would be mixed."),
    )
    return Finding("flattened", sentence, (first,), ("samples", "1", "timesteps*features"))
