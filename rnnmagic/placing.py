"""Where a repair goes in the text: before the failing statement, at the call, or in the model.

A repaired cell must be safe to run again. `X = X.reshape(-1, 20, 3)` gives twice what it gave
once, and may stand as a line of its own; a transpose may not, unless the cell makes X anew each
time, and goes into the call otherwise.
"""

from __future__ import annotations

import ast
import difflib
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from rnnmagic.cells import Cell
from rnnmagic.diagnosis import hints
from rnnmagic.diagnosis.base import Candidate
from rnnmagic.diagnosis.carriers import RAGGED_MAKERS
from rnnmagic.editor import Editor
from rnnmagic.evidence import X_ROLES, Y_ROLES, Evidence, Operand, argument_nodes
from rnnmagic.ops import Op
from rnnmagic.source import (
    CannotEdit,
    Change,
    Place,
    edit,
    edited_python,
    parent_of,
    parse,
    statement_of,
    top_statement_of,
)
from rnnmagic.values import as_shape, describe, is_from

METHODS = ("fit", "evaluate", "predict", "train_on_batch", "test_on_batch", "predict_on_batch")


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
    if candidate.siblings:
        jobs += list(_siblings(jobs, evidence))
    where = [(False, False), (True, False)]
    if any(_is_carried(operand, evidence) for operand, _ in candidate.data):
        where.append((False, True))
    for made_here, at_call in where:
        placed = Placed(candidate)
        if source is not None:
            for cell, change in source.changes:
                placed.add(cell, change)
        writer = _Writer(evidence, editor, placed, made_here, at_call)
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
        roles = (
            X_ROLES if operand.role in X_ROLES else Y_ROLES if operand.role in Y_ROLES else (operand.role,)
        )
        for other in evidence.operands:
            if (
                other.role in roles
                and id(other.value) not in seen
                and alike(other, operand)
                and other.index == operand.index
            ):
                seen.add(id(other.value))
                yield other, op
        for later in _later_operands(evidence):
            if later.role in roles and id(later.value) not in seen and alike(later, operand):
                seen.add(id(later.value))
                yield later, op
        if not operand.is_variable or operand.name is None:
            continue
        for name, value in list(evidence.namespace.items()):
            if name.startswith("_") or id(value) in seen or not hints.is_split_of(name, operand.name):
                continue
            other = Operand(operand.role, None, value, describe(value), name, name, is_global=True)
            if alike(other, operand):
                seen.add(id(value))
                yield other, op


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
    element = getattr(dataset, "element_spec", None)
    first = element[0] if type(element) is tuple and element else element
    shape = as_shape(getattr(first, "shape", None)) if first is not None else None
    return None if shape is None else (len(shape), *shape[1:])


def _later_operands(evidence: Evidence) -> Iterator[Operand]:
    """What later calls in the checked cell pass to models, as far as names tell."""
    cell = evidence.run.cell
    for call in _later_calls(evidence):
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


def _later_calls(evidence: Evidence) -> list[ast.Call]:
    tree = parse(evidence.run.cell.transformed)
    here = failing_statement(evidence)
    if tree is None or here is None:
        return []
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and _is_call_on_model(node, evidence.namespace)
        and node.lineno >= here.lineno
    ]


def _is_call_on_model(node: ast.Call, namespace: dict[str, Any]) -> bool:
    """`model.fit(…)`, and `model(…)` of a PyTorch module."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr in METHODS
    return isinstance(node.func, ast.Name) and is_from(namespace.get(node.func.id), "torch", "Module")


def failing_statement(evidence: Evidence) -> ast.stmt | None:
    """The statement of the checked cell's own level that failed."""
    for found in evidence.places:
        if (
            found.cell.filename == evidence.run.cell.filename
            and not found.in_function
            and found.node is not None
        ):
            return top_statement_of(found.node)
    tree = parse(evidence.run.cell.transformed)
    line = next(
        (
            p.line
            for p in evidence.places
            if p.cell.filename == evidence.run.cell.filename and not p.in_function
        ),
        None,
    )
    for statement in tree.body if tree and line else []:
        if statement.lineno <= (line or 0) <= (statement.end_lineno or 0):
            return statement
    return None


def _is_carried(operand: Operand, evidence: Evidence) -> bool:
    """Whether a loop makes the variable anew in each round: `window = np.append(window[1:], answer)`."""
    statement = failing_statement(evidence)
    loop = isinstance(statement, (ast.For, ast.While)) and operand.is_variable and operand.node is not None
    return loop and operand.name in _assigned(statement)  # type: ignore[arg-type]


def _assigned(statement: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


class _Writer:
    """Writes operations into the cells of one `Placed`."""

    def __init__(
        self, evidence: Evidence, editor: Editor, placed: Placed, made_here: bool, at_call: bool = False
    ) -> None:
        self.evidence, self.editor, self.placed = evidence, editor, placed
        self.made_here = made_here
        """Put lines right after the statement of this cell that makes the variable."""
        self.at_call = at_call
        """Leave the variable as it is, and change what the call is passed."""
        self.used_made = False
        self.statement = failing_statement(evidence)
        self.cell = evidence.run.cell

    def spell(self, module: str) -> str:
        text, line = spelling(module, self.evidence.namespace)
        if line is not None and self.statement is not None:
            self.placed.add(self.cell, Change.before(self.statement, line))
        return text

    def write(self, operand: Operand, op: Op, *, first: bool) -> bool:
        """Write one operation; False when there is no place for it."""
        name = operand.name
        if op.only_here:
            if operand.node is None or operand.place is None:
                return False
            self._wrap(operand.place.cell, operand.node, operand.expression or "", operand, op)
            return True
        if operand.is_variable and name is not None and not self.at_call:
            maker = self._maker(name)
            if op.repeatable or maker is not None:
                if self._assign(name, operand, op, maker):
                    self.placed.rebinds[name] = op
                    self.placed.repeatable &= op.repeatable
                    return True
            if self._at_uses(operand, op):
                self.placed.rebinds[name] = op
                self.placed.repeatable = False
                return True
            if not first:
                return False
        if operand.node is not None and operand.place is not None:
            self._wrap(operand.place.cell, operand.node, operand.expression or "", operand, op)
            self._same_text(operand, op)
            return True
        if self._starred(operand, op):
            return True
        if operand.expression and operand.name and (op.repeatable or self._maker(operand.name)):
            # An item of a dict or list that nobody wrote out: `kw["x"] = …` before the call.
            if self.statement is None:
                return False
            code = op.code(operand.expression, operand.value, self.spell)
            self.placed.add(self.cell, Change.before(self.statement, f"{operand.expression} = {code}"))
            return True
        return False

    def _starred(self, operand: Operand, op: Op) -> bool:
        """`fit(*pair)` written out, `fit(**table)` with one item replaced: the operation on the item that needs it."""
        site = self.evidence.site
        if site is None or site.call is None:
            return False
        for argument in site.call.args:
            if isinstance(argument, ast.Starred) and isinstance(argument.value, ast.Name):
                held: Any = self.evidence.namespace.get(argument.value.id)
                if type(held) not in (list, tuple) or not any(item is operand.value for item in held):
                    continue
                items = [f"{argument.value.id}[{place}]" for place in range(len(held))]
                texts = [
                    op.code(text, operand.value, self.spell) if held[place] is operand.value else text
                    for place, text in enumerate(items)
                ]
                self.placed.add(site.cell, Change.replacing(argument, ", ".join(texts)))
                return True
        for keyword in site.call.keywords:
            if keyword.arg is None and isinstance(keyword.value, ast.Name):
                table: Any = self.evidence.namespace.get(keyword.value.id)
                keys = [k for k, v in table.items() if v is operand.value] if type(table) is dict else []
                if len(keys) == 1 and isinstance(keys[0], str):
                    item = f"{keyword.value.id}[{keys[0]!r}]"
                    code = op.code(item, operand.value, self.spell)
                    whole = f"{{**{keyword.value.id}, {keys[0]!r}: {code}}}"
                    self.placed.add(site.cell, Change.replacing(keyword.value, whole))
                    return True
        return False

    def _maker(self, name: str) -> ast.stmt | None:
        """The statement of the checked cell, before the failing one, that makes the variable anew."""
        tree = parse(self.cell.transformed)
        if tree is None or self.statement is None:
            return None
        found = None
        for statement in tree.body:
            if statement is self.statement:
                break
            if name in _assigned(statement):
                value = getattr(statement, "value", None)
                itself = value is not None and any(
                    isinstance(n, ast.Name) and n.id == name for n in ast.walk(value)
                )
                # `X = f(X)` is not safe by itself, but it is as it was before.
                found = found if itself and found is None else statement
        return found

    def _assign(self, name: str, operand: Operand, op: Op, maker: ast.stmt | None) -> bool:
        if self.statement is None:
            return False
        code = f"{name} = {op.code(name, operand.value, self.spell)}"
        if self.made_here:
            if maker is not None:
                self.used_made = True
                line = (maker.end_lineno or maker.lineno) + 1
                self.placed.add(self.cell, Change(line, 0, line, 0, f"{code}\n"))
                return True
            if not op.repeatable:
                return False
            # With others that the cell makes: before anything uses it.
            first = self._first_use(name)
            self.placed.add(self.cell, Change.before(first or self.statement, code))
            return True
        anchor: ast.stmt = self.statement
        if name in _assigned(self.statement) and operand.node is not None:
            anchor = statement_of(operand.node) or anchor
        self.placed.add(self.cell, Change.before(anchor, code))
        return True

    def _first_use(self, name: str) -> ast.stmt | None:
        tree = parse(self.cell.transformed)
        for statement in tree.body if tree else []:
            if any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(statement)):
                return statement
        return None

    def _at_uses(self, operand: Operand, op: Op) -> bool:
        """Into every call on a model, from the failing one on, that is passed the variable."""
        nodes: list[tuple[Cell, ast.expr]] = []
        if operand.node is not None and operand.place is not None:
            nodes.append((operand.place.cell, operand.node))
        for call in _later_calls(self.evidence):
            pending: list[ast.expr] = [*call.args, *(k.value for k in call.keywords)]
            while pending:
                node = pending.pop()
                if isinstance(node, (ast.Tuple, ast.List)):
                    pending.extend(node.elts)
                elif isinstance(node, ast.Name) and node.id == operand.name and node is not operand.node:
                    nodes.append((self.cell, node))
        nodes = nodes or self._gathered(operand)
        for cell, node in nodes:
            self._wrap(cell, node, operand.name or "", operand, op)
        return bool(nodes)

    def _gathered(self, operand: Operand) -> list[tuple[Cell, ast.expr]]:
        """Where the cell puts the variable into what it passes on: `dict(x=X)`, `{"x": X}`, `(X, y)`."""
        tree = parse(self.cell.transformed)
        found: list[tuple[Cell, ast.expr]] = []
        for node in ast.walk(tree) if tree is not None else []:
            values: list[ast.expr] = []
            if isinstance(node, ast.Dict):
                values = node.values
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "dict":
                values = [keyword.value for keyword in node.keywords]
            elif isinstance(node, ast.Assign) and isinstance(node.value, (ast.Tuple, ast.List)):
                values = node.value.elts
            found += [(self.cell, v) for v in values if isinstance(v, ast.Name) and v.id == operand.name]
        return found

    def _same_text(self, operand: Operand, op: Op) -> None:
        """Later calls that are passed the same expression."""
        assert operand.node is not None
        told = ast.dump(operand.node)
        for call in _later_calls(self.evidence):
            for node in (*call.args, *(k.value for k in call.keywords)):
                if node is not operand.node and ast.dump(node) == told:
                    self._wrap(self.cell, node, operand.expression or "", operand, op)

    def _wrap(self, cell: Cell, node: ast.expr, text: str, operand: Operand, op: Op) -> None:
        target: ast.expr = node
        parent = parent_of(node)
        if op.kind == "pad" and isinstance(parent, ast.Call) and parent.args[:1] == [node]:
            called = (
                parent.func.attr if isinstance(parent.func, ast.Attribute) else getattr(parent.func, "id", "")
            )
            if called in RAGGED_MAKERS:
                # np.array(sequences) becomes pad_sequences(sequences), which makes an array itself.
                target = parent
        self.placed.add(cell, Change.replacing(target, op.code(text, operand.value, self.spell)))


def spelling(module: str, namespace: dict[str, Any]) -> tuple[str, str | None]:
    """How the notebook writes a module, and the import line that it lacks, if any."""
    wanted = sys.modules.get(module)
    for name, value in list(namespace.items()):
        if value is wanted and wanted is not None and not name.startswith("_"):
            return name, None
    if module == "keras":
        from rnnmagic.modelsource.naming import keras_package, same_keras

        for name, value in list(namespace.items()):
            if type(value).__name__ in ("module", "KerasLazyLoader") and getattr(
                value, "__name__", ""
            ).endswith("keras"):
                if not name.startswith("_"):
                    return name, None
        for name in ("tf", "tensorflow"):
            held = namespace.get(name)
            if getattr(held, "__name__", "") == "tensorflow" and same_keras(held, namespace):
                return f"{name}.keras", None
        package = keras_package(namespace)
        return package, f"import {package}"
    if module == "numpy":
        return "np", "import numpy as np"
    return ("tf", "import tensorflow as tf") if module == "tensorflow" else (module, f"import {module}")


def with_values(candidate: Candidate, values: dict[str, Any]) -> Candidate:
    """The candidate with other parameters."""
    if candidate.vary is None:
        return candidate
    new = candidate.vary(values)
    return replace(new, vary=candidate.vary)
