"""The first three hints of a report in the student's own numbers.

What may be said in the first two: the class of the layer, the method that was called, numbers of axes,
sizes and shapes. Not there yet: names of variables and layers, which the third gives, and anything of a fix.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from string import Formatter

from rnnmagic.ladder.sayings import SAYINGS, WHERE
from rnnmagic.language import say
from rnnmagic.report import Notice, Report, Shape

METHODS = frozenset({"fit", "evaluate", "predict", "train_on_batch", "test_on_batch", "predict_on_batch"})
_CLASS = re.compile(r"[A-Z]\w{0,39}")
SHOWN_AXES = 8
NAME_LIMIT = 60


def question(about: Report | Notice) -> str:
    """The question that leads to the mistake."""
    return _said(SAYINGS[_cause(about)].question, _question_facts(about))


def axis_hint(about: Report | Notice) -> str:
    """Which axis to look at."""
    return _said(SAYINGS[_cause(about)].axis, _question_facts(about) | _axis_facts(about))


def where(about: Report | Notice) -> str:
    """Which variable, and which layer."""
    facts: dict[str, str] = {}
    array, layer = about.array, about.layer
    name = None if array is None else array.expression or array.name
    if array is not None and name:
        facts["array"] = _short(name)
        if array.shape is not None:
            facts["shape"] = _text(array.shape)
    if layer is not None and layer.name:
        facts["layer_name"] = _short(layer.name)
        if layer.received is not None:
            facts["came_shape"] = _text(layer.received)
    if isinstance(about, Report) and about.error is not None and about.error.statement:
        facts["statement"] = _short(about.error.statement, 2 * NAME_LIMIT)
    return _said(WHERE, facts)


def _short(text: str, limit: int = NAME_LIMIT) -> str:
    """On one line; the views make it safe to show."""
    words = " ".join(text[: limit * 8].split())
    return words if len(words) <= limit else words[: limit - 1] + "…"


def _cause(about: Report | Notice) -> str:
    return about.cause if about.cause in SAYINGS else "other"


def _said(wordings: Iterable[str], facts: dict[str, str]) -> str:
    """The first wording whose facts are all known, in the language in use."""
    text = ""
    for text in wordings:
        names = _names(text)
        if all(name in facts for name in names):
            return say(text, **{name: facts[name] for name in names})
    return say(text)


def _names(text: str) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(text) if name]


def _question_facts(about: Report | Notice) -> dict[str, str]:
    """What the question may say.

    `layer`: class of the layer; `method`: what was called on the model; `wanted`: the size of the one
    axis that differs, as read; `wanted_steps`, `wanted_features`: what is read of one sample; `samples`:
    how many sequences of unequal length there are.
    """
    facts: dict[str, str] = {}
    layer, array = about.layer, about.array
    if layer is not None and _CLASS.fullmatch(layer.cls):
        facts["layer"] = layer.cls
    method = _method(about.error.statement if isinstance(about, Report) and about.error else None)
    if method is not None:
        facts["method"] = method
    expected, received = _shapes(about)
    differing = _differing(expected, received)
    if len(differing) == 1 and expected is not None:
        facts["wanted"] = str(expected[differing[0]])
    if expected is not None and len(expected) == 3:
        for name, size in zip(("wanted_steps", "wanted_features"), expected[1:], strict=True):
            if size is not None:
                facts[name] = str(size)
    if array is not None and array.lengths and array.shape and array.shape[0] is not None:
        facts["samples"] = str(array.shape[0])
    return facts


def _axis_facts(about: Report | Notice) -> dict[str, str]:
    """What the axis hint may say besides.

    `expected`, `received`: both shapes; `wanted_rank`, `came_rank`: their numbers of axes; `place`,
    `came`: the one axis that differs, counted from 0, and its size; `last`, `came_last`: the last axis
    that came; `shortest`, `longest`: lengths of sequences; `dtype`: type of the elements.
    """
    facts: dict[str, str] = {}
    expected, received = _shapes(about)
    if expected is not None:
        facts["expected"] = _text(expected)
    if received is not None:
        facts["received"] = _text(received)
    if expected is not None and received is not None:
        facts["wanted_rank"], facts["came_rank"] = str(len(expected)), str(len(received))
        differing = _differing(expected, received)
        if len(differing) == 1:
            facts["place"], facts["came"] = str(differing[0]), str(received[differing[0]])
    if received and received[-1] is not None:
        facts["last"], facts["came_last"] = str(len(received) - 1), str(received[-1])
    array = about.array
    if array is not None and array.lengths:
        facts["shortest"], facts["longest"] = str(min(array.lengths)), str(max(array.lengths))
    if array is not None and array.dtype:
        facts["dtype"] = array.dtype
    return facts


def _shapes(about: Report | Notice) -> tuple[Shape | None, Shape | None]:
    """What is read, and what came."""
    layer, array = about.layer, about.array
    expected = None if layer is None else layer.expected
    received = None if layer is None else layer.received
    if (
        array is not None
        and array.shape is not None
        and (received is None or _sharper(array.shape, received))
    ):
        received = array.shape
    return expected, received


def _sharper(one: Shape, other: Shape) -> bool:
    """Whether a shape is another one with more sizes known."""
    return len(one) == len(other) and all(b is None or a == b for a, b in zip(one, other, strict=True))


def _differing(expected: Shape | None, received: Shape | None) -> list[int]:
    if expected is None or received is None or len(expected) != len(received):
        return []
    pairs = enumerate(zip(expected, received, strict=True))
    return [axis for axis, (a, b) in pairs if a is not None and b is not None and a != b]


def _text(shape: Shape) -> str:
    """`(any, 20, 3)`."""
    sizes = [say("any") if size is None else str(size) for size in shape[:SHOWN_AXES]]
    sizes += ["…"] if len(shape) > SHOWN_AXES else []
    return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(sizes)})"


def _method(statement: str | None) -> str | None:
    """`fit` of `history = model.fit(…)`; only what a model has, never a name of the user's."""
    if not statement or len(statement) > 20_000:
        return None
    try:
        tree = ast.parse(statement.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    calls = [node.func.attr for node in ast.walk(tree)
             if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]  # fmt: skip
    return next((name for name in calls if name in METHODS), None)
