"""Keep a Keras 3 model, and Keras itself, exactly as they were.

A failed first `fit` leaves half-built functions, stale dropout masks and `built` flags behind, so
that a correct `fit` on the same object fails afterwards. A shallow snapshot before the call,
rolled back after its failure, prevents that. Restoring is by attribute: every `__dict__` of the
model, its layers, trackers, losses, metrics and optimizer, and the containers in them.

Values of variables are kept too where asked (`values=True`); what that costs depends on the backend.
"""

from __future__ import annotations

import contextlib
import copy
import threading
from collections.abc import Iterator
from typing import Any

from rnnmagic.endings import shielded
from rnnmagic.frameworks.keras3.backends import Value
from rnnmagic.frameworks.keraslike.attributes import Attributes, container_kind
from rnnmagic.frameworks.keraslike.elsewhere import works_elsewhere
from rnnmagic.frameworks.randomness import RandomState
from rnnmagic.interrupts import Shield


def parts_of(model: Any) -> list[Any]:
    """The objects that a call on a model may change: layers, operations, losses, metrics…"""
    seen: dict[int, Any] = {}

    def add(item: Any) -> None:
        if item is not None and id(item) not in seen:
            seen[id(item)] = item

    for layer in model._flatten_layers():
        add(layer)
        add(getattr(layer, "_tracker", None))
        functional = getattr(layer, "_functional", None)
        add(functional)
        for generator in getattr(layer, "_seed_generators", ()) or ():
            add(generator)
        for source in (layer, functional):
            for operation in getattr(source, "_operations", None) or ():
                add(operation)
        # Cells and wrapped layers are layers, but not always in the layer list.
        for name in ("cell", "layer", "forward_layer", "backward_layer"):
            inner = layer.__dict__.get(name)
            add(inner if hasattr(inner, "__dict__") else None)
    for name in ("_compile_loss", "_compile_metrics", "_loss_tracker", "optimizer"):
        part = getattr(model, name, None)
        add(part)
        add(getattr(part, "_tracker", None))
    for metric in _metrics_of(model):
        add(metric)
        add(getattr(metric, "_tracker", None))
    return list(seen.values())


def _metrics_of(model: Any) -> list[Any]:
    found: list[Any] = []
    pending: list[Any] = [
        getattr(model.__dict__.get("_compile_metrics"), name, None)
        for name in ("_user_metrics", "_user_weighted_metrics")
    ]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            pending.extend(item.values())
        elif isinstance(item, (list, tuple)):
            pending.extend(item)
        elif hasattr(item, "update_state"):
            found.append(item)
    with contextlib.suppress(Exception):
        found.extend(model.metrics)
    return found


class Snapshot:
    """The state of one model (or layer) at one moment."""

    def __init__(self, model: Any, *, values: bool = False) -> None:
        self.model = model
        self._theirs = works_elsewhere(model)
        self._attributes = Attributes(parts_of(model) if hasattr(model, "_flatten_layers") else [model])
        self._values: list[Value] = _read_values(model) if values else []

    @shielded
    def roll_back(self) -> None:
        """Put everything back; safe to call more than once. What another thread works on is left to it."""
        if self._theirs or works_elsewhere(self.model):
            return
        self._attributes.roll_back()
        for value in self._values:
            with contextlib.suppress(Exception):
                value.put_back()


def _read_values(model: Any) -> list[Value]:
    values: list[Value] = []
    seen: set[int] = set()
    groups: list[Any] = [model]
    optimizer = getattr(model, "optimizer", None)
    if optimizer is not None:
        groups.append(optimizer)
    groups.append(getattr(model, "_loss_tracker", None))
    groups.extend(_metrics_of(model))
    # The states of a stateful RNN are in no layer's `variables`.
    layers = model._flatten_layers() if hasattr(model, "_flatten_layers") else ()
    groups.extend(layer for layer in layers if getattr(layer, "stateful", False))
    for group in groups:
        with contextlib.suppress(Exception):
            for variable in _variables_of(group):
                if id(variable) not in seen:
                    seen.add(id(variable))
                    with contextlib.suppress(Exception):
                        values.append(Value(variable))
    return values


def _variables_of(group: Any) -> list[Any]:
    from keras import tree

    states = tree.flatten(getattr(group, "states", None)) if getattr(group, "stateful", False) else []
    return [*group.variables, *(state for state in states if hasattr(state, "_value"))]


class GlobalState:
    """Keras's own global state: name counters, uninitialized variables, seed generator."""

    def __init__(self) -> None:
        from keras.src.backend.common import global_state

        self._tracker = global_state.GLOBAL_STATE_TRACKER.__dict__
        self._saved = {
            name: (value, copy.copy(value) if container_kind(value) else None)
            for name, value in self._tracker.items()
        }
        generator = self._tracker.get("global_seed_generator")
        self._seeds: list[Value] = []
        state = getattr(generator, "state", None)
        if state is not None:
            with contextlib.suppress(Exception):
                self._seeds.append(Value(state))

    @shielded
    def restore(self) -> None:
        self._tracker.clear()
        for name, (value, content) in self._saved.items():
            if content is not None:
                if issubclass(type(value), list):
                    value[:] = content
                else:
                    value.clear()
                    value.update(content)
            self._tracker[name] = value
        for value in self._seeds:
            with contextlib.suppress(Exception):
                value.put_back()


_sandbox_lock = threading.RLock()


@contextlib.contextmanager
def sandbox(models: list[Any] | None = None) -> Iterator[None]:
    """Try things on models without a trace: no weights are made, everything is rolled back.

    Variables that are created inside hold no values; assignments are not carried out.
    """
    import keras
    from keras.src.utils import traceback_utils

    with Shield("raise", stoppable=True), _sandbox_lock:
        randomness = RandomState()
        state = GlobalState()
        snapshots = [Snapshot(model) for model in models or []]
        filtering = traceback_utils.is_traceback_filtering_enabled()
        try:
            with _deferred_variables(), keras.StatelessScope(initialize_variables=False):
                # Unfiltered, the error of a dry run keeps its frames.
                keras.config.disable_traceback_filtering()
                yield
        finally:
            for snapshot in reversed(snapshots):
                snapshot.roll_back()
            if filtering:
                keras.config.enable_traceback_filtering()
            state.restore()
            randomness.restore()


@contextlib.contextmanager
def _deferred_variables() -> Iterator[None]:
    """Let variables with a given value be created in a stateless scope (states, iterations)."""
    from keras.src.backend.common import stateless_scope, variables

    # The name before Keras 3.7.
    variable: Any = getattr(variables, "Variable", None) or variables.KerasVariable
    original = variable.__init__
    home = threading.get_ident()

    def deferred(self: Any, initializer: Any, shape: Any = None, dtype: Any = None, **options: Any) -> None:
        if (
            threading.get_ident() == home
            and stateless_scope.in_stateless_scope()
            and not callable(initializer)
            and not isinstance(initializer, str)
        ):
            from keras.src import backend

            value = initializer
            shape = shape if shape is not None else tuple(getattr(value, "shape", ()))
            if dtype is None:
                kind = getattr(value, "dtype", None)
                if kind is not None:
                    dtype = backend.standardize_dtype(kind)
                elif isinstance(value, int) and not isinstance(value, bool):
                    dtype = "int32"

            def initializer(shape: Any, dtype: Any = None, value: Any = value) -> Any:
                return backend.convert_to_tensor(value, dtype=dtype)

        original(self, initializer, shape=shape, dtype=dtype, **options)

    variable.__init__ = deferred
    try:
        yield
    finally:
        variable.__init__ = original


def clear_dropout_masks(model: Any) -> None:
    """Drop masks that a failed RNN call left behind; they would fail the next, correct call."""
    layers = model._flatten_layers() if hasattr(model, "_flatten_layers") else [model]
    for layer in layers:
        for name in ("_dropout_mask", "_recurrent_dropout_mask"):
            if layer.__dict__.get(name) is not None:
                setattr(layer, name, None)


def registries() -> list[dict[str, Any]]:
    """Keras's tables of the user's classes, which a rehearsed class may be entered in."""
    from keras.src.saving import object_registration

    return [
        getattr(object_registration, name)
        for name in ("GLOBAL_CUSTOM_OBJECTS", "GLOBAL_CUSTOM_NAMES")
        if hasattr(object_registration, name)
    ]
