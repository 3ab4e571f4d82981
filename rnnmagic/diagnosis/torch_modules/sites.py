"""The call that made a module: in a class's `__init__`, in a Sequential, or in a cell."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from typing import Any

from rnnmagic.cells import Cell
from rnnmagic.diagnosis.own_code import class_in
from rnnmagic.editor import Editor, SourceEdit
from rnnmagic.evidence import Evidence
from rnnmagic.modelsource import CallSite, set_argument
from rnnmagic.modelsource.edits import argument_node
from rnnmagic.modelsource.sites import resolve
from rnnmagic.source import CannotEdit, function_of, parse
from rnnmagic.values import variables

_RNN = ("input_size", "hidden_size", "num_layers", "bias", "batch_first", "dropout", "bidirectional")


def signed(*names: str) -> Any:
    """A function of these parameters, for what looks at signatures."""

    def layer(*_args: Any) -> None: ...

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    layer.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(name, kind) for name in names]
    )
    return layer


_SIGNATURES: dict[str, Any] = {
    "LSTM": signed(*_RNN),
    "GRU": signed(*_RNN),
    "RNN": signed(*_RNN[:3], "nonlinearity", *_RNN[3:]),
}
"""PyTorch's recurrent layers take `*args`; these are the names their documentation gives."""


def site_of(module: Any, outer: Any, evidence: Evidence) -> CallSite:
    """The call that made a module.

    Raises
    ------
    CannotEdit
        It cannot be told with certainty.
    """
    kind = type(module)
    target = _SIGNATURES.get(kind.__name__, kind)
    owner, attribute = _owner(module, outer)
    if owner is None:
        cell, call = _bound(module, evidence)
    elif type(owner).__name__ == "Sequential" and attribute.isdigit():
        whole = site_of(owner, outer, evidence)
        place = int(attribute)
        if any(isinstance(a, ast.Starred) for a in whole.call.args) or place >= len(whole.call.args):
            raise CannotEdit("the parts of the Sequential are not written out")
        cell, call = whole.cell, whole.call.args[place]
        if isinstance(call, ast.Name):
            cell, call = _bound(module, evidence)
    else:
        cell, call = _assigned(owner, attribute, evidence)
    if not isinstance(call, ast.Call):
        raise CannotEdit(f"the call that made the {kind.__name__} was not found")
    made = resolve(call.func, evidence.namespace)
    written = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if made is not kind and written != kind.__name__:
        raise CannotEdit(f"what made the {kind.__name__} is not clear")
    return CallSite(cell, call, target)


def _owner(module: Any, outer: Any) -> tuple[Any, str]:
    if outer is None or outer is module:
        return None, ""
    for part in outer.modules():
        for name, child in part._modules.items():
            if child is module:
                return part, name
    return None, ""


def _bound(module: Any, evidence: Evidence) -> tuple[Cell, Any]:
    """`lstm = nn.LSTM(…)` in a cell."""
    names = {n for n, v in variables(evidence.namespace) if v is module and not n.startswith("_")}
    for cell in reversed(list(evidence.run.log)):
        tree = parse(cell.transformed)
        found = [
            node.value
            for node in (ast.walk(tree) if tree is not None else ())
            if isinstance(node, ast.Assign)
            and any(isinstance(t, ast.Name) and t.id in names for t in node.targets)
        ]
        if found:
            if len(found) > 1:
                raise CannotEdit("it is made more than once")
            return cell, found[0]
    raise CannotEdit("the statement that made it was not found")


def _assigned(owner: Any, attribute: str, evidence: Evidence) -> tuple[Cell, Any]:
    """`self.lstm = nn.LSTM(…)` in the class of its owner."""
    for base in type(owner).__mro__:
        defined = class_in(evidence.run.log, base.__name__)
        if defined is None:
            continue
        cell, node = defined
        found = [
            part.value
            for part in ast.walk(node)
            if isinstance(part, ast.Assign)
            and any(isinstance(t, ast.Attribute) and t.attr == attribute for t in part.targets)
        ]
        if len(found) == 1:
            return cell, found[0]
        if found:
            raise CannotEdit("it is made more than once")
    raise CannotEdit("the class was not found in the notebook")


def with_argument(
    module: Any, outer: Any, evidence: Evidence, name: str, text: str | int, times: int | None = None
) -> Callable[[Editor], SourceEdit]:
    """An edit that passes another argument; `times` what is passed now, where that is meant."""

    def source(_editor: Editor) -> SourceEdit:
        site = site_of(module, outer, evidence)
        node = argument_node(site, name, evidence.namespace)
        new = str(text)
        if times is not None and node is not None and not isinstance(node, ast.Constant):
            new = f"{times} * {_atom(node)}"
        elif isinstance(node, ast.Name):
            passed = _passed(site, node.id, module, outer, evidence)
            if passed is not None:
                return SourceEdit(tuple(set_argument(passed, node.id, new, evidence.namespace)))
        return SourceEdit(tuple(set_argument(site, name, new, evidence.namespace)))

    return source


def _atom(node: ast.expr) -> str:
    text = ast.unparse(node)
    return text if isinstance(node, (ast.Name, ast.Attribute, ast.Call, ast.Subscript)) else f"({text})"


def _passed(site: CallSite, name: str, module: Any, outer: Any, evidence: Evidence) -> CallSite | None:
    """`Net(3, 8)`, where the class passes its parameter on and nothing else is made of it."""
    maker = function_of(site.call)
    owner, _ = _owner(module, outer)
    if not isinstance(maker, ast.FunctionDef) or maker.name != "__init__" or owner is None:
        return None
    if name not in [argument.arg for argument in (*maker.args.args, *maker.args.kwonlyargs)]:
        return None
    uses = [n for n in ast.walk(maker) if isinstance(n, ast.Name) and n.id == name]
    if len(uses) != 1:
        return None
    try:
        made = site_of(owner, outer, evidence)
    except CannotEdit:
        return None
    return CallSite(made.cell, made.call, type(owner))
