"""Rewrite a statement so that everything it does passes through the rehearsal's `Guard`.

Loads, calls, attributes, items, loops and in-place changes become calls on one object, which stands
in the copied namespace as `__rehearsal__`. A nested statement that turns out not to be decidable is
left out by itself, and what it would have written becomes unknown.
"""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from types import CodeType
from typing import Any

from rnnmagic.rehearsal.names import names_of, root_of

GUARD = "__rehearsal__"
FILENAME = "<rehearsal>"

_LEAVES = (ast.Return, ast.Break, ast.Continue, ast.Raise, ast.Yield, ast.YieldFrom)
_LITERALS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)


class UnsupportedError(ValueError):
    """A statement that is not rehearsed at all, such as one with a top-level `await`."""


@dataclass(frozen=True)
class Piece:
    """A nested statement or loop of the rewritten code, by its number there."""

    node: ast.stmt
    text: str


def instrument(statement: ast.stmt, pieces: list[Piece]) -> CodeType:
    """Compile the guarded form of a top-level statement; its inner statements are added to `pieces`."""
    for node in ast.walk(statement):
        if isinstance(node, (ast.Await, ast.AsyncFor, ast.AsyncWith, ast.AsyncFunctionDef)):
            raise UnsupportedError("asynchronous code")
    tree = _Instrument(pieces).visit(_copied(statement))
    module = ast.Module(body=tree if isinstance(tree, list) else [tree], type_ignores=[])
    ast.fix_missing_locations(module)
    return compile(module, FILENAME, "exec", dont_inherit=True)


def _copied(node: Any) -> Any:
    """A copy of the syntax alone.

    `deepcopy` would follow the `parent` links that source tools leave on nodes, also on the `Load` and
    `Store` that all trees of a process share: it copies whole cells, and IPython's own sources.
    """
    if isinstance(node, list):
        return [_copied(item) for item in node]
    if not isinstance(node, ast.AST):
        return node
    fields = {name: _copied(value) for name, value in ast.iter_fields(node)}
    return ast.copy_location(type(node)(**fields), node)


def _guard(name: str) -> ast.Attribute:
    return ast.Attribute(ast.Name(GUARD, ast.Load()), name, ast.Load())


def _call(name: str, *args: ast.expr) -> ast.Call:
    return ast.Call(_guard(name), list(args), [])


class _Instrument(ast.NodeTransformer):
    def __init__(self, pieces: list[Piece]) -> None:
        self.pieces = pieces
        self.depth = 0

    # Expressions

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if isinstance(node.ctx, ast.Load) and node.id != "__class__":
            return _call("load", node)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        owner: ast.expr = self.visit(node.value)
        if isinstance(node.ctx, ast.Load):
            return _call("attribute", owner, ast.Constant(node.attr))
        return ast.Attribute(_call("own", owner), node.attr, node.ctx)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        owner: ast.expr = self.visit(node.value)
        index: ast.expr = self.visit(node.slice)
        if isinstance(node.ctx, ast.Load):
            return _call("item", owner, index)
        return ast.Subscript(_call("own", owner), index, node.ctx)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if isinstance(node.func, ast.Name) and node.func.id == "super" and not node.args:
            # It finds its class through the frame it is called from.
            return node
        args: list[ast.expr] = [self.visit(argument) for argument in node.args]
        keywords = [ast.keyword(keyword.arg, self.visit(keyword.value)) for keyword in node.keywords]
        if isinstance(node.func, ast.Attribute):
            owner: ast.expr = self.visit(node.func.value)
            return ast.Call(_guard("method"), [owner, ast.Constant(node.func.attr), *args], keywords)
        return ast.Call(_guard("call"), [self.visit(node.func), *args], keywords)

    def generic_visit(self, node: ast.AST) -> ast.AST:
        node = super().generic_visit(node)
        if isinstance(node, _LITERALS) and not isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del)):
            return _call("fresh", node)
        return node

    def visit_Starred(self, node: ast.Starred) -> ast.expr:
        if isinstance(node.ctx, ast.Load):
            return ast.Starred(_call("unpack", self.visit(node.value), ast.Constant(0)), node.ctx)
        self.generic_visit(node)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.comprehension:
        node.iter = _call("each", self.visit(node.iter), ast.Constant(-1), ast.Constant(_arity(node.target)))
        node.target = self.visit(node.target)
        node.ifs = [self.visit(test) for test in node.ifs]
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        # Only the values: format specs must stay the literal strings they are.
        for value in node.values:
            if isinstance(value, ast.FormattedValue):
                value.value = self.visit(value.value)
        return node

    # Statements

    def visit_Assign(self, node: ast.Assign) -> ast.stmt:
        node.value = self._value_for(node.targets, self.visit(node.value))
        node.targets = [self.visit(target) for target in node.targets]
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        for place, operation in enumerate(node.ops):
            if isinstance(operation, (ast.In, ast.NotIn)):
                node.comparators[place] = _call("iterated", node.comparators[place])
        return node

    def _value_for(self, targets: list[ast.expr], value: ast.expr) -> ast.expr:
        if any(
            isinstance(target, (ast.Tuple, ast.List))
            or (isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Slice))
            for target in targets
        ):
            value = _call("iterated", value)
        counts = {_arity(target) for target in targets} - {0}
        # `a, b = value`: an unknown value gives two unknown ones.
        return _call("unpack", value, ast.Constant(counts.pop())) if len(counts) == 1 else value

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:
        if node.value is not None:
            node.value = self.visit(node.value)
        node.target = self.visit(node.target)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.stmt:
        value: ast.expr = self.visit(node.value)
        operation = ast.Constant(type(node.op).__name__)
        if isinstance(node.target, ast.Name):
            load = _call("load", ast.Name(node.target.id, ast.Load()))
            return ast.Assign([node.target], _call("augment", load, operation, value))
        if isinstance(node.target, ast.Subscript):
            owner: ast.expr = self.visit(node.target.value)
            return ast.Expr(_call("augment_item", owner, self.visit(node.target.slice), operation, value))
        owner = self.visit(node.target.value)
        return ast.Expr(_call("augment_attribute", owner, ast.Constant(node.target.attr), operation, value))

    def visit_For(self, node: ast.For) -> ast.AST | list[ast.AST]:
        number = self._piece(node)
        original = node.target
        node.iter = _call("each", self.visit(node.iter), ast.Constant(number), ast.Constant(_arity(original)))
        node.target = self.visit(original)
        node.body = self._block(node.body)
        node.orelse = self._block(node.orelse)
        written = self._forget(self.pieces[number].node, loop=True)
        if not written:
            return node
        return [node, ast.If(_call("was_cut", ast.Constant(number)), written, [])]

    def visit_While(self, node: ast.While) -> ast.stmt:
        node.test = self.visit(node.test)
        node.body = [ast.Expr(_call("tick")), *self._block(node.body)]
        node.orelse = self._block(node.orelse)
        return node

    def visit_If(self, node: ast.If) -> ast.stmt:
        node.test = self.visit(node.test)
        node.body, node.orelse = self._block(node.body), self._block(node.orelse)
        return node

    def visit_With(self, node: ast.With) -> ast.stmt:
        for item in node.items:
            item.context_expr = _call("context", self.visit(item.context_expr))
            if item.optional_vars is not None:
                item.optional_vars = self.visit(item.optional_vars)
        node.body = self._block(node.body)
        return node

    def visit_Try(self, node: Any) -> Any:
        node.body, node.orelse = self._block(node.body), self._block(node.orelse)
        node.finalbody = self._block(node.finalbody)
        for handler in node.handlers:
            kind = ast.Name("Exception", ast.Load()) if handler.type is None else self.visit(handler.type)
            # A bare `except:` would catch the rehearsal's own signals.
            handler.type = _call("catchable", kind)
            handler.body = self._block(handler.body)
        return node

    visit_TryStar = visit_Try  # noqa: N815

    def visit_Match(self, _node: ast.AST) -> ast.AST:
        raise UnsupportedError("a match statement")

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        node.decorator_list = [_call("decorator", self.visit(d)) for d in node.decorator_list]
        node.args = self._arguments(node.args)
        node.returns = None
        node.body = self._function_block(node.body)
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        node.args = self._arguments(node.args)
        node.body = self.visit(node.body)
        return node

    def _arguments(self, arguments: ast.arguments) -> ast.arguments:
        arguments.defaults = [self.visit(default) for default in arguments.defaults]
        arguments.kw_defaults = [d if d is None else self.visit(d) for d in arguments.kw_defaults]
        for argument in ast.walk(arguments):
            if isinstance(argument, ast.arg):
                argument.annotation = None
        return arguments

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.stmt:
        node.decorator_list = [_call("decorator", self.visit(d)) for d in node.decorator_list]
        node.bases = [self.visit(base) for base in node.bases]
        for keyword in node.keywords:
            keyword.value = self.visit(keyword.value)
        # Innermost, so that it sees the class before any other decorator does.
        node.decorator_list.append(_guard("define_class"))
        body: list[ast.stmt] = []
        for statement in node.body:
            changed = self.visit(statement)
            body.extend(changed if isinstance(changed, list) else [changed])
        node.body = body
        return node

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> ast.AST | list[ast.AST]:
        if isinstance(node, ast.ImportFrom):
            modules = [node.module or ""]
        else:
            modules = [alias.name for alias in node.names]
        if all(importable(module) for module in modules) and not getattr(node, "level", 0):
            return node
        if any(alias.name == "*" for alias in node.names):
            raise UnsupportedError("a star import")
        names = [(alias.asname or alias.name).split(".")[0] for alias in node.names]
        return [ast.Assign([ast.Name(name, ast.Store())], _guard("UNKNOWN")) for name in names]

    visit_ImportFrom = visit_Import  # noqa: N815

    def visit_Delete(self, node: ast.Delete) -> ast.stmt:
        node.targets = [self.visit(target) for target in node.targets]
        return node

    # Blocks

    def _function_block(self, body: list[ast.stmt]) -> list[ast.stmt]:
        head = []
        while body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
            head.append(body[0])
            body = body[1:]
        return [*head, *self._block(body)] or [ast.Pass()]

    def _block(self, body: list[ast.stmt]) -> list[ast.stmt]:
        result: list[ast.stmt] = []
        self.depth += 1
        for statement in body:
            if isinstance(statement, (ast.Pass, ast.Break, ast.Continue, ast.Global, ast.Nonlocal)):
                result.append(statement)
                continue
            original = _copied(statement)
            changed = self.visit(statement)
            rows = changed if isinstance(changed, list) else [changed]
            if _leaves(original) or isinstance(original, (ast.FunctionDef, ast.ClassDef, ast.Import)):
                # Left out by itself, the code after it would run where it should not.
                result.extend(rows)
                continue
            number = self._piece(original)
            note = ast.Expr(_call("left_out", ast.Constant(number)))
            handler = ast.ExceptHandler(_guard("CannotTell"), None, [note, *self._forget(original)])
            result.append(ast.Try(body=rows, handlers=[handler], orelse=[], finalbody=[]))
        self.depth -= 1
        return result

    def _forget(self, node: ast.stmt, *, loop: bool = False) -> list[ast.stmt]:
        """Statements that make unknown what `node` writes and changes."""
        names = names_of(node)
        rows: list[ast.stmt] = []
        stored = names.mutates & names.maybe if loop else (names.defines | names.maybe)
        for name in sorted(stored):
            rows.append(ast.Assign([ast.Name(name, ast.Store())], _guard("UNKNOWN")))
        roots = {root for root in names.mutates | names.fits if root not in stored}
        if not loop:
            targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
            roots |= {root for target in targets if target is not None and (root := root_of(target))} - stored
        for name in sorted(roots - {"self"}):
            value = ast.Lambda(
                ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[]),
                ast.Name(name, ast.Load()),
            )
            rows.append(ast.Expr(_call("taint", value)))
        return rows

    def _piece(self, node: ast.stmt) -> int:
        self.pieces.append(Piece(_copied(node), ast.unparse(node).split("\n", 1)[0]))
        return len(self.pieces) - 1


def importable(module: str) -> bool:
    """Whether importing it runs no code that has not run before, or only a framework's own."""
    if module in sys.modules:
        return True
    top = module.split(".", 1)[0]
    return top in ("keras", "tf_keras", "tensorflow", "numpy") and top in sys.modules


def _arity(target: ast.expr) -> int:
    """How many values an assignment target takes apart; 0 for one value, or an unknown number."""
    if isinstance(target, (ast.Tuple, ast.List)) and not any(
        isinstance(item, ast.Starred) for item in target.elts
    ):
        return len(target.elts)
    return 0


def _leaves(node: ast.AST) -> bool:
    """Whether the statement can end the function, loop or block it stands in."""
    if isinstance(node, _LEAVES):
        return True
    if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Lambda)):
        return False
    inner = ast.iter_child_nodes(node)
    if isinstance(node, (ast.For, ast.While)):
        return any(_leaves(child) for child in inner if not isinstance(child, (ast.Break, ast.Continue)))
    return any(_leaves(child) for child in inner)
