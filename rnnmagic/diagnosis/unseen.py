"""Data that would have to be consumed to be known: the frames tell what of it reached the model."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import FrameType
from typing import TYPE_CHECKING, Any

from rnnmagic.diagnosis import inputs
from rnnmagic.diagnosis.at_input import fits_in, of_finding
from rnnmagic.diagnosis.base import Candidate, Diagnosis
from rnnmagic.evidence import Evidence, Operand
from rnnmagic.ops import Expand, Reshape, Slice, Transpose, Yielded
from rnnmagic.source import CannotEdit, Change, Unknowable, parse, value_of
from rnnmagic.values import describe, is_from

if TYPE_CHECKING:
    from rnnmagic.cells import Cell
    from rnnmagic.editor import Editor, SourceEdit


def of_unseen(evidence: Evidence) -> Diagnosis | None:
    """The diagnosis of a generator or loader whose batches do not fit the model's one input."""
    from rnnmagic.frameworks.base import shapes_in
    from rnnmagic.frameworks.wanted import is_trained, wanted_inputs

    frames = evidence.recorder.frames_of(evidence.run.error)
    x = evidence.operand("x")
    wanted = wanted_inputs(evidence.model)
    if x is None or len(wanted) != 1 or wanted[0].shape is None:
        return None
    batch = _first_batch(frames) if x.described.carrier == "generator" else ()
    told = describe(batch[0]).shape if batch else None
    seen = [shapes_in(given) for given in _given_to(evidence.model, frames)]
    # What has no axis at all is refused before it gets to the model.
    for shape in seen or [told]:
        if told is not None and isinstance(shape, tuple) and len(told) == len(shape):
            shape = told  # the traced step knows no number of samples
        if not isinstance(shape, tuple) or fits_in(shape, wanted[0]):
            continue
        # Whatever yields it, it is a batch.
        operand = replace(x, described=replace(x.described, shape=shape, carrier="generator"))
        case = inputs.Situation(
            operand, shape, wanted[0].shape, evidence.method or "", evidence.namespace, ids=wanted[0].ids
        )
        finding = inputs.judge(case)
        if finding.model_at_fault and x.described.carrier != "generator":
            finding = replace(finding, cause="features", model_at_fault=False)
        candidates = tuple(_of_generator(finding, len(batch)) if batch else _of_kept(finding, evidence, x))
        if candidates or is_trained(evidence.model):
            # A repair of the data is surer than a declaration by one batch.
            finding = replace(finding, declare=None)
        return of_finding(replace(finding, candidates=candidates), case, wanted[0], evidence)
    return None


def _given_to(model: Any, frames: list[FrameType]) -> Iterator[Any]:
    """What a model was called with, in each of the frames where it was."""
    for frame in frames:
        if frame.f_code.co_name in ("__call__", "call") and frame.f_locals.get("self") is model:
            yield frame.f_locals.get("inputs", (frame.f_locals.get("args") or (None,))[0])


def _of_kept(finding: inputs.Finding, evidence: Evidence, x: Operand) -> Iterator[Candidate]:
    """Repairs of the array that a `PyDataset` was made of and cuts its batches from."""
    for candidate in finding.candidates:
        ops = [op for _, op in candidate.data]
        if len(ops) != 1 or candidate.source is not None or not _keeps_samples(ops[0]):
            continue
        yield replace(
            candidate, data=(), source=_made_of(evidence, x, ops[0], len(candidate.before or ())),
            confidence="possible" if candidate.confidence == "possible" else "likely", siblings=False,
            parameters=None, vary=None,
        )  # fmt: skip


def _keeps_samples(op: Any) -> bool:
    if isinstance(op, Transpose):
        return op.axes[0] == 0
    return isinstance(op, Reshape) or (isinstance(op, Expand) and op.axis != 0)


def _made_of(evidence: Evidence, x: Operand, op: Any, rank: int) -> Callable[[Editor], SourceEdit]:
    """The argument that became the object's own array, changed in the call that made the object."""

    def source(editor: Editor) -> SourceEdit:
        from rnnmagic.editor import SourceEdit
        from rnnmagic.writing import spelling

        held = list(getattr(x.value, "__dict__", {}).values())
        numpy, line = spelling("numpy", evidence.namespace)
        if line is not None:
            raise CannotEdit("NumPy is not imported")
        for cell, call in _makers(evidence, x):
            # An own class keeps rows like those of a batch; one that cuts windows keeps the series.
            for axes in (rank, rank - 1) if isinstance(op, Expand) and op.axis == -1 else (rank,):
                for node in [*call.args, *(keyword.value for keyword in call.keywords)]:
                    try:
                        value = value_of(node, evidence.namespace)
                    except Unknowable:
                        continue
                    shape = describe(value).shape
                    if shape is not None and len(shape) == axes and any(value is one for one in held):
                        code = op.code(ast.unparse(node), value, lambda _: numpy)
                        return SourceEdit(((cell, Change.replacing(node, code)),))
        raise CannotEdit("the array that the batches are cut from was not found")

    return source


def _makers(evidence: Evidence, x: Operand) -> Iterator[tuple[Cell, ast.Call]]:
    """The call that made the object: the argument itself, or what its name was set to last."""
    if isinstance(x.node, ast.Call) and x.place is not None:
        yield x.place.cell, x.node
    for cell in reversed(list(evidence.run.log)):
        tree = parse(cell.transformed)
        for statement in reversed(tree.body) if tree is not None else []:
            named = isinstance(statement, ast.Assign) and any(
                isinstance(target, ast.Name) and target.id == x.name for target in statement.targets
            )
            if named and isinstance(statement.value, ast.Call):  # type: ignore[attr-defined]
                yield cell, statement.value  # type: ignore[attr-defined]
                return


def _first_batch(frames: list[FrameType]) -> tuple[Any, ...]:
    """The batch that Keras itself pulled ahead, to see what a generator yields, and will train on first."""
    for frame in frames:
        adapter = getattr(frame.f_locals.get("epoch_iterator"), "data_adapter", None) or frame.f_locals.get(
            "self"
        )
        if not is_from(adapter, "keras"):
            continue
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
