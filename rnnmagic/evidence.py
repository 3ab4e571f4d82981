"""Who passed what to whom: the failing call, its arguments, and the names the user gave them.

An array is named by identity (the object itself, or the variable its expression starts from),
never by being some variable of that shape.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rnnmagic import frameworks
from rnnmagic.cells import Run
from rnnmagic.source import (
    Place,
    Unknowable,
    parse,
    places,
    root_name,
    statement_of,
    text_of,
    top_statement_of,
    value_of,
)
from rnnmagic.values import Described, describe, has_array_metadata, variables

X_ROLES = ("x", "inputs", "validation_x")
Y_ROLES = ("y", "validation_y")


@dataclass(frozen=True)
class Operand:
    """One array of a call: what it is, and where and how the user wrote it."""

    role: str
    index: Any
    """Its place or key among several inputs or outputs, `None` when it is the only one."""
    value: Any = field(repr=False)
    described: Described
    name: str | None = None
    expression: str | None = None
    node: ast.expr | None = field(default=None, repr=False)
    """The expression for exactly this object, in `place`; `None` when nobody wrote one."""
    place: Place | None = field(default=None, repr=False)
    is_global: bool = False
    """Whether `name` is a variable of the kernel."""

    @property
    def is_variable(self) -> bool:
        """Whether the argument is the kernel variable itself, not something made of it."""
        return self.is_global and (self.node is None or isinstance(self.node, ast.Name))

    @property
    def label(self) -> str:
        """How to call it in a sentence."""
        if self.is_variable:
            return self.name or self.role
        return self.expression or self.name or self.role


@dataclass(frozen=True)
class Evidence:
    """What is known of a failed cell before anything is concluded."""

    run: Run
    places: list[Place]
    site: Place | None
    """The user's frame that made the failing call."""
    line: int | None
    statement: str | None
    method: str | None = None
    model: Any = field(default=None, repr=False)
    model_name: str | None = None
    arguments: dict[str, Any] = field(default_factory=dict, repr=False)
    operands: tuple[Operand, ...] = ()
    recorder: Any = field(default=None, repr=False)
    call: Any = field(default=None, repr=False)

    @property
    def namespace(self) -> dict[str, Any]:
        return self.run.namespace

    def operand(self, role: str, index: Any = None) -> Operand | None:
        """The operand of that role, and of that place if there are several."""
        same = [operand for operand in self.operands if operand.role == role]
        if len(same) == 1:
            return same[0]
        return next((operand for operand in same if operand.index == index), same[0] if same else None)

    def samples_of_target(self) -> int | None:
        """Number of samples of y, `None` when there is no y."""
        target = self.operand("y")
        shape = None if target is None else target.described.shape
        return shape[0] if shape else None


def gather(run: Run, recorder: Any) -> Evidence:
    """The evidence of a failed cell. `recorder` is the framework's, `None` when none ran."""
    assert run.error is not None
    found = places(run.error, run.log)
    line, statement = _where(run, found)
    base = Evidence(run, found, found[-1] if found else None, line, statement, recorder=recorder)
    call = recorder.failed_call(run.error) if recorder is not None else None
    if call is None:
        return base
    site = _call_site(found, call)
    nodes = argument_nodes(site.call, call.method, type(call.model)) if site and site.call else {}
    operands = tuple(operands_of(call.method, call.arguments, nodes, site, found, run.namespace))
    return Evidence(
        run,
        found,
        site,
        line,
        statement,
        call.method,
        call.model,
        _model_name(call.model, site, run.namespace),
        call.arguments,
        operands,
        recorder,
        call,
    )


def _where(run: Run, found: list[Place]) -> tuple[int | None, str | None]:
    """Line of the checked cell as typed, and the source of the failing call."""
    here = [place for place in found if place.cell is run.cell or place.cell.filename == run.cell.filename]
    if not here:
        return None, None
    place = here[-1]
    node = place.node
    # The frames of the user's own layers inside a model's call are not where the user called.
    for candidate in reversed(here):
        if not _in_layer(candidate):
            place, node = candidate, candidate.node
            break
    line = place.line
    if node is not None and not isinstance(node, ast.stmt):
        line = node.lineno  # type: ignore[attr-defined]
    elif node is not None:
        line = max(node.lineno, min(place.line, node.end_lineno or place.line))
    text = text_of(place.cell, node) if node is not None else None
    return line + run.cell.offset, text


def _in_layer(place: Place) -> bool:
    if not place.in_function:
        return False
    this = place.frame.f_locals.get("self") if place.frame is not None else None
    return frameworks.is_layer(this)


def _call_site(found: list[Place], call: Any) -> Place | None:
    for place in reversed(found):
        node = place.call
        if node is None:
            continue
        if call.method == "__call__":
            try:
                if value_of(node.func, *place.scopes) is call.model:
                    return place
            except Unknowable:
                pass
        elif isinstance(node.func, ast.Attribute) and node.func.attr == call.method:
            return place
    outside = [place for place in found if not _in_layer(place)]
    return outside[-1] if outside else None


def argument_nodes(call: ast.Call, method: str, owner: type) -> dict[str, ast.expr]:
    """The expressions of a call's arguments by parameter name, as far as they are written out."""
    try:
        names = [n for n in inspect.signature(getattr(owner, method)).parameters if n != "self"]
    except (TypeError, ValueError, AttributeError):
        names = []
    if method == "__call__":
        names = ["inputs"]
    found: dict[str, ast.expr] = {}
    for name, node in zip(names, call.args, strict=False):
        if isinstance(node, ast.Starred):
            break
        found[name] = node
    for keyword in call.keywords:
        if keyword.arg is not None:
            found[keyword.arg] = keyword.value
    return found


_ROLES = (("x", "x"), ("inputs", "inputs"), ("y", "y"), ("sample_weight", "sample_weight"))


def operands_of(
    method: str,
    given: dict[str, Any],
    nodes: dict[str, ast.expr],
    site: Place | None,
    found: list[Place],
    namespace: dict[str, Any],
) -> Iterator[Operand]:
    """The arrays among the arguments `given` to a method, written as `nodes` in the place `site`."""
    for argument, role in _ROLES:
        if given.get(argument) is not None:
            yield from _leaves(role, given[argument], nodes.get(argument), None, site, found, namespace)
    if method == "__call__" and "inputs" not in given:
        for value in list(given.values())[:1]:
            yield from _leaves("inputs", value, nodes.get("inputs"), None, site, found, namespace)
    validation: Any = given.get("validation_data")
    if type(validation) in (list, tuple):
        node = _written_out(nodes.get("validation_data"), site)
        parts = node.elts if isinstance(node, (ast.Tuple, ast.List)) else []
        for place, role in enumerate(("validation_x", "validation_y", "sample_weight")):
            if place < len(validation) and validation[place] is not None:
                written = parts[place] if place < len(parts) else None
                yield from _leaves(role, validation[place], written, None, site, found, namespace)
    elif validation is not None:
        yield from _leaves(
            "validation_x", validation, nodes.get("validation_data"), None, site, found, namespace
        )


def _written_out(node: ast.expr | None, site: Place | None) -> ast.expr | None:
    """The tuple a name stands for, when it is written in the same cell: `val = (a, b)`."""
    if not isinstance(node, ast.Name) or site is None:
        return node
    tree = parse(site.cell.transformed)
    for statement in reversed(tree.body if tree else []):
        if (
            isinstance(statement, ast.Assign)
            and isinstance(statement.targets[0], ast.Name)
            and statement.targets[0].id == node.id
            and isinstance(statement.value, (ast.Tuple, ast.List))
        ):
            return statement.value
    return node


def _leaves(
    role: str,
    value: Any,
    node: ast.expr | None,
    index: Any,
    site: Place | None,
    found: list[Place],
    namespace: dict[str, Any],
) -> Iterator[Operand]:
    """One operand for each array of a structure of inputs."""
    if index is None and is_structure(value):
        elements = _elements(node, site)
        whole = len(elements) == len(value)
        place = 0
        for number, item in enumerate(value):
            expression = elements[number] if whole else None
            # Keras takes the arrays of a nested list in the order in which they stand.
            nested = type(item) in (list, tuple)
            inner = _elements(expression, site) if nested else [expression]
            items = item if nested else [item]
            for at, one in enumerate(items):
                leaf = inner[at] if len(inner) == len(items) else None
                yield from _leaves(role, one, leaf, place, site, found, namespace)
                place += 1
        return
    if issubclass(type(value), dict) and index is None:
        written: dict[Any, ast.expr] = {}
        if isinstance(node, ast.Dict):
            for key, expression in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant):
                    written[key.value] = expression
        for key, item in value.items():
            yield from _leaves(role, item, written.get(key), key, site, found, namespace)
        return
    yield name_operand(Operand(role, index, value, describe(value), node=node, place=site), found, namespace)


def _elements(node: ast.expr | None, site: Place | None) -> list[ast.expr | None]:
    """The expressions of a list's items, `None` for one without: `[tokens] + states` has one that is written out."""
    if isinstance(node, (ast.List, ast.Tuple)):
        return list(node.elts)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _elements(node.left, site), _elements(node.right, site)
        return [*left, *right] if left and right else []
    if node is None or site is None:
        return []
    try:
        value = value_of(node, *site.scopes)
    except Unknowable:
        return []
    return [None] * len(value) if type(value) in (list, tuple) else []


def is_structure(value: Any) -> bool:
    """Whether a list is one of arrays, some of which may stand in a list within: `[tokens, [h, c]]`."""
    if type(value) not in (list, tuple) or not 0 < len(value) <= 16:
        return False
    inner = [item for item in value if not _is_array(item)]
    return len(inner) < len(value) and all(
        type(item) in (list, tuple) and 0 < len(item) <= 16 and all(_is_array(one) for one in item)
        for item in inner
    )


def _is_array(value: Any) -> bool:
    return describe(value).carrier in ("array", "frame", "series", "tensor", "ragged_tensor") or (
        has_array_metadata(value)
    )


def name_operand(operand: Operand, found: list[Place], namespace: dict[str, Any]) -> Operand:
    """Follow the object outwards through the user's functions to the name it has in the kernel."""
    node, place = operand.node, operand.place
    if node is not None and place is not None and not place.in_function:
        root = root_name(node)
        name = None if root is None else root.id
        return _named(operand, name, text_of(place.cell, node), node, place, name in namespace)
    value = operand.value
    # Outwards: an argument of an outer call that is this very object.
    for outer in found:
        if outer is place and node is not None:
            break
        match = argument_that_is(value, outer)
        if match is not None and not outer.in_function:
            root = root_name(match)
            name = None if root is None else root.id
            return _named(operand, name, text_of(outer.cell, match), match, outer, name in namespace)
    alias = name_of(value, namespace, _mentioned(found))
    if alias is not None:
        text = alias if node is None or place is None else text_of(place.cell, node)
        written = node if isinstance(node, ast.Name) else None
        if node is not None and written is None:
            return _named(operand, alias, text, node, place, True)
        return _named(operand, alias, alias, node, place, True)
    if node is not None and place is not None:
        # Made inside the function: a slice of a parameter, say.
        root = root_name(node)
        local = None if root is None else root.id
        name = local
        if root is not None and place.frame is not None and root.id in place.frame.f_locals:
            base = place.frame.f_locals[root.id]
            name = name_of(base, namespace, _mentioned(found)) or local
        return _named(operand, name, text_of(place.cell, node), node, place, False)
    holder = _holder_of(value, namespace)
    if holder is not None:
        return _named(operand, holder[0], holder[1], None, place, False)
    return operand


def _named(
    operand: Operand,
    name: str | None,
    expression: str | None,
    node: ast.expr | None,
    place: Place | None,
    is_global: bool,
) -> Operand:
    return Operand(
        operand.role,
        operand.index,
        operand.value,
        operand.described,
        name,
        expression,
        node,
        place,
        is_global,
    )


def argument_that_is(value: Any, place: Place) -> ast.expr | None:
    """The expression in a frame's call that stands for this very object."""
    if place.call is None:
        return None
    scopes = place.scopes
    pending: list[ast.expr] = [*place.call.args, *(keyword.value for keyword in place.call.keywords)]
    while pending:
        node = pending.pop(0)
        if isinstance(node, (ast.Tuple, ast.List)):
            pending.extend(node.elts)
        elif isinstance(node, ast.Dict):
            pending.extend(node.values)
        else:
            try:
                if value_of(node, *scopes) is value:
                    return node
            except Unknowable:
                continue
    return None


def _mentioned(found: list[Place]) -> set[str]:
    """Names in the user's failing statements."""
    names: set[str] = set()
    for place in found:
        if place.node is None:
            continue
        statement = top_statement_of(place.node) if not place.in_function else statement_of(place.node)
        if statement is not None:
            names |= {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
    return names


def name_of(value: Any, namespace: dict[str, Any], preferred: set[str] = frozenset()) -> str | None:  # type: ignore[assignment]
    """A kernel variable that is this very object, those the user just wrote first."""
    names = [name for name, held in variables(namespace) if held is value and not name.startswith("_")]
    return next((name for name in names if name in preferred), names[0] if names else None)


def _holder_of(value: Any, namespace: dict[str, Any]) -> tuple[str, str] | None:
    """A dict or list of the kernel that holds the object: its name, and the item's expression."""
    for name, held in variables(namespace):
        if name.startswith("_") or name in ("In", "Out"):
            continue
        if type(held) is dict and len(held) <= 1000:
            for key, item in held.items():
                if item is value and isinstance(key, (str, int)):
                    return name, f"{name}[{key!r}]"
        elif type(held) in (list, tuple) and len(held) <= 100:
            for index, item in enumerate(held):
                if item is value:
                    return name, f"{name}[{index}]"
    return None


def _model_name(model: Any, site: Place | None, namespace: dict[str, Any]) -> str | None:
    preferred: set[str] = set()
    if site is not None and site.call is not None:
        root = root_name(site.call.func)
        if root is not None:
            preferred.add(root.id)
    return name_of(model, namespace, preferred) or next(iter(preferred), None)
