"""Flat tables with a few columns more or fewer than timesteps × features."""

from __future__ import annotations

from rnnmagic.diagnosis import hints
from rnnmagic.diagnosis.base import Candidate, plural, text
from rnnmagic.diagnosis.inputs.situation import Finding, Situation, fix
from rnnmagic.language import say
from rnnmagic.ops import Chain, Reshape, Slice


def uneven(case: Situation, steps: int, features: int) -> Finding | None:
    """(rows, width) with a few columns more or fewer than timesteps × features."""
    _, width = case.got
    assert width is not None
    whole = steps * features
    off = width - whole
    if features == 1 or abs(off) > max(features, width // 10):
        return None
    told = {
        "name": case.operand.label,
        "shape": text(case.got),
        "timesteps": plural(steps, "timestep"),
        "features": plural(features, "feature"),
        "whole": whole,
    }
    axes = ("samples", "timesteps*features")
    if off < 0:
        kept = width // features
        sentence = say(
            "`{name}` is a flat table {shape}; {timesteps} × {features} are {whole} columns: {missing} missing.",
            missing=plural(-off, "column"),
            **told,
        )
        shorter: tuple[Candidate, ...] = ()
        if kept > 1 and not case.trained:
            first = fix(
                case,
                Chain((Slice(-1, None, kept * features), Reshape((kept, features)))),
                say(
                    "Keep {timesteps} and declare {shape}",
                    timesteps=plural(kept, "timestep"),
                    shape=text((kept, features)),
                ),
                say("Right when the columns lie step by step and the end was cut off."),
                "possible",
                say("Look first where the missing columns went: a gap in the middle moves all that follow."),
                source=lambda editor: editor.set_input_shape((kept, features), None),
            )
            shorter = (first,)
        advice = say("Look at how the table was made: which column was left out, of which timestep?")
        return Finding("flattened", sentence, shorter, axes, (advice,))
    sentence = say(
        "`{name}` is a flat table {shape}; {timesteps} × {features} are {whole} columns: {surplus} too many.",
        surplus=plural(off, "column"),
        **told,
    )
    target = case.target_operand
    rows = hints.sample_of(case.operand.value)
    flat = rows is not None and rows.ndim == 2 and target is not None
    column = hints.column_of_target(rows[:, None], target.value) if flat and target is not None else None
    inner = Reshape((steps, features))
    found = []
    for place, start, stop in ((width - 1, None, whole), (0, off, None)):
        is_target = column == place and off == 1
        found.append(
            fix(
                case,
                Chain((Slice(-1, start, stop), inner)),
                say("Leave the last {columns} out, then reshape", columns=plural(off, "column"))
                if start is None
                else say("Leave the first {columns} out, then reshape", columns=plural(off, "column")),
                say("It is the target `{array}` itself.", array=target.label)
                if is_target and target is not None
                else say("Right when the surplus columns were added at the end.")
                if start is None
                else say("Right when the surplus columns stand at the front (an index, a date)."),
                "likely" if is_target else "possible",
                say("Wrong if the columns run feature by feature: the values would be mixed."),
            )
        )
    if column == 0 and off == 1:
        found.reverse()
    return Finding("flattened", sentence, tuple(found), axes)
