"""What the models among the variables say about the arrays: meaning of axes, match and mismatch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from rnnmagic.axes import INPUT_ROLES, TARGET_ROLES, UNKNOWN, axes_of, role_of_name
from rnnmagic.report import Shape
from rnnmagic.shapes.rows import Fit
from rnnmagic.values import as_shape, class_name, describe, is_from, variables

NAMES_AT_MOST = 20_000
"""Further variables are not looked at when none is asked for by name."""
MODELS_AT_MOST = 20
"""Arrays are held against so many models."""
_PLAIN = (bool, int, float, complex, str, bytes, type(None), type, ModuleType)
_PLAIN_NAMES = frozenset({"function", "builtin_function_or_method", "method", "generator", "coroutine"})


class Hints:
    """What the other variables tell about an array's axes: models that want it, partners in length."""

    def __init__(self, namespace: Mapping[str, Any], names: Iterable[str]) -> None:
        self.inputs: list[Shape] = []
        self.outputs: list[Shape] = []
        self.samples: set[int] = set()
        self.models: list[_Model] = []
        for name in dict.fromkeys([*(name for name, _ in variables(namespace)[:NAMES_AT_MOST]), *names]):
            if name.startswith("_"):
                continue
            value = namespace.get(name)
            if not is_plain(value) and is_keras_model(value):
                takes, gives = _attribute_shape(value, "input_shape"), _attribute_shape(value, "output_shape")
                self._add(self.inputs, takes)
                self._add(self.outputs, gives)
                if len(self.models) < MODELS_AT_MOST:
                    self.models.append(_Model(name, takes, gives, _takes_class_numbers(value)))
        for name in names:
            if role_of_name(name) in INPUT_ROLES | TARGET_ROLES:
                shape = describe(namespace[name]).shape
                if shape and shape[0] is not None:
                    self.samples.add(shape[0])

    @staticmethod
    def _add(shapes: list[Shape], shape: Shape | None) -> None:
        if shape is not None and shape not in shapes:
            shapes.append(shape)

    def axes(self, name: str, shape: Shape) -> tuple[str, ...]:
        role = role_of_name(name)
        if role in INPUT_ROLES:
            return axes_of(shape, role=role, wanted=_only(self.inputs))
        if role in TARGET_ROLES:
            return axes_of(shape, role=role, wanted=_only(self.outputs))
        if role is not None:
            return axes_of(shape, role=role)
        fitting = [want for want in self.inputs if _fits_exactly(shape, want)]
        if fitting:
            return axes_of(shape, role="x", wanted=fitting[0])
        if shape and shape[0] is not None and shape[0] > 1 and shape[0] in self.samples:
            return ("samples",) + (UNKNOWN,) * (len(shape) - 1)
        return (UNKNOWN,) * len(shape)

    def fits(self, name: str, shape: Shape) -> tuple[Fit, ...]:
        """What each model wants of this array, where its name or its sizes say that it is meant for one."""
        role = role_of_name(name)
        found: list[Fit] = []
        for model in self.models:
            if role in TARGET_ROLES:
                if model.gives is not None:
                    found.append(Fit(model.name, sizes(model.gives), model.takes_target(shape)))
            elif model.takes is not None:
                ok = _agrees(shape, model.takes)
                if role in INPUT_ROLES or (role is None and _fits_exactly(shape, model.takes)):
                    found.append(Fit(model.name, sizes(model.takes), ok))
        return tuple(found)


@dataclass(frozen=True)
class _Model:
    """A model by its variable: the shapes that it takes and gives, and whether its loss wants class numbers."""

    name: str
    takes: Shape | None
    gives: Shape | None
    class_numbers: bool

    def takes_target(self, shape: Shape) -> bool:
        """Whether Keras trains on this target as it is meant, without stretching one over the other."""
        gives = self.gives
        if gives is None:
            return False
        if self.class_numbers:
            # One number a prediction; Keras takes a last axis of size one away.
            gives = gives[:-1]
            return _agrees(shape, gives) or _agrees(shape, (*gives, 1))
        # Keras gives (N,) the missing last axis, and takes it away again.
        return _agrees(shape, gives) or (len(gives) == 2 and gives[-1] == 1 and len(shape) == 1)


def _takes_class_numbers(model: Any) -> bool:
    try:
        loss = model.loss
        name = loss if isinstance(loss, str) else getattr(loss, "name", None) or getattr(loss, "__name__", "")
    except Exception:  # a model that is not compiled, or of another make
        return False
    return isinstance(name, str) and "sparse" in name.lower()


def _agrees(shape: Shape, wanted: Shape) -> bool:
    return len(shape) == len(wanted) and all(
        want is None or have is None or have == want for have, want in zip(shape, wanted, strict=True)
    )


def _only(shapes: list[Shape]) -> Shape | None:
    """Several models with different wishes tell nothing about one array."""
    return shapes[0] if len(shapes) == 1 else None


def _fits_exactly(shape: Shape, wanted: Shape) -> bool:
    """Whether the sizes that the model names are those of the array; a model that names none proves nothing."""
    if len(shape) != len(wanted) or len(wanted) < 2 or all(size is None for size in wanted[1:]):
        return False
    return all(want is None or have == want for have, want in zip(shape, wanted, strict=True))


def is_keras_model(value: object) -> bool:
    return any(is_from(value, package, "Model") for package in ("keras", "tf_keras"))


def _attribute_shape(value: object, attribute: str) -> Shape | None:
    try:
        return as_shape(getattr(value, attribute))
    except Exception:  # a model that is not built has none, and says so by raising
        return None


def sizes(shape: Shape) -> str:
    inner = ", ".join(UNKNOWN if size is None else str(size) for size in shape)
    return f"({inner},)" if len(shape) == 1 else f"({inner})"


def is_plain(value: object) -> bool:
    """Whether a value has no shape by its type; the type is asked, never the value."""
    kind = type(value)
    return issubclass(kind, _PLAIN) or class_name(value) in _PLAIN_NAMES
