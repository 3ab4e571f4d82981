"""A layer inside the model refuses what the layers before it pass on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rnnmagic.diagnosis import inputs, layers
from rnnmagic.diagnosis.at_input import of_finding
from rnnmagic.diagnosis.base import Diagnosis
from rnnmagic.diagnosis.remainder import batch_remainder
from rnnmagic.evidence import X_ROLES, Evidence
from rnnmagic.report import Shape

if TYPE_CHECKING:
    from rnnmagic.editor import Editor


def of_inside(
    evidence: Evidence, outcome: Any, editor: Editor, *, validation: bool = False
) -> Diagnosis | None:
    """A layer inside the model refuses what the layers before it pass on."""
    from rnnmagic.frameworks.keraslike.graph import (
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
    real = way
    ways: tuple[tuple[layers.Step, ...], ...] = ()
    states: tuple[Shape, ...] = flat_shapes(failing.states)
    if states:
        ways = (way,)
    given = inbound(failing.layer, evidence.model)
    if given is not None:
        tensors = tensors_in(given[0])
        drawn = state_shapes(given[1])
        # As they came where that was seen, with the samples of the batch; else as the graph has them.
        states = states if len(states) == len(drawn) else drawn or states
        branches = tensors if len(tensors) > 1 else tensors_in(given[1].get("initial_state"))
        ways = tuple(tuple(layers.Step(*step) for step in way_to(tensor)) for tensor in branches) or ways
        if len(tensors) == 1:
            graph = tuple(layers.Step(*step) for step in way_to(tensors[0]))
            if len(graph) > 1:
                way = graph
    fixed = batch_remainder(evidence, failing, validation=validation)
    if fixed is not None:
        return fixed
    first = _of_first_layer(evidence, failing, way, editor)
    if first is not None:
        return first
    longer = _of_flattened(evidence, failing, real)
    if longer is not None:
        return longer
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


def _of_flattened(evidence: Evidence, failing: Any, way: tuple[layers.Step, ...]) -> Diagnosis | None:
    """Dense after a Flatten was made for another number of timesteps: the data is what differs."""
    from rnnmagic.frameworks.wanted import Wanted, class_of
    from rnnmagic.values import as_shape

    x = evidence.operand("x") or evidence.operand("inputs")
    shape = None if x is None else x.described.shape
    wanted = as_shape(getattr(getattr(failing.layer, "kernel", None), "shape", None))
    if (
        class_of(failing.layer) != "Dense"
        or not wanted
        or x is None
        or not shape
        or len(shape) < 2
        or len(way) < 2
    ):
        return None
    before = layers.first_shape(way[-2].output)
    if class_of(way[-1].layer) != "Flatten" or before is None or before[1] != shape[1] or not failing.inputs:
        return None
    each, rest = 1, wanted[0]
    for size in before[2:]:
        each *= int(size or 0)
    if not each or rest is None or rest % each or rest // each == shape[1]:
        return None
    wish = Wanted((None, rest // each, *shape[2:]), failing.layer, True)
    case = inputs.Situation(
        x, shape, wish.shape or (), evidence.method or "", evidence.namespace, evidence.samples_of_target(),
        trained=True, target_operand=evidence.operand("y"),
    )  # fmt: skip
    return of_finding(inputs.judge(case), case, wish, evidence)


def _of_first_layer(
    evidence: Evidence, failing: Any, way: tuple[layers.Step, ...], editor: Editor
) -> Diagnosis | None:
    """The layer that fails is the first to ask for anything: it is the data that does not fit."""
    from rnnmagic.frameworks.wanted import PASS_THROUGH, Wanted, class_of, rank_wanted_by, rnn_width

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
    return of_finding(inputs.judge(case), case, wish, evidence)
