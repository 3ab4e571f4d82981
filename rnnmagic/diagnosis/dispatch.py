"""Choose the room that explains a failure: data, input, layer, target or count."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rnnmagic.diagnosis import carriers, declarations, inputs, layers, targets, weights
from rnnmagic.diagnosis.base import AXES3, Candidate, Diagnosis, text
from rnnmagic.diagnosis.own_code import training_loop
from rnnmagic.diagnosis.several import several_inputs
from rnnmagic.evidence import X_ROLES, Evidence, Operand, argument_nodes, name_operand
from rnnmagic.ops import SplitColumns
from rnnmagic.report import FlowStep, LayerInfo, Shape
from rnnmagic.source import Place, Unknowable, parse, value_of
from rnnmagic.values import describe, has_array_metadata

if TYPE_CHECKING:
    from rnnmagic.editor import Editor

NOT_OURS = (
    NameError, ImportError, OSError, KeyboardInterrupt, SystemExit, SyntaxError, MemoryError, AssertionError,
    ZeroDivisionError, UnicodeError, StopIteration, KeyError, FloatingPointError, RecursionError,
)  # fmt: skip
SHAPE_WORDS = (
    "shape", "dim", "rank", "axis", "axes", "size", "broadcast", "incompatible", "cardinality", "expected",
    "ndim", "matmul", "reshape", "unpack", "index", "slice", "must be", "dtype", "type", "weight", "states", "leaves",
    "input", "structure",
)  # fmt: skip


def diagnose(evidence: Evidence, editor: Editor) -> Diagnosis | None:
    """The diagnosis of a failed cell, or `None` when it did not fail on a shape of a model's data."""
    error = evidence.run.error
    if error is None or (isinstance(error, NOT_OURS) and not _could_be_ours(error)):
        return None
    if evidence.call is not None:
        return _of_call(evidence, editor)
    if evidence.recorder is not None:
        found = weights.judge(evidence, evidence.recorder.frames_of(error)) or _of_construction(
            evidence, editor
        )
        if found is not None:
            return found
    return carriers.ragged_while_made(evidence) or training_loop(evidence)


def _could_be_ours(error: BaseException) -> bool:
    return type(error).__name__ == "OperatorNotAllowedInGraphError"


# A call on a model


def _of_call(evidence: Evidence, editor: Editor) -> Diagnosis | None:
    from rnnmagic.frameworks.keras3.calls import try_call

    trial = try_call(evidence.model, evidence.method or "", evidence.arguments, open_sandbox=True)
    if trial.ok:
        return None
    if trial.unfit is not None:
        return _of_unfit(evidence, trial.unfit, editor, trial)
    if not trial.known or trial.outcome is None or trial.batch is None:
        return _of_frames(evidence, editor)
    outcome, batch = trial.outcome, trial.batch
    if outcome.error is None or isinstance(outcome.error, NOT_OURS):
        return None
    message = str(outcome.error).lower()
    if not any(word in message for word in SHAPE_WORDS):
        return None
    validation = batch.part == "validation" and evidence.arguments.get("validation_data") is not None
    prefix = "validation_" if validation else ""
    if outcome.phase in ("loss", "metric"):
        found = _of_answer(evidence, outcome, f"{prefix}y", outcome.phase)
    else:
        found = _of_forward(evidence, outcome, batch, validation, editor)
    return found and replace(found, flow=found.flow or _flow(outcome))


def _flow(outcome: Any) -> tuple[FlowStep, ...]:
    from rnnmagic.frameworks.keras3.wanted import class_of

    steps = []
    for step in outcome.steps:
        if step.depth == 1 and class_of(step.layer) != "InputLayer":
            shape = step.output if isinstance(step.output, tuple) else None
            steps.append(FlowStep(step.layer.name, class_of(step.layer), shape, step.ok))
            if not step.ok:
                break
    return tuple(steps)


def _of_unfit(evidence: Evidence, unfit: Any, editor: Editor, trial: Any = None) -> Diagnosis | None:
    operand = evidence.operand(unfit.role, unfit.index)
    if unfit.kind == "count":
        return _of_unequal(evidence, unfit, editor)
    if operand is None:
        return None
    if unfit.kind == "ragged":
        from rnnmagic.frameworks.keras3.wanted import wanted_inputs

        wanted = wanted_inputs(evidence.model)
        ids = bool(wanted and wanted[0].ids)
        masked = _masks(evidence.model)
        steps = None
        if wanted and wanted[0].shape and len(wanted[0].shape) > 1:
            steps = wanted[0].shape[1]
        found = carriers.ragged(operand, "data", ids=ids, masked=masked, maxlen=steps)
        return _with_channel(found, operand, wanted[0].shape if wanted else None, ids)
    if unfit.kind == "labels" and trial is not None and isinstance(trial.outcome.output, tuple):
        case = targets.answer_of(operand, trial.outcome.output, evidence.model, evidence.model_name)
        return targets.labels(case)
    if unfit.kind in ("dtype", "list"):
        return carriers.unusable(operand, "data", role_is_target=operand.role in ("y", "validation_y"))
    return None


def _masks(model: Any) -> bool:
    from rnnmagic.frameworks.keras3.wanted import class_of, layers_of

    return any(
        getattr(layer, "mask_zero", False) or class_of(layer) == "Masking" for layer in layers_of(model)
    )


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
    from rnnmagic.frameworks.keras3.wanted import is_trained, wanted_inputs

    found = _of_counts(evidence, unfit)
    validation = unfit.role.startswith("validation")
    xs = [o for o in evidence.operands if o.role == ("validation_x" if validation else "x")]
    y = evidence.operand("validation_y" if validation else "y")
    wanted = wanted_inputs(evidence.model)
    if len(xs) != 1 or len(wanted) != 1 or y is None or wanted[0].shape is None:
        return found
    x, wish = xs[0], wanted[0]
    shape, targets_ = x.described.shape, _samples(y)
    if shape is None or targets_ is None or shape[0] == targets_:
        return found
    case = inputs.Situation(
        x, shape, wish.shape, evidence.method or "", evidence.namespace, targets_, is_trained(evidence.model),
        wish.declared, wish.ids, y, editor.input_texts(evidence.model, evidence.model_name),
    )  # fmt: skip
    finding = inputs.judge(case)
    first = finding.candidates[0] if finding.candidates else None
    if first is not None and first.after is not None and first.after[0] == targets_:
        return _of_finding(finding, case, wish, evidence)
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
    if first is None or second is None:
        return None
    if len(xs) > 1:
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


def _of_answer(evidence: Evidence, outcome: Any, role: str, phase: str) -> Diagnosis | None:
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
                    f"`{data.label}` brings no target: the loss has nothing to compare the model's answer with.",
                    phase,
                    data,
                )
                if evidence.arguments.get("y") is None
                else None
            )
        operand = replace(data, role=role, described=replace(data.described, shape=shapes))
        output = outcome.output
        if isinstance(output, tuple):
            case = targets.answer_of(operand, output, evidence.model, evidence.model_name)
            found = targets.judge(case, phase)
            return replace(found, candidates=tuple(c for c in found.candidates if not c.data))
        return None
    output = outcome.output
    if isinstance(output, tuple):
        if len(operands) > 1:
            return Diagnosis(
                "target_shape",
                f"The model has one output and {len(operands)} targets are passed.",
                phase,
                operands[0],
            )
        case = targets.answer_of(operands[0], output, evidence.model, evidence.model_name)
        return targets.judge(case, phase)
    return several_inputs_of_targets(evidence, operands, output, phase)


def several_inputs_of_targets(
    evidence: Evidence, operands: list[Operand], output: Any, phase: str
) -> Diagnosis | None:
    """A model with several outputs: which of them does not fit its target?"""
    outputs = list(output.items()) if isinstance(output, dict) else list(enumerate(output or []))
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
                    op.kind, f"Pass the {len(outputs)} columns of {whole.label} one by one"[:60],
                    "Each output then has the column that belongs to it, in their order.", "likely",
                    "Check that the columns stand in the order of the outputs.",
                    data=((whole, op),), target=whole.name, before=table, after=(table[0],), siblings=False,
                ),
            )  # fmt: skip
        return Diagnosis(
            "target_shape",
            f"The model has {len(outputs)} outputs, {listed}, and {len(operands)} "
            f"{'target is' if len(operands) == 1 else 'targets are'} passed: each output needs its own.",
            phase,
            operands[0],
            candidates=split,
        )
    for (key, shape), operand in zip(outputs, operands, strict=True):
        match = next((o for o in operands if o.index == key), operand)
        got = match.described.shape or ()
        if isinstance(shape, tuple) and (
            (len(got) != len(shape)
            and not (len(got) == 1 and shape[-1] == 1))
            or (len(got) == len(shape)
            and got[1:] != shape[1:])
        ):
            case = targets.answer_of(match, shape, evidence.model, evidence.model_name)
            return targets.judge(case, phase)
    case = targets.answer_of(operands[0], outputs[0][1], evidence.model, evidence.model_name)
    return targets.judge(case, phase)


def _dataset_target(operand: Operand) -> Shape | None:
    from rnnmagic.values import as_shape

    element = getattr(operand.value, "element_spec", None)
    if type(element) is tuple and len(element) > 1:
        return as_shape(getattr(element[1], "shape", None))
    return None


# The model refuses its input, or a layer inside it refuses what comes


def _of_forward(
    evidence: Evidence, outcome: Any, batch: Any, validation: bool, editor: Editor
) -> Diagnosis | None:
    from rnnmagic.frameworks.keras3.dryrun import leaves
    from rnnmagic.frameworks.keras3.wanted import (
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
        return _of_inside(evidence, outcome, editor)
    wanted = wanted_inputs(evidence.model)
    specs = leaves(batch.x)
    if len(operands) == 1 and operands[0].described.carrier == "dataset" and specs:
        operands = [_as_element(operands[0], specs[0].shape, evidence)]
    if len(wanted) > 1 or (wanted and len(operands) > 1):
        found = several_inputs(evidence, operands, wanted, editor)
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
        if _fits(shape, wish) or (inner_fails and len(shape) == len(wish.shape)):
            continue
        case = inputs.Situation(
            operand,
            shape,
            wish.shape,
            evidence.method or "",
            evidence.namespace,
            evidence.samples_of_target() if not validation else _samples(evidence.operand("validation_y")),
            is_trained(evidence.model),
            wish.declared,
            wish.ids,
            evidence.operand("validation_y" if validation else "y"),
            editor.input_texts(evidence.model, evidence.model_name),
            _fitting(evidence, wish, operand) if len(pairs) == 1 else (),
        )
        exchanged = _exchanged(evidence, operand, wish) if role == "x" else None
        if exchanged is not None:
            return exchanged
        return _of_finding(inputs.judge(case), case, wish, evidence)
    return _of_inside(evidence, outcome, editor)


def _exchanged(evidence: Evidence, x: Operand, wish: Any) -> Diagnosis | None:
    """x and y in each other's place: y is what the model takes, and x what it gives."""
    y = evidence.operand("y")
    if y is None or y.described.shape is None or x.described.shape is None or not wish.declared:
        return None
    from rnnmagic.frameworks.keras3.wanted import class_of
    from rnnmagic.values import as_shape

    outputs = getattr(evidence.model, "outputs", None)
    answer = as_shape(outputs[0].shape) if outputs else None
    if not _fits(y.described.shape, wish) or None in (wish.shape or ())[2:] or answer is None:
        return None
    got = x.described.shape
    if got[1:] != answer[1:] and not (len(got) == 1 and answer[1:] == (1,)) and len(got) > 1:
        return None
    first = Candidate(
        "reorder",
        f"Pass {y.label} as x and {x.label} as y"[:60],
        "The model takes the one and answers with the other.",
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
        f"`{x.label}` {text(got)} and `{y.label}` {text(y.described.shape)} are in each other's place: the model takes "
        f"{text(wish.shape)} and answers {text(answer)}.",
        "call",
        x,
        layer,
        candidates=(first,),
    )


def _as_element(operand: Operand, shape: Shape, evidence: Evidence) -> Operand:
    element = getattr(operand.value, "element_spec", None)
    first = element[0] if type(element) is tuple else element
    from rnnmagic.values import as_shape

    told = as_shape(getattr(first, "shape", None))
    second = (
        as_shape(getattr(element[1], "shape", None)) if type(element) is tuple and len(element) > 1 else None
    )
    batched = (
        told is not None and len(told) > 0 and (told[0] is None or (bool(second) and second[0] == told[0]))
    )  # type: ignore[index]
    if batched:
        # Its elements are batches: they are judged as an array is.
        return replace(operand, described=replace(operand.described, carrier="loader", shape=shape))
    return replace(operand, described=replace(operand.described, shape=told if told is not None else shape))


def _samples(operand: Operand | None) -> int | None:
    shape = None if operand is None else operand.described.shape
    return shape[0] if shape else None


def _fits(shape: Shape, wish: Any) -> bool:
    want = wish.shape
    if len(shape) != len(want):
        # Keras adds or takes a last axis of size 1 by itself, where a size is declared.
        if len(shape) == len(want) - 1 and wish.declared and want[-1] == 1:
            return all(w is None or w == s for s, w in zip(shape[1:], want[1:-1], strict=True))
        if len(shape) == len(want) + 1 and wish.declared and shape[-1] == 1:
            return all(w is None or w == s for s, w in zip(shape[1:-1], want[1:], strict=True))
        return False
    return all(w is None or w == s for s, w in zip(shape[1:], want[1:], strict=True))


def _fitting(evidence: Evidence, wish: Any, operand: Operand) -> tuple[str, ...]:
    """Kernel arrays that do fit: the declaration has something to go with."""
    names = []
    for name, value in list(evidence.namespace.items())[:5000]:
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


def _of_finding(finding: inputs.Finding, case: inputs.Situation, wish: Any, evidence: Evidence) -> Diagnosis:
    from rnnmagic.frameworks.keras3.wanted import class_of

    layer = None
    if wish.layer is not None:
        axes = {3: AXES3, 2: ("samples", "timesteps") if wish.ids else ("samples", "features")}
        layer = LayerInfo(
            str(getattr(wish.layer, "name", "?")),
            class_of(wish.layer),
            evidence.model_name,
            wish.shape,
            case.got,
            axes.get(len(wish.shape)),
            finding.axes,
        )
    candidates = list(finding.candidates)
    width, wanted_width = case.got[-1], case.want[-1]
    if finding.cause in ("features", "input_declaration") and width and wanted_width and width < wanted_width:
        candidates.insert(0, _one_hot_again(case.operand, wanted_width))
    if finding.declare is not None and not case.trained:
        shape = finding.declare
        whole = None if finding.cause in ("flattened", "feature_axis_missing", "rank") else case.operand
        if finding.cause in ("flattened", "feature_axis_missing", "rank") and candidates:
            first = candidates[0]
            both = layers.declare(shape, None, first.confidence, first.why)
            combined = replace(
                first,
                title=f"{first.title[:34]} and declare {text(shape)}"[:60],
                source=both.source,
            )
            candidates.insert(1, combined)
        else:
            told = layers.declare(
                shape,
                whole if case.got[1:] == shape else None,
                "likely",
                "Right when the data is as it should be.",
            )
            candidates.insert(0 if finding.model_at_fault else len(candidates), told)
    return Diagnosis(
        finding.cause,
        finding.sentence,
        "call",
        None if finding.model_at_fault else case.operand,
        layer,
        candidates=tuple(candidates),
        advice=finding.advice,
        axes=finding.axes,
    )


def _one_hot_again(operand: Operand, classes: int) -> Candidate:
    """`to_categorical` that found fewer classes in this part of the data than there are."""
    shape = operand.described.shape
    return Candidate(
        "one_hot",
        f"to_categorical(…, num_classes={classes})",
        f"It counts the classes that it finds; {operand.label} holds fewer than there are.",
        "sure",
        source=lambda editor: editor.set_maker_argument(
            operand, ("to_categorical",), "num_classes", str(classes)
        ),
        target=operand.name,
        before=shape,
        after=None if shape is None else (*shape[:-1], classes),
    )


def _of_inside(evidence: Evidence, outcome: Any, editor: Editor) -> Diagnosis | None:
    """A layer inside the model refuses what the layers before it pass on."""
    from rnnmagic.frameworks.keras3.graph import (
        flat_shapes,
        inbound,
        state_shapes,
        tensors_in,
        way_before,
        way_to,
    )

    failing = outcome.failing
    if failing is None:
        return None
    way = tuple(layers.Step(layer, shape) for layer, shape in way_before(failing.layer, outcome))
    ways: tuple[tuple[layers.Step, ...], ...] = ()
    states: tuple[Shape, ...] = flat_shapes(failing.states)
    if states:
        ways = (way,)
    given = inbound(failing.layer, evidence.model)
    if given is not None:
        tensors = tensors_in(given[0])
        states = state_shapes(given[1]) or states
        branches = tensors if len(tensors) > 1 else tensors_in(given[1].get("initial_state"))
        ways = tuple(tuple(layers.Step(*step) for step in way_to(tensor)) for tensor in branches) or ways
        if len(tensors) == 1:
            graph = tuple(layers.Step(*step) for step in way_to(tensors[0]))
            if len(graph) > 1:
                way = graph
    fixed = batch_remainder(evidence, failing)
    if fixed is not None:
        return fixed
    first = _of_first_layer(evidence, failing, way, editor)
    if first is not None:
        return first
    case = layers.Refusal(
        failing.layer,
        failing.inputs,
        way,
        ways,
        evidence.model,
        evidence.model_name,
        evidence.namespace,
        tuple(o for o in evidence.operands if o.role in X_ROLES),
        tuple(o for o in evidence.operands if o.role in ("y",)),
        outcome.error,
        "call",
        evidence.run.log,
        states,
    )
    return layers.judge(case)


def _of_first_layer(
    evidence: Evidence, failing: Any, way: tuple[layers.Step, ...], editor: Editor
) -> Diagnosis | None:
    """The layer that fails is the first to ask for anything: it is the data that does not fit."""
    from rnnmagic.frameworks.keras3.wanted import PASS_THROUGH, Wanted, class_of, rank_wanted_by, rnn_width

    operand = evidence.operand("x") or evidence.operand("inputs")
    shape = None if operand is None else operand.described.shape
    rank = rank_wanted_by(failing.layer)
    if operand is None or shape is None or rank is None or not isinstance(failing.inputs, tuple):
        return None
    between = [step.layer for step in way if class_of(step.layer) not in ("InputLayer", *PASS_THROUGH)]
    if (
        between
        or failing.inputs[1:] != shape[1:]
        or len(shape) == rank
        or editor.input_texts(evidence.model, evidence.model_name)
    ):
        return None
    wish = Wanted(
        (None,) * (rank - 1) + (rnn_width(failing.layer),),
        failing.layer,
        False,
        class_of(failing.layer) == "Embedding",
    )
    case = inputs.Situation(
        operand, shape, wish.shape or (), evidence.method or "", evidence.namespace, evidence.samples_of_target(),
        declared=False, ids=wish.ids, target_operand=evidence.operand("y"),
    )  # fmt: skip
    return _of_finding(inputs.judge(case), case, wish, evidence)


def batch_remainder(evidence: Evidence, failing: Any) -> Diagnosis | None:
    """A stateful layer with a fixed batch size that the data does not divide into."""
    from rnnmagic.frameworks.keras3.wanted import class_of, rnn_in
    from rnnmagic.ops import Slice

    layer = rnn_in(failing.layer)
    if not getattr(layer, "stateful", False) or not isinstance(failing.inputs, tuple):
        return None
    size = getattr(layer, "_expected_batch_size", None)
    x, y = evidence.operand("x") or evidence.operand("inputs"), evidence.operand("y")
    if size is None or x is None or failing.inputs[0] == size:
        return None
    rows = (x.described.shape or (None,))[0]
    if rows is None:
        return None
    usable = rows // size * size
    given = evidence.arguments.get("batch_size")
    sentence = (
        f"The stateful {class_of(failing.layer)} '{failing.layer.name}' takes batches of exactly {size}; "
        f"`{x.label}` holds {rows} samples, "
        + (
            f"so that the last batch has only {rows % size}."
            if given == size
            else f"and the batch size is {given or 32}."
        )
    )
    candidates: list[Candidate] = []
    if usable and evidence.method in ("fit", "evaluate", "predict"):
        op = Slice(0, None, usable, kind="trim", repeatable=True)
        data: list[Any] = [(x, op)] if usable != rows else []
        if y is not None and usable != rows:
            data.append((y, op))
        source = (
            None
            if given == size
            else (lambda editor: editor.set_call_argument(evidence, "batch_size", str(size)))
        )
        candidates.append(
            Candidate(
                "trim" if data else "batch",
                f"Use {usable} of {rows} samples: {usable // size} whole batches"
                if data
                else f"batch_size={size}",
                f"{usable} is the largest number of samples that divides into batches of {size}.",
                "sure",
                f"The last {rows - usable} samples are not used." if data else None,
                data=tuple(data),
                source=source,
                target=x.name,
                before=x.described.shape,
                after=op.shape(x.described.shape or (None,)),
                siblings=False,
            )
        )
    return Diagnosis(
        "batch_remainder",
        sentence,
        "run",
        x,
        _layer_info(failing, evidence, size),
        candidates=tuple(candidates),
    )


def _layer_info(failing: Any, evidence: Evidence, size: int) -> LayerInfo:
    from rnnmagic.frameworks.keras3.wanted import class_of

    shape = failing.inputs
    return LayerInfo(
        failing.layer.name,
        class_of(failing.layer),
        evidence.model_name,
        (size, *shape[1:]),
        shape,
        AXES3,
        AXES3,
    )


def _of_frames(evidence: Evidence, editor: Editor) -> Diagnosis | None:
    """Data that would have to be consumed to be known: ask the frames what reached the model."""
    from rnnmagic.frameworks.keras3.dryrun import shapes_in
    from rnnmagic.frameworks.keras3.wanted import wanted_inputs

    frames = evidence.recorder.frames_of(evidence.run.error)
    x = evidence.operand("x")
    if x is None:
        return None
    wanted = wanted_inputs(evidence.model)
    for frame in frames:
        if (
            frame.f_code.co_name not in ("__call__", "call")
            or frame.f_locals.get("self") is not evidence.model
        ):
            continue
        given = frame.f_locals.get("inputs", (frame.f_locals.get("args") or (None,))[0])
        shape = shapes_in(given)
        if isinstance(shape, tuple) and len(wanted) == 1 and wanted[0].shape is not None:
            operand = replace(x, described=replace(x.described, shape=shape))
            if _fits(shape, wanted[0]):
                break
            case = inputs.Situation(
                operand, shape, wanted[0].shape, evidence.method or "", evidence.namespace, ids=wanted[0].ids
            )
            finding = inputs.judge(case)
            # An operation on the generator itself cannot be told from here.
            return _of_finding(replace(finding, candidates=()), case, wanted[0], evidence)
    del editor
    return None


# The model fails while it is being built


def _of_construction(evidence: Evidence, editor: Editor) -> Diagnosis | None:
    from rnnmagic.frameworks.keras3.dryrun import shapes_in
    from rnnmagic.frameworks.keras3.graph import state_shapes, symbolic_call, tensors_in, way_to

    error = evidence.run.error
    assert error is not None
    frames = evidence.recorder.frames_of(error)
    call = symbolic_call(frames)
    upcoming, answers = _upcoming(evidence)
    if call is None:
        return declarations.judge(evidence, frames, upcoming) or _layer_alone(evidence, frames)
    layer, given, options = call
    tensors = tensors_in(given)
    ways = tuple(tuple(layers.Step(*step) for step in way_to(tensor)) for tensor in tensors)
    model = next(
        (f.f_locals.get("self") for f in frames if hasattr(f.f_locals.get("self"), "_compile_loss")), None
    )
    name = None
    if model is not None:
        from rnnmagic.evidence import name_of

        name = name_of(model, evidence.namespace)
    case = layers.Refusal(
        layer,
        shapes_in(given),
        ways[0] if ways else (),
        ways if len(ways) > 1 else (),
        model,
        name,
        evidence.namespace,
        tuple(upcoming),
        tuple(answers),
        error,
        "build",
        evidence.run.log,
        state_shapes(options),
    )
    before = {id(step.layer): step.layer for way in (case.way, *case.ways) for step in way}
    editor.about(model, [*before.values(), layer], name)
    return layers.judge(case)


def _layer_alone(evidence: Evidence, frames: list[Any]) -> Diagnosis | None:
    """A layer called by itself on an array."""
    from rnnmagic.frameworks.keras3.dryrun import shapes_in
    from rnnmagic.frameworks.keras3.graph import symbolic_call
    from rnnmagic.frameworks.keras3.wanted import Wanted, class_of, rank_wanted_by, rnn_width

    call = symbolic_call(frames, symbolic=False)
    if call is None or evidence.site is None:
        return None
    layer, given, _ = call
    shape = shapes_in(given)
    place = next((p for p in reversed(evidence.places) if p.call is not None), None)
    if not isinstance(shape, tuple) or place is None:
        return None
    assert place.call is not None
    nodes = argument_nodes(place.call, "__call__", type(layer))
    operand = name_operand(
        Operand("inputs", None, given, describe(given), node=nodes.get("inputs"), place=place),
        evidence.places,
        evidence.namespace,
    )
    rank = rank_wanted_by(layer)
    if rank is None:
        return None
    want = (None,) * (rank - 1) + (rnn_width(layer),)
    wish = Wanted(want, layer, False, class_of(layer) == "Embedding")
    if _fits(shape, wish):
        return None
    case = inputs.Situation(operand, shape, want, "__call__", evidence.namespace)
    return _of_finding(inputs.judge(case), case, wish, evidence)


def _upcoming(evidence: Evidence) -> tuple[list[Operand], list[Operand]]:
    """Arrays that the checked cell is going to pass to a model as x and as y, from its text."""
    tree = parse(evidence.run.cell.transformed)
    xs: list[Operand] = []
    ys: list[Operand] = []
    if tree is None:
        return xs, ys
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr not in ("fit", "evaluate", "predict", "train_on_batch"):
            continue
        named = {k.arg: k.value for k in node.keywords if k.arg}
        first = named.get("x", node.args[0] if node.args else None)
        second = named.get("y", node.args[1] if len(node.args) > 1 else None)
        xs += _live(first, "x", evidence)
        ys += _live(second, "y", evidence)
    if not xs:
        mentioned = [n.id for n in ast.walk(tree) if isinstance(n, ast.Name)]
        others = [n for n in evidence.namespace if n.lower().startswith(("x", "train_x", "seq", "win"))]
        for name in dict.fromkeys([*mentioned, *others]):
            value = evidence.namespace.get(name)
            described = describe(value)
            if described.carrier in ("array", "frame", "tensor") and len(described.shape or ()) >= 2:
                xs.append(Operand("x", None, value, described, name, name, is_global=True))
    return xs, ys


def _live(node: ast.expr | None, role: str, evidence: Evidence) -> list[Operand]:
    if node is None:
        return []
    nodes = node.elts if isinstance(node, (ast.List, ast.Tuple)) else [node]
    found = []
    for item in nodes:
        try:
            value = value_of(item, evidence.namespace)
        except Unknowable:
            continue
        described = describe(value)
        if described.shape is not None and described.carrier != "symbolic":
            place = Place(evidence.run.cell, None, item.lineno, item)  # type: ignore[arg-type]
            name = item.id if isinstance(item, ast.Name) else None
            found.append(
                Operand(role, None, value, described, name, ast.unparse(item), item, place, name is not None)
            )
    return found
