"""Keep a tf_keras model, and tf_keras itself, exactly as they were.

As in Keras 3, a failed first `fit` leaves a traced function behind, for which a correct `fit` on the
same object then fails; and a dry run builds losses, metrics and layers. All of that is attributes.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator
from typing import Any

from rnnmagic.endings import shielded
from rnnmagic.frameworks.keraslike.attributes import Attributes
from rnnmagic.frameworks.keraslike.elsewhere import works_elsewhere
from rnnmagic.frameworks.randomness import RandomState
from rnnmagic.interrupts import Shield

_INSIDE = ("cell", "layer", "forward_layer", "backward_layer", "_random_generator", "_thread_local")
_OF_MODEL = ("compiled_loss", "compiled_metrics", "optimizer")
_COUNTERS = ("_train_counter", "_test_counter", "_predict_counter")


def parts_of(model: Any) -> list[Any]:
    """The objects that a call on a model may change: layers, losses, metrics, optimizer…"""
    seen: dict[int, Any] = {}
    pending: list[Any] = [model]
    while pending:
        part = pending.pop()
        if part is None or id(part) in seen or not hasattr(part, "__dict__"):
            continue
        seen[id(part)] = part
        if hasattr(part, "_flatten_layers"):
            pending.extend(part._flatten_layers())
        attributes = part.__dict__
        pending.extend(attributes.get(name) for name in (*_INSIDE, *_OF_MODEL, "inner_optimizer"))
        pending.extend(_compiled_parts(part))
        # They note that they have been used, and the seed that they drew.
        pending.extend(
            v for v in attributes.values() if type(v).__module__.startswith("tf_keras.src.initializers")
        )
    return list(seen.values())


def _compiled_parts(container: Any) -> list[Any]:
    """The losses and metrics in what `compile` made of them, as far as they are objects."""
    found: list[Any] = []
    names = (
        "_losses",
        "_user_losses",
        "_metrics",
        "_user_metrics",
        "_weighted_metrics",
        "_user_weighted_metrics",
    )
    if type(container).__name__ not in ("LossesContainer", "MetricsContainer"):
        return found
    pending = [container.__dict__.get(name) for name in (*names, "_total_loss_mean", "_per_output_metrics")]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            pending.extend(item.values())
        elif isinstance(item, (list, tuple)):
            pending.extend(item)
        elif hasattr(item, "__dict__") and not isinstance(item, type) and not hasattr(item, "__code__"):
            found.append(item)
    return found


class Snapshot:
    """The state of one model (or layer) at one moment."""

    def __init__(self, model: Any, *, values: bool = False) -> None:
        self.model = model
        self._theirs = works_elsewhere(model)
        parts = parts_of(model)
        self._attributes = Attributes(parts)
        self.holds_values = values
        self._values = _read_values(parts) if values else []

    @shielded
    def roll_back(self) -> None:
        """Put everything back; safe to call more than once. What another thread works on is left to it."""
        if self._theirs or works_elsewhere(self.model):
            return
        self._attributes.roll_back()
        for variable, value in self._values:
            with contextlib.suppress(Exception):
                variable.assign(value)


def _read_values(parts: list[Any]) -> list[tuple[Any, Any]]:
    """Variables and their values: a read shares the buffer until the variable is written."""
    import tensorflow

    values: list[tuple[Any, Any]] = []
    seen: set[int] = set()
    for part in parts:
        held: list[Any] = [part.__dict__.get(name) for name in _COUNTERS]
        for name in ("weights", "variables", "states"):
            if name == "states" and not getattr(part, "stateful", False):
                continue
            with contextlib.suppress(Exception):
                found = getattr(part, name, None)
                held.extend(tensorflow.nest.flatten(found() if callable(found) else found))
        for variable in held:
            if hasattr(variable, "assign") and hasattr(variable, "read_value") and id(variable) not in seen:
                seen.add(id(variable))
                with contextlib.suppress(Exception):
                    values.append((variable, variable.read_value()))
    return values


class GlobalState:
    """tf_keras's own global state: name counters, its graph, its seed generator."""

    def __init__(self) -> None:
        from tf_keras.src import backend

        self._names = {graph: dict(names) for graph, names in backend.PER_GRAPH_OBJECT_NAME_UIDS.items()}
        self._observed = set(backend.OBSERVED_NAMES)
        self._local = [
            (place.__dict__, dict(place.__dict__))
            for place in (backend._GRAPH, backend._SEED_GENERATOR, backend._CURRENT_SCRATCH_GRAPH)
        ]
        # `keras.utils.set_random_seed` makes one, which all seeds are drawn from.
        self._generator = getattr(backend._SEED_GENERATOR, "generator", None)
        self._drawn = None if self._generator is None else self._generator.getstate()

    @shielded
    def restore(self) -> None:
        from tf_keras.src import backend

        for graph in list(backend.PER_GRAPH_OBJECT_NAME_UIDS):
            names = backend.PER_GRAPH_OBJECT_NAME_UIDS[graph]
            names.clear()
            names.update(self._names.get(graph, {}))
        backend.OBSERVED_NAMES.clear()
        backend.OBSERVED_NAMES.update(self._observed)
        for place, content in self._local:
            place.clear()
            place.update(content)
        if self._generator is not None:
            self._generator.setstate(self._drawn)


_sandbox_lock = threading.RLock()


@contextlib.contextmanager
def sandbox(models: list[Any] | None = None) -> Iterator[None]:
    """Try things on models without a trace: no weights are made, everything is rolled back.

    Weights that are created inside hold no values, and take no memory.
    """
    import tensorflow

    with Shield("raise", stoppable=True), _sandbox_lock:
        randomness, state = RandomState(), GlobalState()
        snapshots = [Snapshot(model) for model in models or []]
        filtering = tensorflow.debugging.is_traceback_filtering_enabled()
        try:
            with _hollow_variables(), _quiet_logger():
                # Unfiltered, the error of a dry run keeps its frames.
                tensorflow.debugging.disable_traceback_filtering()
                yield
        finally:
            for snapshot in reversed(snapshots):
                snapshot.roll_back()
            if filtering:
                tensorflow.debugging.enable_traceback_filtering()
            state.restore()
            randomness.restore()


@contextlib.contextmanager
def _hollow_variables() -> Iterator[None]:
    """Let layers make their weights without a value: no memory is taken, no random number drawn."""
    from tensorflow.python.ops.resource_variable_ops import UninitializedVariable
    from tf_keras.src.engine import base_layer_utils

    original = base_layer_utils.make_variable
    home = threading.get_ident()

    def hollow(
        name: Any, shape: Any = None, dtype: Any = None, initializer: Any = None, **options: Any
    ) -> Any:
        if threading.get_ident() != home or shape is None or options.get("layout") is not None:
            return original(name, shape=shape, dtype=dtype, initializer=initializer, **options)
        # The original complains of a shape that is not fully known, and says so well.
        _, kind = base_layer_utils.infer_init_val_and_dtype(initializer, dtype, shape, None)
        import tensorflow

        full = tensorflow.TensorShape(shape)
        if not full.is_fully_defined():
            return original(name, shape=shape, dtype=dtype, initializer=initializer, **options)
        kept = {
            key: options[key]
            for key in ("trainable", "constraint", "synchronization", "aggregation")
            if key in options
        }
        return UninitializedVariable(shape=full, dtype=kind, name=name, **kept)

    base_layer_utils.make_variable = hollow
    try:
        yield
    finally:
        base_layer_utils.make_variable = original


@contextlib.contextmanager
def _quiet_logger() -> Iterator[None]:
    """TensorFlow warns of code that AutoGraph has no source of; in a trial nobody is to read that."""
    logger = logging.getLogger("tensorflow")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def registries() -> list[dict[str, Any]]:
    """tf_keras's tables of the user's classes, which a rehearsed class may be entered in."""
    from tf_keras.src.saving import object_registration

    return [
        getattr(object_registration, name)
        for name in ("_GLOBAL_CUSTOM_OBJECTS", "_GLOBAL_CUSTOM_NAMES")
        if hasattr(object_registration, name)
    ]
