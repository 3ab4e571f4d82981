"""A recurrent layer's answer, `(output, states)`, passed on whole."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable
from typing import Any

from rnnmagic.cells import Cell
from rnnmagic.diagnosis.base import Candidate, Diagnosis
from rnnmagic.diagnosis.torch_modules.origins import is_rnn, maker_of, modules_behind, resolve, tuple_of_rnn
from rnnmagic.diagnosis.torch_modules.sites import site_of
from rnnmagic.diagnosis.torch_modules.stack import Stack, shape_of
from rnnmagic.editor import Editor, SourceEdit
from rnnmagic.language import say
from rnnmagic.report import LayerInfo
from rnnmagic.source import CannotEdit, Change, Place, text_of, top_statement_of

_SIGNS = (
    "not tuple",
    "'tuple' object",
    "tuple indices",
    "'tuple' and",
    "and 'tuple'",
    "but got tuple",
    "type tuple",
)


def on_tuple(stack: Stack) -> bool:
    """Whether the error complains of a tuple, and a recurrent layer's answer is about."""
    return _complains(stack) and _found(stack) is not None


def _complains(stack: Stack) -> bool:
    return any(sign in stack.message for sign in _SIGNS)


def judge(stack: Stack) -> Diagnosis | None:
    """The output and the states of a recurrent layer, where its output alone is meant."""
    if not _complains(stack):
        return None
    if stack.module is not None and tuple_of_rnn(stack.given(0, "input")) and not stack.is_direct:
        return _in_sequential(stack)
    found = _found(stack)
    if found is None:
        return None
    node, place, layer = found
    info = LayerInfo(
        _path(layer, stack), type(layer).__name__ if layer is not None else "LSTM",
        stack.info().model if stack.outer is not None else None,
    )  # fmt: skip
    written = text_of(place.cell, node)
    user = say("what follows") if stack.module is None else type(stack.module).__name__
    sentence = say(
        "`{written}` is all that {cls} `{info_name}` gives, a pair (output, states); {user} takes the output alone.",
        written=written if len(written) < 40 else say("what is passed on"),
        cls=info.cls,
        info_name=info.name,
        user=user,
    )
    first = bool(getattr(layer, "batch_first", False))
    last = "[:, -1]" if first else "[-1]"
    candidates = [
        Candidate(
            "select", say("Take the output, leave the states: out, _ = …"), say("A recurrent layer gives a pair."), "sure",
            source=_unpacked(node, place), target=info.name,
        )
    ]  # fmt: skip
    if not _is_indexed(node):
        candidates.append(
            Candidate(
                "select", say("Take the output of the last timestep: out{last}", last=last),
                say("Right when one answer is wanted for a whole sequence."), "likely",
                source=_unpacked(node, place, last), target=info.name,
            )
        )  # fmt: skip
        if _gives_one_answer(stack):
            candidates.reverse()
    return Diagnosis("custom_op", sentence, "call", layer=info, candidates=tuple(candidates))


def _gives_one_answer(stack: Stack) -> bool:
    """Whether the targets about have no time axis: class numbers, or one value for each sample."""
    names = ("y", "y_train", "labels", "targets", "yb", "target", "Y")
    scopes = [stack.evidence.namespace, *(s for p in stack.evidence.places for s in p.scopes)]
    for scope in scopes:
        for name in names:
            shape = shape_of(scope.get(name)) if name in scope else None
            if shape is not None:
                return len(shape) == 1 or (len(shape) == 2 and shape[1] == 1)
    return False


def _path(layer: Any, stack: Stack) -> str:
    from rnnmagic.diagnosis.torch_modules.stack import path_of

    outer = stack.outer
    if outer is None:
        holders = [p.frame.f_locals.get("self") for p in stack.evidence.places if p.frame is not None]
        outer = next((h for h in holders if h is not None and "_modules" in getattr(h, "__dict__", {})), None)
    return path_of(layer, outer, stack.evidence) or "lstm"


def _found(stack: Stack) -> tuple[ast.expr, Place, Any] | None:
    """The expression that stands for the pair in the user's innermost frame, and the layer that gave it."""
    place = stack.evidence.places[-1] if stack.evidence.places else None
    if place is None or place.node is None:
        return None
    node: Any = place.node
    parts: list[Any] = []
    if isinstance(node, ast.Call):
        parts = [*node.args, *(k.value for k in node.keywords)]
        if isinstance(node.func, ast.Attribute):
            parts.append(node.func.value)
    elif isinstance(node, (ast.Subscript, ast.Attribute)):
        parts = [node.value]
    elif isinstance(node, ast.BinOp):
        parts = [node.left, node.right]
    elif isinstance(node, ast.stmt):
        parts = [n.value for n in ast.walk(node) if isinstance(n, (ast.Subscript, ast.Attribute))]
    for part in parts:
        if isinstance(part, ast.Call):
            layer = resolve(part.func, place)
            if is_rnn(layer):
                return part, place, layer
        elif isinstance(part, ast.Name) and tuple_of_rnn(resolve(part, place)):
            layer = next((m for m in modules_behind(part, place) if is_rnn(m)), None)
            return part, place, layer
    return None


def _is_indexed(node: ast.AST) -> bool:
    parent = getattr(node, "parent", None)
    return isinstance(parent, (ast.Subscript, ast.Attribute)) and parent.value is node


def _unpacked(node: ast.expr, place: Place, index: str = "") -> Callable[[Editor], SourceEdit]:
    def source(_editor: Editor) -> SourceEdit:
        if not isinstance(node, ast.Name):
            return SourceEdit(
                ((place.cell, Change.replacing(node, f"{text_of(place.cell, node)}[0]{index}")),)
            )
        maker = maker_of(node.id, place, node)
        if maker is None or len(maker.targets) != 1 or not isinstance(maker.targets[0], ast.Name):
            raise CannotEdit("where the pair was made is not clear")
        changes: list[tuple[Cell, Change]] = [
            (place.cell, Change.replacing(maker.targets[0], f"{node.id}, _"))
        ]
        if index:
            changes.append((place.cell, Change.replacing(node, f"{node.id}{index}")))
        return SourceEdit(tuple(changes))

    return source


def _in_sequential(stack: Stack) -> Diagnosis | None:
    """A Sequential passes on what each part gives, the pair included."""
    owner, layer = None, None
    for part in stack.outer.modules() if stack.outer is not None else ():
        parts = list(part._modules.values()) if type(part).__name__ == "Sequential" else []
        for before, after in itertools.pairwise(parts):
            if after is stack.module and is_rnn(before):
                owner, layer = part, before
    if layer is None:
        return None
    info = stack.info()
    name = _path(layer, stack)
    last = "[:, -1]" if layer.batch_first else "[-1]"
    whole = Candidate(
        "wrap", say("Put a module after it that keeps the output only"),
        say("A Sequential can pass on a single tensor, so a small module takes it out of the pair."), "sure",
        source=_with_part(stack, layer, owner, "OutputOnly", "outputs[0]"), target=name,
    )  # fmt: skip
    ending = Candidate(
        "wrap", say("Put a module after it that keeps the last timestep"),
        say("Right when one answer is wanted for a whole sequence."), "likely",
        source=_with_part(stack, layer, owner, "LastStep", f"outputs[0]{last}"), target=name,
    )  # fmt: skip
    one = not is_rnn(stack.module) and _gives_one_answer(stack)
    return Diagnosis(
        "custom_op",
        say(
            "{kind} `{name}` gives (output, states), and the Sequential passes the pair on to {cls} `{info_name}`, which takes a tensor.",
            kind=type(layer).__name__,
            name=name,
            cls=info.cls,
            info_name=info.name,
        ),
        "call",
        layer=info,
        candidates=(ending, whole) if one else (whole, ending),
    )


def _with_part(
    stack: Stack, layer: Any, owner: Any, name: str, answer: str
) -> Callable[[Editor], SourceEdit]:
    def source(_editor: Editor) -> SourceEdit:
        site = site_of(layer, stack.outer, stack.evidence)
        statement = top_statement_of(site.call)
        parent = getattr(site.call, "parent", None)
        if statement is None or not isinstance(parent, ast.Call) or site.call not in parent.args:
            raise CannotEdit("the parts of the Sequential are not written out")
        made = ast.unparse(parent.func)
        module = made.rsplit(".", 1)[0] if "." in made else None
        if module is None:
            raise CannotEdit("how the notebook writes torch.nn is not clear")
        lines = f"class {name}({module}.Module):\n    def forward(self, outputs):\n        return {answer}\n"
        after = Change(
            site.call.end_lineno or 0, site.call.end_col_offset or 0, site.call.end_lineno or 0,
            site.call.end_col_offset or 0, f", {name}()",
        )  # fmt: skip
        return SourceEdit(((site.cell, Change.before(statement, lines)), (site.cell, after)))

    return source
