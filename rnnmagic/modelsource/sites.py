"""A place in a cell where a layer is made, and what the name called there stands for."""

from __future__ import annotations

import ast
import inspect
import sys
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import Any

from rnnmagic.cells import Cell

WRAPPERS = {"Bidirectional", "TimeDistributed", "Wrapper", "RNN", "StackedRNNCells", "SpectralNormalization"}
"""Layers whose first argument is a layer: the place of the inner one in a model is the wrapper's."""


@dataclass(frozen=True, eq=False)
class CallSite:
    """The call that made a layer, or that compiled a model."""

    cell: Cell
    call: ast.Call
    """In the tree of `cell.transformed` that `source.parse` returns."""
    target: Any = None
    """What is called: a class, or `keras.Input`; `None` if it could not be looked up."""
    layers: int = 1
    """How many layers of the model this one call made: more than one in a loop or a function."""
    uses: tuple[tuple[Cell, ast.Call], ...] = ()
    """Where the layer, once bound to a name, is applied (`lstm(x)`) or added (`model.add(lstm)`)."""

    @property
    def name(self) -> str:
        """`LSTM` of `keras.layers.LSTM(8)`: the class if it is known, else the last name written."""
        if isinstance(self.target, type):
            return self.target.__name__
        func = self.call.func
        return func.attr if isinstance(func, ast.Attribute) else ast.unparse(func)


def is_layer_class(thing: Any) -> bool:
    """Whether this is a class of layers (or models) of Keras 3, `tf.keras` or `tf_keras`."""
    if not isinstance(thing, type):
        return False
    return any(
        base.__name__ == "Layer" and str(base.__module__).split(".")[0] in ("keras", "tf_keras", "tensorflow")
        for base in thing.__mro__
    )


def is_library_class(thing: type) -> bool:
    return str(thing.__module__).split(".")[0] in ("keras", "tf_keras", "tensorflow")


def is_input_function(thing: Any) -> bool:
    """Whether this is `keras.Input`, which makes an InputLayer and returns its tensor."""
    return (
        callable(thing)
        and not isinstance(thing, type)
        and getattr(thing, "__name__", None) == "Input"
        and str(getattr(thing, "__module__", "")).split(".")[0] in ("keras", "tf_keras", "tensorflow")
    )


def parameters_of(target: Any) -> list[inspect.Parameter]:
    """The parameters of a call of this class or function, without `self`; none if they cannot be had."""
    if isinstance(target, type) and is_library_class(target):
        return _library_parameters(target)
    return _parameters(target)


@lru_cache(maxsize=256)
def _library_parameters(target: type) -> list[inspect.Parameter]:
    return _parameters(target)


def _parameters(target: Any) -> list[inspect.Parameter]:
    try:
        if isinstance(target, type):
            # Keras gives its classes a `__new__(cls, *args, **kwargs)`, which says nothing.
            return list(inspect.signature(target.__init__).parameters.values())[1:]  # type: ignore[misc]
        return list(inspect.signature(target).parameters.values())
    except (TypeError, ValueError, AttributeError):
        return []


def positional_name(target: Any, index: int) -> str | None:
    """The parameter that the positional argument number `index` means."""
    usual = [
        parameter.name
        for parameter in parameters_of(target)
        if parameter.kind in (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    ]
    return usual[index] if index < len(usual) else None


class NotThereError(Exception):
    """A name or attribute that cannot be had without side effects."""


def attribute(owner: Any, name: str) -> Any:
    """An attribute of a module, or one held in an object's own dictionary.

    Raises
    ------
    NotThereError
        It is neither.
    """
    if isinstance(owner, ModuleType):
        try:
            return getattr(owner, name)  # `tf.keras` is a lazy module: it answers only to getattr.
        except Exception as error:
            raise NotThereError(name) from error
    try:
        held = object.__getattribute__(owner, "__dict__")
    except AttributeError:
        held = None
    if held is not None and name in held and not isinstance(held[name], property):
        found = held[name]
        if not isinstance(found, (staticmethod, classmethod)):
            return found
    # The dimensions of an array or of a frame: what builder code reads most, and free to have.
    if name in ("shape", "ndim") and str(type(owner).__module__).split(".")[0] in (
        "numpy",
        "pandas",
        "tensorflow",
    ):
        try:
            found = getattr(owner, name)
            return tuple(found) if name == "shape" else found
        except Exception as error:
            raise NotThereError(name) from error
    raise NotThereError(name)


def imported(module: str | None) -> ModuleType | None:
    """A module that is loaded already; nothing is imported to look at it."""
    if not module:
        return None
    parts = module.split(".")
    found: Any = sys.modules.get(module)
    if found is None and parts[0] in sys.modules:
        found = sys.modules[parts[0]]
        for part in parts[1:]:
            try:
                found = attribute(found, part)
            except NotThereError:
                return None
    return found if isinstance(found, ModuleType) else None


def resolve(node: ast.expr, namespace: dict[str, Any]) -> Any:
    """What a dotted name stands for in the kernel, or `None`."""
    if isinstance(node, ast.Name):
        return namespace.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = resolve(node.value, namespace)
        if owner is None:
            return None
        try:
            return attribute(owner, node.attr)
        except NotThereError:
            return None
    return None
