"""Class numbers where one-hot columns are wanted, and the other way round."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rnnmagic.diagnosis import hints
from rnnmagic.diagnosis.base import Candidate, Diagnosis, plural, text
from rnnmagic.diagnosis.targets.answer import (
    ELEMENTWISE_NOTE,
    Answer,
    Found,
    fix,
    give_units,
    looks_one_hot,
    short,
    tell,
    use_loss,
)
from rnnmagic.frameworks.wanted import activation_of
from rnnmagic.language import say
from rnnmagic.ops import ClassIndex, OneHot, Shift


def _no_channel(case: Answer) -> bool:
    return len(case.got) == 1 or (len(case.got) == 2 and case.got[1] == 1)


def labels(case: Answer) -> Diagnosis:
    """Class numbers for which the model has no output."""
    from rnnmagic.frameworks.keraslike.labels import label_range

    lowest, highest = label_range(case.target.value) or (0, 0)
    classes = case.output[-1] or 0
    sentence = say(
        "`{name}` holds class numbers from {lowest} to {highest}; the model has {outputs}, for the classes 0 to {last}.",
        name=case.name,
        lowest=lowest,
        highest=highest,
        outputs=plural(classes, "output"),
        last=classes - 1,
    )
    candidates = [give_units(case, highest + 1, "likely")] if lowest >= 0 else []
    if lowest != 0:
        sentence += " " + say("They start at {lowest}: count them from 0.", lowest=lowest)
        shift = fix(
            case, Shift(lowest), say("Count the classes from 0: {array} {sign} {lowest}", array=short(case), sign='-' if lowest > 0 else '+', lowest=abs(lowest)),
            say("Keras counts classes from 0."), "sure" if lowest > 0 else "likely",
            None if lowest > 0 else say("Wrong if {lowest} stands for a label that is missing.", lowest=lowest),
        )  # fmt: skip
        needed = highest - lowest + 1
        if needed > classes:
            units = give_units(case, needed, "likely")
            shift = replace(
                shift,
                title=say("Count from 0, and give {head} {needed}", head=tell(case.head), needed=needed)[:60],
                source=units.source,
            )
        if lowest < 0 or needed <= classes:
            candidates.insert(0, shift)
    return Diagnosis(
        "target_encoding", sentence, "loss", case.target, candidates=tuple(candidates), axes=("samples",)
    )


def sparse_loss(case: Answer) -> Found | None:
    got, out = case.got, case.output
    classes = out[-1]
    if len(got) == len(out) and got[-1] not in (1,) and (got[-1] == classes or len(got) > 1):
        if len(out) == 2 and got[-1] != classes and classes is not None and not looks_one_hot(case):
            return None
        sentence = say(
            "`{name}` {shape} is one-hot, one column a class; the loss sparse_categorical_crossentropy wants class numbers, {got_shape}.",
            name=case.name,
            shape=text(got),
            got_shape=text(got[:-1]),
        )
        return (
            "target_encoding",
            sentence,
            [
                use_loss(
                    case,
                    "categorical_crossentropy",
                    say("That is the same loss for one-hot targets."),
                    "sure",
                ),
                fix(
                    case,
                    ClassIndex(),
                    say("Turn the one-hot rows into class numbers"),
                    say("The loss stays as it is."),
                    "sure",
                ),
            ],
            True,
        )
    return None


def categorical_loss(case: Answer) -> Found | None:
    got, out = case.got, case.output
    classes = out[-1]
    if len(out) == 2 and _no_channel(case) and classes is not None:
        lowest, highest = _range(case)
        one_based = lowest == 1 and highest == classes
        sentence = say(
            "`{name}` {shape} holds class numbers; the loss categorical_crossentropy wants one column for each of the {classes} classes, {classes_shape}.",
            name=case.name,
            shape=text(got),
            classes=classes,
            classes_shape=text((got[0], classes)),
        )
        sparse = use_loss(
            case, "sparse_categorical_crossentropy", say("That is the same loss for class numbers."), "sure"
        )
        if highest is not None and highest >= classes and not one_based:
            return _too_few_classes(case, highest + 1)
        one_hot = fix(
            case,
            OneHot(classes, 1 if one_based else 0),
            say("One-hot encode {array}: {shape}", array=short(case), shape=text((got[0], classes))),
            say("One column a class, as the loss and the model's output have it.")
            + ((" " + say("The class numbers start at 1.")) if one_based else ""),
            "sure",
        )
        return "target_encoding", sentence, [one_hot] if one_based else [one_hot, sparse], True
    if len(out) == 3 and len(got) == 2 and classes is not None and got[1] == out[1] and got[1] != classes:
        sentence = say(
            "`{name}` {shape} holds a class number for each timestep; categorical_crossentropy wants one column a class, {classes_shape}.",
            name=case.name,
            shape=text(got),
            classes_shape=text((*got, classes)),
        )
        one_hot = fix(
            case, OneHot(classes), say("One-hot encode {array}: {shape}", array=short(case), shape=text((*got, classes))),
            say("One column a class, as the loss and the model's output have it."), "sure",
        )  # fmt: skip
        sparse = use_loss(
            case, "sparse_categorical_crossentropy", say("That is the same loss for class numbers."), "sure"
        )
        return "target_encoding", sentence, [sparse, one_hot], True
    return None


def _too_few_classes(case: Answer, classes: int) -> Found:
    sentence = say(
        "`{name}` holds class numbers up to {last}, but the model's last layer has only {outputs} outputs: one for each of {classes} classes is needed, and one-hot targets.",
        name=case.name,
        last=classes - 1,
        outputs=case.output[-1],
        classes=classes,
    )
    return "target_encoding", sentence, [give_units(case, classes, "likely")], True


def binary_loss(case: Answer) -> Found | None:
    got, out = case.got, case.output
    if len(out) == 2 and out[1] == 1 and len(got) == 2 and got[1] == 2:
        sentence = say(
            "`{name}` {shape} is one-hot, two columns; the model gives one probability a sample, {out_shape}, and binary_crossentropy compares them number by number.",
            name=case.name,
            shape=text(got),
            out_shape=text(out),
        )
        return (
            "target_encoding",
            sentence,
            [
                fix(
                    case,
                    ClassIndex(),
                    say("Turn the two columns into one 0/1 label"),
                    say("One sigmoid output wants one 0/1 label a sample."),
                    "sure",
                ),
                _head_and_loss(case, 2),
            ],
            True,
        )
    if len(out) == 2 and out[1] is not None and out[1] >= 2 and _no_channel(case):
        if activation_of(case.head) == "softmax":
            return (
                "target_encoding",
                (
                    say(
                        "`{name}` {shape} holds class numbers, the model gives {size} probabilities a sample, {out_shape}; binary_crossentropy compares them number by number.",
                        name=case.name,
                        shape=text(got),
                        size=out[1],
                        out_shape=text(out),
                    )
                ),
                [
                    use_loss(
                        case,
                        "sparse_categorical_crossentropy",
                        say("With softmax over classes and class numbers as targets."),
                        "sure",
                    ),
                    fix(
                        case,
                        OneHot(out[1]),
                        say("One-hot encode {array}", array=short(case)),
                        say("One column for each output."),
                        "likely",
                    ),
                ],
                True,
            )
        return (
            "target_shape",
            (
                say(
                    "`{name}` {shape} has one number a sample, the model gives {size}, {out_shape}.",
                    name=case.name,
                    shape=text(got),
                    size=out[1],
                    out_shape=text(out),
                )
                + " "
            )
            + say(ELEMENTWISE_NOTE),
            [
                give_units(case, 1, "likely"),
                fix(
                    case,
                    OneHot(out[1]),
                    say("One-hot encode {array}", array=short(case)),
                    say("One column for each output."),
                    "possible",
                ),
            ],
            True,
        )
    return None


def _head_and_loss(case: Answer, classes: int) -> Candidate:
    head = case.head

    def source(editor: Any) -> Any:
        return editor.combine(
            editor.set_argument(head, "units", str(classes)),
            editor.set_argument(head, "activation", '"softmax"'),
            editor.set_loss("categorical_crossentropy"),
        )

    return Candidate(
        "layer_argument",
        say("Give the model {classes} softmax outputs", classes=classes),
        say("The same task with one output a class."),
        "likely",
        source=source,
        target=getattr(head, "name", None),
        before=case.output,
        after=(*case.output[:-1], classes),
    )


def _range(case: Answer) -> tuple[int | None, int | None]:
    """Lowest and highest class number in a sample of the target."""
    sample = hints.sample_of(case.target.value, 4096)
    if sample is None or not sample.size:
        return None, None
    return int(sample.min()), int(sample.max())
