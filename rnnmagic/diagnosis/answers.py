"""The model has answered, and the loss or a metric refuses its answer: which output, which target?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rnnmagic.diagnosis import targets
from rnnmagic.diagnosis.base import Candidate, Diagnosis, text
from rnnmagic.diagnosis.outputs import misnamed, misordered, named_for_one, partners, shorter_data
from rnnmagic.evidence import Evidence, Operand
from rnnmagic.language import say, several
from rnnmagic.ops import SplitColumns
from rnnmagic.report import Shape
from rnnmagic.values import asked


def of_answer(evidence: Evidence, outcome: Any, role: str, phase: str) -> Diagnosis | None:
    operands = [operand for operand in evidence.operands if operand.role == role]
    if not operands:
        data = evidence.operand("validation_x" if role.startswith("validation") else "x")
        if data is None:
            return None
        shapes = _dataset_target(data)
        if shapes is None:
            return (
                Diagnosis(
                    "target_shape",
                    say(
                        "`{array}` brings no target: the loss has nothing to compare the model's answer with.",
                        array=data.label,
                    ),
                    phase,
                    data,
                )
                if evidence.arguments.get("y") is None
                else None
            )
        operand = replace(data, role=role, described=replace(data.described, shape=shapes))
        output = outcome.output
        if isinstance(output, tuple):
            case = targets.answer_of(operand, output, evidence.model, evidence.model_name, outcome.steps)
            found = targets.judge(case, phase)
            return replace(found, candidates=tuple(c for c in found.candidates if not c.data))
        return None
    output = outcome.output
    if isinstance(output, tuple):
        if len(operands) > 1:
            return Diagnosis(
                "target_shape",
                say("The model has one output and {targets} targets are passed.", targets=len(operands)),
                phase,
                operands[0],
            )
        if isinstance(operands[0].index, str):
            return named_for_one(evidence, operands[0], phase)
        case = targets.answer_of(operands[0], output, evidence.model, evidence.model_name, outcome.steps)
        judged = targets.judge(case, phase)
        shorter = shorter_data(evidence, case, role) if phase == "loss" else ()
        return replace(judged, candidates=(*judged.candidates, *shorter))
    return several_inputs_of_targets(evidence, operands, output, phase)


def several_inputs_of_targets(
    evidence: Evidence, operands: list[Operand], output: Any, phase: str
) -> Diagnosis | None:
    """A model with several outputs: which of them does not fit its target?"""
    outputs = list(output.items()) if isinstance(output, dict) else list(enumerate(output or []))
    other = misnamed(evidence, operands, outputs, phase) or misordered(evidence, operands, outputs, phase)
    if other is not None:
        return other
    if len(outputs) != len(operands):
        listed = ", ".join(text(shape) for _, shape in outputs if isinstance(shape, tuple))
        whole = operands[0]
        table = whole.described.shape or ()
        split: tuple[Candidate, ...] = ()
        single = all(isinstance(shape, tuple) and shape[1:] == (1,) for _, shape in outputs)
        if len(operands) == 1 and single and len(table) == 2 and table[1] == len(outputs):
            op = SplitColumns(len(outputs))
            split = (
                Candidate(
                    op.kind, say("Pass the {columns} columns of {array} one by one", columns=len(outputs), array=whole.label)[:60],
                    say("Each output then has the column that belongs to it, in their order."), "likely",
                    say("Check that the columns stand in the order of the outputs."),
                    data=((whole, op),), target=whole.name, before=table, after=(table[0],), siblings=False,
                ),
            )  # fmt: skip
        return Diagnosis(
            "target_shape",
            several(
                "The model has {outputs} outputs, {shapes}, and {count} target is passed: each output needs its own.",
                "The model has {outputs} outputs, {shapes}, and {count} targets are passed: each output needs its own.",
                len(operands),
                outputs=len(outputs),
                shapes=listed,
            ),
            phase,
            operands[0],
            candidates=(*split, *partners(evidence, operands, outputs)),
        )
    for (key, shape), operand in zip(outputs, operands, strict=True):
        match = next((o for o in operands if o.index == key), operand)
        got = match.described.shape or ()
        if isinstance(shape, tuple) and (
            (len(got) != len(shape) and not (len(got) == 1 and shape[-1] == 1))
            or (len(got) == len(shape) and got[1:] != shape[1:])
        ):
            case = targets.answer_of(match, shape, evidence.model, evidence.model_name)
            return targets.judge(case, phase)
    case = targets.answer_of(operands[0], outputs[0][1], evidence.model, evidence.model_name)
    return targets.judge(case, phase)


def _dataset_target(operand: Operand) -> Shape | None:
    from rnnmagic.values import as_shape

    element = asked(operand.value, "element_spec")
    if type(element) is tuple and len(element) > 1:
        return as_shape(getattr(element[1], "shape", None))
    return None
