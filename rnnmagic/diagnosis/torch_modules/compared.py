"""An answer and a target where a loss compares them, and repairs of either."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rnnmagic.diagnosis.base import Candidate, Diagnosis
from rnnmagic.diagnosis.torch_modules.origins import head_behind
from rnnmagic.diagnosis.torch_modules.sites import with_argument
from rnnmagic.diagnosis.torch_modules.stack import Stack, path_of, shape_of
from rnnmagic.editor import Editor, SourceEdit
from rnnmagic.evidence import Operand
from rnnmagic.language import say
from rnnmagic.ops import Op
from rnnmagic.ops.base import atom
from rnnmagic.report import Shape
from rnnmagic.source import CannotEdit, Change, text_of


@dataclass
class Compared:
    """An answer and a target, where a loss compares them."""

    stack: Stack
    loss: str
    answer: Any
    target: Any
    answer_node: ast.expr | None
    target_node: ast.expr | None
    named: Operand | None = None
    """The target as it is known already, where no frame tells of it any more."""

    @property
    def out(self) -> Shape:
        return shape_of(self.answer) or ()

    @property
    def got(self) -> Shape:
        return shape_of(self.target) or ()

    def operand(self) -> Operand:
        return self.named or self.stack.operand("y", self.target, self.target_node)

    def made(
        self, cause: str, sentence: str, candidates: list[Candidate], expected: Shape | None = None
    ) -> Diagnosis:
        operand = self.operand()
        layer = None
        if self.stack.module is not None:
            layer = self.stack.info(expected, self.got)
        return Diagnosis(cause, sentence, "loss", operand, layer, candidates=tuple(candidates))


def on_target(case: Compared, op: Op, title: str, why: str, confidence: Any, **more: Any) -> Candidate:
    """A change of the target, in the data."""
    operand = case.operand()
    return Candidate(
        op.kind, title[:60], why, confidence, data=((operand, op),), target=operand.name, before=case.got,
        after=op.shape(case.got), **more,
    )  # fmt: skip


def on_answer(case: Compared, kind: str, suffix: str, title: str, why: str, confidence: Any) -> Candidate:
    """The answer changed where the loss gets it: `criterion(out.transpose(1, 2), y)`."""

    def source(_editor: Editor) -> SourceEdit:
        node, place = case.answer_node, case.stack.place
        if node is None or place is None:
            raise CannotEdit("the answer is not written out in a call")
        return SourceEdit(
            ((place.cell, Change.replacing(node, f"{atom(text_of(place.cell, node))}{suffix}")),)
        )

    return Candidate(kind, title[:60], why, confidence, source=source, target=answer_name(case))


def answer_name(case: Compared) -> str:
    """The answer as the user wrote it."""
    node, place = case.answer_node, case.stack.place
    return text_of(place.cell, node)[:40] if node is not None and place is not None else say("the answer")


def wider_head(case: Compared, classes: int, why: str, confidence: Any) -> list[Candidate]:
    """Another width for the last Linear that the answer went through."""
    head, model = head_behind(case.answer_node, case.stack.place)
    if head is None:
        return []
    return [
        Candidate(
            "layer_argument", f"Linear(out_features={classes})", why, confidence,
            source=_head_edit(head, model, case, classes), target=head_name(head, model, case),
        )
    ]  # fmt: skip


def _head_edit(head: Any, model: Any, case: Compared, classes: int) -> Callable[[Editor], SourceEdit]:
    return with_argument(head, model, case.stack.evidence, "out_features", classes)


def head_name(head: Any, model: Any, case: Compared) -> str:
    """The path of a part in its model."""
    return path_of(head, model, case.stack.evidence) or "linear"
