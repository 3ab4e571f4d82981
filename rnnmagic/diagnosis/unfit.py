"""Data that a call cannot take at all, whatever the model: ragged, unusable or unequal in number."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rnnmagic.diagnosis import carriers, inputs, several, targets
from rnnmagic.diagnosis.at_input import of_finding, samples_of
from rnnmagic.diagnosis.base import Candidate, Diagnosis
from rnnmagic.diagnosis.class_weights import of_class_weight
from rnnmagic.diagnosis.unbatched import without_batch_axis
from rnnmagic.evidence import Evidence, Operand, argument_nodes, name_operand
from rnnmagic.report import Shape
from rnnmagic.values import describe

if TYPE_CHECKING:
    from rnnmagic.editor import Editor


def of_unfit(evidence: Evidence, unfit: Any, editor: Editor, trial: Any = None) -> Diagnosis | None:
    operand = evidence.operand(unfit.role, unfit.index)
    if unfit.kind == "count":
        return _of_unequal(evidence, unfit, editor)
    if operand is None:
        return None
    if unfit.kind == "class_weight":
        return of_class_weight(evidence, operand)
    from rnnmagic.frameworks.wanted import makes_mask, wanted_inputs

    if unfit.kind == "ragged":
        operand = _whole(evidence, unfit, operand)
        wanted = wanted_inputs(evidence.model)
        ids = bool(wanted and wanted[0].ids)
        masked = makes_mask(evidence.model)
        steps = None
        if wanted and wanted[0].shape and len(wanted[0].shape) > 1:
            steps = wanted[0].shape[1]
        found = carriers.ragged(operand, "data", ids=ids, masked=masked, maxlen=steps)
        return _with_channel(found, operand, wanted[0].shape if wanted else None, ids)
    if unfit.kind == "labels" and trial is not None and isinstance(trial.outcome.output, tuple):
        case = targets.answer_of(operand, trial.outcome.output, evidence.model, evidence.model_name)
        return targets.labels(case)
    if unfit.kind in ("dtype", "list"):
        wanted = wanted_inputs(evidence.model)
        ids = len(wanted) == 1 and wanted[0].ids
        return carriers.unusable(
            operand, "data", role_is_target=operand.role in ("y", "validation_y"), ids=ids
        )
    return None


def _whole(evidence: Evidence, unfit: Any, operand: Operand) -> Operand:
    """The list itself, where its items were taken for inputs and are samples."""
    value = evidence.arguments.get(unfit.role)
    if unfit.index is not None or operand.index is None or type(value) not in (list, tuple):
        return operand
    nodes = {}
    if evidence.site is not None and evidence.site.call is not None:
        nodes = argument_nodes(evidence.site.call, evidence.method or "", type(evidence.model))
    whole = Operand(unfit.role, None, value, describe(value), node=nodes.get(unfit.role), place=evidence.site)
    return name_operand(whole, evidence.places, evidence.namespace)


def _with_channel(found: Diagnosis, operand: Operand, want: Shape | None, ids: bool) -> Diagnosis:
    """Numbers padded for a recurrent layer also need the feature axis."""
    inner = operand.described.inner
    if ids or inner or want is None or len(want) != 3 or operand.described.carrier == "ragged_tensor":
        return found
    from rnnmagic.ops import Chain, Expand

    def widen(candidate: Candidate) -> Candidate:
        ((array, pad),) = candidate.data
        op = Chain((pad, Expand(-1)), kind="pad")
        vary = candidate.vary
        return replace(
            candidate,
            data=((array, op),),
            after=op.shape(candidate.before or (None,)),
            vary=None if vary is None else (lambda values: widen(vary(values))),
        )

    return replace(found, candidates=tuple(widen(candidate) for candidate in found.candidates))


def _of_unequal(evidence: Evidence, unfit: Any, editor: Editor) -> Diagnosis | None:
    """Unequal numbers of samples; often the samples are there, on another axis."""
    from rnnmagic.frameworks.wanted import is_trained, wanted_inputs

    spread = None if unfit.role.startswith("validation") else several.spread(evidence)
    if spread is not None:
        return spread
    unbatched = None if unfit.role.startswith("validation") else without_batch_axis(evidence)
    if unbatched is not None:
        return unbatched
    found = _of_counts(evidence, unfit)
    validation = unfit.role.startswith("validation")
    xs = [o for o in evidence.operands if o.role == ("validation_x" if validation else "x")]
    y = evidence.operand("validation_y" if validation else "y")
    wanted = wanted_inputs(evidence.model)
    if len(xs) != 1 or len(wanted) != 1 or y is None:
        return found
    x, wish = xs[0], wanted[0]
    shape, count = x.described.shape, samples_of(y)
    if wish.shape is None or shape is None or count is None or shape[0] == count:
        return found
    case = inputs.Situation(
        x, shape, wish.shape, evidence.method or "", evidence.namespace, count, is_trained(evidence.model),
        wish.declared, wish.ids, y, editor.input_texts(evidence.model, evidence.model_name),
    )  # fmt: skip
    finding = inputs.judge(case)
    first = finding.candidates[0] if finding.candidates else None
    if first is not None and first.after is not None and first.after[0] == count:
        return of_finding(finding, case, wish, evidence)
    return found


def _of_counts(evidence: Evidence, unfit: Any) -> Diagnosis | None:
    role = unfit.role
    first_role = "validation_x" if role.startswith("validation") else "x"
    second = evidence.operand(role)
    xs = [operand for operand in evidence.operands if operand.role == first_role]
    ys = evidence.operand("validation_y" if first_role == "validation_x" else "y")
    if role == first_role or second is None:
        second = ys
    first = xs[0] if xs else None
    if ys is None and len(xs) == 2 and role == first_role:
        return carriers.two_counts(xs[0], xs[1], evidence, "data")
    if ys is None and len(xs) > 2 and role == first_role:
        return carriers.several_counts(xs, evidence, "data")
    if first is None or second is None:
        return None
    if len(xs) > 1:
        several = carriers.several_counts([*xs, *([ys] if ys is not None else [])], evidence, "data")
        if several is not None:
            return several
        # One of several inputs is the odd one out.
        count = (second.described.shape or (None,))[0]
        odd = [x for x in xs if (x.described.shape or (None,))[0] != count]
        if odd and len(odd) < len(xs):
            first = odd[0]
        other = evidence.operand(role, unfit.index)
        if role == first_role and other is not None:
            first = next((x for x in xs if (x.described.shape or (0,))[0] != count), first)
    if (first.described.shape or (0,))[0] == (second.described.shape or (0,))[0]:
        return None
    return carriers.counts(evidence, first, second, "data")
