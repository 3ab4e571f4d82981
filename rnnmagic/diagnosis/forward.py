"""The model refuses its input, or a layer inside it refuses what comes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rnnmagic.diagnosis import inputs
from rnnmagic.diagnosis.at_input import fits_in, of_finding, samples_of
from rnnmagic.diagnosis.base import Candidate, Diagnosis, text
from rnnmagic.diagnosis.inside import of_inside
from rnnmagic.diagnosis.several import several_inputs
from rnnmagic.evidence import Evidence, Operand
from rnnmagic.language import say
from rnnmagic.report import LayerInfo, Shape
from rnnmagic.values import as_shape, asked, describe, has_array_metadata, variables

if TYPE_CHECKING:
    from rnnmagic.editor import Editor


def of_forward(
    evidence: Evidence, outcome: Any, batch: Any, validation: bool, editor: Editor
) -> Diagnosis | None:
    from rnnmagic.frameworks.base import leaves
    from rnnmagic.frameworks.wanted import (
        Wanted,
        class_of,
        is_trained,
        rank_wanted_by,
        rnn_width,
        wanted_inputs,
    )

    role = "validation_x" if validation else ("inputs" if evidence.method == "__call__" else "x")
    operands = [operand for operand in evidence.operands if operand.role == role]
    if not operands:
        return of_inside(evidence, outcome, editor, validation=validation)
    wanted = wanted_inputs(evidence.model)
    specs = leaves(batch.x)
    if len(operands) == 1 and operands[0].described.carrier == "dataset" and specs:
        operands = [_as_element(operands[0], specs[0].shape)]
    if len(wanted) > 1 or (wanted and len(operands) > 1):
        found = several_inputs(evidence, operands, wanted)
        if found is not None:
            return found
    failing = outcome.failing
    pairs = list(zip(operands, wanted, strict=False)) if len(wanted) == len(operands) else []
    if not pairs and failing is not None and isinstance(failing.inputs, tuple):
        # A subclassed model: the layer that failed on the data itself tells what is wanted.
        for operand in operands:
            shape = operand.described.shape
            if shape is not None and shape[1:] == failing.inputs[1:] and len(shape) == len(failing.inputs):
                rank = rank_wanted_by(failing.layer)
                width = rnn_width(failing.layer)
                want = None if rank is None else (None,) * (rank - 1) + (width,)
                pairs = [
                    (operand, Wanted(want, failing.layer, False, class_of(failing.layer) == "Embedding"))
                ]
    for operand, wish in pairs:
        got = operand.described.shape
        if got is None or wish.shape is None:
            continue
        shape = (got[0], *got[1:])
        inner_fails = (
            failing is not None and isinstance(failing.inputs, tuple) and failing.inputs[1:] != shape[1:]
        )
        alike = len(shape) == len(wish.shape)
        # What counts the timesteps fails further on, but it is the length that is not as declared.
        longer = alike and wish.declared and shape[1:2] != wish.shape[1:2] and shape[2:] == wish.shape[2:]
        if fits_in(shape, wish) or (inner_fails and alike and not longer):
            continue
        case = inputs.Situation(
            operand,
            shape,
            wish.shape,
            evidence.method or "",
            evidence.namespace,
            evidence.samples_of_target() if not validation else samples_of(evidence.operand("validation_y")),
            is_trained(evidence.model),
            wish.declared,
            wish.ids,
            evidence.operand("validation_y" if validation else "y"),
            editor.input_texts(evidence.model, evidence.model_name),
            _fitting(evidence, wish, operand) if len(pairs) == 1 else (),
            _answer(evidence.model),
            _time_told(evidence, operand) if len(shape) == len(wish.shape) == 3 else None,
        )
        exchanged = _exchanged(evidence, operand, wish) if role == "x" else None
        if exchanged is not None:
            return exchanged
        found = of_finding(inputs.judge(case), case, wish, evidence)
        if longer and inner_fails and failing is not None and found.cause == "timesteps":
            refused = LayerInfo(
                str(failing.layer.name),
                class_of(failing.layer),
                evidence.model_name,
                None,
                failing.inputs,
            )
            found = replace(found, layer=refused)
        return found
    return of_inside(evidence, outcome, editor, validation=validation)


def _time_told(evidence: Evidence, operand: Operand) -> int | None:
    from rnnmagic.silent.axisroles import time_told
    from rnnmagic.silent.origin import Origins

    return time_told(operand, Origins(evidence.run))


def _answer(model: Any) -> Shape:
    """Shape of a model's first output, `()` where it is not known."""
    outputs = asked(model, "outputs")
    return (as_shape(outputs[0].shape) if outputs else None) or ()


def _exchanged(evidence: Evidence, x: Operand, wish: Any) -> Diagnosis | None:
    """x and y in each other's place: y is what the model takes, and x what it gives."""
    y = evidence.operand("y")
    if y is None or y.described.shape is None or x.described.shape is None or not wish.declared:
        return None
    from rnnmagic.frameworks.wanted import class_of

    answer = _answer(evidence.model)
    if not fits_in(y.described.shape, wish) or None in (wish.shape or ())[2:] or not answer:
        return None
    got = x.described.shape
    if got[1:] != answer[1:] and not (len(got) == 1 and answer[1:] == (1,)) and len(got) > 1:
        return None
    first = Candidate(
        "reorder",
        say("Pass {array} as x and {x_array} as y", array=y.label, x_array=x.label)[:60],
        say("The model takes the one and answers with the other."),
        "sure",
        source=lambda editor: editor.reorder(evidence, [x, y], (1, 0)),
        target=x.name,
        before=got,
        after=y.described.shape,
    )
    layer = LayerInfo(
        str(getattr(wish.layer, "name", "?")), class_of(wish.layer), evidence.model_name, wish.shape, got
    )
    return Diagnosis(
        "input_count",
        say(
            "`{array}` {shape} and `{y_array}` {y_shape} are in each other's place: the model takes {wish_shape} and answers {answer_shape}.",
            array=x.label,
            shape=text(got),
            y_array=y.label,
            y_shape=text(y.described.shape),
            wish_shape=text(wish.shape),
            answer_shape=text(answer),
        ),
        "call",
        x,
        layer,
        candidates=(first,),
    )


def _as_element(operand: Operand, shape: Shape) -> Operand:
    element = asked(operand.value, "element_spec")
    first = element[0] if type(element) is tuple else element
    from rnnmagic.values import as_shape

    told = as_shape(getattr(first, "shape", None))
    second = (
        as_shape(getattr(element[1], "shape", None)) if type(element) is tuple and len(element) > 1 else None
    )
    from rnnmagic.frameworks.keraslike.batchsize import is_batched

    batched = is_batched(operand.value) is not False and (
        told is not None
        and len(told) > 0
        and (told[0] is None or (second is not None and second[:1] == told[:1]))
        # A target without any axis is one number: the element is one sample.
        and second != ()
    )
    if batched:
        # Its elements are batches: they are judged as an array is.
        return replace(operand, described=replace(operand.described, carrier="loader", shape=shape))
    return replace(operand, described=replace(operand.described, shape=told if told is not None else shape))


def _fitting(evidence: Evidence, wish: Any, operand: Operand) -> tuple[str, ...]:
    """Kernel arrays that do fit: the declaration has something to go with."""
    names = []
    for name, value in variables(evidence.namespace)[:5000]:
        if name.startswith("_") or value is operand.value:
            continue
        described = describe(value) if has_array_metadata(value) else None
        if (
            described is not None
            and described.carrier == "array"
            and described.shape is not None
            and len(described.shape) == len(wish.shape) >= 2
            and all(w is None or w == s for s, w in zip(described.shape[1:], wish.shape[1:], strict=True))
            and sum(w is not None for w in wish.shape[1:])
        ):
            names.append(name)
    return tuple(names[:5])
