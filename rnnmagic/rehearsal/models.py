"""Calls on Keras models: tried on shapes, and answered with stand-ins."""

from __future__ import annotations

import ast
import contextlib
import inspect
import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnmagic import frameworks
from rnnmagic.endings import shielded
from rnnmagic.frameworks import is_layer, is_model
from rnnmagic.frameworks.base import map_specs
from rnnmagic.frameworks.keraslike import engine_of, sittings
from rnnmagic.frameworks.keraslike.attributes import Attributes
from rnnmagic.frameworks.keraslike.batching import can_be_batched
from rnnmagic.frameworks.keraslike.nodes import inputs_of_node, maker_of
from rnnmagic.rehearsal.ghost import LIMIT, Ghost, stand_in
from rnnmagic.rehearsal.safety import family
from rnnmagic.rehearsal.unknown import UNKNOWN, CallFails, CannotTell, Unknown, holds_unknown
from rnnmagic.rehearsal.verdict import TriedCall

if TYPE_CHECKING:
    from rnnmagic.rehearsal.invoke import Invoker

ENTRIES = ("fit", "evaluate", "predict", "train_on_batch", "test_on_batch", "predict_on_batch")
_SAID = frozenset(["verbose", "callbacks", "epochs", "initial_epoch", "shuffle", "return_dict"])
"""Arguments that do not decide whether the shapes fit."""


class History:
    """Stands for what `fit` gives back."""

    def __init__(self, model: Any, history: dict[str, list[float]], epochs: int) -> None:
        self.model = model
        self.history = history
        self.epoch = list(range(epochs))
        self.params: dict[str, Any] = {"verbose": 0, "epochs": epochs, "steps": 1}


class ModelCalls:
    """The calls of one rehearsal, and the state of the models they touch."""

    def __init__(self, invoker: Invoker) -> None:
        self.invoker = invoker
        self.tried: list[TriedCall] = []
        self.untried: list[str] = []
        self.stand_ins = 0
        self._snapshots: dict[int, Any] = {}
        self._values: dict[int, tuple[Any, Any]] = {}
        self._answers: dict[Any, Any] = {}
        self._kept: list[Any] = []

    # State

    def touch(self, value: Any, *, tried: bool = False) -> None:
        """Snapshot a live Keras object before anything can happen to it.

        `tried` says that it is only to be dry-run.
        """
        if not tried and not self.invoker.inside:
            sittings.disturb()
        if id(value) in self._snapshots or self.invoker.guard.is_fresh(value):
            return
        if family(type(value)) == "torch":
            # What the rehearsal sees of PyTorch's is a stand-in.
            return
        if is_symbolic(value):
            self._snapshots[id(value)] = None
            self._kept.append(value)
            for operation in _upstream(value):
                if id(operation) not in self._snapshots:
                    self._snapshots[id(operation)] = _snapshot(operation)
            return
        if not hasattr(value, "__dict__"):
            return
        self._snapshots[id(value)] = _snapshot(value)

    def keep_value(self, value: Any) -> None:
        """Keep what a live variable of TensorFlow's holds: anything may assign to it."""
        variable = getattr(value, "_state_var", value)  # that of a generator of random numbers
        if id(variable) in self._values or not hasattr(type(variable), "assign"):
            return
        self._values[id(variable)] = (variable, None)
        with contextlib.suppress(Exception):
            self._values[id(variable)] = (variable, variable.read_value())

    @shielded
    def roll_back(self) -> None:
        # The first last: an answer of `assign` is another object with the same value behind it.
        for variable, held in reversed(list(self._values.values())):
            if held is not None:
                with contextlib.suppress(Exception):
                    variable.assign(held)
        for snapshot in reversed(list(self._snapshots.values())):
            if snapshot is not None:
                snapshot.roll_back()

    # Calls

    def entry(self, model: Any, method: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """`fit`, `evaluate`, `predict` and their likes."""
        bound = inspect.signature(getattr(type(model), method)).bind(model, *args, **options)
        bound.apply_defaults()
        arguments = {name: value for name, value in bound.arguments.items() if name not in ("self", "kwargs")}
        for name in _SAID:
            if holds_unknown(arguments.get(name)):
                arguments[name] = inspect.signature(getattr(type(model), method)).parameters[name].default
        if any(holds_unknown(value) for value in arguments.values()):
            return self._not_tried(method, "an argument is not known")
        outputs = self._try(model, method, arguments)
        if outputs is _NO_ANSWER:
            return UNKNOWN
        return self._answer(model, method, arguments, outputs)

    def call_layer(self, layer: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """A layer or model called directly, on symbolic tensors (building a network) or on arrays."""
        values = [*args, *options.values()]
        if holds_unknown(values):
            if is_model(layer):
                return self._not_tried("__call__", "an argument is not known")
            self.invoker.note(f"{type(layer).__name__}()")
            return UNKNOWN
        symbolic = any(_holds_symbolic(value) for value in values)
        self.touch(layer, tried=is_model(layer) and not symbolic)
        for value in values:
            for part in value if isinstance(value, (list, tuple)) else [value]:
                if is_symbolic(part):
                    self.touch(part)
        if self.invoker.inside or symbolic:
            return layer(*args, **options)
        if not is_model(layer):
            return self._eager_layer(layer, args, options)
        if len(args) > 1:
            return self._not_tried("__call__", "more than one positional argument")
        arguments = ({"inputs": args[0]} if args else {}) | options
        outputs = self._try(layer, "__call__", arguments)
        if outputs is _NO_ANSWER:
            return UNKNOWN
        framework = frameworks.of(layer)
        return _map_shapes(outputs, lambda shape: _tensor(framework, shape))

    def _try(self, model: Any, method: str, arguments: dict[str, Any]) -> Any:
        key = (id(model), method, self.invoker.version, *(_key(k, v) for k, v in sorted(arguments.items())))
        if key in self._answers:
            return self._answers[key]
        self._kept.append((model, arguments))
        self.touch(model, tried=True)
        self.stand_ins += 1
        with self._inside():
            framework = frameworks.of(model)
            assert framework is not None, "only models of a framework come here"
            trial = framework.try_call(model, method, arguments, open_sandbox=False)
        if not trial.known:
            self.untried.append(f"{method}: {trial.reason}")
            self._answers[key] = _NO_ANSWER
            return _NO_ANSWER
        self.tried.append(TriedCall(method, trial.ok))
        if not trial.ok:
            raise CallFails(f"{method}: {trial.reason}", trial.error)
        self._check_batches(method, arguments)
        self._answers[key] = trial.outputs
        return trial.outputs

    def _check_batches(self, method: str, arguments: dict[str, Any]) -> None:
        """A shape may fit whose batches cannot be made: `batch()` of elements of unequal size."""
        for name in ("x", "validation_data"):
            value = arguments.get(name)
            if family(type(value)) != "dataset":
                continue
            answer = can_be_batched(value)
            if answer is False:
                raise CallFails(f"{method}: batch() of elements of unequal size in {name}")
            if answer is None:
                self.untried.append(f"{method}: whether all elements in {name} are of one size is not known")

    @contextlib.contextmanager
    def _inside(self) -> Iterator[None]:
        self.invoker.inside += 1
        try:
            yield
        finally:
            self.invoker.inside -= 1

    def _not_tried(self, method: str, why: str) -> Unknown:
        self.untried.append(f"{method} could not be tried: {why}")
        return UNKNOWN

    def _eager_layer(self, layer: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """A layer on arrays: its answer's shape, and the error it would raise."""
        framework = frameworks.of(layer)
        assert framework is not None, "only layers of a framework come here"
        self.stand_ins += 1
        with self._inside():
            answer = framework.call_on_shapes(layer, args, options)
        return map_specs(lambda spec: _tensor(framework, spec.shape, spec.dtype), answer)

    # Weights: their shapes only

    def weights_of(self, layer: Any) -> Any:
        self.stand_ins += 1
        return self.invoker.guard.fresh([stand_in(tuple(v.shape), v.dtype) for v in layer.weights])

    def set_weights(self, layer: Any, args: tuple[Any, ...]) -> None:
        if not args or holds_unknown(args) or not isinstance(args[0], (list, tuple)):
            raise CannotTell("weights that are not known")
        wanted = [tuple(v.shape) for v in layer.weights]
        given = [tuple(np.shape(value)) for value in args[0]]
        if wanted != given:
            raise ValueError(f"set_weights: the layer has weights of shapes {wanted}, given are {given}")

    # Answers

    def _answer(self, model: Any, method: str, arguments: dict[str, Any], outputs: Any) -> Any:
        if method in ("predict", "predict_on_batch"):
            if outputs is None:
                return UNKNOWN
            return _map_shapes(outputs, stand_in)
        names = _metric_names(model)
        if method == "fit":
            epochs = arguments.get("epochs")
            first = arguments.get("initial_epoch") or 0
            count = max(0, min(int(epochs if isinstance(epochs, int) else 1) - int(first), 10_000))
            held = arguments.get("validation_data") is not None or bool(arguments.get("validation_split"))
            keys = [*(names or ["loss"]), *(f"val_{name}" for name in (names or ["loss"]) if held)]
            return History(model, {key: [0.0] * count for key in keys}, count)
        if names is None:
            return UNKNOWN
        if arguments.get("return_dict"):
            return dict.fromkeys(names, 0.0)
        return [0.0] * len(names) if len(names) > 1 else 0.0


_NO_ANSWER = object()


def _snapshot(value: Any) -> Any:
    """Of a model or layer by its framework; of another object, an optimizer say, its attributes."""
    framework = frameworks.of(value)
    if framework is not None:
        return framework.snapshot(value)
    return Attributes([value, getattr(value, "_tracker", None)])


def is_symbolic(value: Any) -> bool:
    return any(base.__name__ == "KerasTensor" for base in type(value).__mro__)


def _holds_symbolic(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(_holds_symbolic(part) for part in value[:100])
    if isinstance(value, dict):
        return any(_holds_symbolic(part) for part in value.values())
    return is_symbolic(value)


def _upstream(tensor: Any) -> list[Any]:
    """The operations that a symbolic tensor comes from: a new layer on it makes links to them."""
    found: dict[int, Any] = {}
    pending = [tensor]
    while pending:
        operation = maker_of(pending.pop())
        if operation is None or id(operation) in found:
            continue
        found[id(operation)] = operation
        for node in getattr(operation, "_inbound_nodes", ()):
            pending.extend(inputs_of_node(node))
    return list(found.values())


def _key(name: str, value: Any) -> Any:
    """What of an argument decides over the verdict."""
    if name in _SAID and name not in ("epochs", "initial_epoch", "return_dict"):
        return name
    if type(value) in (int, float, str, bool, type(None)):
        return name, value
    if isinstance(value, (list, tuple)) and len(value) <= 64:
        return name, type(value).__name__, tuple(_key("", item) for item in value)
    shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", None)
    if shape is not None and dtype is not None and str(dtype) != "object":
        return (
            name,
            type(value).__name__ if not isinstance(value, Ghost) else "ndarray",
            tuple(shape),
            str(dtype),
        )
    return name, id(value)


def _map_shapes(shapes: Any, make: Callable[..., Any]) -> Any:
    if shapes is None:
        return UNKNOWN
    if isinstance(shapes, tuple):
        return make(shapes) if all(isinstance(n, int) for n in shapes) else UNKNOWN
    if isinstance(shapes, dict):
        return {key: _map_shapes(value, make) for key, value in shapes.items()}
    return [_map_shapes(value, make) for value in shapes]


def _tensor(framework: Any, shape: tuple[int | None, ...], dtype: str = "float32") -> Any:
    """Zeros as the framework has them, or a ghost."""
    sizes = tuple(int(n or 1) for n in shape)
    return framework.zeros(sizes, dtype) if math.prod(sizes) <= LIMIT else stand_in(sizes, dtype)


def _metric_names(model: Any) -> list[str] | None:
    """Names in the order of `evaluate`'s answer; None where they depend on the outputs."""
    outputs, compiled = engine_of(model).compiled(model)
    loss = getattr(outputs, "_user_loss", None) or getattr(outputs, "_user_losses", None)
    if isinstance(loss, (list, tuple, dict)) or isinstance(getattr(model, "output", None), (list, dict)):
        return None
    names = ["loss"]
    for group in ("_user_metrics", "_user_weighted_metrics"):
        metrics = getattr(compiled, group, None) or []
        if isinstance(metrics, dict) or not isinstance(metrics, (list, tuple)):
            return None
        for metric in metrics:
            if isinstance(metric, (list, tuple, dict)):
                return None
            name = metric if isinstance(metric, str) else getattr(metric, "name", None)
            names.append(str(name if name is not None else getattr(metric, "__name__", "metric")))
    return names


def may_call_models(node: ast.AST, namespace: dict[str, Any]) -> bool:
    """Whether there is, or may be, a call on a model in code that was not run."""
    import types

    for part in ast.walk(node):
        if not isinstance(part, ast.Call):
            continue
        if isinstance(part.func, ast.Attribute):
            if part.func.attr in ENTRIES or part.func.attr in ("run_cell_magic", "backward"):
                return True
            if part.func.attr == "run_line_magic" and any(word in ast.dump(part) for word in ENTRIES):
                return True
        elif isinstance(part.func, ast.Name):
            value = namespace.get(part.func.id)
            if value is UNKNOWN or is_layer(value):
                return True
            if isinstance(value, types.FunctionType) and value.__globals__ is namespace:
                return True
    return False
