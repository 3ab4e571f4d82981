"""Too many axes, ids for an Embedding, and what only the sizes speak for."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from rnnmagic.diagnosis import hints
from rnnmagic.diagnosis.base import AXES3, Candidate, plural, text
from rnnmagic.diagnosis.inputs.single import is_one_sample, one_sample
from rnnmagic.diagnosis.inputs.situation import ONE_SAMPLE, Finding, Situation, fits_in, fix, short
from rnnmagic.diagnosis.inputs.sizes import other_width
from rnnmagic.diagnosis.layers.declared import declare
from rnnmagic.language import say
from rnnmagic.ops import Chain, ClassIndex, Expand, Op, Pad, Reshape, Slice, Squeeze, Transpose
from rnnmagic.report import Shape


def more_to_three(case: Situation) -> Finding | None:
    got, want = case.got, case.want
    name = case.operand.label
    sentence = say(
        "`{name}` has {axes} axes, {shape}; the layer wants three: (samples, timesteps, features).",
        name=name,
        axes=len(got),
        shape=text(got),
    )
    candidates: list[Candidate] = []
    ones = [axis for axis, size in enumerate(got) if size == 1]
    if len(got) == 4:
        for axis in sorted(ones, key=lambda a: (a == 0, a)):
            op = Squeeze(axis)
            if fits_in(op.shape(got), want, case.targets):
                candidates.append(
                    fix(
                        case,
                        op,
                        say("Take out the axis of size 1: {shape}", shape=text(op.shape(got))),
                        say("That axis holds nothing but itself; no value moves."),
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
            fix(
                case,
                reshape,
                say("Reshape {array} to {shape}", array=short(case), shape=text(reshape.shape(got))),
                say("Axis 1 is time; all that belongs to one timestep becomes its features."),
                "likely" if not candidates else "possible",
                None if not candidates else say("Only if axis 1 is time."),
            )
        )
        _, steps, features = want
        if steps is not None and features is not None:
            whole = 1
            for size in got[1:]:
                whole *= int(size or 0)
            if whole == steps * features and (steps, features) != (got[1], merged):
                candidates.append(
                    fix(
                        case,
                        Reshape((steps, features)),
                        say(
                            "Reshape {array} to (samples, {steps}, {features})",
                            array=short(case),
                            steps=steps,
                            features=features,
                        ),
                        say("The sizes multiply out."),
                        "possible",
                        say("The axes are mixed unless the elements happen to lie in this order."),
                    )
                )
        if len(got) == 4 and fits_in(got[:3], want, case.targets):
            pick = Chain((_Pick(),), kind="select")
            candidates.append(
                fix(
                    case,
                    pick,
                    say("Keep only the first of the {channels} channels", channels=got[3]),
                    say("Right when the channels are copies of one another (grey images)."),
                    "possible",
                    say("The other channels are not used."),
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


class Channels(Op):
    """One channel as several: `np.repeat(x[..., None], 3, axis=-1)`."""

    kind = "expand"

    def __init__(self, count: int) -> None:
        self.count = count

    def shape(self, shape: Shape) -> Shape:
        return (*shape, self.count)

    def apply(self, value: Any) -> Any:
        import numpy as np

        return np.repeat(np.expand_dims(value, -1), self.count, axis=-1)

    def code(self, expression: str, value: Any, spell: Any) -> str:
        numpy = spell("numpy")
        return f"{numpy}.repeat({numpy}.expand_dims({expression}, -1), {self.count}, axis=-1)"


def to_two(case: Situation) -> Finding | None:
    """(samples, timesteps) of ids, or (samples, features), is wanted."""
    got, want, name = case.got, case.want, case.operand.label
    if len(got) == 1 and is_one_sample(case):
        return one_sample(case)
    if len(got) == 1 and case.method in ONE_SAMPLE and want[1] in (None, got[0]):
        return one_sample(case)
    if len(got) == 3 and case.ids:
        if got[2] == 1 and hints.held_by_steps(case.operand.value) != "measured":
            op: Op = Squeeze(-1)
            return Finding(
                "rank",
                say(
                    "`{name}` {shape} has an axis of size 1 too many; the Embedding wants ids, (samples, timesteps).",
                    name=name,
                    shape=text(got),
                ),
                (
                    fix(
                        case,
                        op,
                        say("Take out the last axis: {shape}", shape=text(op.shape(got))),
                        say("An Embedding makes the feature axis itself."),
                        "sure",
                    ),
                ),
                ("samples", "timesteps", "1"),
            )
        return _columns_for_ids(case)
    if len(got) == 2 and want[1] is not None and got[1] != want[1]:
        turned = (got[1], got[0])
        if fits_in(turned, want, case.targets) and case.targets != got[0]:
            return Finding(
                "axis_order",
                say(
                    "`{name}` {shape} has samples and columns the other way round; the model wants {want_shape}.",
                    name=name,
                    shape=text(got),
                    want_shape=text(want),
                ),
                (
                    fix(
                        case,
                        Transpose((1, 0)),
                        say("Transpose {array} to {shape}", array=short(case), shape=text(turned)),
                        say("The sizes are right but in another order."),
                        "sure",
                    ),
                ),
                ("timesteps", "samples"),
            )
        return _width_of_two(case)
    return None


def _columns_for_ids(case: Situation) -> Finding:
    """(samples, timesteps, columns) where ids are wanted: what the columns hold says what they are."""
    got, name = case.got, case.operand.label
    holds = hints.held_by_steps(case.operand.value)
    if holds == "one_hot":
        return Finding(
            "rank",
            say(
                "`{name}` {shape} is one-hot; the Embedding wants ids, (samples, timesteps).",
                name=name,
                shape=text(got),
            ),
            (
                fix(
                    case,
                    ClassIndex(),
                    say("Back to ids: {shape}", shape=text(got[:-1])),
                    say("An Embedding looks ids up; it does the one-hot step itself."),
                    "likely",
                ),
            ),
            AXES3,
        )
    if holds == "measured":
        sentence = say(
            "`{name}` {shape} holds measured values; an Embedding looks up ids, (samples, timesteps). Values as these need none.",
            name=name,
            shape=text(got),
        )
        advice = (say("Leave the Embedding out: it is for words and other things that have a number."),)
        return Finding("rank", sentence, (), AXES3, advice, leave_out=True)
    sentence = say(
        "`{name}` {shape} holds {columns} for each timestep; the Embedding wants one id, (samples, timesteps).",
        name=name,
        shape=text(got),
        columns=plural(got[2], "column"),
    )
    pick = Chain((_Pick(),), kind="select")
    first = fix(
        case,
        pick,
        say("Keep only the first column of {array}", array=short(case)),
        say("An Embedding looks up one id for each timestep."),
        "possible",
        say("The other columns are not used."),
    )
    return Finding("rank", sentence, (first,) if holds == "ids" else (), AXES3)


def _width_of_two(case: Situation) -> Finding:
    finding = other_width(case)
    if not case.ids:
        return finding
    got, want = case.got, case.want
    return replace(
        finding,
        cause="timesteps",
        sentence=say(
            "`{array}` {shape} has {timesteps}; the model was declared with {declared}.",
            array=case.operand.label,
            shape=text(got),
            timesteps=plural(got[1], "timestep"),
            declared=want[1],
        ),
        candidates=_ids_of_length(case, int(got[1] or 0), int(want[1] or 0)),
        declare=None if case.trained else (None,),
        model_at_fault=False,
    )


def _ids_of_length(case: Situation, steps: int, wanted: int) -> tuple[Candidate, ...]:
    """Ids cut or padded to the length of the model, on the side where they are padded already."""
    in_front = hints.padded_in_front(case.operand.value)
    if steps < wanted:
        op = Pad(wanted, "post" if in_front is False else "pre", dtype="int32")
        why = (
            say("The ids are padded at the end already.")
            if in_front is False
            else say("Zeros in front leave the last words next to the answer.")
        )
        pad = fix(
            case,
            op,
            say("Pad {array} to {timesteps}", array=short(case), timesteps=plural(wanted, "timestep")),
            why,
            "likely",
            say("Right where 0 is no word. Pad as the training data was padded."),
            siblings=False,
        )
        return (pad,)
    cut = plural(steps - wanted, "timestep")
    newest = fix(
        case,
        Slice(1, -wanted, None, kind="truncate", repeatable=True),
        say("Keep the last {timesteps} of {array}", timesteps=plural(wanted, "timestep"), array=short(case)),
        say("The ids are padded in front: the words stand at the end.")
        if in_front
        else say("The last words are those nearest to the answer; pad_sequences keeps them, too."),
        "likely",
        say("The first {timesteps} of each sample are not used.", timesteps=cut),
        siblings=False,
    )
    oldest = fix(
        case,
        Slice(1, None, wanted, kind="truncate", repeatable=True),
        say("Keep the first {timesteps} of {array}", timesteps=plural(wanted, "timestep"), array=short(case)),
        say("The ids are padded at the end: the words stand in front.")
        if in_front is False
        else say("Right when the beginning of each sample matters."),
        "likely" if in_front is False else "possible",
        say("The last {timesteps} of each sample are not used.", timesteps=cut),
        siblings=False,
    )
    return (oldest, newest) if in_front is False else (newest, oldest)


def by_sizes_alone(case: Situation) -> Finding:
    """Another wrong number of axes, or sizes that no rule above explains."""
    got, want, name = case.got, case.want, case.operand.label
    sentence = say(
        "`{name}` is {shape}; the model wants {want_shape}.",
        name=name,
        shape=text(got),
        want_shape=text(want),
    )
    candidates = list(_by_size(case))
    channels = want[-1] if want else None
    if len(got) == len(want) - 1 >= 3 and channels in (2, 3, 4) and fits_in((*got, channels), want):
        candidates.append(
            fix(
                case,
                Channels(int(channels)),
                say("Copy the one channel {channels} times", channels=channels),
                say("Grey images where the model was made for colour."),
                "possible",
                say("All channels are then the same."),
            )
        )
        if not case.trained:
            why = say(
                "One channel: grey images, or one number a place. Keras adds the axis to the data by itself."
            )
            candidates.insert(0, declare((*got[1:], 1), None, "likely", why))
    return Finding("rank" if len(got) != len(want) else "features", sentence, tuple(candidates))


def _by_size(case: Situation) -> Iterator[Candidate]:
    """Repairs that only the sizes speak for."""
    got, want = case.got, case.want
    if len(got) == len(want) + 1:
        for axis, size in enumerate(got):
            op = Squeeze(axis)
            if size == 1 and fits_in(op.shape(got), want):
                yield fix(
                    case,
                    op,
                    say("Take out axis {axis}: {shape}", axis=axis, shape=text(op.shape(got))),
                    say("That axis has size 1; no value moves."),
                    "likely",
                )
    if len(got) == len(want) - 1:
        if fits_in((*got, 1), want):
            yield fix(
                case,
                Expand(-1),
                say("Add a last axis: {shape}", shape=text((*got, 1))),
                say("One channel, its axis not there."),
                "likely",
            )
        if fits_in((1, *got), want):
            yield fix(
                case,
                Expand(0),
                say("Make a batch of one: {shape}", shape=text((1, *got))),
                say("One sample is a batch of size 1."),
                "likely",
            )
    inner = want[1:]
    sizes = [size for size in got[1:] if size is not None]
    free = len(inner) > 1 and inner[0] is None and None not in inner[1:]
    if inner and (free or None not in inner) and len(sizes) == len(got) - 1:
        have, need = 1, 1
        for size in sizes:
            have *= size
        for size in inner:
            need *= 1 if size is None else size
        # Where any number of timesteps will do, there are as many as the sizes leave.
        tail = tuple(have // max(need, 1) if size is None else size for size in inner)
        if have == math.prod(tail) and got[1:] != tail and (inner == tail or len(got) < len(want)):
            yield fix(
                case,
                Reshape(tail),
                say("Reshape {array} to {shape}", array=short(case), shape=text((got[0], *tail))),
                say("The sizes multiply out."),
                "possible",
                say("Only the sizes speak for this; check that the order of the elements is the right one."),
            )
