"""A forecast that feeds itself: the model's answer is joined to the window that it came from, and does not fit.

`window = np.concatenate([window[:, 1:], answer], axis=1)` joins (1, 9, 1) and (1, 1).
"""

from __future__ import annotations

import ast
import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rnnmagic import frameworks
from rnnmagic.diagnosis.base import Candidate, Diagnosis, text
from rnnmagic.diagnosis.operations import called
from rnnmagic.editor import Editor, SourceEdit
from rnnmagic.evidence import Evidence, Operand, name_operand
from rnnmagic.language import say
from rnnmagic.report import Shape
from rnnmagic.source import Change, Place, Unknowable, ancestors, parse, text_of, value_of
from rnnmagic.values import as_shape, describe

JOINING = ("concatenate", "concat", "append", "hstack", "vstack")
ANSWERING = ("predict", "predict_on_batch")


@dataclass(frozen=True)
class _Part:
    """One of the things that are joined."""

    node: ast.expr
    shape: tuple[int, ...]
    answered: bool
    """Whether a model has answered it."""


def rolled(evidence: Evidence) -> Diagnosis | None:
    """What does not fit where the user's code joins a model's answer to a window."""
    place = evidence.places[-1] if evidence.places else None
    call = place.call if place is not None else None
    if place is None or call is None or called(call) not in JOINING:
        return None
    parts = _parts(call, place)
    answers = [part for part in parts if part.answered]
    others = [part for part in parts if not part.answered]
    axis = _axis(call, place, others[0].shape) if others else None
    if len(answers) != 1 or axis is None:
        return None
    answer, window = answers[0], others[0]
    if _joins(answer.shape, window.shape, axis) or not _goes_in_again(window.node, call, place):
        return None
    described = replace(describe(np.broadcast_to(np.float32(0), answer.shape)), dtype=None)
    operand = Operand("x", None, None, described, node=answer.node, place=place)
    operand = name_operand(operand, evidence.places, evidence.namespace)
    said, cause, candidates = _judged(call, place, answer, window, axis)
    sentence = say(
        "The model's answer {answer} is {shape}, and the window that it is joined to, {window}, {other}.",
        answer=f"`{text_of(place.cell, answer.node)}`",
        shape=text(answer.shape),
        window=f"`{text_of(place.cell, window.node)}`",
        other=text(window.shape),
    )
    return Diagnosis(cause, f"{sentence} {said}", "run", operand=operand, candidates=tuple(candidates))


def _judged(
    call: ast.Call, place: Place, answer: _Part, window: _Part, axis: int
) -> tuple[str, str, list[Candidate]]:
    wanted = len(window.shape)
    each = math.prod(size for place_, size in enumerate(window.shape) if place_ != axis)
    size = math.prod(answer.shape)
    if len(answer.shape) != wanted and each and size and size % each == 0:
        after = (*window.shape[:axis], size // each, *window.shape[axis + 1 :])
        said = say("It has to become {shape} first.", shape=text(after))
        return said, "rank", [_brought(call, place, answer, after, axis)]
    others = [other for other in range(wanted) if _joins(answer.shape, window.shape, other)]
    if others:
        said = say(
            "They can be joined along axis {axis}, not along axis {given}.", axis=others[0], given=axis
        )
        return said, "custom_op", [_along(call, place, other) for other in others]
    width = answer.shape[-1] if answer.shape else 1
    if wanted > 1 and width != window.shape[-1]:
        said = say(
            "Each step of the window has {features} features and the model answers with {width}: what the others will "
            "be in the next step is not known. Let the model predict all of them, or take them from data.",
            features=window.shape[-1],
            width=width,
        )
        return said, "features", []
    return say("They must agree in all axes but one."), "rank", []


def _joins(one: tuple[int, ...], two: tuple[int, ...], axis: int) -> bool:
    return len(one) == len(two) and all(
        a == b for i, (a, b) in enumerate(zip(one, two, strict=True)) if i != axis
    )


def _brought(call: ast.Call, place: Place, answer: _Part, after: tuple[int, ...], axis: int) -> Candidate:
    """The answer with the window's axes: an axis more where that does it, else reshaped."""
    written = text_of(place.cell, answer.node) or ""
    owner = ast.unparse(call.func.value) + "." if isinstance(call.func, ast.Attribute) else ""
    at = next(
        (
            i
            for i in (axis, *range(len(after)))
            if after[:i] + after[i + 1 :] == answer.shape and after[i] == 1
        ),
        None,
    )
    kind = "reshape" if at is None else "expand"
    if not owner:
        new = f"{written}.reshape({', '.join(map(str, after))})"
    elif at is None:
        new = f"{owner}reshape({written}, {after})"
    else:
        new = f"{owner}expand_dims({written}, axis={at})"
    return Candidate(
        kind,
        say("Give the answer the window's axes: {shape}", shape=text(after))[:60],
        say("(samples, timesteps, features), as the window has them: the answer is the next timestep."),
        "sure" if at is not None and after[axis] == 1 else "likely",
        source=_edited(place, Change.replacing(answer.node, new)),
        before=answer.shape,
        after=after,
        only_if_tried=True,
    )


def _along(call: ast.Call, place: Place, axis: int) -> Candidate:
    keyword = next((k for k in call.keywords if k.arg == "axis"), None)
    values = 2 if called(call) == "append" else 1
    if keyword is not None:
        change = Change.replacing(keyword.value, str(axis))
    elif len(call.args) > values:
        change = Change.replacing(call.args[values], str(axis))
    else:
        last = call.args[-1]
        change = Change.replacing(last, f"{text_of(place.cell, last)}, axis={axis}")
    return Candidate(
        "other",
        say("Join along axis {axis}", axis=axis),
        say("The window then goes on by what the model has answered."),
        "likely",
        source=_edited(place, change),
        only_if_tried=True,
    )


def _edited(place: Place, change: Change) -> Any:
    def edit(editor: Editor) -> SourceEdit:
        return SourceEdit(((place.cell, change),))

    return edit


def _parts(call: ast.Call, place: Place) -> list[_Part]:
    """The things that are joined, where the shapes of all of them are known."""
    nodes: list[ast.expr] = []
    if called(call) == "append":
        nodes = call.args[:2]
    elif call.args and isinstance(call.args[0], (ast.List, ast.Tuple)):
        nodes = call.args[0].elts
    parts = []
    for node in nodes:
        shape = _shape(node, place)
        if shape is None:
            return []
        parts.append(_Part(node, shape, _is_answered(node, place)))
    return parts


def _axis(call: ast.Call, place: Place, window: Shape) -> int | None:
    """The axis along which a call joins; `None` where that is not known, or where it flattens first."""
    name = called(call)
    if name in ("hstack", "vstack"):
        return 1 if name == "hstack" and len(window) > 1 else 0
    values = 2 if name == "append" else 1
    node = next((k.value for k in call.keywords if k.arg == "axis"), None)
    node = call.args[values] if node is None and len(call.args) > values else node
    if node is None:
        return None if name == "append" else 0
    try:
        told = value_of(node, *place.scopes) if not isinstance(node, ast.UnaryOp) else ast.literal_eval(node)
    except (Unknowable, ValueError):
        return None
    rank = len(window)
    return told % rank if isinstance(told, int) and rank and -rank <= told < rank else None


def _shape(node: ast.expr, place: Place) -> tuple[int, ...] | None:
    """The shape of a variable, or of what is cut out of one."""
    try:
        shape = as_shape(getattr(value_of(node, *place.scopes), "shape", None))
        return None if shape is None or None in shape else shape  # type: ignore[return-value]
    except Unknowable:
        pass
    if isinstance(node, (ast.List, ast.Tuple)):
        inner = [_shape(item, place) for item in node.elts]
        first = inner[0] if inner else None
        return (len(inner), *first) if first is not None and all(one == first for one in inner) else None
    if isinstance(node, ast.Constant):
        return () if isinstance(node.value, (int, float)) else None
    if not isinstance(node, ast.Subscript):
        return None
    owner = _shape(node.value, place)
    if owner is None:
        return None
    try:
        return tuple(np.broadcast_to(np.int8(0), owner)[_index(node.slice, place)].shape)
    except (Unknowable, IndexError, TypeError, ValueError):
        return None


def _index(node: ast.expr, place: Place) -> Any:
    """An index of numbers, slices, `None`, `np.newaxis` and `...`."""
    if isinstance(node, ast.Tuple):
        return tuple(_index(item, place) for item in node.elts)
    if isinstance(node, ast.Slice):
        bounds = (node.lower, node.upper, node.step)
        return slice(*(None if bound is None else _index(bound, place) for bound in bounds))
    if isinstance(node, ast.Attribute) and node.attr == "newaxis":
        return None
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_index(node.operand, place)
    value = value_of(node, *place.scopes)
    if value is None or value is Ellipsis or isinstance(value, (int, np.integer)):
        return value
    raise Unknowable(ast.unparse(node))


def _goes_in_again(window: ast.expr, call: ast.Call, place: Place) -> bool:
    """Whether a window is what the model answers from, or becomes what has been joined; targets are neither."""
    names = {one.id for one in ast.walk(window) if isinstance(one, ast.Name)}
    step = next((one for one in ancestors(call) if isinstance(one, ast.Assign)), None)
    for target in step.targets if step is not None else ():
        if isinstance(target, ast.Name) and target.id in names:
            return True
    return any(
        isinstance(one, ast.Name) and one.id in names
        for node in ast.walk(_scope(call, place))
        if _answers(node, place) and isinstance(node, ast.Call)
        for argument in node.args
        for one in ast.walk(argument)
    )


def _scope(node: ast.AST, place: Place) -> ast.AST:
    """The function around a node, or else its cell."""
    function = next((one for one in ancestors(node) if isinstance(one, ast.FunctionDef)), None)
    return function or parse(place.cell.transformed) or ast.Module([], [])


def _is_answered(node: ast.expr, place: Place) -> bool:
    """Whether an expression is a model's answer, or what is cut out of one, by the code that binds its names."""
    names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    if _answers(node, place):
        return True
    bound = [
        statement.value
        for statement in ast.walk(_scope(node, place))
        if isinstance(statement, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id in names for target in statement.targets)
    ]
    # The window itself is bound to what has been joined.
    return bool(bound) and all(any(_answers(part, place) for part in ast.walk(value)) for value in bound)


def _answers(node: ast.AST, place: Place) -> bool:
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Attribute) and node.func.attr in ANSWERING:
        return True
    try:
        return frameworks.is_model(value_of(node.func, *place.scopes))
    except Unknowable:
        return False
