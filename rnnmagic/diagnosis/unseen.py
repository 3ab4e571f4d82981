"""Data that would have to be consumed to be known: the frames tell what of it reached the model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import FrameType
from typing import Any

from rnnmagic.diagnosis import inputs
from rnnmagic.diagnosis.at_input import fits_in, of_finding
from rnnmagic.diagnosis.base import Candidate, Diagnosis
from rnnmagic.evidence import Evidence
from rnnmagic.ops import Expand, Reshape, Slice, Transpose, Yielded
from rnnmagic.values import describe


def of_unseen(evidence: Evidence) -> Diagnosis | None:
    """The diagnosis of a generator or loader whose batches do not fit the model's one input."""
    from rnnmagic.frameworks.base import shapes_in
    from rnnmagic.frameworks.wanted import wanted_inputs

    frames = evidence.recorder.frames_of(evidence.run.error)
    x = evidence.operand("x")
    wanted = wanted_inputs(evidence.model)
    if x is None or len(wanted) != 1 or wanted[0].shape is None:
        return None
    for frame in frames:
        if (
            frame.f_code.co_name not in ("__call__", "call")
            or frame.f_locals.get("self") is not evidence.model
        ):
            continue
        shape = shapes_in(frame.f_locals.get("inputs", (frame.f_locals.get("args") or (None,))[0]))
        batch = _first_batch(frames) if x.described.carrier == "generator" else ()
        told = describe(batch[0]).shape if batch else None
        if told is not None and isinstance(shape, tuple) and len(told) == len(shape):
            shape = told  # the traced step knows no number of samples
        if not isinstance(shape, tuple) or fits_in(shape, wanted[0]):
            continue
        operand = replace(x, described=replace(x.described, shape=shape))
        case = inputs.Situation(
            operand, shape, wanted[0].shape, evidence.method or "", evidence.namespace, ids=wanted[0].ids
        )
        finding = inputs.judge(case)
        candidates = tuple(_of_generator(finding, len(batch))) if batch else ()
        # The declaration cannot be at fault for what one batch of a generator holds.
        return of_finding(replace(finding, candidates=candidates, declare=None), case, wanted[0], evidence)
    return None


def _first_batch(frames: list[FrameType]) -> tuple[Any, ...]:
    """The batch that Keras itself pulled ahead, to see what a generator yields, and will train on first."""
    for frame in frames:
        adapter = getattr(frame.f_locals.get("epoch_iterator"), "data_adapter", None)
        batches = getattr(adapter, "_first_batches", None)
        if isinstance(batches, (list, tuple)) and batches and type(batches[0]) is tuple:
            return batches[0]
    return ()


def _of_generator(finding: inputs.Finding, parts: int) -> Iterator[Candidate]:
    """Repairs of each batch on its way: the generator is the user's, and is not run to try them."""
    names = ("x", "y", "w")[:parts]
    for candidate in finding.candidates:
        operations: list[tuple[Any, Any]] = list(candidate.data)
        if len(operations) != 1 or candidate.source is not None:
            continue
        operand, op = operations[0]
        if isinstance(op, (Reshape, Transpose, Expand)) or (isinstance(op, Slice) and op.axis != 0):
            every = finding.cause == "batch_axis_missing"
            yield replace(
                candidate,
                data=((operand, Yielded(op, names, every, op.kind)),),
                confidence="possible" if candidate.confidence == "possible" else "likely",
                siblings=False,
                parameters=None,
                vary=None,
            )
