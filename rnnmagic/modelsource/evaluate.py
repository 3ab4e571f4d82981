"""Expressions of the trace: what an expression's value is made of, without running it."""

from __future__ import annotations

import ast
import builtins
from typing import Any

from rnnmagic.cells import Cell
from rnnmagic.modelsource.abstract import Event, Scope, Value, compute, simple
from rnnmagic.modelsource.sites import NotThereError, attribute


class ExhaustedError(Exception):
    """The notebook is larger than is worth tracing."""


class Evaluator:
    """Walks expressions in the order in which Python evaluates them."""

    def __init__(self, namespace: dict[str, Any], steps: int) -> None:
        self.namespace = namespace
        self.steps = steps
        self.events: list[Event] = []
        self.compiles: list[tuple[Value, Cell, ast.Call, str]] = []
        self.history: dict[str, list[Value]] = {}
        self.cell: Cell = Cell(None, None, "", "", "")
        self.run = 0
        self.loops: tuple[int, ...] = ()
        self.branching = 0
        """How many branches that may not have been taken we are in."""
        self.loop_count = 0
        self.calls: list[ast.AST] = []

    def bind(self, target: ast.AST, value: Value, scope: Scope) -> None:
        """A name is given to a value; trace.py."""
        raise NotImplementedError

    def define(self, node: Any, scope: Scope) -> Value:
        """A function, lambda or class is made; trace.py."""
        raise NotImplementedError

    def evaluate(self, node: ast.AST | None, scope: Scope) -> Value:
        """The value of an expression."""
        if node is None:
            return Value()
        self.steps -= 1
        if self.steps < 0:
            raise ExhaustedError
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is not None:
            value: Value = method(node, scope)
            return value
        return Value([self.evaluate(c, scope) for c in ast.iter_child_nodes(node) if isinstance(c, ast.expr)])

    def _constant(self, node: ast.Constant, scope: Scope) -> Value:
        return Value.of(node.value, literal=True)

    def _name(self, node: ast.Name, scope: Scope) -> Value:
        found = scope.find(node.id)
        if found is not None:
            return found
        if node.id in self.namespace:
            return Value.of(self.namespace[node.id])
        if hasattr(builtins, node.id):
            return Value.of(getattr(builtins, node.id))
        return Value()

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Value:
        return self.member(self.evaluate(node.value, scope), node.attr)

    def member(self, owner: Value, name: str) -> Value:
        """`owner.name`."""
        if name in owner.attributes:
            return owner.attributes[name]
        method = owner.cls.method(name) if owner.cls is not None else None
        if method is not None:
            value = Value([owner], code=method, owner=owner)
            value.bound = owner
            return value
        value = Value([owner], owner=owner)
        if owner.known:
            try:
                value.object = attribute(owner.object, name)
                value.known = True
            except NotThereError:
                pass
        return value

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Value:
        owner, index = self.evaluate(node.value, scope), self.evaluate(node.slice, scope)
        if index.known and simple(index.object):
            if owner.items is not None and type(index.object) is int:
                try:
                    return owner.items[index.object]
                except IndexError:
                    pass
            held = owner.attributes.get(f"[{index.object!r}]")
            if held is not None:
                return held
            if owner.known and type(owner.object) in (dict, list, tuple):
                try:
                    return Value.of(owner.object[index.object], literal=owner.literal, parts=[owner])
                except Exception:
                    pass
        if owner.known and type(owner.object) in (list, tuple) and isinstance(node.slice, ast.Slice):
            ends = [
                self.evaluate(part, scope) for part in (node.slice.lower, node.slice.upper, node.slice.step)
            ]
            written = (node.slice.lower, node.slice.upper, node.slice.step)
            if all(
                part is None or (end.known and type(end.object) is int)
                for part, end in zip(written, ends, strict=True)
            ):
                try:
                    return Value.of(owner.object[slice(*[end.object for end in ends])], parts=[owner])
                except Exception:
                    pass
        return Value([owner, index], owner=owner)

    def _display(self, node: ast.List | ast.Tuple | ast.Set, scope: Scope) -> Value:
        parts = [self.evaluate(item, scope) for item in node.elts]
        plain = not any(isinstance(item, ast.Starred) for item in node.elts)
        value = Value(parts, items=parts if plain else None)
        if (
            plain
            and all(part.known and simple(part.object) for part in parts)
            and not isinstance(node, ast.Set)
        ):
            objects = [part.object for part in parts]
            value.known, value.object = True, tuple(objects) if isinstance(node, ast.Tuple) else objects
            value.literal = all(part.literal for part in parts)
        return value

    _list = _tuple = _set = _display

    def _dict(self, node: ast.Dict, scope: Scope) -> Value:
        value = Value()
        for key, item in zip(node.keys, node.values, strict=True):
            name, held = self.evaluate(key, scope), self.evaluate(item, scope)
            value.absorb([name, held])
            if key is not None and name.known and simple(name.object):
                value.attributes[f"[{name.object!r}]"] = held
        return value

    def _binop(self, node: ast.BinOp, scope: Scope) -> Value:
        left, right = self.evaluate(node.left, scope), self.evaluate(node.right, scope)
        result = compute(node.op, left, right)
        if result is None:
            result = Value([left, right])
            if isinstance(node.op, ast.Add) and left.items is not None and right.items is not None:
                result.items = left.items + right.items
        return result

    def _unaryop(self, node: ast.UnaryOp, scope: Scope) -> Value:
        inner = self.evaluate(node.operand, scope)
        if inner.known and simple(inner.object):
            if isinstance(node.op, ast.Not):
                return Value.of(not inner.object, literal=inner.literal)
            if isinstance(node.op, ast.USub) and type(inner.object) in (int, float):
                return Value.of(-inner.object, literal=inner.literal)
        return Value([inner])

    def _compare(self, node: ast.Compare, scope: Scope) -> Value:
        left = self.evaluate(node.left, scope)
        rights = [self.evaluate(item, scope) for item in node.comparators]
        if len(rights) == 1:
            result = compute(node.ops[0], left, rights[0])
            if result is not None:
                return result
        return Value([left, *rights])

    def _ifexp(self, node: ast.IfExp, scope: Scope) -> Value:
        test = self.evaluate(node.test, scope)
        if test.known and simple(test.object):
            return self.evaluate(node.body if test.object else node.orelse, scope)
        self.branching += 1
        either = [self.evaluate(node.body, scope), self.evaluate(node.orelse, scope)]
        self.branching -= 1
        return Value.joined(either)

    def _joinedstr(self, node: ast.JoinedStr, scope: Scope) -> Value:
        text = ""
        for part in node.values:
            inner = part.value if isinstance(part, ast.FormattedValue) else part
            value = self.evaluate(inner, scope)
            plain = not isinstance(part, ast.FormattedValue) or (
                part.format_spec is None and part.conversion == -1
            )
            if not (plain and value.known and type(value.object) in (str, int)):
                return Value()
            text += str(value.object)
        return Value.of(text)

    def _namedexpr(self, node: ast.NamedExpr, scope: Scope) -> Value:
        value = self.evaluate(node.value, scope)
        self.bind(node.target, value, scope)
        return value

    def _lambda(self, node: ast.Lambda, scope: Scope) -> Value:
        return self.define(node, scope)

    def _comprehension_of(self, node: Any, scope: Scope) -> Value:
        inner = Scope(scope, code=scope.code, receiver=scope.receiver)
        first = node.generators[0]
        source = self.evaluate(first.iter, scope)
        elements = self.elements(source)
        results: list[Value] = []
        made = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        if elements is not None and len(node.generators) == 1 and not first.ifs:
            for element in elements:
                self.bind(first.target, element, inner)
                results.append(Value.joined([self.evaluate(part, inner) for part in made]))
            return Value(results, items=results)
        with_loop, self.loops = self.loops, (*self.loops, self.new_loop())
        for generator in node.generators:
            self.bind(generator.target, Value([self.evaluate(generator.iter, inner)]), inner)
            for test in generator.ifs:
                self.evaluate(test, inner)
        results = [self.evaluate(part, inner) for part in made]
        self.loops = with_loop
        return Value(results)

    _listcomp = _setcomp = _generatorexp = _dictcomp = _comprehension_of

    def new_loop(self) -> int:
        self.loop_count += 1
        return self.loop_count

    def elements(self, value: Value) -> list[Value] | None:
        """The elements one by one, where they are known."""
        if value.items is not None and len(value.items) <= 64:
            return list(value.items)
        if value.known and type(value.object) in (list, tuple) and simple(value.object):
            return [Value.of(item, literal=value.literal) for item in value.object]
        return None
