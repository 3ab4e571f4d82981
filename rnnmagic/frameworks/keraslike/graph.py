"""The way that data takes through a Keras model: from its input to one layer."""

from __future__ import annotations

import contextlib
from types import FrameType
from typing import Any

from rnnmagic import frameworks
from rnnmagic.frameworks.base import Outcome, shapes_in
from rnnmagic.frameworks.keraslike.nodes import inputs_of_node, maker_of, owner_of
from rnnmagic.frameworks.wanted import is_rnn
from rnnmagic.report import Shape
from rnnmagic.values import as_shape

Way = tuple[tuple[Any, Any], ...]
"""Pairs of a layer and the shape it gave, the input first."""


def arguments_of(node: Any) -> tuple[Any, dict[str, Any]]:
    """The first argument of a call, and its keywords."""
    if hasattr(node, "call_args"):
        args, options = node.call_args, dict(node.call_kwargs)
    else:
        args, options = node.arguments.args, dict(node.arguments.kwargs)
    first = args[0] if args else None
    # In tf_keras a recurrent layer is called on its input and its states in one list.
    if hasattr(node, "call_args") and is_rnn(owner_of(node)) and isinstance(first, (list, tuple)) and first:
        options.setdefault("initial_state", list(first[1:]))
        first = first[0]
    return first, options


def tensors_in(value: Any) -> list[Any]:
    """The KerasTensors of a structure, in order."""
    if type(value).__name__ == "KerasTensor":
        return [value]
    if isinstance(value, dict):
        return [tensor for item in value.values() for tensor in tensors_in(item)]
    if isinstance(value, (list, tuple)):
        return [tensor for item in value for tensor in tensors_in(item)]
    return []


def way_to(tensor: Any, limit: int = 500) -> Way:
    """Layers from the input to a KerasTensor, along the first input of each."""
    steps: list[tuple[Any, Any]] = []
    step: Any = tensor
    while step is not None and len(steps) < limit:
        maker = maker_of(step)
        if maker is None:
            break
        steps.append((maker, as_shape(step.shape)))
        index, step = step._keras_history.node_index, None
        with contextlib.suppress(Exception):
            parents = inputs_of_node(maker._inbound_nodes[index])
            step = parents[0] if parents else None
    return tuple(reversed(steps))


def symbolic_call(
    frames: list[FrameType], *, symbolic: bool = True
) -> tuple[Any, Any, dict[str, Any]] | None:
    """The outermost layer call among an error's frames: the layer, its input, its keywords.

    With `symbolic`, a model's own call on real data is passed over, and a layer that is called on
    KerasTensors is looked for, or an operation that joins some.
    """
    for frame in frames:
        joined = _operation(frame) if symbolic else None
        if joined is not None:
            return joined
        if frame.f_code.co_name != "__call__" or not frame.f_code.co_filename.endswith("layer.py"):
            continue
        layer = frame.f_locals.get("self")
        if layer is None or not frameworks.is_layer(layer):
            continue
        given, options = _given(frame.f_locals)
        if symbolic and not tensors_in(given):
            continue
        return layer, given, options
    return None


_JOIN = ("Concatenate", "Add", "Subtract", "Multiply", "Maximum", "Minimum", "Matmul")
"""Operations that join tensors, mostly as the layers of the same names do: `keras.ops.concatenate`, `a + b`."""


def _operation(frame: FrameType) -> tuple[Any, Any, dict[str, Any]] | None:
    """An operation of Keras's that joins KerasTensors, being called in this frame."""
    if frame.f_code.co_name != "symbolic_call" or not frame.f_code.co_filename.endswith("operation.py"):
        return None
    operation, given = frame.f_locals.get("self"), frame.f_locals.get("args")
    if type(operation).__name__ not in _JOIN or frameworks.is_layer(operation):
        return None
    tensors = tensors_in(given)
    return (operation, tensors, {}) if len(tensors) > 1 else None


def _given(found: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Input and keywords of a call under way in `Layer.__call__`, from its variables."""
    if "inputs" in found:
        # tf_keras, which has taken the input out of the others already.
        given, args, options = (
            found["inputs"],
            tuple(found.get("args") or ()),
            dict(found.get("kwargs") or {}),
        )
        if is_rnn(found["self"]) and isinstance(given, (list, tuple)) and len(given) > 1:
            options.setdefault("initial_state", list(given[1:]))
            given = given[0]
    else:
        all_of_them = found.get("original_args") or found.get("args") or ()
        args = tuple(all_of_them)[1:]
        options = dict(found.get("original_kwargs") or found.get("kwargs") or {})
        given = all_of_them[0] if all_of_them else next(iter(options.values()), None)
    if args:
        options.setdefault("initial_state", list(args))
    return given, options


def inbound(layer: Any, model: Any) -> tuple[Any, dict[str, Any]] | None:
    """What goes into a layer inside a functional model: its input tensors and keywords."""
    functional = getattr(model, "_functional", None) or model
    inside = None
    with contextlib.suppress(Exception):
        inside = {id(node) for nodes in functional._nodes_by_depth.values() for node in nodes}
    with contextlib.suppress(Exception):
        for node in layer._inbound_nodes:
            if inside is None or id(node) in inside:
                return arguments_of(node)
    return None


def way_before(layer: Any, outcome: Outcome) -> Way:
    """The layers that answered before one failed, in the order in which they ran."""
    return tuple((step.layer, step.output) for step in outcome.steps if step.depth == 1 and step.ok)


def state_shapes(options: dict[str, Any]) -> tuple[Shape, ...]:
    """Shapes of the initial state among a call's keywords."""
    return flat_shapes(shapes_in(options.get("initial_state")))


def flat_shapes(shapes: Any) -> tuple[Shape, ...]:
    """The shapes of a structure of shapes, one after the other."""
    if shapes is None:
        return ()
    if isinstance(shapes, tuple):
        return (shapes,)
    return tuple(shape for shape in _flat(shapes) if shape is not None)


def _flat(shapes: Any) -> list[Any]:
    if isinstance(shapes, list):
        return [shape for item in shapes for shape in _flat(item)]
    return [shapes]
