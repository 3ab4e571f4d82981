"""Unequal numbers of samples in what belongs together."""

from __future__ import annotations

import ast
from typing import Any

from rnnmagic.diagnosis import hints
from rnnmagic.diagnosis.base import Candidate, Diagnosis, text
from rnnmagic.diagnosis.carriers.wording import short
from rnnmagic.evidence import Evidence, Operand
from rnnmagic.language import say
from rnnmagic.ops import Op, Replace, Slice
from rnnmagic.report import Shape
from rnnmagic.source import parse
from rnnmagic.values import as_shape, asked, describe, variables


def counts(evidence: Evidence, first: Operand, second: Operand, phase: str) -> Diagnosis:
    """x and y (or sample_weight) hold different numbers of samples."""
    x, y = first, second
    rows, targets = (x.described.shape or (None,))[0], (y.described.shape or (None,))[0]
    assert rows is not None and targets is not None
    sentence = say(
        "`{array}` holds {rows} samples and `{y_array}` {targets}: each sample needs its own target.",
        array=x.label,
        rows=rows,
        y_array=y.label,
        targets=targets,
    )
    candidates: list[Candidate] = []
    swapped = right_partner(evidence, x, y)
    for partner in swapped[:2]:
        candidates.append(partner)
    turned = _batch_axis_elsewhere(x, targets)
    if turned is not None:
        from rnnmagic.ops import Transpose

        op = Transpose(turned)
        shape = x.described.shape or ()
        return Diagnosis(
            "axis_order",
            say("`{array}` {shape} has its samples on axis {axis}, not first: `{y_array}` holds {targets} targets.", array=x.label, shape=text(shape), axis=turned[0], y_array=y.label, targets=targets),
            phase,
            x,
            candidates=(
                *candidates,
                Candidate(
                    "transpose", say("Transpose {array} to {shape}", array=short(x.label), shape=text(op.shape(shape)))[:60],
                    say("Samples come first; a transpose keeps every sample whole."), "likely",
                    data=((x, op),), target=x.name, before=shape, after=op.shape(shape),
                ),
            ),
        )  # fmt: skip
    if not candidates and y.role in ("y", "validation_y"):
        lying = _turned_target(evidence, x, y, rows, phase)
        if lying is not None:
            return lying
    if not candidates:
        candidates += same_slice(evidence, x, y)
    if not candidates and y.role == "sample_weight" and targets < rows:
        candidates += _to_the_weights(evidence, x, y, targets)
    if not candidates:
        candidates += _cuts(x, y, rows, targets)
    at_fault = y if targets >= rows or y.role == "sample_weight" else x
    if swapped:
        at_fault = next((operand for operand, _ in swapped[0].data), at_fault)
    return Diagnosis(
        "sample_count",
        sentence,
        phase,
        at_fault,
        candidates=tuple(candidates),
        axes=("samples",) if at_fault is y else None,
    )


def _turned_target(evidence: Evidence, x: Operand, y: Operand, rows: int, phase: str) -> Diagnosis | None:
    """A target that has a row for each output and a column for each sample."""
    from rnnmagic.ops import Transpose

    shape = y.described.shape
    outputs = asked(evidence.model, "outputs")
    answer = as_shape(outputs[0].shape) if outputs and len(outputs) == 1 else None
    if shape is None or len(shape) != 2 or shape[1] != rows or shape[0] == rows:
        return None
    # One row of targets may be for one output, or the class numbers of a sparse loss.
    if answer is None or len(answer) != 2 or shape[0] not in (1, answer[1]):
        return None
    op = Transpose((1, 0))
    turn = Candidate(
        "transpose", say("Transpose {array} to {shape}", array=short(y.label), shape=text(op.shape(shape)))[:60],
        say("Samples come first; a transpose keeps the targets of every sample together."), "sure",
        data=((y, op),), target=y.name, before=shape, after=op.shape(shape),
    )  # fmt: skip
    return Diagnosis(
        "axis_order",
        say(
            "`{array}` {shape} has its samples on axis 1, not first: `{x_array}` holds {rows} samples.",
            array=y.label,
            shape=text(shape),
            x_array=x.label,
            rows=rows,
        ),
        phase,
        y,
        candidates=(turn,),
        axes=("outputs", "samples"),
    )


class _Sliced(Op):
    """The slice that the other array was given: `y[:64]` beside `X[:64]`."""

    kind = "align"
    only_here = True

    def __init__(self, text: str, count: int | None) -> None:
        self.text, self.count = text, count

    def shape(self, shape: Shape) -> Shape:
        return (self.count, *shape[1:])

    def apply(self, value: Any) -> Any:
        raise TypeError("only written into the call")

    def code(self, expression: str, value: Any, spell: Any) -> str:
        return f"{expression}[{self.text}]"


def same_slice(evidence: Evidence, x: Operand, y: Operand) -> list[Candidate]:
    """One of the two was sliced, in the call or where its variable was made, and the other was not."""
    for cut, whole in ((x, y), (y, x)):
        node = cut.node if isinstance(cut.node, ast.Subscript) else _made_by(cut, evidence)
        if (
            not isinstance(node, ast.Subscript)
            or not isinstance(node.value, ast.Name)
            or not whole.is_variable
        ):
            continue
        base = describe(evidence.namespace.get(node.value.id)).shape
        count, rows = (whole.described.shape or (None,))[0], (cut.described.shape or (None,))[0]
        first = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) else node.slice
        if base is None or base[0] != count or whole.node is None:
            continue
        slice_text = ast.unparse(first)
        op = _Sliced(slice_text, rows)
        return [
            Candidate(
                "align", say("Slice {array} alike: {array}[{slice_text}]", array=short(whole.label), slice_text=slice_text)[:60],
                say("`{array}` is a part of `{whole}`; its partner needs the same part.", array=cut.label, whole=node.value.id), "sure",
                data=((whole, op),), target=whole.name, before=whole.described.shape,
                after=op.shape(whole.described.shape or (None,)), siblings=False,
            )
        ]  # fmt: skip
    return []


def _made_by(operand: Operand, evidence: Evidence) -> ast.expr | None:
    """What stands in the notebook behind `name =`, the last time that a variable was made by itself."""
    if operand.name is None or not operand.is_variable:
        return None
    for cell in reversed(list(evidence.run.log)):
        tree = parse(cell.transformed)
        for statement in reversed(tree.body) if tree is not None else []:
            targets = statement.targets if isinstance(statement, ast.Assign) else []
            if any(isinstance(t, ast.Name) and t.id == operand.name for t in targets):
                return statement.value if isinstance(statement, ast.Assign) else None
    return None


def _to_the_weights(evidence: Evidence, x: Operand, weights: Operand, count: int) -> list[Candidate]:
    """Fewer weights than samples: x and y are cut to those that have one."""
    y = evidence.operand("validation_y" if x.role.startswith("validation") else "y")
    both = [x] if y is None else [x, y]
    op = Slice(0, None, count, kind="trim", repeatable=True)
    return [
        Candidate(
            "trim", say("Use the {count} samples that have a weight", count=count)[:60],
            say("Right when samples and weights start together."), "possible",
            say("Check that weight i belongs to sample i."),
            data=tuple((one, op) for one in both), target=x.name, before=x.described.shape,
            after=op.shape(x.described.shape or (None,)), siblings=False,
        )
    ]  # fmt: skip


def _batch_axis_elsewhere(x: Operand, targets: int) -> tuple[int, ...] | None:
    shape = x.described.shape
    if shape is None or len(shape) != 3 or targets <= 1:
        return None
    if shape[1] == targets and shape[2] != targets:
        return (1, 0, 2)
    return None


def right_partner(evidence: Evidence, x: Operand, y: Operand) -> list[Candidate]:
    """A variable of the same family that has the right number: y_train for X_train."""
    found: list[Candidate] = []
    for operand, other in ((y, x), (x, y)):
        if operand.name is None or not operand.is_variable:
            continue
        count = (other.described.shape or (None,))[0]
        mine = operand.described
        for name, value in variables(evidence.namespace):
            if name.startswith("_") or value is operand.value or name == operand.name:
                continue
            if not hints.is_split_of(name, operand.name):
                continue
            described = describe(value)
            if (
                described.shape
                and mine.shape
                and described.shape[0] == count
                and described.shape[1:] == mine.shape[1:]
            ):
                part = _part(name)
                agrees = other.name is not None and part is not None and part == _part(other.name)
                found.append(
                    Candidate(
                        "select",
                        say("Pass {name} instead of {array}", name=name, array=operand.name)[:60],
                        say(
                            "`{name}` has the {count} samples that `{array}` has.",
                            name=name,
                            count=count,
                            array=other.label,
                        )
                        + ((" " + say("Both are the same part of the data.")) if agrees else ""),
                        "sure" if agrees else "likely",
                        data=((operand, Replace(name, value)),),
                        target=operand.name,
                        before=mine.shape,
                        after=described.shape,
                        siblings=False,
                    )
                )
        if found and found[-1].confidence == "sure":
            break
    return sorted(found, key=lambda candidate: candidate.confidence != "sure")


def _part(name: str) -> str | None:
    lowered = name.lower()
    for part, words in (
        ("train", ("train", "_tr", "trn")),
        ("test", ("test", "_te", "tst")),
        ("val", ("val", "_va", "dev")),
    ):
        if any(word in lowered for word in words):
            return part
    return None


def _cuts(x: Operand, y: Operand, rows: int, targets: int) -> list[Candidate]:
    """Cut the longer one: where x holds windows the ends are kept together, for window i ends where target i begins."""
    shape = x.described.shape or ()
    steps = shape[1] if len(shape) >= 2 else None
    surplus = targets - rows
    if surplus > 0:
        windows = steps is not None and surplus in (steps, steps - 1)
        op = Slice(0, surplus, None, kind="align" if windows or y.role != "sample_weight" else "trim")
        if windows:
            why = say(
                "Each window covers {steps} rows, so the first has its target at row {surplus}: the first {surplus} targets have no window.",
                steps=steps,
                surplus=surplus,
            )
        else:
            why = say(
                "Right when the samples belong to the end of the targets, as with windows over the past."
            )
        title = (
            say("Align {array} with the windows: [{surplus}:]", array=short(y.label), surplus=surplus)
            if windows
            else say("Drop the first {surplus} of {array}", surplus=surplus, array=short(y.label))
        )
        align = Candidate(
            "align", title[:60], why, "sure" if windows else "possible",
            None if windows else say("Check that target i still belongs to sample i."),
            data=((y, op),), target=y.name, before=y.described.shape, after=op.shape(y.described.shape or ()),
            siblings=False,
        )  # fmt: skip
        cut = Slice(0, None, rows, kind="trim")
        trim = Candidate(
            "trim", say("Drop the last {surplus} of {array}", surplus=surplus, array=short(y.label))[:60],
            say("Right when samples and targets start together."), "possible" if windows else "likely",
            say("Pairs each window with a value from before its end.") if windows else say("Check that target i still belongs to sample i."),
            data=((y, cut),), target=y.name, before=y.described.shape, after=cut.shape(y.described.shape or ()),
            siblings=False,
        )  # fmt: skip
        return [align, trim] if windows else [trim, align]
    surplus = -surplus
    candidates: list[Candidate] = []
    cut = Slice(0, None, targets, kind="trim")
    candidates.append(
        Candidate(
            "trim", say("Drop the last {surplus} of {array}", surplus=surplus, array=short(x.label))[:60],
            say("Right when samples and targets start together: the last windows have no target yet."),
            "likely",
            say("Check that target i still belongs to sample i."),
            data=((x, cut),), target=x.name, before=shape, after=cut.shape(shape), siblings=False,
        )
    )  # fmt: skip
    rest = Slice(0, surplus, None, kind="align")
    candidates.append(
        Candidate(
            "align", say("Drop the first {surplus} of {array}", surplus=surplus, array=short(x.label))[:60],
            say("Right when samples and targets end together."),
            "possible",
            say("Check that target i still belongs to sample i."),
            data=((x, rest),), target=x.name, before=shape, after=rest.shape(shape), siblings=False,
        )
    )  # fmt: skip
    return candidates
