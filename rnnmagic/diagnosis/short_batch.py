"""A loop by hand over a dataset whose last batch is short, and something in it that is made for a whole batch."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rnnmagic import frameworks
from rnnmagic.cells import Cell
from rnnmagic.diagnosis.base import Candidate, Diagnosis, text
from rnnmagic.evidence import Evidence, Operand
from rnnmagic.frameworks.base import is_of_shapes
from rnnmagic.language import say
from rnnmagic.report import LayerInfo, Shape
from rnnmagic.source import Change, Place, Unknowable, ancestors, parse, statement_of, text_of, value_of
from rnnmagic.values import as_shape, describe, variables

if TYPE_CHECKING:
    from rnnmagic.editor import Editor, SourceEdit

MAKERS = ("zeros", "ones", "fill", "normal", "uniform", "random_normal")
"""What makes a state: its shape is the first argument, or called so."""


@dataclass(frozen=True)
class Loop:
    """The loop under way: its dataset, the call that made the batches, and the batch in hand."""

    place: Place
    node: ast.For
    dataset: Any
    name: str | None
    batched: tuple[Cell, ast.Call]
    size: int
    """Samples in a whole batch."""
    batch: ast.Name
    shape: Shape
    """Of the batch in hand."""


def short_batch(evidence: Evidence) -> Diagnosis | None:
    """The diagnosis where the batch in hand is shorter than the others, and that is what failed."""
    error = evidence.run.error
    if not is_of_shapes(error):
        return None
    loop = next((found for place in evidence.places for found in _loops(place, evidence)), None)
    if loop is None or loop.shape[0] is None or not 0 < loop.shape[0] < loop.size:
        return None
    if _batches(loop.dataset) == 1:
        # No other batch came before it.
        return None
    parts = _whole(loop, evidence)
    whole = parts[0] if parts else None
    numbers = {int(number) for number in re.findall(r"\d+", str(error))}
    if whole is None and not {loop.size, loop.shape[0]} <= numbers:
        return None
    told = {
        "dataset": loop.name or "?",
        "size": loop.size,
        "batch": loop.batch.id,
        "rows": loop.shape[0],
    }
    sentence = say(
        "`{dataset}` gives batches of {size}, and its last one, `{batch}`, has only {rows} samples; what it meets in your loop is made for {size}.",
        **told,
    )
    if whole is not None:
        sentence = say(
            "`{dataset}` gives batches of {size}, and its last one, `{batch}`, has only {rows} samples; `{state}` {shape} is made for {size}.",
            **told,
            state=text_of(whole[0].cell, whole[1]),
            shape=text(whole[2]),
        )
    operand = Operand(
        "inputs",
        None,
        loop.dataset,
        describe(loop.dataset),
        loop.name,
        loop.name,
        is_global=loop.name is not None,
    )
    return Diagnosis(
        "batch_remainder",
        sentence,
        "run",
        operand,
        _layer(evidence, loop),
        candidates=tuple(_repairs(loop, parts)),
    )


def _loops(place: Place, evidence: Evidence) -> Iterator[Loop]:
    for node in ancestors(place.node) if place.node is not None else ():
        if not isinstance(node, ast.For):
            continue
        source, dataset = _dataset(node.iter, place)
        made = None if dataset is None else _batch_call(source, evidence)
        if made is None:
            continue
        size = _size(made[1], place, evidence)
        for target in ast.walk(node.target):
            shape = _shape(target, place) if isinstance(target, ast.Name) else None
            if shape and isinstance(size, int):
                assert isinstance(target, ast.Name)
                root = source if isinstance(source, ast.Name) else None
                yield Loop(place, node, dataset, root.id if root else None, made, size, target, shape)
                break


def _dataset(node: ast.expr, place: Place) -> tuple[ast.expr, Any]:
    """The dataset of `enumerate(train.take(3))`: what it is called, and the object."""
    while isinstance(node, ast.Call):
        inner = node.func.value if isinstance(node.func, ast.Attribute) else None
        if getattr(node.func, "id", "") in ("enumerate", "tqdm", "iter", "list") and node.args:
            inner = node.args[0]
        if inner is None or (isinstance(node.func, ast.Attribute) and node.func.attr == "batch"):
            break
        node = inner
    try:
        value = value_of(node, *place.scopes)
    except Unknowable:
        return node, None
    return node, value if hasattr(type(value), "element_spec") else None


def _batch_call(source: ast.expr, evidence: Evidence) -> tuple[Cell, ast.Call] | None:
    """The last `.batch(n)` of the latest line that makes the dataset, where the rest is kept."""
    name = source.id if isinstance(source, ast.Name) else None
    for cell in reversed(list(evidence.run.log)):
        tree = parse(cell.transformed)
        for step in reversed(list(ast.walk(tree))) if tree is not None and name is not None else ():
            if not isinstance(step, ast.Assign) or not any(
                isinstance(target, ast.Name) and target.id == name for target in step.targets
            ):
                continue
            for call in ast.walk(step.value):
                if isinstance(call, ast.Call) and getattr(call.func, "attr", "") in ("batch", "padded_batch"):
                    kept = all(k.arg != "drop_remainder" for k in call.keywords) and len(call.args) < 2
                    return (cell, call) if kept else None
    return None


def _size(call: ast.Call, place: Place, evidence: Evidence) -> int | None:
    node = next(
        (k.value for k in call.keywords if k.arg == "batch_size"), call.args[0] if call.args else None
    )
    try:
        value = None if node is None else value_of(node, *place.scopes, evidence.namespace)
    except Unknowable:
        return None
    return value if isinstance(value, int) else None


def _shape(node: ast.AST, place: Place) -> Shape | None:
    try:
        return as_shape(getattr(value_of(node, *place.scopes), "shape", None))
    except Unknowable:
        return None


def _batches(dataset: Any) -> int | None:
    """How many batches a dataset gives, `None` where it does not know."""
    try:
        count = int(dataset.cardinality())
    except Exception:
        return None
    return count if count >= 0 else None


Whole = tuple[Place, ast.expr, Shape]


def _whole(loop: Loop, evidence: Evidence) -> list[Whole]:
    """All that one call in the loop is passed, or the line that failed uses, with as many rows as a whole batch."""
    inside = evidence.places[evidence.places.index(loop.place) :]
    for place in (*reversed(inside[1:]), loop.place):
        call = place.call
        nodes = [*call.args, *(k.value for k in call.keywords)] if call is not None else [place.node]
        found: list[Whole] = []
        for node in nodes:
            for part in ast.walk(node) if node is not None else ():
                if not isinstance(part, (ast.Name, ast.Attribute, ast.Subscript)):
                    continue
                if not isinstance(part.ctx, ast.Load) or _is_weight(part, place):
                    continue
                shape = _shape(part, place)
                within = any(one in ancestors(part) for _, one, _ in found)
                if shape and len(shape) > 1 and shape[0] == loop.size and not within:
                    found.append((place, part, shape))
        if found:
            return found
    return []


def _is_weight(node: ast.expr, place: Place) -> bool:
    """Whether an expression is a variable of the framework: a weight has no rows for samples."""
    try:
        value = value_of(node, *place.scopes)
    except Unknowable:
        return False
    return any("Variable" in base.__name__ for base in type(value).__mro__)


def _layer(evidence: Evidence, loop: Loop) -> LayerInfo | None:
    for place in reversed(evidence.places):
        if place.call is None:
            continue
        try:
            layer = value_of(place.call.func, *place.scopes)
        except Unknowable:
            continue
        if frameworks.is_layer(layer):
            return LayerInfo(str(getattr(layer, "name", "?")), type(layer).__name__, None, None, loop.shape)
    return None


def _repairs(loop: Loop, parts: list[Whole]) -> Iterator[Candidate]:
    cell, call = loop.batched
    if parts and parts[0][0] is loop.place:
        place = loop.place
        tensorflow = _spelt(loop)
        rows = f"{tensorflow}.shape({loop.batch.id})[0]" if tensorflow else f"{loop.batch.id}.shape[0]"
        codes = {text_of(place.cell, node): None for _, node, _ in parts}
        made = {id(size): size for size in (_maker(loop, part) for part in parts)}
        sizes = [size for size in made.values() if size is not None]
        if len(sizes) == len(made):
            yield _one(
                say("Make {state} for {rows} samples", state=", ".join(codes), rows=rows),
                say("It then has as many rows as the batch in hand, and every sample is used."), loop,
                place.cell, [Change.replacing(size, rows) for size in sizes], "other",
            )  # fmt: skip
        else:
            *before, last_code = codes
            told = ", ".join([*(f"{code}[:{rows}]" for code in before), last_code])
            changes = [
                Change.replacing(node, f"{text_of(place.cell, node)}[:{rows}]") for _, node, _ in parts
            ]
            yield _one(
                say("Pass {state}[:{rows}]", state=told, rows=rows),
                say("As many of its rows as the batch in hand has samples; every sample is used."), loop,
                place.cell, changes, "truncate",
            )  # fmt: skip
    last = call.keywords[-1].value if call.keywords else call.args[-1] if call.args else None
    if last is not None:
        end = (last.end_lineno or 0, last.end_col_offset or 0)
        dropped = _one(
            "drop_remainder=True", say("All batches are then whole, {size} samples each.", size=loop.size), loop, cell,
            [Change(*end, *end, ", drop_remainder=True")], "batch",
        )  # fmt: skip
        yield replace(
            dropped,
            caution=say("The last {samples} samples are not used.", samples=loop.shape[0]),
        )


def _one(title: str, why: str, loop: Loop, cell: Cell, changes: list[Change], kind: str) -> Candidate:
    def source(editor: Editor) -> SourceEdit:
        from rnnmagic.editor import SourceEdit

        return SourceEdit(tuple((cell, change) for change in changes))

    return Candidate(kind, title[:60], why, "likely", source=source, target=loop.name)


def _maker(loop: Loop, whole: Whole) -> ast.expr | None:
    """The size of a whole batch in `h = tf.zeros((BATCH, units))`, where the line stands in the loop."""
    place, node, _ = whole
    if not isinstance(node, ast.Name) or place is not loop.place:
        return None
    for step in ast.walk(loop.node):
        if (
            not isinstance(step, ast.Assign)
            or not isinstance(step.value, ast.Call)
            or not any(isinstance(target, ast.Name) and target.id == node.id for target in step.targets)
            or statement_of(step) is None
        ):
            continue
        call = step.value
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        shape = next(
            (k.value for k in call.keywords if k.arg in ("shape", "dims")),
            call.args[0] if call.args else None,
        )
        if name in MAKERS and isinstance(shape, (ast.Tuple, ast.List)) and shape.elts:
            return shape.elts[0]
    return None


def _spelt(loop: Loop) -> str | None:
    """How the notebook calls TensorFlow."""
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow is None:
        return None
    for scope in loop.place.scopes:
        for name, value in variables(scope):
            # The module itself is looked for: nothing of the user's is asked for its name.
            if value is tensorflow and not name.startswith("_"):
                return name
    return None
