"""Which variables a statement of a cell reads, defines and changes in place."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

MUTATORS = frozenset(
    [
        "append",
        "extend",
        "insert",
        "remove",
        "pop",
        "clear",
        "sort",
        "reverse",
        "update",
        "setdefault",
        "popitem",
        "add",
        "discard",
        "fill",
        "resize",
        "put",
        "partition",
        "itemset",
        "setflags",
        "appendleft",
        "extendleft",
        "popleft",
        "rotate",
        "add_loss",
        "add_metric",
        "add_weight",
        "build",
        "compile",
        "set_weights",
        "load_weights",
        "adapt",
        "reset_states",
        "reset_state",
        "set_params",
    ]
)
CONVERTERS = frozenset(["double", "float", "half", "bfloat16", "to", "add_module", "load_state_dict"])
"""Methods of a PyTorch module that change it, and of a tensor that give another: a statement of their own
is about a module."""
FITTERS = frozenset(["fit", "fit_transform", "partial_fit", "fit_predict"])
"""They change an estimator, but nothing of a Keras model that shapes depend on."""

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass
class Body:
    """What happens when a function of the notebook is called, told by its text."""

    reads: set[str] = field(default_factory=set)
    mutates: set[str] = field(default_factory=set)
    parameters: list[str] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)
    """Parameters that the body changes in place."""
    methods: dict[str, bool] = field(default_factory=dict)
    """For a class: its methods, and whether each changes `self`."""


@dataclass
class Names:
    """A top-level statement's dealings with the variables of the notebook."""

    reads: set[str] = field(default_factory=set)
    defines: set[str] = field(default_factory=set)
    maybe: set[str] = field(default_factory=set)
    """Assigned in a branch or a loop, so perhaps not."""
    mutates: set[str] = field(default_factory=set)
    fits: set[str] = field(default_factory=set)
    calls: list[tuple[str, list[str | None], dict[str, str]]] = field(default_factory=list)
    """Function name, and the variables passed by position and by keyword."""
    method_calls: list[tuple[str, str]] = field(default_factory=list)
    """Variable and name of a method called on it."""
    body: Body | None = None


def root_of(node: ast.AST) -> str | None:
    """The variable that `node` is an attribute or item of."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def names_of(statement: ast.stmt) -> Names:
    """Analyse one top-level statement."""
    found = Names()
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        found.defines.add(statement.name)
        visitor = _Visitor(found, frozenset())
        for decorator in statement.decorator_list:
            visitor.visit(decorator)
        if isinstance(statement, ast.ClassDef):
            for base in [*statement.bases, *(keyword.value for keyword in statement.keywords)]:
                visitor.visit(base)
            found.body = _class_body(statement, found)
        else:
            visitor.signature(statement.args)
            found.body = _function_body(statement)
        return found
    _Visitor(found, frozenset()).visit(statement)
    found.maybe -= found.defines
    return found


def _function_body(function: Function) -> Body:
    inner = Names()
    arguments = function.args
    parameters = [a.arg for a in [*arguments.posonlyargs, *arguments.args]]
    extra = [a.arg for a in [*arguments.kwonlyargs, *(v for v in (arguments.vararg, arguments.kwarg) if v)]]
    visitor = _Visitor(inner, frozenset())
    for node in function.body if isinstance(function.body, list) else [function.body]:
        visitor.visit(node)
    declared = visitor.declared
    local = ({*parameters, *extra} | inner.defines | inner.maybe) - declared
    body = Body(parameters=[*parameters, *extra])
    body.reads = inner.reads - local
    body.mutates = (inner.mutates - local) | (inner.defines & declared) | (inner.maybe & declared)
    body.changed = (inner.mutates | inner.fits) & {*parameters, *extra}
    return body


def _class_body(statement: ast.ClassDef, found: Names) -> Body:
    whole = Body()
    for node in statement.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            body = _function_body(node)
            whole.reads |= body.reads
            whole.mutates |= body.mutates
            first = body.parameters[0] if body.parameters else None
            whole.methods[node.name] = first in body.changed
            visitor = _Visitor(found, frozenset())
            for decorator in node.decorator_list:
                visitor.visit(decorator)
            visitor.signature(node.args)
        else:
            inner = Names()
            _Visitor(inner, frozenset()).visit(node)
            found.reads |= inner.reads
            found.mutates |= inner.mutates
    return whole


class _Visitor(ast.NodeVisitor):
    """Collects into one `Names`; names in `local` belong to an inner scope."""

    def __init__(self, into: Names, local: frozenset[str]) -> None:
        self.into = into
        self.local = local
        self.depth = 0
        self.declared: set[str] = set()

    def _store(self, name: str) -> None:
        if name not in self.local:
            (self.into.maybe if self.depth else self.into.defines).add(name)

    def _change(self, node: ast.AST, into: set[str] | None = None) -> None:
        name = root_of(node)
        if name is not None and name not in self.local:
            (self.into.mutates if into is None else into).add(name)

    def signature(self, arguments: ast.arguments) -> None:
        for node in [*arguments.defaults, *(d for d in arguments.kw_defaults if d is not None)]:
            self.visit(node)
        for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
            if argument.annotation is not None:
                self.visit(argument.annotation)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            if node.id not in self.local:
                self.into.reads.add(node.id)
        else:
            self._store(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if not isinstance(node.ctx, ast.Load):
            self._change(node.value)
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if not isinstance(node.ctx, ast.Load):
            self._change(node.value)
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name) and node.target.id not in self.local:
            # In place for arrays and lists, and it keeps what was there before.
            self.into.reads.add(node.target.id)
            self.into.mutates.add(node.target.id)
            self.into.maybe.add(node.target.id)
            self.visit(node.value)
            return
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        call = node.value
        if (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and call.func.attr in CONVERTERS
        ):
            self._change(call.func.value)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Attribute):
            method = node.func.attr
            root = root_of(node.func.value)
            if method in MUTATORS or (method.endswith("_") and not method.startswith("_")):
                self._change(node.func.value)
            elif method in FITTERS:
                self._change(node.func.value, self.into.fits)
            elif any(
                k.arg == "inplace" and getattr(k.value, "value", None) is not False for k in node.keywords
            ):
                self._change(node.func.value)
            if root is not None and root not in self.local:
                self.into.method_calls.append((root, method))
        elif isinstance(node.func, ast.Name) and node.func.id not in self.local:
            positional = [None if (n := root_of(a)) in self.local else n for a in node.args]
            named = {k.arg: n for k in node.keywords if k.arg and (n := root_of(k.value)) is not None}
            self.into.calls.append((node.func.id, positional, named))
        self.generic_visit(node)

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name != "*":
                self._store((alias.asname or alias.name).split(".")[0])

    visit_ImportFrom = visit_Import  # noqa: N815

    def visit_Global(self, node: ast.Global | ast.Nonlocal) -> None:
        self.declared.update(node.names)

    visit_Nonlocal = visit_Global  # noqa: N815

    # Inner scopes

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._store(node.name)
        for decorator in node.decorator_list:
            self.visit(decorator)
        self.signature(node.args)
        self._merge(_function_body(node))

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.signature(node.args)
        self._merge(_function_body(node))

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._store(node.name)
        for part in [*node.decorator_list, *node.bases]:
            self.visit(part)
        self._merge(_class_body(node, self.into))

    def _merge(self, body: Body) -> None:
        self.into.reads |= body.reads - self.local
        self.into.mutates |= body.mutates - self.local

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        bound = {
            name.id for g in node.generators for name in ast.walk(g.target) if isinstance(name, ast.Name)
        }
        before, self.local = self.local, self.local | bound
        for child in ast.iter_child_nodes(node):
            self.visit(child)
        self.local = before
        # The outermost iterable belongs to the scope outside: `[x for x in x]`.
        self.visit(node.generators[0].iter)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension  # noqa: N815

    # Branches

    def _branch(self, node: ast.AST) -> None:
        self.depth += 1
        self.generic_visit(node)
        self.depth -= 1

    visit_If = visit_For = visit_While = visit_Try = visit_Match = visit_AsyncFor = _branch  # noqa: N815
    visit_TryStar = _branch  # noqa: N815

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self._store(node.name)
        self.generic_visit(node)
