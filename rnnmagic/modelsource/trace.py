"""Walk the cells that ran, in the order they ran, and note every layer made and where it went.

Nothing is run: names are followed through assignments, functions of the notebook are walked at each
call of them, loops over something known are unrolled. What cannot be known stays open, and so do the
branches of an `if` whose condition is open.
"""

from __future__ import annotations

import ast
from typing import Any

from rnnmagic.cells import Cell, CellLog
from rnnmagic.modelsource.abstract import Code, Scope, Value, simple
from rnnmagic.modelsource.calls import CallEvaluator
from rnnmagic.modelsource.evaluate import ExhaustedError
from rnnmagic.modelsource.sites import imported
from rnnmagic.source import parse


class Trace(CallEvaluator):
    """The log, walked.

    Attributes
    ----------
    events
        Every layer made, in order.
    history
        Under each name (`model`, `self.model`), every value it was given, in order; functions' own
        names too.
    compiles
        Every `.compile(...)`: receiver, cell, call, and the receiver as written.
    """

    def __init__(
        self, log: CellLog, namespace: dict[str, Any], checked: Cell | None, steps: int = 200_000
    ) -> None:
        super().__init__(namespace, steps)
        self.scope = Scope()
        cells = list(log)
        if checked is not None and not any(cell is checked or cell == checked for cell in cells):
            cells.append(checked)
        self.cells = cells
        self._trees = [parse(cell.transformed) for cell in cells]
        self._last_binding = self._bindings()
        self._unrolling = 0
        try:
            for run, (cell, tree) in enumerate(zip(cells, self._trees, strict=True)):
                self.cell, self.run = cell, run
                if tree is not None:
                    self.execute(tree.body, self.scope)
        except (ExhaustedError, RecursionError):
            pass

    def _bindings(self) -> dict[str, tuple[int, int]]:
        """For each of the notebook's names, the place of the log that assigns it last.

        Only there may the value in the kernel now stand for the value assigned.
        """
        last: dict[str, tuple[int, int]] = {}

        def walk(node: ast.AST, run: int) -> None:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                last[node.name] = (run, id(node))
                return
            if isinstance(node, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
                return
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                last[node.id] = (run, id(node))
            for child in ast.iter_child_nodes(node):
                walk(child, run)

        for run, tree in enumerate(self._trees):
            if tree is not None:
                walk(tree, run)
        return last

    def find(self, dotted: str) -> Value | None:
        """The value that `model` or `trainer.model` has at the end."""
        parts = dotted.split(".")
        value = self.scope.find(parts[0])
        for part in parts[1:]:
            if value is None:
                return None
            value = value.attributes.get(part)
        return value

    def execute(self, statements: list[ast.stmt], scope: Scope) -> None:
        """Walk the statements of a block."""
        for statement in statements:
            method = getattr(self, f"_do_{type(statement).__name__.lower()}", None)
            if method is not None:
                method(statement, scope)
                continue
            for child in ast.iter_child_nodes(statement):
                if isinstance(child, ast.expr):
                    self.evaluate(child, scope)

    def bind(self, target: ast.AST, value: Value, scope: Scope) -> None:
        if isinstance(target, ast.Name):
            home = scope.outermost() if target.id in scope.shared else scope
            home.names[target.id] = value
            self.history.setdefault(target.id, []).append(value)
            if (
                not value.known
                and home is self.scope
                and not self._unrolling
                and not self.loops
                and self._last_binding.get(target.id) == (self.run, id(target))
                and target.id in self.namespace
            ):
                value.known, value.object = True, self.namespace[target.id]
        elif isinstance(target, ast.Attribute):
            owner = self.evaluate(target.value, scope)
            owner.attributes[target.attr] = value
            owner.absorb([value])
            if value.owner is None and value is not owner:
                value.owner = owner
            self.history.setdefault(ast.unparse(target), []).append(value)
        elif isinstance(target, ast.Subscript):
            owner, index = self.evaluate(target.value, scope), self.evaluate(target.slice, scope)
            owner.absorb([value])
            if index.known and simple(index.object):
                owner.attributes[f"[{index.object!r}]"] = value
        elif isinstance(target, ast.Starred):
            self.bind(target.value, value, scope)
        elif isinstance(target, (ast.Tuple, ast.List)):
            elements = self.elements(value)
            plain = not any(isinstance(item, ast.Starred) for item in target.elts)
            if elements is None or len(elements) != len(target.elts) or not plain:
                elements = [Value([value]) for _ in target.elts]
            for item, element in zip(target.elts, elements, strict=True):
                self.bind(item, element, scope)

    def define(self, node: Any, scope: Scope) -> Value:
        code = Code(self.cell, self.run, node, scope)
        if not isinstance(node, ast.ClassDef):
            places = [*node.args.posonlyargs, *node.args.args]
            for parameter, default in zip(reversed(places), reversed(node.args.defaults), strict=False):
                code.defaults[parameter.arg] = self.evaluate(default, scope)
            for parameter, other in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
                if other is not None:
                    code.defaults[parameter.arg] = self.evaluate(other, scope)
        else:
            code.bases = [self.evaluate(base, scope) for base in node.bases]
        return Value(code=code)

    def _do_functiondef(self, node: Any, scope: Scope) -> None:
        value = self.define(node, scope)
        scope.names[node.name] = value
        if isinstance(node, ast.ClassDef) and self._last_binding.get(node.name) == (self.run, id(node)):
            thing = self.namespace.get(node.name)
            if isinstance(thing, type):
                value.known, value.object = True, thing

    _do_asyncfunctiondef = _do_classdef = _do_functiondef

    def _do_return(self, node: ast.Return, scope: Scope) -> None:
        scope.returns.append(self.evaluate(node.value, scope))

    def _do_assign(self, node: ast.Assign, scope: Scope) -> None:
        value = self.evaluate(node.value, scope)
        for target in node.targets:
            self.bind(target, value, scope)

    def _do_annassign(self, node: ast.AnnAssign, scope: Scope) -> None:
        if node.value is not None:
            self.bind(node.target, self.evaluate(node.value, scope), scope)

    def _do_augassign(self, node: ast.AugAssign, scope: Scope) -> None:
        fresh = ast.BinOp(left=_load(node.target), op=node.op, right=node.value)
        old = self.evaluate(fresh.left, scope)
        value = self.evaluate(fresh, scope)
        if old.items is not None and value.items is not None and not self.loops:
            # `layers += [...]` changes the list in place, under all its names.
            old.absorb([value])
            old.items = value.items
            old.known = False
            return
        self.bind(node.target, value, scope)

    def _do_for(self, node: ast.For | ast.AsyncFor, scope: Scope) -> None:
        source = self.evaluate(node.iter, scope)
        elements = self.elements(source)
        if elements is not None:
            self._unrolling += 1
            for element in elements:
                self.bind(node.target, element, scope)
                self.execute(node.body, scope)
            self._unrolling -= 1
        else:
            outer, self.loops = self.loops, (*self.loops, self.new_loop())
            self.bind(node.target, Value([source]), scope)
            self.execute(node.body, scope)
            self.loops = outer
        self.execute(node.orelse, scope)

    _do_asyncfor = _do_for

    def _do_while(self, node: ast.While, scope: Scope) -> None:
        outer, self.loops = self.loops, (*self.loops, self.new_loop())
        self.evaluate(node.test, scope)
        self.execute(node.body, scope)
        self.loops = outer
        self.execute(node.orelse, scope)

    def _do_if(self, node: ast.If, scope: Scope) -> None:
        test = self.evaluate(node.test, scope)
        if test.known and simple(test.object):
            self.execute(node.body if test.object else node.orelse, scope)
        else:
            self._branches([node.body, node.orelse], scope)

    def _branches(self, blocks: list[list[ast.stmt]], scope: Scope) -> None:
        """Any one of these blocks may have run."""
        before = dict(scope.names)
        ends = []
        self.branching += 1
        for block in blocks:
            scope.names = dict(before)
            self.execute(block, scope)
            ends.append(scope.names)
        self.branching -= 1
        scope.names = {
            name: Value.joined([end[name] for end in ends if name in end])
            for name in dict.fromkeys(name for end in ends for name in end)
        }

    def _do_match(self, node: Any, scope: Scope) -> None:
        self.evaluate(node.subject, scope)
        self._branches([case.body for case in node.cases], scope)

    def _do_try(self, node: Any, scope: Scope) -> None:
        self.execute(node.body, scope)
        self.execute(node.orelse, scope)
        self._branches([[], *[handler.body for handler in node.handlers]], scope)
        self.execute(node.finalbody, scope)

    _do_trystar = _do_try

    def _do_with(self, node: ast.With | ast.AsyncWith, scope: Scope) -> None:
        for item in node.items:
            value = self.evaluate(item.context_expr, scope)
            if item.optional_vars is not None:
                self.bind(item.optional_vars, value, scope)
        self.execute(node.body, scope)

    _do_asyncwith = _do_with

    def _do_import(self, node: ast.Import, scope: Scope) -> None:
        for alias in node.names:
            module = imported(alias.name if alias.asname else alias.name.split(".")[0])
            if module is not None:
                scope.names[alias.asname or alias.name.split(".")[0]] = Value.of(module)

    def _do_importfrom(self, node: ast.ImportFrom, scope: Scope) -> None:
        module = imported(node.module) if not node.level else None
        for alias in node.names:
            name = alias.asname or alias.name
            scope.names.pop(name, None)
            try:
                if module is not None and alias.name != "*":
                    scope.names[name] = Value.of(getattr(module, alias.name))
            except AttributeError:
                pass

    def _do_delete(self, node: ast.Delete, scope: Scope) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                scope.names.pop(target.id, None)

    def _do_global(self, node: ast.Global | ast.Nonlocal, scope: Scope) -> None:
        scope.shared.update(node.names)

    _do_nonlocal = _do_global


def _load(target: ast.expr) -> ast.expr:
    """The target of `x += 1` as an expression to read."""
    if isinstance(target, ast.Name):
        return ast.copy_location(ast.Name(target.id, ast.Load()), target)
    return target
