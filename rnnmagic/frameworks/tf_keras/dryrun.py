"""Run a tf_keras model on shapes alone: forward, loss and metrics, in a graph that is never run.

Arrays are stood for by placeholders with a concrete batch size (tf_keras itself traces with an
unknown one, so that many errors surface only while the graph runs).
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

from rnnmagic.frameworks.base import Batch, LayerStep, Outcome, Spec, map_specs, shapes_in
from rnnmagic.frameworks.keraslike.attributes import held_still
from rnnmagic.frameworks.keraslike.layerlog import LayerLog, first_argument
from rnnmagic.frameworks.tf_keras.shortcuts import one_step_rnn
from rnnmagic.report import Shape
from rnnmagic.values import as_shape


def dry_run(model: Any, batch: Batch, *, exact: bool = False) -> Outcome:
    """One step of `model` on shapes, inside a `sandbox` that the caller opened.

    `exact` runs every layer as it is, each timestep included. Never raises for a mistake of the
    user's.
    """
    outcome = Outcome(ok=False)
    phase = ["call"]
    with _scratch_graph(), contextlib.ExitStack() as stack:
        if not exact:
            stack.enter_context(one_step_rnn())
        stack.enter_context(_logged_layers(model, outcome.steps))
        stack.enter_context(_loss_watch(outcome.broadcasts))
        try:
            _step(model, batch, outcome, phase)
        except Exception as error:
            outcome.error, outcome.phase = error, phase[0]
            return outcome
    outcome.ok = True
    return outcome


def _step(model: Any, batch: Batch, outcome: Outcome, phase: list[str]) -> None:
    from tf_keras.src.engine.training import Model

    x, y, weight = (
        map_specs(_placeholder, _as_passed(part)) for part in (batch.x, batch.y, batch.sample_weight)
    )
    if batch.loss and batch.training and type(model).train_step is not Model.train_step:
        _custom_step(model, (x, y) if weight is None else (x, y, weight))
        return
    _build_as_fit_would(model, batch)
    options = dict(batch.kwargs)
    if model._call_spec.expects_training_arg:
        options.setdefault("training", batch.training)
    answer = model(x, **options)
    outcome.output = shapes_in(answer)
    if not batch.loss:
        return
    phase[0] = "loss"
    loss = model.compute_loss(x, y, answer, weight)
    if batch.training:
        model._validate_target_and_loss(y, loss)
    phase[0] = "metric"
    model.compute_metrics(x, y, answer, weight)


def _as_passed(nest: Any) -> Any:
    """tf_keras makes tuples of lists, for tf.data."""
    if isinstance(nest, (list, tuple)):
        return tuple(_as_passed(item) for item in nest)
    if isinstance(nest, dict):
        return {key: _as_passed(item) for key, item in nest.items()}
    return nest


def _placeholder(spec: Spec) -> Any:
    import tensorflow

    return tensorflow.compat.v1.placeholder(spec.dtype, spec.shape)


def _build_as_fit_would(model: Any, batch: Batch) -> None:
    """A Sequential with no declared input learns its shape from the first batch.

    That of `fit` has a batch axis of unknown size, which a stateful layer does not take.
    """
    stateful = any(getattr(layer, "stateful", False) for layer in model._flatten_layers(include_self=False))
    if (
        stateful
        and batch.part != "call"
        and isinstance(batch.x, Spec)
        and hasattr(model, "_build_graph_network_for_inferred_shape")
    ):
        if not model.built and not model._has_explicit_input_shape:
            model._build_graph_network_for_inferred_shape((None, *batch.x.shape[1:]), batch.x.dtype)


@contextlib.contextmanager
def _scratch_graph() -> Iterator[None]:
    """A graph of its own, in which code of the user's is converted as `fit` would have it."""
    import tensorflow
    from tensorflow.python.autograph.core import ag_ctx, converter

    options = converter.ConversionOptions(recursive=True, user_requested=True)
    graph = tensorflow.__internal__.FuncGraph("trial")
    with graph.as_default(), ag_ctx.ControlStatusCtx(ag_ctx.Status.ENABLED, options):
        yield


def _custom_step(model: Any, data: Any) -> None:
    """A user's own train_step, with the optimizer held still."""
    import tensorflow
    from tensorflow.python.autograph.core import ag_ctx

    with held_still(model.optimizer, ("apply_gradients", "minimize")):
        convert = tensorflow.__internal__.autograph.tf_convert
        convert(model.train_step, ag_ctx.control_status_ctx())(data)


def call_on_shapes(layer: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """What a layer answers to arrays of these shapes: a structure of `Spec`. Raises what it raises."""
    import tensorflow

    def symbol(value: Any) -> Any:
        shape = getattr(value, "shape", None)
        if shape is None or not hasattr(value, "dtype"):
            return value
        return tensorflow.compat.v1.placeholder(tensorflow.as_dtype(value.dtype), tuple(shape))

    with _scratch_graph(), one_step_rnn():
        answer = layer(
            *tensorflow.nest.map_structure(symbol, list(args)),
            **tensorflow.nest.map_structure(symbol, options),
        )
    return tensorflow.nest.map_structure(
        lambda part: Spec(as_shape(part.shape) or (), part.dtype.name), answer
    )


@contextlib.contextmanager
def _logged_layers(model: Any, log: list[LayerStep]) -> Iterator[None]:
    """Note every layer called inside `model`, with the shapes that went in and came out."""
    from tf_keras.src.engine import base_layer, training
    from tf_keras.src.metrics import base_metric

    original = base_layer.Layer.__call__
    noted = LayerLog(log)
    home = threading.get_ident()

    def logged(self: Any, *args: Any, **options: Any) -> Any:
        if threading.get_ident() != home:
            return original(self, *args, **options)
        first = first_argument(args, options)
        aside = isinstance(self, base_metric.Metric) or _symbolic(first)
        if aside or (isinstance(self, training.Model) and (self is model or noted.depth == 0)):
            return original(self, *args, **options)
        states = options.get("initial_state")
        if isinstance(first, (list, tuple)) and first and states is None and _recurrent(self):
            first, states = first[0], list(first[1:])
        return noted.call(original, self, args, options, given=first, states=states)

    base_layer.Layer.__call__ = logged
    try:
        yield
    finally:
        base_layer.Layer.__call__ = original


def _symbolic(value: Any) -> bool:
    """Whether a network is being built: a Sequential does that on its first call, and then calls it."""
    if isinstance(value, (list, tuple)):
        return any(_symbolic(item) for item in value)
    return any(base.__name__ == "KerasTensor" for base in type(value).__mro__)


def _recurrent(layer: Any) -> bool:
    from rnnmagic.frameworks.wanted import is_rnn

    return is_rnn(layer)


@contextlib.contextmanager
def _loss_watch(broadcasts: list[tuple[Shape, Shape]]) -> Iterator[None]:
    """Note pairs of target and output that a loss stretches over one another without a word."""
    from tf_keras.src.losses import LossFunctionWrapper
    from tf_keras.src.utils import losses_utils

    from rnnmagic.frameworks.base import stretched

    original, original_call = losses_utils.squeeze_or_expand_dimensions, LossFunctionWrapper.call
    under_way: list[str] = []
    home = threading.get_ident()

    def called(self: Any, y_true: Any, y_pred: Any) -> Any:
        if threading.get_ident() != home:
            return original_call(self, y_true, y_pred)
        under_way.append(getattr(self.fn, "__name__", ""))
        try:
            return original_call(self, y_true, y_pred)
        finally:
            under_way.pop()

    def watched(y_pred: Any, y_true: Any = None, sample_weight: Any = None) -> Any:
        answer = original(y_pred, y_true, sample_weight)
        # A sparse loss has a target of one axis less, and says so itself where it has not.
        if (
            threading.get_ident() == home
            and under_way
            and y_true is not None
            and "sparse" not in under_way[-1]
        ):
            output, target = as_shape(answer[0].shape), as_shape(answer[1].shape)
            if target is not None and output is not None and stretched(target, output):
                broadcasts.append((target, output))
        return answer

    losses_utils.squeeze_or_expand_dimensions, LossFunctionWrapper.call = watched, called
    try:
        yield
    finally:
        losses_utils.squeeze_or_expand_dimensions, LossFunctionWrapper.call = original, original_call
