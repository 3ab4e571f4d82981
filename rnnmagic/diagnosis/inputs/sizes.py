"""An axis of another size: features or timesteps."""

from __future__ import annotations

from dataclasses import replace

from rnnmagic.diagnosis import hints
from rnnmagic.diagnosis.base import AXES3, Candidate, plural, text
from rnnmagic.diagnosis.inputs.situation import Finding, Situation, fix, short
from rnnmagic.language import say
from rnnmagic.ops import Slice


def other_width(case: Situation) -> Finding:
    """The last axis is of another size."""
    got, want = case.got, case.want
    width, features = got[-1], want[-1]
    assert width is not None and features is not None
    name = case.operand.label
    more = width > features
    sentence = say(
        "`{name}` {shape} has {features} at each timestep; the model takes {wanted}.",
        name=name,
        shape=text(got),
        features=plural(width, "feature"),
        wanted=features,
    )
    candidates: list[Candidate] = []
    if more:
        first = fix(
            case,
            Slice(-1, None, features, repeatable=True),
            say(
                "Keep the first {features} of {array}",
                features=plural(features, "feature"),
                array=short(case),
            ),
            say("Right when the surplus columns were added at the end."),
            "likely",
            say(
                "Check which columns the model was made for: this drops the last {columns}.",
                columns=plural(width - features, "column"),
            ),
        )
        last = fix(
            case,
            Slice(-1, -features, None, repeatable=True),
            say(
                "Keep the last {features} of {array}", features=plural(features, "feature"), array=short(case)
            ),
            say("Right when the surplus columns stand at the front (an index, a date)."),
            "possible",
            say("This drops the first {columns}.", columns=plural(width - features, "column")),
        )
        candidates = [first, last]
        counting = hints.counting_column(case.operand.value)
        if counting is not None and counting.column in (0, width - 1) and width == features + 1:
            candidates = [
                replace(
                    last if counting.column == 0 else first,
                    confidence="sure" if counting.from_start else "likely",
                    caution=None
                    if counting.from_start
                    else say("Right if it is an index, and not a year or a clock."),
                    why=say(
                        "Column {column} only counts the rows: an index, not a measurement.",
                        column=counting.column,
                    ),
                )
            ]
    model_at_fault = case.declared and not case.trained and not case.fits and len(candidates) != 1
    if more and case.target_operand is not None and len(got) == 3:
        column = hints.column_of_target(case.operand.value, case.target_operand.value)
        if column in (0, width - 1) and width == features + 1:
            # The target is among the features: the model is declared without it, and rightly so.
            model_at_fault = False
            sentence += " " + say(
                "Feature {column} is the target `{array}` itself.",
                column=column,
                array=case.target_operand.label,
            )
            candidates = [
                replace(
                    candidates[0 if column else 1],
                    confidence="sure",
                    caution=None,
                    why=say("What is to be predicted must not be among the inputs."),
                )
            ]
    inner = (*tuple(None if w is None else g for g, w in zip(got[1:-1], want[1:-1], strict=True)), width)
    return Finding(
        "input_declaration" if model_at_fault else "features",
        sentence
        + (
            (
                " "
                + say(
                    "Declare ({shape}) if the data is right.",
                    shape=", ".join(("None" if s is None else str(s) for s in inner)),
                )
            )
            if model_at_fault
            else ""
        ),
        tuple(candidates),
        AXES3 if len(got) == 3 else None,
        model_at_fault=model_at_fault,
        declare=inner if not case.trained else None,
    )


def other_length(case: Situation) -> Finding:
    """The time axis is of another size."""
    got, want = case.got, case.want
    steps, wanted = got[1], want[1]
    assert steps is not None and wanted is not None
    name = case.operand.label
    sentence = say(
        "`{name}` {shape} has {timesteps}; the model was declared with {wanted}.",
        name=name,
        shape=text(got),
        timesteps=plural(steps, "timestep"),
        wanted=wanted,
    )
    candidates: list[Candidate] = []
    if steps > wanted:
        candidates = [
            fix(
                case,
                Slice(1, -wanted, None, kind="truncate", repeatable=True),
                say(
                    "Keep the last {timesteps} of {array}",
                    timesteps=plural(wanted, "timestep"),
                    array=short(case),
                ),
                say("The newest steps are those nearest to what is predicted."),
                "likely",
                say(
                    "The first {timesteps} of each sample are not used.",
                    timesteps=plural(steps - wanted, "timestep"),
                ),
                siblings=False,
            ),
            fix(
                case,
                Slice(1, None, wanted, kind="truncate", repeatable=True),
                say(
                    "Keep the first {timesteps} of {array}",
                    timesteps=plural(wanted, "timestep"),
                    array=short(case),
                ),
                say("Right when the beginning of each sample matters."),
                "possible",
                say(
                    "The last {timesteps} of each sample are not used.",
                    timesteps=plural(steps - wanted, "timestep"),
                ),
                siblings=False,
            ),
        ]
    return Finding("timesteps", sentence, tuple(candidates), AXES3, declare=(None, *want[2:]))
