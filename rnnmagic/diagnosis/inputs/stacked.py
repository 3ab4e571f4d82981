"""Samples that lie one below the other, all their timesteps in one table."""

from __future__ import annotations

from rnnmagic.diagnosis.base import plural, text
from rnnmagic.diagnosis.inputs.situation import Finding, Situation, fix, short
from rnnmagic.language import say
from rnnmagic.ops import Reshape


def stacked(case: Situation) -> Finding | None:
    """(N·T, …) where (N, T, …) is wanted, as a scaler leaves it; the number of targets is N."""
    got, want, targets = case.got, case.want, case.targets
    rows = got[0] if got else None
    if len(got) != len(want) - 1 or rows is None or targets is None or targets < 2 or rows % targets:
        return None
    steps = rows // targets
    if steps < 2 or want[1] not in (None, steps) or None in got[1:]:
        return None
    if want[1] is None and (len(got) < 2 or want[-1] is None):
        # Nothing is declared that speaks for it: one of the two numbers of samples is simply wrong.
        return None
    if any(w not in (None, g) for w, g in zip(want[2:], got[1:], strict=True)):
        return None
    tail = (steps, *(int(size or 0) for size in got[1:]))
    sentence = say(
        "`{array}` {shape} holds the timesteps of all samples one below the other; the model takes {wanted}. {rows} rows = {targets} × {timesteps}.",
        array=case.operand.label,
        shape=text(got),
        wanted=text(want),
        rows=rows,
        targets=plural(targets, "target"),
        timesteps=plural(steps, "timestep"),
    )
    back = fix(
        case,
        Reshape(tail),
        say("Reshape {array} to {shape}", array=short(case), shape=text((targets, *tail))),
        say("Every {steps} rows are one sample again, as before a scaler asked for two axes.", steps=steps),
        "sure" if want[1] == steps else "likely",
        None if want[1] == steps else say("Right when the rows of a sample stand together."),
    )
    axes = ("samples*timesteps", *(("features",) if len(got) == 2 else ()))
    return Finding("flattened", sentence, (back,), axes if len(axes) == len(got) else None)
