"""The model's answer and the target do not fit together, at the loss or at a metric."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rnnmagic.diagnosis import hints
from rnnmagic.diagnosis.base import Candidate, Diagnosis, plural, text
from rnnmagic.evidence import Operand
from rnnmagic.frameworks.keras3.wanted import (
    activation_of,
    class_of,
    gives_sequence,
    head_of,
    is_rnn,
    layers_of,
    loss_name,
    rnn_in,
)
from rnnmagic.ops import ClassIndex, Expand, OneHot, Op, Shift, Slice
from rnnmagic.report import Confidence, Shape

CATEGORICAL = ("categorical_crossentropy", "categorical_focal_crossentropy", "kl_divergence")
SPARSE = ("sparse_categorical_crossentropy",)
BINARY = ("binary_crossentropy", "binary_focal_crossentropy")
ELEMENTWISE_NOTE = "The loss compares them number by number, so their shapes must agree."


@dataclass(frozen=True)
class Answer:
    """What the model gives, what the target is, and who the model is."""

    target: Operand
    got: Shape
    """Shape of the target, samples first."""
    output: Shape
    model: Any = field(repr=False)
    loss: str
    model_name: str | None
    head: Any = field(default=None, repr=False)

    @property
    def name(self) -> str:
        return self.target.label

    @property
    def model_word(self) -> str:
        return f"`{self.model_name}`" if self.model_name else "the model"


def answer_of(target: Operand, output: Shape, model: Any, model_name: str | None) -> Answer:
    got = target.described.shape or (None,)
    return Answer(target, got, (got[0], *output[1:]), model, loss_name(model), model_name, head_of(model))


def judge(case: Answer, phase: str) -> Diagnosis:
    """Say why target and output do not fit, and what would make them."""
    got, out = case.got, case.output
    if case.loss in SPARSE:
        finding = _sparse(case)
    elif case.loss in CATEGORICAL:
        finding = _categorical(case)
    elif case.loss in BINARY:
        finding = _binary(case)
    else:
        finding = None
    finding = finding or _time_axis(case) or _width(case) or _other(case)
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


Found = tuple[str, str, list[Candidate], bool]


def _fix(
    case: Answer, op: Op, title: str, why: str, confidence: Confidence, caution: str | None = None
) -> Candidate:
    return Candidate(
        op.kind,
        title[:60],
        why,
        confidence,
        caution,
        data=((case.target, op),),
        target=case.target.name,
        before=case.got,
        after=op.shape(case.got),
    )


def use_loss(case: Answer, name: str, why: str, confidence: Confidence) -> Candidate:
    return Candidate(
        "loss",
        f"Use the loss {name}"[:60],
        why,
        confidence,
        source=lambda editor: editor.set_loss(name),
        target=case.model_name,
        before=case.got,
        after=case.got,
    )


def _no_channel(case: Answer) -> bool:
    return len(case.got) == 1 or (len(case.got) == 2 and case.got[1] == 1)


def labels(case: Answer) -> Diagnosis:
    """Class numbers for which the model has no output."""
    from rnnmagic.frameworks.keras3.calls import label_range

    lowest, highest = label_range(case.target.value) or (0, 0)
    classes = case.output[-1] or 0
    sentence = (
        f"`{case.name}` holds class numbers from {lowest} to {highest}; the model has {plural(classes, 'output')}, "
        f"for the classes 0 to {classes - 1}."
    )
    candidates = [_units(case, highest + 1, "likely")]
    if lowest > 0 and highest - lowest < classes:
        sentence += f" They start at {lowest}: count them from 0."
        shift = _fix(
            case, Shift(lowest), f"Count the classes from 0: {_short(case)} - {lowest}",
            "Keras counts classes from 0.", "sure",
        )  # fmt: skip
        candidates.insert(0, shift)
    return Diagnosis(
        "target_encoding", sentence, "loss", case.target, candidates=tuple(candidates), axes=("samples",)
    )


def _sparse(case: Answer) -> Found | None:
    got, out = case.got, case.output
    classes = out[-1]
    if len(got) == len(out) and got[-1] not in (1,) and (got[-1] == classes or len(got) > 1):
        if len(out) == 2 and got[-1] != classes and classes is not None and not _looks_one_hot(case):
            return None
        sentence = (
            f"`{case.name}` {text(got)} is one-hot, one column a class; the loss "
            f"sparse_categorical_crossentropy wants class numbers, {text(got[:-1])}."
        )
        return (
            "target_encoding",
            sentence,
            [
                use_loss(
                    case, "categorical_crossentropy", "That is the same loss for one-hot targets.", "sure"
                ),
                _fix(
                    case,
                    ClassIndex(),
                    "Turn the one-hot rows into class numbers",
                    "The loss stays as it is.",
                    "sure",
                ),
            ],
            True,
        )
    return None


def _categorical(case: Answer) -> Found | None:
    got, out = case.got, case.output
    classes = out[-1]
    if len(out) == 2 and _no_channel(case) and classes is not None:
        lowest, highest = _range(case)
        one_based = lowest == 1 and highest == classes
        sentence = (
            f"`{case.name}` {text(got)} holds class numbers; the loss categorical_crossentropy wants "
            f"one column for each of the {classes} classes, {text((got[0], classes))}."
        )
        sparse = use_loss(
            case, "sparse_categorical_crossentropy", "That is the same loss for class numbers.", "sure"
        )
        if highest is not None and highest >= classes and not one_based:
            return _too_few_classes(case, highest + 1)
        one_hot = _fix(
            case,
            OneHot(classes, 1 if one_based else 0),
            f"One-hot encode {_short(case)}: {text((got[0], classes))}",
            "One column a class, as the loss and the model's output have it."
            + (" The class numbers start at 1." if one_based else ""),
            "sure",
        )
        return "target_encoding", sentence, [one_hot] if one_based else [one_hot, sparse], True
    if len(out) == 3 and len(got) == 2 and classes is not None and got[1] == out[1] and got[1] != classes:
        sentence = (
            f"`{case.name}` {text(got)} holds a class number for each timestep; categorical_crossentropy "
            f"wants one column a class, {text((*got, classes))}."
        )
        one_hot = _fix(
            case, OneHot(classes), f"One-hot encode {_short(case)}: {text((*got, classes))}",
            "One column a class, as the loss and the model's output have it.", "sure",
        )  # fmt: skip
        sparse = use_loss(
            case, "sparse_categorical_crossentropy", "That is the same loss for class numbers.", "sure"
        )
        return "target_encoding", sentence, [sparse, one_hot], True
    return None


def _too_few_classes(case: Answer, classes: int) -> Found:
    sentence = (
        f"`{case.name}` holds class numbers up to {classes - 1}, but the model's last layer has only "
        f"{case.output[-1]} outputs: one for each of {classes} classes is needed, and one-hot targets."
    )
    return "target_encoding", sentence, [_units(case, classes, "likely")], True


def _binary(case: Answer) -> Found | None:
    got, out = case.got, case.output
    if len(out) == 2 and out[1] == 1 and len(got) == 2 and got[1] == 2:
        sentence = (
            f"`{case.name}` {text(got)} is one-hot, two columns; the model gives one probability a sample, "
            f"{text(out)}, and binary_crossentropy compares them number by number."
        )
        return (
            "target_encoding",
            sentence,
            [
                _fix(
                    case,
                    ClassIndex(),
                    "Turn the two columns into one 0/1 label",
                    "One sigmoid output wants one 0/1 label a sample.",
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
                (f"`{case.name}` {text(got)} holds class numbers, the model gives {out[1]} probabilities a sample, "
                f"{text(out)}; binary_crossentropy compares them number by number."),
                [
                    use_loss(
                        case,
                        "sparse_categorical_crossentropy",
                        "With softmax over classes and class numbers as targets.",
                        "sure",
                    ),
                    _fix(
                        case,
                        OneHot(out[1]),
                        f"One-hot encode {_short(case)}",
                        "One column for each output.",
                        "likely",
                    ),
                ],
                True,
            )
        return (
            "target_shape",
            f"`{case.name}` {text(got)} has one number a sample, the model gives {out[1]}, {text(out)}. "
            + ELEMENTWISE_NOTE,
            [
                _units(case, 1, "likely"),
                _fix(
                    case,
                    OneHot(out[1]),
                    f"One-hot encode {_short(case)}",
                    "One column for each output.",
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
        f"Give the model {classes} softmax outputs",
        "The same task with one output a class.",
        "likely",
        source=source,
        target=getattr(head, "name", None),
        before=case.output,
        after=(*case.output[:-1], classes),
    )


def _time_axis(case: Answer) -> Found | None:
    """The model keeps the time axis and the target has none, or the other way round."""
    got, out = case.got, case.output
    model = case.model_word
    if len(out) == 3 and (len(got) < 3 or (len(got) == 3 and got[1] == 1 and out[1] != 1)):
        per_step = len(got) == 2 and got[1] == out[1] and out[1] is not None and got[1] != out[2]
        if per_step and case.loss not in CATEGORICAL:
            if out[2] == 1:
                return (
                    "target_shape",
                    f"{model.capitalize()} gives a number for each timestep, {text(out)}; `{case.name}` is {text(got)}.",
                    [
                        _fix(
                            case,
                            Expand(-1),
                            f"Give {_short(case)} a last axis: {text((*got, 1))}",
                            "One number a timestep.",
                            "sure",
                        )
                    ],
                    True,
                )
        flat_label = len(got) == 1 or got[-1] in (1, out[2]) or case.loss in SPARSE
        if not flat_label and got[-1] == out[1]:
            return None
        rnn = _last_rnn(case.model)
        sentence = (
            f"{_cap(model)} answers with a sequence, {text(out)}: one output for each of {out[1] or 'the'} timesteps; "
            f"`{case.name}` {text(got)} has one a sample."
        )
        candidates: list[Candidate] = []
        if rnn is not None and gives_sequence(rnn):
            candidates.append(
                Candidate(
                    "layer_argument",
                    f"return_sequences=False on {_tell(rnn)}"[:60],
                    "The last recurrent layer then passes on its last output only: one vector a sample.",
                    "sure",
                    source=lambda editor: editor.drop_sequences(rnn),
                    target=getattr(rnn, "name", None),
                    before=out,
                    after=(out[0], *out[2:]),
                )
            )
        head = _after_rnn(case.model, rnn)
        if head is not None:
            candidates.append(
                Candidate(
                    "wrap",
                    f"Average over time before {_tell(head)}"[:60],
                    "GlobalAveragePooling1D makes one vector of all timesteps.",
                    "possible",
                    source=lambda editor: editor.insert_before(head, "GlobalAveragePooling1D", "()"),
                    target=getattr(head, "name", None),
                    before=out,
                    after=(out[0], *out[2:]),
                )
            )
        return "sequence_kept", sentence, candidates, False
    if (
        (len(out) == 2
        and len(got) == 3)
        or (len(out) == 2 and len(got) == 2 and case.loss in SPARSE and got[1] not in (1, None))
    ):
        rnn = _last_rnn(case.model)
        sentence = (
            f"`{case.name}` {text(got)} has a target for each of {got[1]} timesteps; {model} gives one output "
            f"a sample, {text(out)}."
        )
        candidates = []
        if rnn is not None and not gives_sequence(rnn):
            candidates.append(
                Candidate(
                    "layer_argument",
                    f"return_sequences=True on {_tell(rnn)}"[:60],
                    "The recurrent layer then passes on an output for every timestep.",
                    "sure",
                    source=lambda editor: editor.set_argument(rnn_in(rnn), "return_sequences", "True"),
                    target=getattr(rnn, "name", None),
                    before=out,
                    after=(out[0], got[1], *out[1:]),
                )
            )
        if len(got) == 3:
            candidates.append(
                _fix(
                    case,
                    _LastStep(),
                    f"Keep the target of the last timestep: {text((got[0], got[2]))}",
                    "Right when only the end of the sequence is to be predicted.",
                    "possible",
                    "The targets of the other timesteps are not used.",
                )
            )
        return "target_shape", sentence, candidates, True
    return None


class _LastStep(Op):
    """`y[:, -1]`"""

    kind = "select"

    def shape(self, shape: Shape) -> Shape:
        return (shape[0], *shape[2:])

    def apply(self, value: Any) -> Any:
        return value[:, -1]

    def code(self, expression: str, value: Any, spell: Any) -> str:
        return f"{expression}[:, -1]"


def _width(case: Answer) -> Found | None:
    got, out = case.got, case.output
    if len(got) == 1 and len(out) == 2:
        got = (got[0], 1)
    if len(got) != len(out):
        return None
    if len(got) == 3 and got[1] != out[1] and got[2] == out[2]:
        return _steps(case)
    if got[:-1] != out[:-1] and len(got) == 3 and got[1] != out[1]:
        return _steps(case)
    width, units = got[-1], out[-1]
    if width == units or width is None:
        return None
    sentence = (
        f"`{case.name}` {text(case.got)} has {plural(width, 'column')}; the model gives {units} numbers a sample, "
        f"{text(out)}. " + ELEMENTWISE_NOTE
    )
    candidates = [_units(case, width, "likely")]
    if units is not None and width < units and len(case.got) > 1:
        target, classes = case.target, units
        candidates.insert(
            0,
            Candidate(
                "one_hot",
                f"to_categorical(…, num_classes={classes})",
                f"It counts the classes that it finds; {case.name} holds fewer than there are.",
                "sure",
                source=lambda editor: editor.set_maker_argument(
                    target, ("to_categorical",), "num_classes", str(classes)
                ),
                target=target.name,
                before=case.got,
                after=(*case.got[:-1], classes),
            ),
        )
    if case.loss in CATEGORICAL and units is not None and width == units + 1 and _first_column_empty(case):
        sentence = (
            f"`{case.name}` {text(got)} has {width} columns for {units} classes: the labels start at 1, so that "
            f"to_categorical left column 0 empty. The model gives {units} outputs."
        )
        drop = _fix(
            case,
            Slice(-1, 1, None, repeatable=False),
            f"Drop the empty first column of {_short(case)}",
            "The classes are numbered from 1; column 0 is never used.",
            "sure",
        )
        candidates.insert(0, drop)
    return "target_shape", sentence, candidates, True


def _steps(case: Answer) -> Found:
    got, out = case.got, case.output
    sentence = f"`{case.name}` {text(got)} has {got[1]} timesteps; the model gives {out[1]}, {text(out)}."
    candidates: list[Candidate] = []
    if got[1] is not None and out[1] is not None and got[1] > out[1]:
        candidates.append(
            _fix(
                case,
                Slice(1, -out[1], None, kind="truncate", repeatable=True),
                f"Keep the last {plural(out[1], 'timestep')} of {_short(case)}",
                "Right when the outputs belong to the newest steps.",
                "possible",
                "Check which timesteps the outputs belong to.",
            )
        )
    elif got[1] is not None and out[1] is not None:
        rnn = _last_rnn(case.model)
        wide = layers_of(case.model)
        repeat = next((layer for layer in wide if class_of(layer) == "RepeatVector"), None)
        if repeat is not None:
            candidates.append(
                Candidate(
                    "layer_argument",
                    f"RepeatVector({got[1]})",
                    "The decoder then runs for as many timesteps as the target has.",
                    "sure",
                    source=lambda editor: editor.set_argument(repeat, "n", str(got[1])),
                    target=repeat.name,
                    before=out,
                    after=(out[0], got[1], *out[2:]),
                )
            )
        del rnn
    repeat = next((layer for layer in layers_of(case.model) if class_of(layer) == "RepeatVector"), None)
    if repeat is not None and not any(c.title.startswith("RepeatVector") for c in candidates):
        candidates.insert(
            0,
            Candidate(
                "layer_argument",
                f"RepeatVector({got[1]})",
                "The decoder then runs for as many timesteps as the target has.",
                "sure",
                source=lambda editor: editor.set_argument(repeat, "n", str(got[1])),
                target=repeat.name,
                before=out,
                after=(out[0], got[1], *out[2:]),
            ),
        )
    return "target_shape", sentence, candidates, True


def _other(case: Answer) -> Found:
    sentence = (
        f"`{case.name}` is {text(case.got)}; the model gives {text(case.output)}, and the loss "
        f"{case.loss or 'function'} cannot compare the two."
    )
    return "target_shape", sentence, [], True


def _units(case: Answer, units: int, confidence: Confidence) -> Candidate:
    head = case.head
    return Candidate(
        "layer_argument",
        f"Give {_tell(head)} {plural(units, 'output')}"[:60],
        "The model then gives as many numbers a sample as the target has.",
        confidence,
        source=lambda editor: editor.set_argument(head, "units", str(units)),
        target=getattr(head, "name", None),
        before=case.output,
        after=(*case.output[:-1], units),
    )


def _short(case: Answer) -> str:
    return case.name if len(case.name) <= 24 else (case.target.name or "the target")[:24]


def _tell(layer: Any) -> str:
    return f"{class_of(layer)} '{getattr(layer, 'name', '?')}'" if layer is not None else "the last layer"


def _cap(text: str) -> str:
    return text[:1].upper() + text[1:]


def _last_rnn(model: Any) -> Any:
    return next((layer for layer in reversed(layers_of(model)) if is_rnn(layer)), None)


def _after_rnn(model: Any, rnn: Any) -> Any:
    """The layer right after the last recurrent one, where a pooling would go."""
    layers = layers_of(model)
    if rnn is None or not any(layer is rnn for layer in layers):
        return None
    place = next(i for i, layer in enumerate(layers) if layer is rnn)
    return layers[place + 1] if place + 1 < len(layers) else None


def _range(case: Answer) -> tuple[int | None, int | None]:
    """Lowest and highest class number in a sample of the target."""
    sample = hints.sample_of(case.target.value, 4096)
    if sample is None or not sample.size:
        return None, None
    return int(sample.min()), int(sample.max())


def _looks_one_hot(case: Answer) -> bool:
    sample = hints.sample_of(case.target.value, 256)
    if sample is None or sample.ndim < 2:
        return False
    return bool(((sample == 0) | (sample == 1)).all() and (sample.sum(axis=-1) == 1).all())


def _first_column_empty(case: Answer) -> bool:
    sample = hints.sample_of(case.target.value, 4096)
    return sample is not None and sample.ndim == 2 and _looks_one_hot(case) and not sample[:, 0].any()
