"""Calls in the trace: layers made, the cells' own functions and classes walked, things put into a model."""

from __future__ import annotations

import ast
from typing import Any

from rnnmagic.modelsource.abstract import Code, Event, Scope, Value, call_pure
from rnnmagic.modelsource.evaluate import Evaluator
from rnnmagic.modelsource.sites import is_input_function, is_layer_class, positional_name

_PUT_IN = {"add", "append", "extend", "insert", "update", "setdefault", "appendleft"}
_COPYING = {"Bidirectional"}
_DEEPEST = 12
_RECURSION = 6


class CallEvaluator(Evaluator):
    """The calls among the expressions."""

    def execute(self, statements: list[ast.stmt], scope: Scope) -> None:
        """The statements' half is in trace.py."""
        raise NotImplementedError

    def _call(self, node: ast.Call, scope: Scope) -> Value:
        receiver: Value | None = None
        if _is_super(node.func) and isinstance(node.func, ast.Attribute):
            function = self._super_method(node.func.attr, scope)
        elif isinstance(node.func, ast.Attribute):
            receiver = self.evaluate(node.func.value, scope)
            function = self.member(receiver, node.func.attr)
        else:
            function = self.evaluate(node.func, scope)
        positional = [self.evaluate(argument, scope) for argument in node.args]
        keywords = [(keyword.arg, self.evaluate(keyword.value, scope)) for keyword in node.keywords]
        arguments = [*positional, *[value for _, value in keywords]]

        if function.code is not None and isinstance(function.code.node, ast.ClassDef):
            return self._construct(node, function, positional, keywords)
        if function.known and (is_layer_class(function.object) or is_input_function(function.object)):
            return self._construct(node, function, positional, keywords)
        if function.made is not None:
            if not isinstance(node.func, ast.Call):
                function.made.uses.append((self.cell, node))
            return Value([function, *arguments])
        if function.code is not None:
            return self.inline(function.code, positional, keywords, function.bound)
        if receiver is not None and isinstance(node.func, ast.Attribute):
            self._method(node, node.func.attr, receiver, positional, arguments)
        elif function.known:
            if function.object is setattr and len(positional) == 3:
                positional[0].absorb(positional[2:])
                if positional[1].known and isinstance(positional[1].object, str):
                    positional[0].attributes[positional[1].object] = positional[2]
            result = call_pure(function.object, arguments) if not node.keywords else None
            if result is not None:
                return result
        # A function of the cells handed to somebody else's code (a tuner, a scikit-learn wrapper) may be
        # called there any number of times.
        for argument in arguments:
            if argument.code is not None and not isinstance(argument.code.node, ast.ClassDef):
                outer, self.loops = self.loops, (*self.loops, self.new_loop())
                result = self.inline(argument.code, [], [], argument.bound)
                self.loops = outer
                arguments = [*arguments, result]
        return Value([function, *arguments])

    def _method(
        self, node: ast.Call, name: str, receiver: Value, positional: list[Value], arguments: list[Value]
    ) -> None:
        if name in _PUT_IN:
            receiver.absorb(arguments)
            if name == "add" and positional and positional[0].made is not None:
                if not isinstance(node.args[0], ast.Call):
                    positional[0].made.uses.append((self.cell, node))
            elif receiver.items is not None:
                if self.loops or name not in ("append", "extend") or len(positional) != 1:
                    receiver.items = None
                elif name == "append":
                    receiver.items.append(positional[0])
                else:
                    more = self.elements(positional[0])
                    receiver.items = [*receiver.items, *more] if more is not None else None
            if type(receiver.object) in (list, dict, set):
                receiver.known = False
        elif name == "compile":
            text = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
            self.compiles.append((receiver, self.cell, node, text))

    def _super_method(self, name: str, scope: Scope) -> Value:
        step: Scope | None = scope
        while step is not None and step.receiver is None:
            step = step.parent
        if step is None or step.code is None or step.code.owner is None:
            return Value()
        method = step.code.owner.inherited(name)
        value = Value(code=method)
        value.bound = step.receiver
        return value

    def _construct(
        self,
        node: ast.Call,
        function: Value,
        positional: list[Value],
        keywords: list[tuple[str | None, Value]],
    ) -> Value:
        """An instance: of a layer class, which is an event, or of any class of the cells."""
        code, target = function.code, function.object if function.known else None
        value = Value([*positional, *[held for _, held in keywords]])
        initializer = code.method("__init__") if code is not None else None
        if code is None or _is_layer_code(code, target):
            kind = target.__name__ if target is not None else code.node.name if code is not None else ""  # type: ignore[union-attr]
            kind = "InputLayer" if is_input_function(target) else kind
            event = Event(len(self.events), self.cell, self.run, node, target, kind, self.loops)
            event.optional = self.branching > 0
            event.starred = any(name is None for name, _ in keywords)
            for index, held in enumerate(positional):
                if isinstance(node.args[index], ast.Starred):
                    event.starred = True
                    break
                name = (
                    _parameter(initializer, index)
                    if initializer is not None
                    else positional_name(target, index)
                )
                if name is not None:
                    event.given[name] = held
            event.given.update({name: held for name, held in keywords if name is not None})
            if kind in _COPYING:
                for held in event.given.values():
                    if held.made is not None:
                        held.made.swallowed = True
            self.events.append(event)
            value.made = event
            value.events[event.number] = event
        if code is not None:
            value.cls = code
            for name in ("__init__", "build", "call"):
                method = code.method(name)
                if method is not None and (name == "__init__" or value.made is not None):
                    plain = name == "__init__"
                    self.inline(method, positional if plain else [], keywords if plain else [], value)
        return value

    def inline(
        self,
        code: Code,
        positional: list[Value],
        keywords: list[tuple[str | None, Value]],
        receiver: Value | None,
    ) -> Value:
        """The value of a call of a cell's function: its body is walked with these arguments."""
        arguments = [*positional, *[held for _, held in keywords]]
        if (
            len(self.calls) >= _DEEPEST
            or self.calls.count(code.node) >= _RECURSION
            or isinstance(code.node, ast.ClassDef)
        ):
            return Value(arguments)
        scope = Scope(code.scope, code=code, receiver=receiver if code.owner is not None else None)
        names = [*code.node.args.posonlyargs, *code.node.args.args]
        static = any(
            isinstance(mark, ast.Name) and mark.id == "staticmethod"
            for mark in getattr(code.node, "decorator_list", [])
        )
        values = list(positional)
        if code.owner is not None and receiver is not None and not static:
            values.insert(0, receiver)
        rest = Value(arguments)
        for name, held in code.defaults.items():
            scope.names[name] = held
        for parameter in [*names, *code.node.args.kwonlyargs]:
            scope.names.setdefault(parameter.arg, Value())
        for parameter, held in zip(names, values, strict=False):
            scope.names[parameter.arg] = held
        for keyword, held in keywords:
            if keyword is not None:
                scope.names[keyword] = held
        for star in (code.node.args.vararg, code.node.args.kwarg):
            if star is not None:
                scope.names[star.arg] = rest
        before = (self.cell, self.run)
        self.cell = code.cell
        self.calls.append(code.node)
        try:
            if isinstance(code.node, ast.Lambda):
                return self.evaluate(code.node.body, scope)
            self.execute(code.node.body, scope)
        finally:
            self.calls.pop()
            self.cell, self.run = before
        made = [
            value for value in scope.returns if value.events or value.known or value.items
        ] or scope.returns
        return Value.joined(made) if made else Value()


def _is_super(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
        and node.value.func.id == "super"
    )


def _is_layer_code(code: Code, target: Any) -> bool:
    if is_layer_class(target):
        return True
    for base in code.bases:
        if base.known and is_layer_class(base.object):
            return True
        if base.code is not None and _is_layer_code(base.code, None):
            return True
    return False


def _parameter(method: Code, index: int) -> str | None:
    if isinstance(method.node, ast.ClassDef):
        return None
    names = [*method.node.args.posonlyargs, *method.node.args.args][1:]
    return names[index].arg if index < len(names) else None
