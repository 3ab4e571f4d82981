"""An axis of another size: features or timesteps."""

from __future__ import annotations

from dataclasses import replace

from rnnmagic.diagnosis import hints
from rnnmagic.diagnosis.base import AXES3, Candidate, plural, text
from rnnmagic.diagnosis.inputs.situation import Finding, Situation, fix, short
from rnnmagic.ops import Slice


def other_width(case: Situation) -> Finding:
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
        first = fix(
            case,
            Slice(-1, None, features, repeatable=True),
            f"Keep the first {plural(features, 'feature')} of {short(case)}",
            "Right when the surplus columns were added at the end.",
            "likely",
            "Check which columns the model was made for: this drops the last "
            f"{plural(width - features, 'column')}.",
        )
        last = fix(
            case,
            Slice(-1, -features, None, repeatable=True),
            f"Keep the last {plural(features, 'feature')} of {short(case)}",
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


def other_length(case: Situation) -> Finding:
    """The time axis is of another size."""
    got, want = case.got, case.want
    steps, wanted = got[1], want[1]
    assert steps is not None and wanted is not None
    name = case.operand.label
    sentence = f"`{name}` {text(got)} has {plural(steps, 'timestep')}; the model was declared with {wanted}."
    candidates: list[Candidate] = []
    if steps > wanted:
        candidates = [
            fix(
                case,
                Slice(1, -wanted, None, kind="truncate", repeatable=True),
                f"Keep the last {plural(wanted, 'timestep')} of {short(case)}",
                "The newest steps are those nearest to what is predicted.",
                "likely",
                f"The first {plural(steps - wanted, 'timestep')} of each sample are not used.",
                siblings=False,
            ),
            fix(
                case,
                Slice(1, None, wanted, kind="truncate", repeatable=True),
                f"Keep the first {plural(wanted, 'timestep')} of {short(case)}",
                "Right when the beginning of each sample matters.",
                "possible",
                f"The last {plural(steps - wanted, 'timestep')} of each sample are not used.",
                siblings=False,
            ),
        ]
    return Finding("timesteps", sentence, tuple(candidates), AXES3, declare=(None, *want[2:]))
