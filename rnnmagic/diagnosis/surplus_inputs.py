"""More arrays than the model has inputs: which of them belong there."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import TYPE_CHECKING, Any

from rnnmagic.diagnosis.base import Candidate
from rnnmagic.evidence import Evidence, Operand
from rnnmagic.language import say
from rnnmagic.report import Confidence
from rnnmagic.source import CannotEdit, Unknowable, parent_of, parse

if TYPE_CHECKING:
    from rnnmagic.editor import Editor, SourceEdit

AT_MOST = 8
"""Arrays of one call whose combinations are tried."""
_ITEM = re.compile(r"(\w+)\[(\d+)\]")


def surplus(
    evidence: Evidence, operands: list[Operand], wanted: list[Any], fits: Callable[[Operand, Any], bool]
) -> Iterator[Candidate]:
    """Those that fit the inputs, in their order; of several choices the one that passes states on."""
    if not len(wanted) < len(operands) <= AT_MOST:
        return
    texts = [operand.expression or operand.name for operand in operands]
    states = [_is_state(operand, evidence) for operand in operands]
    choices = [
        chosen
        for chosen in combinations(range(len(operands)), len(wanted))
        if all(
            fits(operands[place], wish) and texts[place] for place, wish in zip(chosen, wanted, strict=True)
        )
    ]
    if not choices:
        return
    # A recurrent layer gives its answer first and then its states: what is too many of a list stands in front.
    best = max(choices, key=lambda chosen: (sum(states[place] for place in chosen), _late(chosen, operands)))
    left = [operand for place, operand in enumerate(operands) if place not in best]
    told = any(states[place] for place in best) and not any(states[operands.index(one)] for one in left)
    confidence: Confidence = "sure" if told else "likely"
    why = (
        say("These are the states; the answer of the recurrent layer is not passed on.")
        if told
        else say("That is one array for each input, in their order.")
    )
    caution = (
        None
        if told or len(choices) == 1
        else say("Other arrays of the call would fit as well: check which ones are meant.")
    )
    cut = _cut(left, evidence)
    if cut is not None:
        name, index = cut
        yield Candidate(
            "select", say("Keep {name}{index} where it is made", name=name, index=index)[:60], why, confidence, caution,
            source=lambda editor: editor.item_where_made(name, index), target=name,
        )  # fmt: skip
    joined = ", ".join(str(texts[place]) for place in best)
    code = f"[{joined}]" if len(best) > 1 else joined
    yield Candidate(
        "select", say("Pass {code}", code=code)[:60], why, confidence, caution,
        source=passed(evidence, code, operands), target=left[0].name,
    )  # fmt: skip


def passed(evidence: Evidence, code: str, operands: list[Operand]) -> Callable[[Editor], SourceEdit]:
    """Other inputs in place of these, in the call's x or in its validation data."""

    def source(editor: Editor) -> SourceEdit:
        first = operands[0]
        if first.role != "validation_x":
            return editor.set_call_argument(
                evidence, "inputs" if evidence.method == "__call__" else "x", code
            )
        if first.node is None or first.place is None:
            raise CannotEdit("the validation data are not written out")
        around = parent_of(first.node)
        written = around if len(operands) > 1 and isinstance(around, (ast.List, ast.Tuple)) else first.node
        return editor.replace_node(first.place, written, code)

    return source


def _item(operand: Operand) -> tuple[str, int] | None:
    """The list that an array is an item of, when nobody wrote the item out, and its place there."""
    match = None if operand.node is not None else _ITEM.fullmatch(operand.expression or "")
    return (match[1], int(match[2])) if match else None


def _late(chosen: tuple[int, ...], operands: list[Operand]) -> int:
    """How far back in their lists the chosen items stand; written-out arrays count from the front."""
    return sum(place if _item(operands[place]) is not None else -place for place in chosen)


def _cut(left: list[Operand], evidence: Evidence) -> tuple[str, str] | None:
    """The list that all surplus arrays are the first or the last items of, and the slice without them."""
    items = [_item(operand) for operand in left]
    names = {item[0] for item in items if item is not None}
    if None in items or len(names) != 1:
        return None
    name = names.pop()
    held: Any = evidence.namespace.get(name)
    places = sorted(item[1] for item in items if item is not None)
    if type(held) not in (list, tuple) or _read_by_item(name, evidence):
        return None
    if places == list(range(len(places))):
        return name, f"[{len(places)}:]"
    if places == list(range(len(held) - len(places), len(held))):
        return name, f"[:{-len(places)}]"
    return None


def _read_by_item(name: str, evidence: Evidence) -> bool:
    """Whether the notebook takes single items of the list, which would be others then."""
    for cell in evidence.run.log:
        tree = parse(cell.transformed)
        for node in ast.walk(tree) if tree is not None else ():
            if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == name:
                return True
    return False


def _is_state(operand: Operand, evidence: Evidence) -> bool:
    """Whether an item of a model's answer is a recurrent layer's state, and not its answer."""
    from rnnmagic.frameworks.keraslike.nodes import maker_of
    from rnnmagic.frameworks.wanted import is_rnn
    from rnnmagic.silent.origin import Origins, safe_value

    item = _item(operand)
    if item is None:
        return False
    origins = Origins(evidence.run)
    made = origins.before(item[0], len(origins.assigned))
    call = made.value if made is not None else None
    if not isinstance(call, ast.Call):
        return False
    predicts = isinstance(call.func, ast.Attribute) and call.func.attr in ("predict", "predict_on_batch")
    try:
        model = safe_value(call.func.value if predicts else call.func, evidence.namespace)  # type: ignore[attr-defined]
        outputs = list(model.outputs)
        tensor = outputs[item[1]]
        return is_rnn(maker_of(tensor)) and int(tensor._keras_history.tensor_index) > 0
    except (Unknowable, AttributeError, IndexError, TypeError):
        return False
