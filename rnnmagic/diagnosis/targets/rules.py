"""Which reading explains that target and output do not fit."""

from __future__ import annotations

from rnnmagic.diagnosis import hints
from rnnmagic.diagnosis.base import Candidate, Diagnosis, plural, text
from rnnmagic.diagnosis.targets.answer import (
    BINARY,
    CATEGORICAL,
    ELEMENTWISE_NOTE,
    SPARSE,
    Answer,
    Found,
    fix,
    give_units,
    looks_one_hot,
    short,
)
from rnnmagic.diagnosis.targets.encoding import binary_loss, categorical_loss, sparse_loss
from rnnmagic.diagnosis.targets.lengths import other_length
from rnnmagic.diagnosis.targets.metrics import of_metric
from rnnmagic.diagnosis.targets.steps import folded, laid_flat, time_axis
from rnnmagic.language import say
from rnnmagic.ops import Slice


def judge(case: Answer, phase: str) -> Diagnosis:
    """Say why target and output do not fit, and what would make them."""
    got, out = case.got, case.output
    if phase == "metric":
        return of_metric(case)
    if case.loss in SPARSE:
        finding = sparse_loss(case)
    elif case.loss in CATEGORICAL:
        finding = categorical_loss(case)
    elif case.loss in BINARY:
        finding = binary_loss(case)
    else:
        finding = None
    finding = finding or laid_flat(case) or folded(case) or time_axis(case) or _width(case) or _other(case)
    cause, sentence, candidates, blame = finding
    return Diagnosis(
        cause,
        sentence,
        phase,
        operand=case.target if blame else None,
        candidates=tuple(candidates),
        axes=("samples",) + ("timesteps",) * (len(got) == 3) + ("outputs",) * (len(got) > 1)
        if len(got) <= 3 and len(out) <= 3
        else None,
    )


def _width(case: Answer) -> Found | None:
    got, out = case.got, case.output
    if len(got) == 1 and len(out) == 2:
        got = (got[0], 1)
    if len(got) != len(out):
        return None
    if len(got) == 3 and got[1] != out[1] and got[2] == out[2]:
        return other_length(case)
    if got[:-1] != out[:-1] and len(got) == 3 and got[1] != out[1]:
        return other_length(case)
    width, units = got[-1], out[-1]
    if width == units or width is None:
        return None
    sentence = (
        say(
            "`{name}` {shape} has {columns}; the model gives {units} numbers a sample, {out_shape}.",
            name=case.name,
            shape=text(case.got),
            columns=plural(width, "column"),
            units=units,
            out_shape=text(out),
        )
        + " "
    ) + say(ELEMENTWISE_NOTE)
    candidates = [give_units(case, width, "likely")]
    if units is not None and width < units and len(case.got) > 1:
        target, classes = case.target, units
        candidates.insert(
            0,
            Candidate(
                "one_hot",
                f"to_categorical(…, num_classes={classes})",
                say(
                    "It counts the classes that it finds; {name} holds fewer than there are.", name=case.name
                ),
                "sure",
                source=lambda editor: editor.set_maker_argument(
                    target, ("to_categorical",), "num_classes", str(classes)
                ),
                target=target.name,
                before=case.got,
                after=(*case.got[:-1], classes),
            ),
        )
    if units is not None and width > units and len(case.got) > 1 and case.loss not in CATEGORICAL:
        keep = fix(
            case,
            Slice(-1, None, units, repeatable=True),
            say("Keep the first {columns} of {array}", columns=plural(units, "column"), array=short(case)),
            say("Right when the further columns are not to be predicted."),
            "possible",
            say("Check which columns the model is to predict."),
        )
        candidates.append(keep)
    if case.loss in CATEGORICAL and units is not None and width == units + 1 and _first_column_empty(case):
        sentence = say(
            "`{name}` {shape} has {width} columns for {units} classes: the labels start at 1, so that to_categorical left column 0 empty. The model gives {units} outputs.",
            name=case.name,
            shape=text(got),
            width=width,
            units=units,
        )
        drop = fix(
            case,
            Slice(-1, 1, None, repeatable=False),
            say("Drop the empty first column of {array}", array=short(case)),
            say("The classes are numbered from 1; column 0 is never used."),
            "sure",
        )
        candidates.insert(0, drop)
    return "target_shape", sentence, candidates, True


def _other(case: Answer) -> Found:
    sentence = say(
        "`{name}` is {shape}; the model gives {output}, and the loss {loss} cannot compare the two.",
        name=case.name,
        shape=text(case.got),
        output=text(case.output),
        loss=case.loss or "function",
    )
    return "target_shape", sentence, [], True


def _first_column_empty(case: Answer) -> bool:
    sample = hints.sample_of(case.target.value, 4096, columns=1)
    return sample is not None and sample.ndim == 2 and looks_one_hot(case) and not sample.any()
