"""A Linear layer that gets another width than it was made for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rnnmagic.diagnosis.base import Candidate, Diagnosis, text
from rnnmagic.diagnosis.torch_modules.origins import is_rnn, modules_behind
from rnnmagic.diagnosis.torch_modules.sites import with_argument
from rnnmagic.diagnosis.torch_modules.stack import Stack, shape_of
from rnnmagic.language import say
from rnnmagic.ops import Transpose
from rnnmagic.ops.tensors import OnTensor


def judge(stack: Stack) -> Diagnosis | None:
    """Another last axis than `in_features`."""
    layer, value = stack.module, stack.given(0, "input")
    got = shape_of(value)
    size = getattr(layer, "in_features", None)
    if not got or not isinstance(size, int) or got[-1] == size or got[-1] is None:
        return None
    width = int(got[-1])
    operand = stack.operand("x", value, stack.node(0, "input"))
    info = stack.info((*[None] * (len(got) - 1), size), got)
    before = _before(stack)
    both_ways = before is not None and bool(before.bidirectional) and width == 2 * size
    why = say("The layer takes what the one before it gives.")
    sentence = say(
        "Linear `{info_name}` was made for {size} features and gets {shape}, {width} features.",
        info_name=info.name,
        size=size,
        shape=text(got),
        width=width,
    )
    if both_ways:
        why = say("A bidirectional layer gives its hidden_size twice, once for each direction.")
        sentence += " " + say(
            "The {kind} before it is bidirectional: it gives 2 × {size}.",
            kind=type(before).__name__,
            size=size,
        )
    elif before is not None and width == getattr(before, "hidden_size", None):
        sentence += " " + say(
            "The {kind} before it has hidden_size={width}.", kind=type(before).__name__, width=width
        )
    candidates = [
        Candidate(
            "layer_argument", f"Linear(in_features={width})", why, "sure",
            source=with_argument(
                layer, stack.outer, stack.evidence, "in_features", width, 2 if both_ways else None
            ),
            target=info.name,
        )
    ]  # fmt: skip
    mine = operand.is_global and before is None
    if mine and len(got) == 3 and got[1] == size:
        op = OnTensor(Transpose((0, 2, 1)))
        candidates.append(
            Candidate(
                "transpose", say("Transpose {array} to {shape}", array=operand.label, shape=text(op.shape(got)))[:60],
                say("If the features are on axis 1."), "possible", data=((operand, op),), target=operand.name,
                before=got, after=op.shape(got),
            )
        )  # fmt: skip
    if mine:
        candidates[0] = replace(candidates[0], why=say("If the data is right."), confidence="likely")
    return Diagnosis(
        "features", sentence, "call", operand if mine else None, info, candidates=tuple(candidates)
    )


def _before(stack: Stack) -> Any:
    """The recurrent layer whose answer the Linear gets, as far as the text tells."""
    node = stack.node(0, "input")
    found = next((m for m in modules_behind(node, stack.place) if is_rnn(m)), None)
    if found is not None or stack.outer is None:
        return found
    parts = [part for part in stack.outer.modules() if not part._modules]
    earlier = parts[: parts.index(stack.module)] if stack.module in parts else []
    return next((part for part in reversed(earlier) if is_rnn(part)), None)
