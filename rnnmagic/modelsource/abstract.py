"""What the trace of a notebook knows about values: which calls of layer classes went into them."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from rnnmagic.cells import Cell


@dataclass(eq=False)
class Event:
    """A layer is made: one call, at one moment of the trace."""

    number: int
    cell: Cell
    run: int
    """Which run of the log, counted from 0."""
    call: ast.Call
    target: Any
    kind: str
    """Name of the class."""
    loops: tuple[int, ...]
    """The loops, not unrolled, that the call stands in: it may have been made any number of times."""
    given: dict[str, Value] = field(default_factory=dict)
    """Arguments by the name of the parameter."""
    starred: bool = False
    """`*args` or `**kwargs` were passed: what is not in `given` is not thereby the default."""
    optional: bool = False
    """In a branch that may not have been taken."""
    swallowed: bool = False
    """Bidirectional makes copies of its layer: the original is in no model."""
    uses: list[tuple[Cell, ast.Call]] = field(default_factory=list)


@dataclass(eq=False)
class Code:
    """A function, lambda or class of a cell, with what it closes over."""

    cell: Cell
    run: int
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef
    scope: Scope
    owner: Code | None = None
    """The class, of a method."""
    bases: list[Value] = field(default_factory=list)
    defaults: dict[str, Value] = field(default_factory=dict)

    def method(self, name: str) -> Code | None:
        """A method of this class, or of its bases as far as they are cells' code too."""
        if isinstance(self.node, ast.ClassDef):
            for statement in self.node.body:
                if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)) and statement.name == name:
                    return Code(self.cell, self.run, statement, self.scope, self)
            return self.inherited(name)
        return None

    def inherited(self, name: str) -> Code | None:
        for base in self.bases:
            found = base.code.method(name) if base.code is not None else None
            if found is not None:
                return found
        return None


class Value:
    """What is known of a value; two names for one object share one `Value`."""

    def __init__(
        self,
        parts: Iterable[Value] = (),
        *,
        made: Event | None = None,
        code: Code | None = None,
        items: list[Value] | None = None,
        owner: Value | None = None,
    ) -> None:
        self.events: dict[int, Event] = {}
        self.made = made
        self.code = code
        self.items = items
        self.owner = owner
        self.bound: Value | None = None
        """The object, of a bound method."""
        self.cls: Code | None = None
        """The cells' class that this is an instance of."""
        self.attributes: dict[str, Value] = {}
        self.known = False
        self.object: Any = None
        self.literal = False
        """The value stands in the text, so that no later assignment can have changed it."""
        if made is not None:
            self.events[made.number] = made
        for part in parts:
            self.events.update(part.events)

    @classmethod
    def of(cls, thing: Any, *, literal: bool = False, parts: Iterable[Value] = ()) -> Value:
        value = cls(parts)
        value.known, value.object, value.literal = True, thing, literal
        return value

    def absorb(self, parts: Iterable[Value]) -> None:
        """Something was put into this object, and so into the one that holds it."""
        parts = list(parts)
        step: Value | None = self
        seen: set[int] = set()
        while step is not None and id(step) not in seen:
            seen.add(id(step))
            for part in parts:
                step.events.update(part.events)
            step = step.owner

    @staticmethod
    def joined(values: list[Value]) -> Value:
        """Either of these: after an `if`, say."""
        distinct = list({id(value): value for value in values}.values())
        if len(distinct) == 1:
            return distinct[0]
        value = Value(distinct)
        made = {id(other.made): other.made for other in distinct}
        if len(made) == 1:
            value.made = distinct[0].made
        if all(other.known for other in distinct) and simple(distinct[0].object):
            first = distinct[0]
            if all(type(o.object) is type(first.object) and o.object == first.object for o in distinct[1:]):
                value.known, value.object = True, first.object
                value.literal = all(other.literal for other in distinct)
        for other in distinct:
            value.code = value.code or other.code
            for name, held in other.attributes.items():
                value.attributes.setdefault(name, held)
        return value


@dataclass(eq=False)
class Scope:
    """The names of a function, or of the notebook."""

    parent: Scope | None = None
    names: dict[str, Value] = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)
    """Names declared `global` or `nonlocal`."""
    returns: list[Value] = field(default_factory=list)
    code: Code | None = None
    receiver: Value | None = None
    """`self`, in a method."""

    def find(self, name: str) -> Value | None:
        step: Scope | None = self
        while step is not None:
            if name in step.names:
                return step.names[name]
            step = step.parent
        return None

    def outermost(self) -> Scope:
        step = self
        while step.parent is not None:
            step = step.parent
        return step


def simple(thing: Any) -> bool:
    """Whether comparing this cannot run the user's code."""
    if type(thing) in (tuple, list):
        return len(thing) <= 64 and all(simple(item) for item in thing)
    return thing is None or type(thing) in (bool, int, float, str)


_OPERATIONS: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
}

_PURE: dict[Any, Callable[..., Any]] = {
    range: lambda *numbers: tuple(range(*numbers)) if len(range(*numbers)) <= 64 else None,
    enumerate: lambda items, start=0: tuple(enumerate(items, start)),
    zip: lambda *items: tuple(zip(*items, strict=False)),
    reversed: lambda items: tuple(reversed(items)),
    list: list,
    tuple: tuple,
    len: len,
    int: int,
    float: float,
    str: str,
    bool: bool,
    min: min,
    max: max,
    sum: sum,
}


def compute(node: ast.AST, left: Value, right: Value) -> Value | None:
    """`left + right`, `left < right`, … of simple values."""
    operation = _OPERATIONS.get(type(node))
    if operation is None or not (left.known and right.known and simple(left.object) and simple(right.object)):
        return None
    # "a" * 10**9 is no business of ours.
    if any(isinstance(side.object, int) and abs(side.object) > 10**9 for side in (left, right)):
        return None
    if isinstance(node, ast.Mult) and not all(type(s.object) in (int, float) for s in (left, right)):
        return None
    try:
        return Value.of(operation(left.object, right.object), literal=left.literal and right.literal)
    except Exception:
        return None


def call_pure(function: Any, arguments: list[Value]) -> Value | None:
    """`range(3)`, `len(sizes)`, … of simple values."""
    try:
        pure = _PURE.get(function)
    except TypeError:  # not hashable
        return None
    if pure is None or not arguments:
        return None
    if function is len and arguments[0].items is not None:
        return Value.of(len(arguments[0].items), literal=True)
    if not all(value.known and simple(value.object) for value in arguments):
        return None
    try:
        result = pure(*[value.object for value in arguments])
    except Exception:
        return None
    if result is None:
        return None
    return Value.of(result, literal=all(value.literal for value in arguments))
