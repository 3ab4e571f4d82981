"""Where a repair goes in the text: before the failing statement, at the call, or in the model.

A repaired cell must be safe to run again. `X = X.reshape(-1, 20, 3)` gives twice what it gave
once, and may stand as a line of its own; a transpose may not, unless the cell makes X anew each
time, and goes into the call otherwise.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from rnnmagic.cells import Cell
from rnnmagic.diagnosis import hints
from rnnmagic.diagnosis.base import Candidate
from rnnmagic.editor import Editor
from rnnmagic.evidence import X_ROLES, Y_ROLES, Evidence, Operand, argument_nodes
from rnnmagic.ops import Op
from rnnmagic.source import (
    CannotEdit,
    Change,
    Place,
    edit,
    edited_python,
)
from rnnmagic.statements import assigned, failing_statement, later_calls
from rnnmagic.values import as_shape, asked, describe, variables
from rnnmagic.writing import Writer


@dataclass
class Placed:
    """A candidate as edits of cells, and as operations on kernel variables."""

    candidate: Candidate
    changes: dict[int, tuple[Cell, list[Change]]] = field(default_factory=dict)
    rebinds: dict[str, Op] = field(default_factory=dict)
    """Kernel variables that the same repair can be done to at once."""
    repeatable: bool = True
    """Whether the repaired source still runs after the variables were rebound."""

    def add(self, cell: Cell, change: Change) -> None:
        known = self.changes.setdefault(id(cell), (cell, []))[1]
        if change not in known:
            known.append(change)

    def edited(self) -> list[tuple[Cell, str, str]]:
        """For each cell: its new source as typed, and its new Python."""
        return [
            (cell, edit(cell, changes), edited_python(cell, changes))
            for cell, changes in self.changes.values()
        ]

    def code(self) -> str:
        """The lines that a user would have typed: those that are new."""
        rows: list[str] = []
        for cell, new, _ in self.edited():
            lines = difflib.ndiff(cell.raw.splitlines(), new.splitlines())
            added = [line[2:] for line in lines if line.startswith("+ ")]
            indent = min((len(row) - len(row.lstrip()) for row in added if row.strip()), default=0)
            rows += [row[indent:] for row in added]
        return "\n".join(rows)


def place(candidate: Candidate, evidence: Evidence, editor: Editor) -> Iterator[Placed]:
    """The ways in which a candidate can be written into the notebook, the plainest first."""
    try:
        source = candidate.source(editor) if candidate.source is not None else None
    except CannotEdit:
        return
    if not candidate.data:
        if source is not None and source.changes:
            placed = Placed(candidate)
            for cell, change in source.changes:
                placed.add(cell, change)
            yield placed
        return
    jobs = [(operand, op) for operand, op in candidate.data]
    where = [(False, False), (True, False)]
    if len({id(operand.value) for operand, _ in jobs}) < len(jobs):
        # One array in two places, `fit(series, series)`: its name cannot stand for two things.
        where = [(False, True)]
    elif any(_is_carried(operand, evidence) for operand, _ in candidate.data):
        where.append((False, True))
    if candidate.siblings:
        jobs += list(_siblings(jobs, evidence))
    for made_here, at_call in where:
        placed = Placed(candidate)
        if source is not None:
            for cell, change in source.changes:
                placed.add(cell, change)
        writer = Writer(evidence, editor, placed, made_here, at_call)
        try:
            done = [
                writer.write(operand, op, first=number < len(candidate.data))
                for number, (operand, op) in enumerate(jobs)
            ]
        except CannotEdit:
            continue
        if made_here and not writer.used_made:
            continue
        if all(done[: len(candidate.data)]):
            if source is not None:
                placed.rebinds.clear()
            yield placed


def _siblings(jobs: list[tuple[Operand, Op]], evidence: Evidence) -> Iterator[tuple[Operand, Op]]:
    """Arrays with the same fault: passed in the same call, later in the cell, or of the same family."""
    seen = {id(operand.value) for operand, _ in jobs}
    for operand, op in jobs:
        for other in companions(operand, evidence):
            if id(other.value) not in seen:
                seen.add(id(other.value))
                yield other, op
        if not operand.is_variable or operand.name is None:
            continue
        for name, value in variables(evidence.namespace):
            if name.startswith("_") or id(value) in seen or not hints.is_split_of(name, operand.name):
                continue
            other = Operand(operand.role, None, value, describe(value), name, name, is_global=True)
            if alike(other, operand):
                seen.add(id(value))
                yield other, op


def companions(operand: Operand, evidence: Evidence) -> Iterator[Operand]:
    """Other arrays with the same fault, passed in the same call or in a later one of the cell."""
    seen = {id(operand.value)}
    roles = X_ROLES if operand.role in X_ROLES else Y_ROLES if operand.role in Y_ROLES else (operand.role,)
    for other in evidence.operands:
        if other.role in roles and id(other.value) not in seen and other.index == operand.index:
            if alike(other, operand):
                seen.add(id(other.value))
                yield other
    for later in _later_operands(evidence):
        if later.role in roles and id(later.value) not in seen and alike(later, operand):
            seen.add(id(later.value))
            yield later


def alike(one: Operand, two: Operand) -> bool:
    """Whether two arrays have the same fault: all sizes but the number of samples are equal."""
    a, b = one.described, two.described
    first, second = _element(one.value), _element(two.value)
    if first is not None or second is not None:
        return first == second
    if a.shape is None or b.shape is None or len(a.shape) != len(b.shape):
        return False
    if (a.lengths is None) != (b.lengths is None):
        return False
    if a.lengths is not None:
        return a.inner == b.inner
    if len(a.shape) == 1:
        # One number a sample: equal in kind too, or floats would be taken for labels.
        return (a.dtype or "")[:3] == (b.dtype or "")[:3]
    return a.shape[1:] == b.shape[1:] and (a.dtype == "object") == (b.dtype == "object")


def _element(dataset: Any) -> tuple[Any, ...] | None:
    """Rank and inner sizes of a dataset's first array; `None` for what is no dataset."""
    element = asked(dataset, "element_spec")
    first = element[0] if type(element) is tuple and element else element
    shape = as_shape(getattr(first, "shape", None)) if first is not None else None
    return None if shape is None else (len(shape), *shape[1:])


def _later_operands(evidence: Evidence) -> Iterator[Operand]:
    """What later calls in the checked cell pass to models, as far as names tell."""
    cell = evidence.run.cell
    for call in later_calls(evidence):
        if isinstance(call.func, ast.Attribute):
            nodes = argument_nodes(call, call.func.attr, _KerasLike)
        else:
            nodes = {"x": call.args[0]} if call.args else {}
        for role, node in (("x", nodes.get("x")), ("y", nodes.get("y"))):
            if isinstance(node, ast.Name) and node.id in evidence.namespace:
                value = evidence.namespace[node.id]
                yield Operand(
                    role, None, value, describe(value), node.id, node.id, node,
                    Place(cell, None, node.lineno, node), True,
                )  # fmt: skip


class _KerasLike:
    """Parameter names of the entry methods, for calls whose model is not looked up."""

    def fit(self, x, y, batch_size, epochs, verbose, callbacks, validation_split, validation_data): ...  # type: ignore[no-untyped-def]
    def evaluate(self, x, y, batch_size, verbose, sample_weight): ...  # type: ignore[no-untyped-def]
    def predict(self, x, batch_size, verbose): ...  # type: ignore[no-untyped-def]
    def train_on_batch(self, x, y, sample_weight): ...  # type: ignore[no-untyped-def]
    def test_on_batch(self, x, y, sample_weight): ...  # type: ignore[no-untyped-def]
    def predict_on_batch(self, x): ...  # type: ignore[no-untyped-def]


def _is_carried(operand: Operand, evidence: Evidence) -> bool:
    """Whether a loop makes the variable anew in each round: `window = np.append(window[1:], answer)`."""
    statement = failing_statement(evidence)
    if not isinstance(statement, (ast.For, ast.While)) or operand.node is None or not operand.is_variable:
        return False
    return operand.name in assigned(statement)


def with_values(candidate: Candidate, values: dict[str, Any]) -> Candidate:
    """The candidate with other parameters."""
    if candidate.vary is None:
        return candidate
    new = candidate.vary(values)
    return replace(new, vary=candidate.vary, confidence=candidate.confidence)
