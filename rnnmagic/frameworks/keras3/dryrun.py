"""Run a Keras 3 model on shapes alone: forward, loss and metrics, in milliseconds.

Arrays are stood for by symbolic tensors with a concrete batch size (Keras itself traces with an
unknown one, so that many errors surface only while the graph runs). A recurrent layer is stepped
once, not once per timestep; the verdict is the same and the cost independent of the length.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

from rnnmagic.frameworks.base import LayerStep, Nest, Outcome, Spec, shapes_in, stretched
from rnnmagic.frameworks.keras3.backends import run_on_shapes
from rnnmagic.frameworks.keras3.shortcuts import known_answers, one_step_rnn
from rnnmagic.frameworks.keras3.state import clear_dropout_masks
from rnnmagic.frameworks.keraslike.attributes import held_still
from rnnmagic.frameworks.keraslike.layerlog import LayerLog, first_argument
from rnnmagic.report import Shape
from rnnmagic.values import as_shape


def dry_run(
    model: Any,
    x: Nest,
    y: Nest = None,
    sample_weight: Nest = None,
    *,
    training: bool = True,
    loss: bool = True,
    kwargs: dict[str, Any] | None = None,
    exact: bool = False,
    begun: Callable[[], None] = lambda: None,
) -> Outcome:
    """One step of `model` on shapes, inside a `sandbox` that the caller opened.

    `exact` runs every layer as it is, each timestep included, which may take long. `begun` is called
    at the beginning of each try, of which there are two on torch.
    Returns an `Outcome`; never raises for a mistake of the user's.
    """
    outcome = Outcome(ok=False)
    phase = ["call"]

    def step(x: Any, y: Any, sample_weight: Any) -> Any:
        if loss and training and type(model).train_step is not _plain_train_step(model):
            _custom_step(model, x, y, sample_weight)
            return None
        options = dict(kwargs or {})
        if getattr(model, "_call_has_training_arg", False):
            options.setdefault("training", training)
        answer = model(x, **options)
        outcome.output = shapes_in(answer)
        if not loss:
            return answer
        phase[0] = "loss"
        model._compute_loss(x=x, y=y, y_pred=answer, sample_weight=sample_weight, training=training)
        phase[0] = "metric"
        model.compute_metrics(x, y, answer, sample_weight=sample_weight)
        return answer

    def begin() -> None:
        outcome.steps.clear()
        outcome.broadcasts.clear()
        outcome.output, phase[0] = None, "call"
        # Those of a try that failed would fail the next one.
        clear_dropout_masks(model)
        begun()

    with _shortcuts(model, exact), _logged_layers(model, outcome.steps), _loss_watch(outcome.broadcasts):
        try:
            run_on_shapes(step, (x, y, sample_weight), begin, gradients=training and loss)
        except Exception as error:
            outcome.error, outcome.phase = error, phase[0]
            return outcome
    outcome.ok = True
    return outcome


@contextlib.contextmanager
def _shortcuts(model: Any, exact: bool) -> Iterator[None]:
    import keras

    with contextlib.ExitStack() as stack:
        if not exact:
            stack.enter_context(one_step_rnn())
            if type(model).train_step is keras.Model.train_step:
                # A train_step of the user's may ask for gradients, which a stand-in has none of.
                stack.enter_context(known_answers())
        yield


def _plain_train_step(model: Any) -> Any:
    import keras

    return keras.Model.train_step


def _custom_step(model: Any, x: Any, y: Any, sample_weight: Any) -> None:
    """A user's own train_step, with the optimizer held still."""
    with held_still(model.optimizer, ("apply_gradients", "apply")):
        model.train_step((x, y) if sample_weight is None else (x, y, sample_weight))


@contextlib.contextmanager
def _logged_layers(model: Any, log: list[LayerStep]) -> Iterator[None]:
    """Note every layer called inside `model`, with the shapes that went in and came out."""
    import keras

    original = keras.Layer.__call__
    noted = LayerLog(log)
    home = threading.get_ident()

    def logged(self: Any, *args: Any, **options: Any) -> Any:
        if threading.get_ident() != home:
            return original(self, *args, **options)
        if isinstance(self, keras.Model) and (self is model or noted.depth == 0):
            return original(self, *args, **options)
        given, states = first_argument(args, options), options.get("initial_state")
        return noted.call(original, self, args, options, given=given, states=states)

    keras.Layer.__call__ = logged
    try:
        yield
    finally:
        keras.Layer.__call__ = original


@contextlib.contextmanager
def _loss_watch(broadcasts: list[tuple[Shape, Shape]]) -> Iterator[None]:
    """Note pairs of target and output that a loss stretches over one another without a word."""
    from keras.src.losses import losses

    original = losses.squeeze_or_expand_to_same_rank
    wrapper = losses.LossFunctionWrapper
    original_call = wrapper.call
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

    def watched(first: Any, second: Any, *args: Any, **options: Any) -> Any:
        pair = original(first, second, *args, **options)
        if threading.get_ident() != home:
            return pair
        one, two = as_shape(pair[0].shape), as_shape(pair[1].shape)
        # A sparse loss has a target of one axis less, and says so itself where it has not.
        sparse = bool(under_way) and "sparse" in under_way[-1]
        if under_way and not sparse and one is not None and two is not None and stretched(one, two):
            broadcasts.append((one, two))
        return pair

    losses.squeeze_or_expand_to_same_rank, wrapper.call = watched, called
    try:
        yield
    finally:
        losses.squeeze_or_expand_to_same_rank, wrapper.call = original, original_call


def call_on_shapes(layer: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """What a layer answers to arrays of these shapes: a structure of `Spec`. Raises what it raises."""
    import keras
    from keras.src import backend, tree

    def symbol(value: Any) -> Any:
        shape = getattr(value, "shape", None)
        if shape is None:
            return value
        return keras.KerasTensor(tuple(shape), dtype=backend.standardize_dtype(value.dtype))

    with one_step_rnn():
        answer = backend.compute_output_spec(
            layer, *tree.map_structure(symbol, list(args)), **tree.map_structure(symbol, options)
        )
    return tree.map_structure(lambda part: Spec(tuple(part.shape), part.dtype), answer)
