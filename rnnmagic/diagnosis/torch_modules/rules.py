"""Which reading explains an error of PyTorch's: by the module that raised it, then by its message."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rnnmagic.diagnosis.base import Diagnosis
from rnnmagic.diagnosis.torch_modules import counts, data, feeding, hidden, linear, losses, outputs
from rnnmagic.diagnosis.torch_modules.stack import Stack, kinds, read
from rnnmagic.evidence import Evidence
from rnnmagic.language import say
from rnnmagic.source import text_of

if TYPE_CHECKING:
    from rnnmagic.editor import Editor

_ERRORS = (RuntimeError, ValueError, TypeError, IndexError, AttributeError)
_SHAPE_WORDS = (
    "shape", "size", "dimension", "dim ", "must match", "cannot be multiplied", "dtype", "expected", "broadcast",
    "must be a 3d", "must be a 2d", "d tensor", "not tuple", "'tuple' object",
)  # fmt: skip


def concerns(evidence: Evidence) -> bool:
    """Whether the error came out of PyTorch, and not out of Keras on top of it."""
    if "torch" not in sys.modules or evidence.run.error is None:
        return False
    if evidence.call is not None:
        from rnnmagic.frameworks.torch_nn import TorchNN

        return TorchNN().is_layer(evidence.model)
    stack = read(evidence)
    return stack is not None and (_in_torch(stack) or outputs.on_tuple(stack) or data.is_about_torch(stack))


def _in_torch(stack: Stack) -> bool:
    last = stack.frames[-1] if stack.frames else None
    if last is not None and str(last.f_globals.get("__name__", "")).split(".", 1)[0] == "torch":
        return True
    return data.on_tensors(stack)


def judge(evidence: Evidence, editor: Editor) -> Diagnosis | None:
    """The diagnosis, `None` when the error is not one of shapes."""
    stack = read(evidence)
    if stack is None:
        return None
    if isinstance(stack.error, AssertionError):
        return counts.of_dataset(stack)
    if not isinstance(stack.error, _ERRORS):
        return None
    if "loading state_dict" in stack.message:
        return _of_weights(stack)
    found = data.judge(stack) or outputs.judge(stack)
    if found is not None:
        return found
    if stack.module is not None:
        names = kinds(stack.module)
        if names & {"RNNBase", "RNNCellBase"}:
            found = data.of_type(stack) or hidden.judge(stack) or feeding.judge(stack)
        elif "Linear" in names:
            found = data.of_type(stack) or linear.judge(stack)
        elif "Embedding" in names:
            found = data.of_ids(stack)
        elif "_ConvNd" in names:
            found = data.of_type(stack) or feeding.of_convolution(stack)
        elif any(name.endswith("Loss") for name in names):
            found = losses.judge(stack)
    else:
        found = losses.of_function(stack) or counts.of_packing(stack)
    return found or _other(stack)


def _of_weights(stack: Stack) -> Diagnosis | None:
    """Saved weights of another architecture."""
    lines = [line.strip() for line in stack.message.splitlines() if "size mismatch" in line]
    if not lines:
        return None
    return Diagnosis(
        "weights",
        say("The saved weights are those of another model: {lines}.", lines=lines[0].rstrip(".")[:240]),
        "run",
        advice=(say("Build the model with the sizes that it had when the weights were saved."),),
    )


def _other(stack: Stack) -> Diagnosis | None:
    """An operation in the user's own code, or one that none of the readings explains."""
    message = stack.message.split("\n", 1)[0][:200]
    if isinstance(stack.error, AttributeError) or not any(w in message.lower() for w in _SHAPE_WORDS):
        return None
    if not _in_torch(stack):
        return None
    place = stack.place
    where = (
        text_of(place.cell, place.node) if place is not None and place.node is not None else say("your code")
    )
    if len(where) > 60:
        where = where[:57] + "…"
    layer = None if stack.module is None else stack.info()
    return Diagnosis(
        "custom_op",
        say("The shapes do not fit in `{where}`: {message}.", where=where, message=message.rstrip(".")),
        "call" if stack.outer is not None else "run",
        layer=layer,
        advice=(say("Print the shapes of the tensors just before this line."),),
    )
