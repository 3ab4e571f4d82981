"""The loss stretched the target over the output, and was small or large for the wrong reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rnnmagic.diagnosis.base import text
from rnnmagic.diagnosis.targets import answer_of, judge
from rnnmagic.evidence import Operand
from rnnmagic.frameworks.keraslike.batchsize import OWN
from rnnmagic.language import say
from rnnmagic.report import Notice, Shape
from rnnmagic.silent.cases import WITH_LOSS, Case


def broadcast_loss(case: Case) -> Iterator[Notice]:
    """Target and output of different shape, compared number by number all the same."""
    if case.called.method not in WITH_LOSS or not _plain(case.model):
        return
    look = case.look
    if not look.known or not look.broadcasts:
        return
    target, output = look.broadcasts[0]
    operand = _operand(case, target)
    if operand is None:
        return
    outputs = look.output if isinstance(look.output, tuple) else output
    answer = answer_of(operand, outputs, case.model, case.evidence.model_name)
    shown = answer.output
    sentence = say(
        "{model} answers {shape} and `{array}` is {operand_shape}: the loss stretches one over the other instead of comparing number by number, so every output is scored against the wrong targets.",
        model=case.model_word[:1].upper() + case.model_word[1:],
        shape=text(shown),
        array=operand.label,
        operand_shape=text(operand.described.shape),
    )
    found = judge(answer, "loss")
    head = case.layer(getattr(answer.head, "name", None))
    layer = case.layer_info(head, operand.described.shape, shown)
    yield case.notice("broadcast_loss", sentence, operand, layer, found.candidates)


def _plain(model: Any) -> bool:
    """Whether the loss is one of Keras's own: a user's may pack several things into the target."""
    if not all(
        str(getattr(type(model), name).__module__).startswith(OWN) for name in ("train_step", "compute_loss")
    ):
        return False
    losses = [getattr(model, "loss", None)]
    while losses:
        loss = losses.pop()
        if isinstance(loss, dict):
            losses.extend(loss.values())
        elif isinstance(loss, (list, tuple)):
            losses.extend(loss)
        elif loss is not None and not isinstance(loss, str):
            kind = loss if callable(loss) and hasattr(loss, "__module__") else type(loss)
            wrapped = getattr(loss, "fn", None)
            modules = {
                str(getattr(thing, "__module__", "")) for thing in (kind, wrapped) if thing is not None
            }
            if not all(module.startswith((*OWN, "builtins")) for module in modules):
                return False
    return True


def _operand(case: Case, target: Shape) -> Operand | None:
    """Which target it was: the only one, or the only one of that shape."""
    targets = [operand for operand in case.evidence.operands if operand.role == "y"]
    if len(targets) > 1:
        targets = [o for o in targets if o.described.shape and _core(o.described.shape) == _core(target)]
    return targets[0] if len(targets) == 1 else None


def _core(shape: Shape) -> Shape:
    return tuple(size for size in shape[1:] if size != 1)
