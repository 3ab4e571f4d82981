"""One sample without its batch axis."""

from __future__ import annotations

import ast

from rnnmagic.diagnosis.base import Candidate, text
from rnnmagic.diagnosis.inputs.situation import ONE_SAMPLE, Finding, Situation, fix
from rnnmagic.language import say
from rnnmagic.ops import Expand
from rnnmagic.source import Unknowable, value_of
from rnnmagic.values import describe


def is_one_sample(case: Situation) -> bool:
    """Whether the array is a single sample, its batch axis left out."""
    got, want = case.got, case.want
    inner = want[1:]
    if len(got) != len(inner):
        return False
    picked = _is_picked(case)
    matches = all(w is None or w == g for w, g in zip(inner, got, strict=True))
    a_target_a_row = case.targets is not None and case.targets == got[0] and case.targets != 1
    # A model that answers for each step has as many targets in one sample, too.
    if a_target_a_row and not (picked and len(case.answer) == len(case.want) == 3):
        return False
    if picked and matches:
        return True
    exact = got == inner
    # A model that takes any length takes this one: cutting it up would answer another question.
    free = inner[0] is None and len(inner) == 2 and inner[-1] != 1
    asked = case.method in ONE_SAMPLE[:3] and case.targets is None
    return exact or (asked and matches and inner[-1] is not None and (case.trained or free))


def _is_picked(case: Situation) -> bool:
    """Whether it is one item of something longer, `X_test[i]`, and not several, `X[fold]`.

    An item of a list or of a dictionary may as well be a whole table; without a target it is taken for a sample.
    """
    node, place = case.operand.node, case.operand.place
    if not isinstance(node, ast.Subscript) or not _is_index(node.slice):
        return False
    try:
        whole = value_of(node.value, *(place.scopes if place is not None else ()), case.namespace)
    except Unknowable:
        return True
    described = describe(whole)
    if described.carrier in ("array", "tensor") and described.shape is not None:
        return len(described.shape) == len(case.got) + 1
    # Columns of a frame are of all its rows.
    return described.carrier != "frame" and case.targets in (None, 1)


def _is_index(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int)
    if isinstance(node, ast.UnaryOp):
        return _is_index(node.operand)
    return isinstance(node, (ast.Name, ast.BinOp))


def one_sample(case: Situation) -> Finding:
    name = case.operand.label
    sentence = say(
        "`{name}` is one sample {shape}; the model takes a batch of samples, {batch_shape} for one.",
        name=name,
        shape=text(case.got),
        batch_shape=text((1, *case.got)),
    )
    candidates: list[Candidate] = [
        fix(
            case,
            Expand(0),
            say("Make a batch of one: {shape}", shape=text((1, *case.got)))[:60],
            say("A model answers for a batch; one sample is a batch of size 1."),
            "sure",
            siblings=False,
        )
    ]
    axes = {1: ("timesteps",), 2: ("timesteps", "features")}.get(len(case.got))
    return Finding("batch_axis_missing", sentence, tuple(candidates), axes)
