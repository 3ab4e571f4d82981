"""Elements that a layer cannot compute with, and plain lists."""

from __future__ import annotations

from typing import Any

from rnnmagic.diagnosis.base import Candidate, Diagnosis, text
from rnnmagic.diagnosis.carriers.wording import short
from rnnmagic.evidence import Operand
from rnnmagic.language import say
from rnnmagic.ops import Cast, LabelNumbers, Op, Stack, ToArray, WordNumbers
from rnnmagic.ops.base import atom
from rnnmagic.report import Shape
from rnnmagic.values import describe


def unusable(operand: Operand, phase: str, *, role_is_target: bool = False, ids: bool = False) -> Diagnosis:
    """Elements that a layer cannot compute with: objects, text; or a plain list."""
    described = operand.described
    name = operand.label
    if described.carrier == "list":
        return _plain_list(operand, phase)
    kind = described.dtype
    if (
        kind == "object"
        and described.shape is not None
        and len(described.shape) > 1
        and _is_nested_object(operand)
    ):
        stack = Stack()
        return Diagnosis(
            "dtype",
            say(
                "`{name}` is an array of {objects} objects, each an array of its own; the layer wants one array of numbers, {shape}.",
                name=name,
                objects=described.shape[0],
                shape=text(described.shape),
            ),
            phase,
            operand,
            candidates=(
                _simple(
                    operand,
                    stack,
                    say("Stack {array} into one array", array=short(name)),
                    say("All are of one shape."),
                    described.shape,
                ),
            ),
        )
    sample = _sample(operand.value)
    candidates: list[Candidate] = []
    if sample is not None and _all_numbers(sample):
        whole = role_is_target and all(float(v).is_integer() for v in sample)
        candidates.append(
            _simple(
                operand,
                Cast("int32" if whole else "float32"),
                say("Cast {array} to {dtype}", array=short(name), dtype="int32" if whole else "float32"),
                say("Every value looked at is a number; only the type of the array is not."),
                described.shape,
            )
        )
    elif role_is_target:
        candidates.append(
            _simple(
                operand,
                LabelNumbers(),
                say("Number the labels of {array}: 0, 1, 2, …", array=short(name)),
                say("A loss compares numbers: each label gets one, in sorted order."),
                described.shape,
            )
        )
    elif (
        described.shape is not None
        and len(described.shape) > 1
        and describe(operand.value).carrier == "array"
    ):
        candidates += _number_columns(operand, described.shape)
        if ids and kind in ("str", "object") and len(described.shape) == 2 and sample and _all_words(sample):
            candidates.append(_word_numbers(operand, described.shape))
    elif describe(operand.value).carrier == "frame":
        numeric = _numeric_columns(operand.value)
        if numeric:
            candidates.append(
                Candidate(
                    "select",
                    say("Keep the {count} numeric columns of {array}", count=len(numeric), array=short(name)),
                    say("Text and dates cannot be computed with; encode them first if they matter."),
                    "likely",
                    say("The other columns are left out."),
                    data=((operand, _Numeric(len(numeric))),),
                    target=operand.name,
                    before=described.shape,
                    after=(*(described.shape or (None,))[:-1], len(numeric)),
                )
            )
    sentence = say(
        "`{name}` {shape} has elements of type {kind}; a layer computes with numbers only.",
        name=name,
        shape=text(described.shape),
        kind=kind,
    )
    return Diagnosis("dtype", sentence, phase, operand, candidates=tuple(candidates))


def _all_words(sample: list[Any]) -> bool:
    return all(isinstance(value, str) for value in sample)


def _word_numbers(operand: Operand, shape: Shape) -> Candidate:
    """Ids for words, as an Embedding takes them."""
    return Candidate(
        "class_index",
        say("Number the words of {array}: 1, 2, 3, …", array=short(operand.label))[:60],
        say("An Embedding looks up ids: each word gets one, in sorted order."),
        "likely",
        say("New texts need the same numbers: keep the list of words, or use a StringLookup layer."),
        data=((operand, WordNumbers()),),
        target=operand.name,
        before=shape,
        after=shape,
        siblings=False,
    )


def _number_columns(operand: Operand, shape: Shape) -> list[Candidate]:
    """Words or dates in some of the columns: those that hold numbers can stay."""
    width = shape[-1] or 0
    columns = (
        [operand.value.reshape(-1, width)[:64, place] for place in range(width)] if 0 < width <= 500 else []
    )
    kept = tuple(place for place, column in enumerate(columns) if _all_numbers(list(column)))
    if not kept:
        return []
    op = _Columns(kept)
    dropped = [place for place in range(width) if place not in kept]
    return [
        Candidate(
            "select", say("Keep the {count} of {width} features that are numbers", count=len(kept), width=width)[:60],
            say("Text and dates cannot be computed with; encode them before if they matter."), "likely",
            say("Feature {names} is left out, counted from 0.", names=', '.join(map(str, dropped[:6]))) if len(dropped) == 1
            else say("Features {names} are left out, counted from 0.", names=', '.join(map(str, dropped[:6]))),
            data=((operand, op),), target=operand.name, before=shape, after=op.shape(shape),
        )
    ]  # fmt: skip


class _Columns(Op):
    """Some of the features, as numbers: `x[..., [0, 2]].astype("float32")`."""

    kind = "select"
    repeatable = False
    dtype = "float32"

    def __init__(self, kept: tuple[int, ...]) -> None:
        self.kept = kept

    def shape(self, shape: Shape) -> Shape:
        return (*shape[:-1], len(self.kept))

    def apply(self, value: Any) -> Any:
        return value[..., list(self.kept)].astype("float32")

    def code(self, expression: str, value: Any, spell: Any) -> str:
        first, last = self.kept[0], self.kept[-1]
        rows = list(range(first, last + 1)) == list(self.kept)
        index = f"{first or ''}:{last + 1}" if rows else str(list(self.kept))
        return f'{atom(expression)}[..., {index}].astype("float32")'


def _simple(operand: Operand, op: Op, title: str, why: str, shape: Shape | None) -> Candidate:
    return Candidate(
        op.kind, title[:60], why, "sure", data=((operand, op),), target=operand.name,
        before=shape, after=op.shape(shape or (None,)),
    )  # fmt: skip


class _Numeric(Op):
    """The numeric columns of a frame."""

    kind = "select"
    repeatable = False

    def __init__(self, count: int) -> None:
        self.count = count

    def shape(self, shape: Shape) -> Shape:
        return (*shape[:-1], self.count)

    def apply(self, value: Any) -> Any:
        return value.select_dtypes(["number", "bool"]).astype("float32")

    def code(self, expression: str, value: Any, spell: Any) -> str:
        return f'{expression}.select_dtypes(["number", "bool"]).astype("float32")'


def _numeric_columns(frame: Any) -> list[Any]:
    return [
        c
        for c, d in zip(frame.columns, frame.dtypes, strict=True)
        if str(d).startswith(("int", "uint", "float", "bool"))
    ]


def _is_nested_object(operand: Operand) -> bool:
    shape = getattr(operand.value, "shape", ())
    return len(shape) == 1


def _sample(value: Any) -> list[Any] | None:
    """At most a few hundred elements, spread over the array."""
    try:
        if describe(value).carrier == "frame":
            part = value.iloc[:64].to_numpy().ravel()
        elif hasattr(value, "iloc"):
            part = value.iloc[:256].to_numpy()
        else:
            part = value.reshape(-1)
        step = max(1, len(part) // 256)
        return [part[i] for i in range(0, len(part), step)][:300]
    except Exception:
        return None


def _all_numbers(sample: list[Any]) -> bool:
    for value in sample:
        if type(value).__module__ not in ("builtins", "numpy"):
            return False
        try:
            float(value)
        except (TypeError, ValueError):
            return False
    return bool(sample)


def _plain_list(operand: Operand, phase: str) -> Diagnosis:
    described, name = operand.described, operand.label
    of_text = described.dtype == "str"
    target = operand.role in ("y", "validation_y")
    op: Op = LabelNumbers() if of_text and target else ToArray()
    sentence = say(
        "`{name}` is a Python list; Keras takes a list for several inputs, one array each. As one array it is {shape}.",
        name=name,
        shape=text(described.shape),
    )
    return Diagnosis(
        "dtype",
        sentence,
        phase,
        operand,
        candidates=(
            _simple(
                operand,
                op,
                say("Make one array of {array}", array=short(name)),
                say("A list of samples becomes one array, samples first."),
                described.shape,
            ),
        ),
    )
