"""The time axis of answer and target: one has it and the other has not, or it is of another length."""

from __future__ import annotations

import math
from typing import Any

from rnnmagic.diagnosis.base import Candidate, plural, text
from rnnmagic.diagnosis.targets.answer import (
    CATEGORICAL,
    SPARSE,
    Answer,
    Found,
    fix,
    give_units,
    given_by,
    short,
    tell,
)
from rnnmagic.diagnosis.targets.lengths import after_rnn, last_rnn, other_length
from rnnmagic.frameworks.wanted import class_of, gives_sequence, layers_of, rnn_in
from rnnmagic.language import say
from rnnmagic.ops import Expand, Op, Reshape
from rnnmagic.report import Shape
from rnnmagic.values import as_shape


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
                    say(
                        "{model} gives a number for each timestep, {shape}; `{name}` is {got_shape}.",
                        model=model.capitalize(),
                        shape=text(out),
                        name=case.name,
                        got_shape=text(got),
                    ),
                    [
                        fix(
                            case,
                            Expand(-1),
                            say(
                                "Give {array} a last axis: {shape}", array=short(case), shape=text((*got, 1))
                            ),
                            say("One number a timestep."),
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
        rnn = last_rnn(case.model)
        sentence = say(
            "{model} answers with a sequence, {shape}: one output for each of {timesteps} timesteps; `{name}` {got_shape} has one a sample.",
            model=_cap(model),
            shape=text(out),
            timesteps=out[1],
            name=case.name,
            got_shape=text(got),
        )
        if not out[1]:
            sentence = say(
                "{model} answers with a sequence, {shape}: one output for each of the timesteps; `{name}` {got_shape} has one a sample.",
                model=_cap(model),
                shape=text(out),
                name=case.name,
                got_shape=text(got),
            )
        candidates: list[Candidate] = []
        if rnn is not None and gives_sequence(rnn):
            own = given_by(rnn, case)
            layers = layers_of(case.model)
            later = layers[next((i for i, layer in enumerate(layers) if layer is rnn), len(layers)) :]
            # What stands for each timestep cannot take the one vector.
            wrappers = [layer for layer in later if class_of(layer) == "TimeDistributed"]
            candidates.append(
                Candidate(
                    "layer_argument",
                    say("return_sequences=False on {rnn}", rnn=tell(rnn))[:60],
                    say("The last recurrent layer then passes on its last output only: one vector a sample."),
                    "sure",
                    source=lambda editor: editor.combine(
                        editor.drop_sequences(rnn), *(editor.unwrap(wrapper) for wrapper in wrappers)
                    ),
                    target=getattr(rnn, "name", None),
                    before=own,
                    after=None if own is None else (own[0], *own[2:]),
                )
            )
        after = after_rnn(case.model, rnn)
        candidates += [_averaged_before(layer, case) for layer in (after, case.head) if layer is not None][
            : 1 if after is case.head else 2
        ]
        return "sequence_kept", sentence, candidates, False
    labels = len(out) == 2 and len(got) == 2 and case.loss in SPARSE and got[1] not in (1, None)
    binary = case.loss == "binary_crossentropy" and _one_a_step(case)
    if (len(out) == 2 and len(got) == 3) or labels or binary:
        rnn = last_rnn(case.model)
        sentence = say(
            "`{name}` {shape} has a target for each of {timesteps} timesteps; {model} gives one output a sample, {out_shape}.",
            name=case.name,
            shape=text(got),
            timesteps=got[1],
            model=model,
            out_shape=text(out),
        )
        candidates = []
        if rnn is not None and not gives_sequence(rnn):
            own = given_by(rnn, case)
            candidates.append(
                Candidate(
                    "layer_argument",
                    say("return_sequences=True on {rnn}", rnn=tell(rnn))[:60],
                    say("The recurrent layer then passes on an output for every timestep."),
                    "sure",
                    source=lambda editor: editor.set_argument(rnn_in(rnn), "return_sequences", "True"),
                    target=getattr(rnn, "name", None),
                    before=own,
                    after=None if own is None else (own[0], got[1], *own[1:]),
                )
            )
        if len(got) == 3 and len(out) == 2:
            candidates += _all_at_once(case, got)
        if binary:
            candidates.append(give_units(case, int(got[1] or 0), "possible"))
        if len(got) == 3:
            candidates.append(
                fix(
                    case,
                    _LastStep(),
                    say("Keep the target of the last timestep: {shape}", shape=text((got[0], got[2]))),
                    say("Right when only the end of the sequence is to be predicted."),
                    "possible",
                    say("The targets of the other timesteps are not used."),
                )
            )
        return "target_shape", sentence, candidates, True
    return None


def _all_at_once(case: Answer, got: Shape) -> list[Candidate]:
    """All the numbers of a target with steps as outputs of the last layer, then put in its shape."""
    head = case.head
    steps, width = got[1:]
    if head is None or steps is None or width is None or not isinstance(getattr(head, "units", None), int):
        return []
    if case.loss in (*CATEGORICAL, *SPARSE):
        # Classes need a softmax of their own at each timestep.
        return []
    shape = f"(({steps}, {width}))"
    return [
        Candidate(
            "layer_argument",
            say(
                "{head} with {units} outputs, then Reshape{shape}",
                head=class_of(head),
                units=steps * width,
                shape=shape,
            )[:60],
            say("The model then answers for all timesteps of the target at once."),
            "possible" if _read_steps(case) == steps else "likely",
            source=lambda editor: editor.combine(
                editor.set_argument(head, "units", str(steps * width)),
                editor.insert_after(head, "Reshape", shape),
            ),
            target=getattr(head, "name", None),
            before=case.output,
            after=(case.output[0], steps, width),
        )
    ]


def _read_steps(case: Answer) -> int | None:
    """How many timesteps the last recurrent layer reads, as declared or as built from the data."""
    read = as_shape(getattr(getattr(last_rnn(case.model), "input", None), "shape", None))
    return read[1] if read is not None and len(read) == 3 else None


def _one_a_step(case: Answer) -> bool:
    """Whether the target has, beside one output a sample, as many numbers as the model reads timesteps."""
    got, out = case.got, case.output
    if len(out) != 2 or out[1] != 1 or len(got) != 2 or got[1] in (1, None):
        return False
    rnn = last_rnn(case.model)
    if rnn is None or gives_sequence(rnn):
        return False
    return _read_steps(case) == got[1]


def _averaged_before(layer: Any, case: Answer) -> Candidate:
    """A pooling over time in front of a layer: of the head, where what stands between needs the sequence."""
    own = case.output if layer is case.head else given_by(layer, case)
    return Candidate(
        "wrap",
        say("Average over time before {head}", head=tell(layer))[:60],
        say("GlobalAveragePooling1D makes one vector of all timesteps."),
        "possible",
        source=lambda editor: editor.insert_before(layer, "GlobalAveragePooling1D", "()"),
        target=getattr(layer, "name", None),
        before=own,
        after=None if own is None else (own[0], *own[2:]),
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
        say("{layer} after {head}", layer=f"Reshape(({steps}, {width}))", head=tell(head))[:60],
        say(
            "The {count} numbers of the answer are then {timesteps} of {width}, as in the target.",
            count=out[1],
            timesteps=plural(steps, "timestep"),
            width=width,
        ),
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
        say("Reshape {array} to {shape}", array=short(case), shape=text(op.shape(got))),
        say("The answer then stays one row a sample."),
        "likely",
    )
    sentence = say(
        "`{array}` {shape} has {timesteps} of {width} numbers; {model} gives the same {count} numbers in one row a sample, {output_shape}.",
        array=case.name,
        shape=text(got),
        timesteps=plural(steps, "timestep"),
        width=width,
        model=case.model_word,
        count=out[1],
        output_shape=text(out),
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
            say("Reshape {array} to {shape}", array=short(case), shape=text(op.shape(got))),
            say("Right when a row holds all outputs of step 1, then all of step 2, and so on."),
            "likely",
            say("Wrong if the columns run output by output: the values would be mixed."),
        )
    ]
    sentence = say(
        "`{name}` {shape} holds the targets of all {timesteps} timesteps in one row; {model_word} gives them step by step, {out_shape}.",
        name=case.name,
        shape=text(got),
        timesteps=inner[0],
        model_word=case.model_word,
        out_shape=text(out),
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


def _cap(text: str) -> str:
    return text[:1].upper() + text[1:]
