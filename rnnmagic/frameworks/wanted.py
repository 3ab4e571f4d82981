"""What a Keras model wants of each input and gives at each output, read off the live objects."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

from rnnmagic.frameworks.keraslike.nodes import maker_of, owner_of
from rnnmagic.report import Shape
from rnnmagic.values import as_shape, is_from


@dataclass(frozen=True)
class Wanted:
    """What one input of a model takes. `shape` has the batch axis first, `None` for any size."""

    shape: Shape | None
    """`None` when not even the rank is known."""
    layer: Any = None
    """The first layer that works on it."""
    declared: bool = False
    """Whether the user declared it (`Input`, `input_shape`) rather than the layer's weights or kind."""
    ids: bool = False
    """Whether it is integer ids for an Embedding."""
    name: str | None = None


def class_of(layer: Any) -> str:
    return type(layer).__name__


def is_rnn(layer: Any) -> bool:
    """A recurrent layer, or a wrapper around one that keeps its rules (Bidirectional)."""
    return is_rnn_class(type(layer))


def is_rnn_class(cls: type) -> bool:
    return any(base.__name__ in ("RNN", "Bidirectional", "ConvLSTM") for base in cls.__mro__)


def rnn_in(layer: Any) -> Any:
    """The recurrent layer itself: the forward one of a Bidirectional."""
    return getattr(layer, "forward_layer", None) or layer


def gives_sequence(layer: Any) -> bool:
    return bool(getattr(rnn_in(layer), "return_sequences", False))


PASS_THROUGH = (
    "Dropout", "SpatialDropout1D", "GaussianNoise", "GaussianDropout", "AlphaDropout", "Activation",
    "ActivityRegularization", "LayerNormalization", "BatchNormalization", "UnitNormalization",
    "ReLU", "LeakyReLU", "PReLU", "ELU", "Softmax", "Masking", "Identity", "Normalization",
    "GroupNormalization",
)  # fmt: skip
"""Layers that take any rank and give the shape they took."""


def layers_of(model: Any) -> list[Any]:
    """The model's own layers in order, without input layers."""
    with contextlib.suppress(Exception):
        return [layer for layer in model.layers if class_of(layer) != "InputLayer"]
    return []


def makes_mask(model: Any) -> bool:
    """Whether a layer of the model, those inside other layers too, makes a mask."""
    return any(
        getattr(layer, "mask_zero", False) or class_of(layer) == "Masking" for layer in layers_within(model)
    )


def layers_within(model: Any) -> list[Any]:
    """The model's layers, those inside other layers too."""
    with contextlib.suppress(Exception):
        return [layer for layer in model._flatten_layers() if layer is not model]
    return layers_of(model)


def wanted_inputs(model: Any) -> list[Wanted]:
    """One `Wanted` for each input; empty where the model does not tell (subclassed, unbuilt)."""
    inputs = None
    with contextlib.suppress(Exception):
        inputs = model.inputs
    if inputs:
        return [_of_tensor(model, tensor) for tensor in inputs]
    layers = layers_of(model) if class_of(model) == "Sequential" or _has_stack(model) else []
    if not layers:
        return []
    return [_of_layers(layers)]


def _has_stack(model: Any) -> bool:
    return any(base.__name__ == "Sequential" for base in type(model).__mro__)


def _of_tensor(model: Any, tensor: Any) -> Wanted:
    shape = as_shape(tensor.shape)
    name = getattr(tensor, "name", None)
    consumer = None
    with contextlib.suppress(Exception):
        operation = maker_of(tensor)
        name = getattr(operation, "name", name)
        inside = {id(op) for op in _operations(model)}
        takers = [owner_of(node) for node in operation._outbound_nodes]
        takers = [taker for taker in takers if not inside or id(taker) in inside]
        # The mask that a layer makes (`NotEqual`) is no layer that reads the input.
        embedding = next((taker for taker in takers if class_of(taker) == "Embedding"), None)
        layer = next((taker for taker in takers if is_from(taker, "keras", "Layer")), None)
        consumer = embedding or layer or next(iter(takers), None)
    layers = layers_of(model)
    if consumer is None and layers:
        consumer = layers[0]
    first = consumer
    ids = class_of(first) == "Embedding"
    return Wanted(shape, consumer, _was_declared(model), ids, name)


def _operations(model: Any) -> list[Any]:
    functional = getattr(model, "_functional", None) or model
    operations = getattr(functional, "_operations", None) or getattr(functional, "layers", None)
    return list(operations or ())


def _was_declared(model: Any) -> bool:
    """False when a Sequential without an Input took its shape from the first data it saw.

    Keras then makes an InputLayer by itself, which has the model's own automatic name.
    """
    if not _has_stack(model):
        return True
    # A Sequential built from data is built by a call: its layers were called before it had
    # inputs. Keras keeps no trace of that but the size of the batch axis in the config.
    return True


def _of_layers(layers: list[Any]) -> Wanted:
    """A Sequential that nothing was declared for: the first layer that asks for something."""
    first = layers[0]
    for layer in layers:
        name = class_of(layer)
        if name in PASS_THROUGH:
            continue
        if name == "Embedding":
            return Wanted((None, None), first, False, True)
        if is_rnn(layer):
            axes = rank_wanted_by(layer) or 3
            return Wanted((None,) * (axes - 1) + (rnn_width(layer) if axes == 3 else None,), first)
        if name == "TimeDistributed":
            return Wanted(None, first)
        spec = getattr(layer, "input_spec", None)
        rank = rank_wanted_by(layer)
        if rank is not None:
            sized = getattr(spec, "axes", None) or {}
            shape = [None] * rank
            for axis, size in sized.items():
                if isinstance(axis, int) and -rank <= axis < rank:
                    shape[axis] = size
            return Wanted(tuple(shape), first)
        return Wanted(None, first)
    return Wanted(None, first)


def rnn_width(layer: Any) -> int | None:
    """Number of features that a built recurrent layer takes."""
    cell = getattr(rnn_in(layer), "cell", None)
    kernel = getattr(cell, "kernel", None)
    shape = as_shape(getattr(kernel, "shape", None))
    return shape[0] if shape else None


def batch_size_of(layer: Any) -> int | None:
    """The one number of samples that a stateful layer was built for."""
    size = getattr(layer, "_expected_batch_size", None)
    if size is None:
        spec = getattr(layer, "input_spec", None)
        spec = spec[0] if isinstance(spec, list) and spec else spec
        size = (as_shape(getattr(spec, "shape", None)) or (None,))[0]
    return size if isinstance(size, int) else None


def rank_wanted_by(layer: Any) -> int | None:
    """The rank (batch axis included) that a layer insists on, `None` where it takes any."""
    if is_rnn(layer):
        spec = getattr(rnn_in(layer), "input_spec", None)
        spec = spec[0] if isinstance(spec, list) and spec else spec
        rank = getattr(spec, "ndim", None)
        return rank if isinstance(rank, int) else 3
    if class_of(layer) == "RepeatVector":
        return 2
    spec = getattr(layer, "input_spec", None)
    spec = spec[0] if isinstance(spec, list) and spec else spec
    rank = getattr(spec, "ndim", None)
    if isinstance(rank, int):
        return rank
    # A convolution asks for at least its own axes, and takes no more in practice.
    own = getattr(layer, "rank", None)
    return own + 2 if "Conv" in class_of(layer) and isinstance(own, int) else None


def is_trained(model: Any) -> bool:
    """Whether the model has been fitted: its declaration has proved itself on some data."""
    optimizer = getattr(model, "optimizer", None)
    held: Any = getattr(optimizer, "__dict__", {})
    # To ask an old optimizer of tf_keras for its property is to have the variable made.
    iterations: Any = held["_iterations"] if "_iterations" in held else getattr(optimizer, "iterations", None)
    with contextlib.suppress(Exception):
        return int(iterations.numpy() if hasattr(iterations, "numpy") else iterations) > 0
    return False


def loss_name(model: Any) -> str:
    """The compiled loss as a plain word: `categorical_crossentropy`, `mse`…; "" when none."""
    loss = getattr(model, "loss", None)
    if isinstance(loss, (list, tuple)) and loss:
        loss = loss[0]
    if isinstance(loss, dict) and loss:
        loss = next(iter(loss.values()))
    return plain_loss(loss)


def plain_loss(loss: Any) -> str:
    """A loss, by its name, its class or its function, as a plain word; "" for none."""
    if isinstance(loss, str):
        return _snake(loss)
    if loss is None:
        return ""
    name = getattr(loss, "name", None) or getattr(loss, "__name__", None) or type(loss).__name__
    return _snake(str(name))


_SHORT = {
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "bce": "binary_crossentropy",
    "scce": "sparse_categorical_crossentropy",
    "cce": "categorical_crossentropy",
}


def _snake(text: str) -> str:
    word = "".join("_" + c.lower() if c.isupper() else c for c in text).strip("_").replace("__", "_")
    return _SHORT.get(word, word)


def head_of(model: Any) -> Any:
    """The last layer with a width of its own (`units`), which sets the output's last axis."""
    for layer in reversed(layers_of(model)):
        inner = getattr(layer, "layer", layer) if class_of(layer) == "TimeDistributed" else layer
        if class_of(layer) in PASS_THROUGH:
            continue
        return inner
    return None


def activation_of(layer: Any) -> str:
    return str(getattr(getattr(layer, "activation", None), "__name__", ""))
