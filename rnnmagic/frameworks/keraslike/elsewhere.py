"""What other threads of the user's are at: what they work on is neither tried nor put back.

A model that is trained in a thread while a cell is checked changes under one's hands, and putting it back
to what it was before would undo its training.
"""

from __future__ import annotations

import threading
from types import FrameType
from typing import Any

from rnnmagic.threads import frames_of_threads, has_others

METHODS = frozenset({"fit", "evaluate", "predict", "train_on_batch", "test_on_batch", "predict_on_batch"})
IN_USE = "the model is at work in another thread"


def works_elsewhere(model: Any) -> bool:
    """Whether another thread is in a method of this model, or of one that shares a layer with it.

    A loop of the user's own cannot be seen between two of its calls.
    """
    if not has_others():
        return False
    here = threading.get_ident()
    layers: set[int] | None = None
    for thread, frame in frames_of_threads().items():
        if thread == here:
            continue
        for other in _models_in(frame):
            if other is model:
                return True
            if layers is None:
                layers = _layers_of(model)
            if not layers.isdisjoint(_layers_of(other)):
                return True
    return False


def _models_in(frame: FrameType | None) -> list[Any]:
    found = []
    while frame is not None:
        # By the name first: to ask a frame for its locals takes longer.
        if frame.f_code.co_name in METHODS:
            owner = frame.f_locals.get("self")
            if hasattr(type(owner), "_flatten_layers"):
                found.append(owner)
        frame = frame.f_back
    return found


def _layers_of(model: Any) -> set[int]:
    if not hasattr(type(model), "_flatten_layers"):
        return {id(model)}
    return {id(layer) for layer in model._flatten_layers()}
