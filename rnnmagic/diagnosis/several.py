"""A model with several inputs: their number, their order and their names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import permutations
from typing import TYPE_CHECKING, Any

from rnnmagic.diagnosis.base import Candidate, Diagnosis, plural, text
from rnnmagic.diagnosis.surplus_inputs import passed, surplus
from rnnmagic.evidence import Evidence, Operand
from rnnmagic.language import say, several
from rnnmagic.ops import Regrouped
from rnnmagic.report import LayerInfo
from rnnmagic.values import asked, variables

if TYPE_CHECKING:
    from rnnmagic.editor import Editor, SourceEdit


def several_inputs(evidence: Evidence, operands: list[Operand], wanted: list[Any]) -> Diagnosis | None:
    """The diagnosis when arrays and inputs do not pair up; `None` when they do, one array aside."""
    keyed = all(isinstance(operand.index, str) for operand in operands)
    if keyed:
        return _by_name(evidence, operands, wanted)
    if len(operands) != len(wanted):
        told = ", ".join(f"{wish.name} {text(wish.shape)}" for wish in wanted)
        sentence = several(
            "The model has {inputs} ({told}) and {count} is passed.",
            "The model has {inputs} ({told}) and {count} are passed.",
            len(operands),
            inputs=plural(len(wanted), "input"),
            told=told,
        )
        fewer = tuple(surplus(evidence, operands, wanted, _fits))
        odd = next((o for o in operands if fewer and o.name == fewer[-1].target), operands[0])
        return Diagnosis(
            "input_count",
            sentence,
            "call",
            odd,
            _layer(wanted[0], evidence, odd),
            candidates=(
                *_regrouped(evidence, operands, wanted),
                *fewer,
                *unstacked(evidence, operands, wanted),
                *_missing(evidence, operands, wanted),
            ),
        )
    if all(_fits(o, w) for o, w in zip(operands, wanted, strict=True)):
        return None
    for order in permutations(range(len(operands))):
        if len(operands) > 6:
            break
        if all(_fits(operands[place], wish) for place, wish in zip(order, wanted, strict=True)):
            wrong = next(i for i, place in enumerate(order) if place != i)
            names = [operands[place].label for place in order]
            told = ", ".join(f"{wish.name} {text(wish.shape)}" for wish in wanted)
            sentence = say(
                "The inputs are passed in the wrong order: the model takes {told}, so pass [{names}].",
                told=told,
                names=", ".join(names),
            )
            fix = Candidate(
                "reorder",
                say("Pass [{names}]", names=", ".join(names))[:60],
                say("Each array then goes to the input that has its shape."),
                "sure",
                source=_reordered(evidence, operands, order),
                target=operands[wrong].name,
                before=operands[wrong].described.shape,
                after=operands[order[wrong]].described.shape,
            )
            return Diagnosis(
                "input_count",
                sentence,
                "call",
                operands[wrong],
                _layer(wanted[wrong], evidence, operands[wrong]),
                candidates=(fix,),
            )
    return None


def _layer(wish: Any, evidence: Evidence, operand: Operand) -> LayerInfo | None:
    """The input layer: it is the first to refuse what is passed in its place."""
    if wish.name is None:
        return None
    return LayerInfo(str(wish.name), "InputLayer", evidence.model_name, wish.shape, operand.described.shape)


def _fits(operand: Operand, wish: Any) -> bool:
    shape, want = operand.described.shape, wish.shape
    if shape is None or want is None:
        return True
    if len(shape) != len(want):
        return len(shape) == len(want) - 1 and want[-1] == 1
    return all(w is None or w == s for s, w in zip(shape[1:], want[1:], strict=True))


def _by_name(evidence: Evidence, operands: list[Operand], wanted: list[Any]) -> Diagnosis | None:
    """A dict of inputs whose keys are not the inputs' names."""
    names = {wish.name for wish in wanted}
    given = {operand.index for operand in operands}
    wrong = [operand for operand in operands if operand.index not in names]
    free = [wish for wish in wanted if wish.name not in given]
    if not wrong and not free:
        return None
    sentence = say(
        "The model's inputs are named {names}; passed are {operand_names}.",
        names=", ".join(repr(wish.name) for wish in wanted),
        operand_names=", ".join(repr(operand.index) for operand in operands),
    )
    candidates = []
    if len(wrong) == len(free) and wrong:
        for order in permutations(range(len(free))):
            pairs = [(operand, free[place]) for operand, place in zip(wrong, order, strict=True)]
            if all(_fits(operand, wish) for operand, wish in pairs):
                renamed = {operand.index: wish.name for operand, wish in pairs}
                candidates.append(
                    Candidate(
                        "reorder",
                        say(
                            "Name {told}",
                            told=", ".join(f"{old!r} → {new!r}" for old, new in renamed.items()),
                        )[:60],
                        say("The key must be the name of the Input layer."),
                        "sure",
                        source=_renamed(evidence, renamed),
                        target=wrong[0].name,
                    )
                )
                break
    at_fault = wrong[0] if wrong else operands[0]
    wish = free[0] if free else wanted[0]
    return Diagnosis(
        "input_count",
        sentence,
        "call",
        at_fault,
        _layer(wish, evidence, at_fault),
        candidates=tuple(candidates),
    )


def spread(evidence: Evidence) -> Diagnosis | None:
    """The diagnosis of inputs of unequal number because one array holds several of them."""
    from rnnmagic.frameworks.wanted import wanted_inputs

    operands, wanted = [o for o in evidence.operands if o.role == "x"], wanted_inputs(evidence.model)
    if not 0 < len(operands) < len(wanted) or not unstacked(evidence, operands, wanted):
        return None
    return several_inputs(evidence, operands, wanted)


def unstacked(evidence: Evidence, operands: list[Operand], wanted: list[Any]) -> list[Candidate]:
    """Several inputs in one array, `states` of shape (2, 1, 8): its items, one for each input."""
    missing = len(wanted) - len(operands)
    if missing < 1 or any(
        operand.index is not None and not isinstance(operand.index, int) for operand in operands
    ):
        return []
    for place, operand in enumerate(operands):
        shape = operand.described.shape
        if not shape or shape[0] != missing + 1 or operand.described.carrier not in ("array", "tensor"):
            continue
        item = replace(operand, described=replace(operand.described, shape=shape[1:]))
        spread = [*operands[:place], *[item] * (missing + 1), *operands[place + 1 :]]
        texts = [o.expression or o.name for o in operands]
        if all(_fits(o, w) for o, w in zip(spread, wanted, strict=True)) and all(texts):
            if len(operands) == 1:
                code = f"list({texts[0]})"
            else:
                texts[place] = f"*{texts[place]}"
                code = f"[{', '.join(str(text) for text in texts)}]"
            return [
                Candidate(
                    "reorder", say("Pass {code}", code=code)[:60], say("Each of the {count} items of {array} is an input of its own.", count=missing + 1, array=operand.label),
                    "sure", source=passed(evidence, code, operands), target=operand.name,
                )
            ]  # fmt: skip
    return []


def _regrouped(evidence: Evidence, operands: list[Operand], wanted: list[Any]) -> list[Candidate]:
    """A dataset of (a, b, y): Keras takes the second for the target; the inputs belong together."""
    operand = operands[0]
    element = asked(operand.value, "element_spec")
    if type(element) is not tuple or len(element) != len(wanted) + 1 or len(operands) != 1:
        return []
    op = Regrouped(len(wanted))
    return [
        Candidate(
            "reorder", say("Map the dataset to ((inputs), target)"), say("Keras reads an element as inputs and target; the inputs are one tuple."),
            "sure", data=((operand, op),), target=operand.name, siblings=False,
        )
    ]  # fmt: skip


def _missing(evidence: Evidence, operands: list[Operand], wanted: list[Any]) -> list[Candidate]:
    """The array that was left out, if exactly one in the kernel has its shape and sample count."""
    from rnnmagic.values import describe

    if len(operands) >= len(wanted) or len(operands) + 1 != len(wanted):
        return []
    rows = (operands[0].described.shape or (None,))[0]
    for place in range(len(wanted)):
        rest = [wish for i, wish in enumerate(wanted) if i != place]
        if not all(_fits(o, w) for o, w in zip(operands, rest, strict=True)):
            continue
        found = []
        for name, value in variables(evidence.namespace):
            if name.startswith("_") or any(o.value is value for o in operands):
                continue
            described = describe(value)
            if (
                described.carrier in ("array", "tensor", "frame")
                and described.shape
                and described.shape[0] == rows
            ):
                candidate = Operand("x", None, value, described, name, name)
                if _fits(candidate, wanted[place]) and value is not evidence.arguments.get("y"):
                    found.append(name)
        if len(found) == 1:
            parts = [operand.expression or operand.name or "?" for operand in operands]
            parts.insert(place, found[0])
            joined = ", ".join(parts)
            return [
                Candidate(
                    "reorder",
                    say("Pass [{joined}]", joined=joined)[:60],
                    say(
                        "`{array}` has the shape that input {name} takes.",
                        array=found[0],
                        name=repr(wanted[place].name),
                    ),
                    "likely",
                    source=passed(evidence, f"[{joined}]", operands),
                    target=found[0],
                )
            ]
    return []


def _reordered(
    evidence: Evidence, operands: list[Operand], order: tuple[int, ...]
) -> Callable[[Editor], SourceEdit]:
    return lambda editor: editor.reorder(evidence, operands, order)


def _renamed(evidence: Evidence, renamed: dict[Any, Any]) -> Callable[[Editor], SourceEdit]:
    return lambda editor: editor.rename_keys(evidence, renamed)
