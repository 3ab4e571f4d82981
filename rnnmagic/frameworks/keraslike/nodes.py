"""The links between layers of a built model, under the names that Keras 3 and tf_keras have for them."""

from __future__ import annotations

from typing import Any


def maker_of(tensor: Any) -> Any:
    """The layer or operation that a KerasTensor came out of; `None` for no KerasTensor."""
    history = getattr(tensor, "_keras_history", None)
    return getattr(history, "operation", None) or getattr(history, "layer", None)


def owner_of(node: Any) -> Any:
    """The layer or operation whose call a node of the graph stands for."""
    return getattr(node, "operation", None) or getattr(node, "layer", None)


def inputs_of_node(node: Any) -> list[Any]:
    """The KerasTensors that went into a call."""
    if hasattr(node, "keras_inputs"):
        return list(node.keras_inputs)
    return list(node.arguments.keras_tensors)
