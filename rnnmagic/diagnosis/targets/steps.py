"""The time axis of answer and target: one has it and the other has not, or it is of another length."""

from __future__ import annotations

import math
from typing import Any

from rnnmagic.diagnosis.base import Candidate, plural, text
from rnnmagic.diagnosis.targets.answer import CATEGORICAL, SPARSE, Answer, Found, fix, short, tell
from rnnmagic.frameworks.wanted import class_of, gives_sequence, is_rnn, layers_of, rnn_in
from rnnmagic.ops import Expand, Op, Reshape, Slice
from rnnmagic.report import Shape


def time_axis(case: Answer) -> Found | None:
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
                        fix(
                            case,
                            Expand(-1),
                            f"Give {short(case)} a last axis: {text((*got, 1))}",
                            "One number a timestep.",
                            "sure",
                        )
                    ],
                    True,
                )
        if case.loss in SPARSE and len(got) == 2 and got[1] not in (1, None, out[1]):
            return other_length(case)
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
                    f"return_sequences=False on {tell(rnn)}"[:60],
                    "The last recurrent layer then passes on its last output only: one vector a sample.",
                    "sure",
                    source=lambda editor: editor.drop_sequences(rnn),
                    target=getattr(rnn, "name", None),
                    before=out,
                    after=(out[0], *out[2:]),
                )
            )
        after = _after_rnn(case.model, rnn)
        candidates += [_averaged_before(layer, out) for layer in (after, case.head) if layer is not None][
            : 1 if after is case.head else 2
        ]
        return "sequence_kept", sentence, candidates, False
    if (len(out) == 2 and len(got) == 3) or (
        len(out) == 2 and len(got) == 2 and case.loss in SPARSE and got[1] not in (1, None)
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
                    f"return_sequences=True on {tell(rnn)}"[:60],
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
                fix(
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


def _averaged_before(layer: Any, out: Shape) -> Candidate:
    """A pooling over time in front of a layer: of the head, where what stands between needs the sequence."""
    return Candidate(
        "wrap",
        f"Average over time before {tell(layer)}"[:60],
        "GlobalAveragePooling1D makes one vector of all timesteps.",
        "possible",
        source=lambda editor: editor.insert_before(layer, "GlobalAveragePooling1D", "()"),
        target=getattr(layer, "name", None),
        before=out,
        after=(out[0], *out[2:]),
    )


def folded(case: Answer) -> Found | None:
    """The answer holds, in one row a sample, all the numbers that the target has step by step."""
    got, out = case.got, case.output
    if len(out) != 2 or len(got) != 3 or None in got[1:] or case.head is None:
        return None
    steps, width = int(got[1] or 0), int(got[2] or 0)
    if steps < 2 or width < 2 or out[1] != steps * width or case.loss in (*CATEGORICAL, *SPARSE):
        return None
    head = case.head
    fold = Candidate(
        "wrap",
        f"Reshape(({steps}, {width})) after {tell(head)}"[:60],
        f"The {out[1]} numbers of the answer are then {plural(steps, 'timestep')} of {width}, as in the target.",
        "sure",
        source=lambda editor: editor.insert_after(head, "Reshape", f"(({steps}, {width}))"),
        target=getattr(head, "name", None),
        before=out,
        after=(out[0], steps, width),
    )
    op = Reshape((steps * width,))
    flat = fix(
        case,
        op,
        f"Reshape {short(case)} to {text(op.shape(got))}",
        "The answer then stays one row a sample.",
        "likely",
    )
    sentence = (
        f"`{case.name}` {text(got)} has {plural(steps, 'timestep')} of {width} numbers; {case.model_word} gives the same "
        f"{out[1]} numbers in one row a sample, {text(out)}."
    )
    return "target_shape", sentence, [fold, flat], True


def laid_flat(case: Answer) -> Found | None:
    """All the numbers of an answer with steps are in the target, in one row a sample."""
    got, out = case.got, case.output
    if len(out) < 3 or len(got) != 2 or None in out[1:] or got[1] is None:
        return None
    inner = tuple(int(size or 0) for size in out[1:])
    if got[1] != math.prod(inner) or got[1] in (1, inner[-1]) or inner[-1] == 1:
        return None
    op = Reshape(inner)
    fixes = [
        fix(
            case,
            op,
            f"Reshape {short(case)} to {text(op.shape(got))}",
            "Right when a row holds all outputs of step 1, then all of step 2, and so on.",
            "likely",
            "Wrong if the columns run output by output: the values would be mixed.",
        )
    ]
    sentence = (
        f"`{case.name}` {text(got)} holds the targets of all {inner[0]} timesteps in one row; {case.model_word} gives them "
        f"step by step, {text(out)}."
    )
    return "target_shape", sentence, fixes, True


class _LastStep(Op):
    """`y[:, -1]`"""

    kind = "select"

    def shape(self, shape: Shape) -> Shape:
        return (shape[0], *shape[2:])

    def apply(self, value: Any) -> Any:
        return value[:, -1]

    def code(self, expression: str, value: Any, spell: Any) -> str:
        return f"{expression}[:, -1]"


def other_length(case: Answer) -> Found:
    got, out = case.got, case.output
    sentence = f"`{case.name}` {text(got)} has {got[1]} timesteps; the model gives {out[1]}, {text(out)}."
    candidates: list[Candidate] = []
    if got[1] is not None and out[1] is not None and got[1] > out[1]:
        candidates.append(
            fix(
                case,
                Slice(1, -out[1], None, kind="truncate", repeatable=True),
                f"Keep the last {plural(out[1], 'timestep')} of {short(case)}",
                "Right when the outputs belong to the newest steps.",
                "possible",
                "Check which timesteps the outputs belong to.",
            )
        )
    repeat = next((layer for layer in layers_of(case.model) if class_of(layer) == "RepeatVector"), None)
    if repeat is not None:
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
