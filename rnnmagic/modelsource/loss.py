"""Another loss in `.compile(...)`, written in the way the notebook writes its losses."""

from __future__ import annotations

import ast
from typing import Any

from rnnmagic.modelsource.edits import Edits, set_argument
from rnnmagic.modelsource.naming import add_import, keras_package
from rnnmagic.modelsource.sites import CallSite, imported, parameters_of, resolve
from rnnmagic.modelsource.text import Items, text_of_cell, verified
from rnnmagic.source import CannotEdit
from rnnmagic.values import asked

_ABBREVIATED = {
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "msle": "mean_squared_logarithmic_error",
    "kl_divergence": "k_l_divergence",
    "logcosh": "log_cosh",
}


def class_name(loss: str) -> str:
    """`SparseCategoricalCrossentropy` of `sparse_categorical_crossentropy`; a class name stays."""
    if loss[:1].isupper():
        return loss
    return "".join(part.capitalize() for part in _ABBREVIATED.get(loss, loss).split("_"))


def set_loss(site: CallSite, model: Any, loss: str, namespace: dict[str, Any] | None = None) -> Edits:
    """Compile with another loss, named as Keras names its functions.

    A string stays a string with its quotes, a function a function, and an instance of a loss class one
    of the other class with the arguments that it has too.

    Raises
    ------
    CannotEdit
        The loss is a variable, or one for each of several outputs.
    """
    namespace = namespace or {}
    source = text_of_cell(site.cell.transformed)
    node = _written(site.call)
    outputs = asked(model, "outputs")
    if isinstance(outputs, list) and len(outputs) > 1:
        raise CannotEdit("a loss for each of several outputs")
    if node is None or (isinstance(node, ast.Constant) and node.value is None):
        return set_argument(site, "loss", f'"{loss}"', namespace)
    while isinstance(node, (ast.List, ast.Tuple, ast.Dict)):
        inside = node.values if isinstance(node, ast.Dict) else node.elts
        if len(inside) != 1:
            raise CannotEdit("a loss for each of several outputs")
        node = inside[0]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        written = source.of(node)
        quote = '"' if written.endswith('"') else "'"
        return verified([(site.cell, source.change(*source.span(node), f"{quote}{loss}{quote}"))])
    if isinstance(node, ast.Call):
        return _instance(site, node, class_name(loss), namespace)
    if isinstance(node, ast.Attribute):
        new = class_name(loss) if node.attr[:1].isupper() else loss
        if not node.attr.islower() and not node.attr[:1].isupper():
            raise CannotEdit("the loss is not one of Keras by its name")
        if not _is_losses(node.value, namespace):
            raise CannotEdit("the loss is an attribute of something that is not a module of losses")
        end = source.span(node)[1]
        return verified([(site.cell, source.change(end - len(node.attr), end, new))])
    if isinstance(node, ast.Name):
        held = namespace.get(node.id)
        if callable(held) and str(getattr(held, "__module__", "")).split(".")[0] in ("keras", "tf_keras"):
            return verified([(site.cell, source.change(*source.span(node), f'"{loss}"'))])
    raise CannotEdit("the loss is not written where the model is compiled")


def _written(call: ast.Call) -> ast.expr | None:
    """The loss as it is passed: by keyword, or second, after the optimizer."""
    for keyword in call.keywords:
        if keyword.arg == "loss":
            return keyword.value
    if any(isinstance(argument, ast.Starred) for argument in call.args[:2]):
        raise CannotEdit("the loss may be among the arguments that * unpacks")
    return call.args[1] if len(call.args) > 1 else None


def _is_losses(node: ast.expr, namespace: dict[str, Any]) -> bool:
    module = resolve(node, namespace)
    if module is None:
        return ast.unparse(node).split(".")[-1] in ("losses", "metrics")
    return hasattr(module, "CategoricalCrossentropy")


def _instance(site: CallSite, node: ast.Call, new: str, namespace: dict[str, Any]) -> Edits:
    """`keras.losses.CategoricalCrossentropy(from_logits=True)` as the other class."""
    source = text_of_cell(site.cell.transformed)
    package = keras_package(namespace)
    losses = imported(f"{package}.losses") or getattr(imported(package), "losses", None)
    old = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
    if not isinstance(getattr(losses, old, None), type):
        raise CannotEdit("the loss is not one of Keras by its name")
    target = getattr(losses, new, None)
    accepted = {parameter.name for parameter in parameters_of(target)}
    edits: Edits = []
    items = Items.of_call(source, node)
    dropped = [
        keyword
        for keyword in node.keywords
        if keyword.arg is not None and accepted and keyword.arg not in accepted
    ]
    before = [parameter.name for parameter in parameters_of(getattr(losses, old))][: len(node.args)]
    if before != [parameter.name for parameter in parameters_of(target)][: len(node.args)]:
        raise CannotEdit("the loss has arguments by place, which mean something else in another loss")
    if len(dropped) == 1 or not dropped:
        for keyword in dropped:
            start = source.span(keyword)[0]
            number = next(i for i, (first, last) in enumerate(items.spans) if first <= start < last)
            edits += [(site.cell, change) for change in items.remove(number)]
    else:
        kept = [source.of(keyword) for keyword in node.keywords if keyword not in dropped]
        edits.append((site.cell, source.change(items.opening, items.closing, ", ".join(kept))))
    end = source.span(node.func)[1]
    if isinstance(node.func, ast.Attribute):
        edits.append((site.cell, source.change(end - len(node.func.attr), end, new)))
        return verified(edits)
    start = source.span(node.func)[0]
    bound = getattr(namespace.get(new), "__name__", None) == new
    edits.append((site.cell, source.change(start, end, new)))
    if not bound:
        edits.append((site.cell, add_import(site.cell, f"from {package}.losses import {new}")))
    return verified(edits)
