"""How this notebook names a layer class that it does not use yet."""

from __future__ import annotations

import ast
import builtins
import sys
from types import FunctionType, ModuleType
from typing import Any

from rnnmagic.cells import Cell
from rnnmagic.modelsource.sites import CallSite, imported, is_layer_class, resolve
from rnnmagic.source import CannotEdit, Change, parse
from rnnmagic.values import module_of, variables


def spell(class_name: str, site: CallSite | None, namespace: dict[str, Any]) -> str:
    """The class as this notebook would write it: `Flatten`, `layers.Flatten`, `tf.keras.layers.Flatten`.

    A name bound already comes first, then the prefix of the call at `site`, then any module of layers
    that has a name. If nothing is bound it is the bare name, for which `needs_import` has the line.
    """
    if _is_class(namespace.get(class_name), class_name):
        return class_name
    if site is not None and isinstance(site.call.func, ast.Attribute):
        prefix = site.call.func.value
        if _is_class(getattr(resolve(prefix, namespace), class_name, None), class_name):
            return f"{ast.unparse(prefix)}.{class_name}"
    modules = [(name, thing) for name, thing in variables(namespace) if issubclass(type(thing), ModuleType)]
    for path in ((), ("layers",), ("keras", "layers")):
        for name, module in modules:
            if name.startswith("_") or module.__name__.split(".")[0] not in (
                "keras",
                "tensorflow",
                "tf_keras",
            ):
                continue
            found: Any = module
            for part in path:
                found = getattr(found, part, None)
            if isinstance(found, ModuleType) and _is_class(getattr(found, class_name, None), class_name):
                return ".".join((name, *path, class_name))
    return class_name


def _is_class(thing: Any, name: str) -> bool:
    return is_layer_class(thing) and thing.__name__ == name


def _layers(package: str) -> Any:
    return imported(f"{package}.layers") or getattr(imported(package), "layers", None)


def keras_package(namespace: dict[str, Any]) -> str:
    """The Keras that this notebook works with: `keras`, or `tf_keras` where it has things of that one."""
    if "tf_keras" not in sys.modules:
        return "keras"
    found = {_root_of(thing) for name, thing in variables(namespace) if not name.startswith("_")}
    return "tf_keras" if "tf_keras" in found and "keras" not in found else "keras"


def same_keras(tensorflow: Any, namespace: dict[str, Any]) -> bool:
    """Whether `tf.keras` is the Keras that the notebook works with: it is Keras 3 if not told otherwise."""
    model = getattr(getattr(tensorflow, "keras", None), "Model", None)
    return (
        "tf_keras" not in sys.modules
        or model is None
        or keras_package({"": model}) == keras_package(namespace)
    )


def _root_of(thing: Any) -> str:
    # `isinstance` asks the object itself for its class, which may raise.
    if issubclass(type(thing), ModuleType):
        return str(thing.__name__).split(".", 1)[0]
    # An object is not asked for its module: it may lie, or raise.
    if issubclass(type(thing), type):
        module = type.__dict__["__module__"].__get__(thing)
    elif type(thing) is FunctionType:
        module = thing.__module__
    else:
        return module_of(thing)
    return module.split(".", 1)[0] if type(module) is str else ""


_ROOTS = {
    "keras": "import {keras} as keras",
    "tf": "import tensorflow as tf",
    "np": "import numpy as np",
    "layers": "from {keras} import layers",
    "ops": "from {keras} import ops",
}


def needs_import(text: str, namespace: dict[str, Any]) -> str | None:
    """The import without which an expression has unbound names; `None` if it has none.

    It imports from `tensorflow.keras` where the notebook has TensorFlow's name but not Keras's.
    """
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return None
    names = [
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    ]
    missing = [n for n in dict.fromkeys(names) if n not in namespace and not hasattr(builtins, n)]
    keras = keras_package(namespace)
    layers = _layers(keras)
    classes = [
        name for name in missing if layers is not None and _is_class(getattr(layers, name, None), name)
    ]
    lines = [_ROOTS[name].format(keras=keras) for name in missing if name in _ROOTS]
    if keras == "keras":
        lines = [line.replace("import keras as keras", "import keras") for line in lines]
    if classes:
        through = "tf" in namespace and "keras" not in namespace and same_keras(namespace["tf"], namespace)
        package = "tensorflow.keras" if through else keras
        lines.append(f"from {package}.layers import {', '.join(sorted(classes))}")
    return "\n".join(lines) or None


def add_import(cell: Cell, line: str) -> Change:
    """The import at the top of the cell: after the imports there, else before the first statement.

    Raises
    ------
    CannotEdit
        The cell has no statement that stands there as it was typed.
    """
    tree = parse(cell.transformed)
    body = tree.body if tree is not None else []
    leading: ast.stmt | None = None
    for statement in body:
        documented = (
            statement is body[0]
            and isinstance(statement, ast.Expr)
            and isinstance(statement.value, ast.Constant)
        )
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            leading = statement
        elif not documented and not _is_magic(statement):
            break
    if leading is not None and leading.end_lineno is not None:
        row = cell.transformed.split("\n")[leading.end_lineno - 1]
        # `import a; import b` and a comment behind an import stay as they are.
        end = len(row.encode())
        return Change(leading.end_lineno, end, leading.end_lineno, end, "\n" + line)
    for statement in body:
        if not _is_magic(statement):
            return Change.before(statement, line)
    raise CannotEdit("the cell has no place for an import")


def _is_magic(statement: ast.stmt) -> bool:
    """A line that IPython rewrote, such as `%load_ext`."""
    call = statement.value if isinstance(statement, (ast.Expr, ast.Assign)) else None
    while isinstance(call, (ast.Call, ast.Attribute)):
        call = call.func if isinstance(call, ast.Call) else call.value
    return isinstance(call, ast.Name) and call.id == "get_ipython"
