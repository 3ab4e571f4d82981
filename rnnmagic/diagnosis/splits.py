"""Parts of a split that were given each other's names: `X_train, y_train, X_test, y_test = train_test_split(X, y)`."""

from __future__ import annotations

import ast
from typing import Any

from rnnmagic.cells import Cell
from rnnmagic.diagnosis.base import Candidate, Diagnosis, text
from rnnmagic.evidence import Evidence, Operand
from rnnmagic.language import say
from rnnmagic.silent.origin import called_name
from rnnmagic.source import function_of, parent_of, parse, statement_of
from rnnmagic.values import describe


def mixed_up(evidence: Evidence) -> Diagnosis | None:
    """The target is a second part of the samples, and its own part has a name beside it."""
    for first, second in (("x", "y"), ("validation_x", "validation_y")):
        x, y = evidence.operand(first), evidence.operand(second)
        if x is None or y is None or not (x.is_variable and y.is_variable) or x.name == y.name:
            continue
        shape, got = x.described.shape, y.described.shape
        if not shape or not got or len(shape) < 2 or got[1:] != shape[1:]:
            continue
        unpacked = _unpacking(evidence, x.name, y.name)
        if unpacked is None:
            continue
        cell, names, value = unpacked
        other = _own_part(evidence, names, value, x, y)
        if other is not None:
            return _exchanged(evidence, cell, names, x, y, other)
    return None


def _unpacking(
    evidence: Evidence, x: str | None, y: str | None
) -> tuple[Cell, list[ast.Name], ast.expr] | None:
    """The statement that unpacked both variables, with all the names that it gave, where neither was bound since."""
    for cell in reversed(list(evidence.run.log)):
        bound = [name for name in _bound(cell, evidence) if name.id in (x, y)]
        if not bound:
            continue
        statement = statement_of(bound[-1])
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            return None
        names = _flat(statement.targets[0])
        told = [name.id for name in names]
        if x in told and y in told and len(set(told)) == len(told):
            return cell, names, statement.value
        return None
    return None


def _bound(cell: Cell, evidence: Evidence) -> list[ast.Name]:
    """The names that a cell bound in the kernel, in the order of the text, up to the call that failed."""
    tree = parse(cell.transformed)
    names = [
        node
        for node in (ast.walk(tree) if tree is not None else ())
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and function_of(node) is None
    ]
    failed = next((p.node for p in evidence.places if p.cell.filename == cell.filename), None)
    if isinstance(failed, (ast.expr, ast.stmt)):
        end = (failed.lineno, failed.col_offset)
        names = [name for name in names if (name.lineno, name.col_offset) < end]
    return sorted(names, key=lambda name: (name.lineno, name.col_offset))


def _flat(target: ast.expr) -> list[ast.Name]:
    if isinstance(target, ast.Name):
        return [target]
    if isinstance(target, (ast.Tuple, ast.List)):
        parts = [_flat(item) for item in target.elts]
        return [name for part in parts for name in part] if all(parts) else []
    return []


def _own_part(
    evidence: Evidence, names: list[ast.Name], value: ast.expr, x: Operand, y: Operand
) -> str | None:
    """The name that holds the targets of x."""
    told = [name.id for name in names]
    shapes: dict[str, Any] = {name: describe(evidence.namespace.get(name)).shape for name in told}
    mine = x.described.shape or ()
    fitting = [
        name
        for name in told
        if name not in (x.name, y.name)
        and shapes[name]
        and shapes[name][0] == mine[0]
        and shapes[name][1:] != mine[1:]
    ]
    if isinstance(value, ast.Call) and called_name(value) == "train_test_split" and len(told) == 4:
        # It gives both parts of the first array, then both of the second.
        place = told.index(x.name or "")
        right = told[(place + 2) % 4]
        return right if right in fitting else None
    around = {name.id: parent_of(name) for name in names}
    if len({id(brackets) for brackets in around.values()}) > 1:
        # `(x_train, y_train), (x_test, y_test)`: the one in the same brackets, where y is in others.
        own = around[x.name or ""]
        if around[y.name or ""] is own:
            return None
        fitting = [name for name in fitting if around[name] is own]
    elif (y.described.shape or ())[0] == mine[0]:
        # As many targets as samples: an autoencoder's, say.
        return None
    return fitting[0] if len(fitting) == 1 else None


def _exchanged(
    evidence: Evidence, cell: Cell, names: list[ast.Name], x: Operand, y: Operand, other: str
) -> Diagnosis:
    swap = {str(y.name): other, other: str(y.name)}
    order = [swap.get(name.id, name.id) for name in names]
    nodes = {name.id: name for name in names}
    exchange = Candidate(
        "reorder",
        say("Unpack as {names}", names=", ".join(order))[:60],
        say(
            "`{array}` then holds the {count} targets that belong to `{x_array}`.",
            array=y.label,
            count=(x.described.shape or (None,))[0],
            x_array=x.label,
        ),
        "sure",
        source=lambda editor: editor.rename(cell, {nodes[old]: new for old, new in swap.items()}),
        target=y.name,
        before=y.described.shape,
        after=describe(evidence.namespace.get(other)).shape,
    )
    return Diagnosis(
        "sample_count",
        say(
            "`{array}` {shape} holds samples, not targets: the parts of the split were unpacked in another order, and the targets of `{x_array}` are in `{other}` {other_shape}.",
            array=y.label,
            shape=text(y.described.shape),
            x_array=x.label,
            other=other,
            other_shape=text(describe(evidence.namespace.get(other)).shape),
        ),
        "data",
        y,
        candidates=(exchange,),
    )
