"""The calls of a clean cell as cases to judge: recorded, or written out in its text."""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from rnnmagic import frameworks
from rnnmagic.cells import Run
from rnnmagic.diagnosis.base import Candidate, Diagnosis
from rnnmagic.editor import Editor
from rnnmagic.evidence import Evidence, Operand, _model_name, argument_nodes, operands_of
from rnnmagic.frameworks.base import Look
from rnnmagic.language import say
from rnnmagic.report import ArrayInfo, Fix, LayerInfo, Notice, Shape
from rnnmagic.settings import RnnCheck
from rnnmagic.silent.origin import Origins, safe_value
from rnnmagic.source import Place, Unknowable, function_of, parse, text_of, top_statement_of

WITH_LOSS = ("fit", "train_on_batch", "evaluate", "test_on_batch")


@dataclass(frozen=True)
class Called:
    """One call on a model: the method and its arguments by name."""

    method: str
    model: Any
    arguments: dict[str, Any] = field(repr=False)
    node: ast.Call | None = None
    """Where it is written, `None` when that is not in the checked cell."""


@dataclass
class Case:
    """One call, what is known of it, and the means to say something about it."""

    run: Run
    called: Called
    evidence: Evidence
    settings: RnnCheck
    deadline: float
    before: Case | None = None
    """The training of the same model in the same cell, whose look will do for this call too."""

    @cached_property
    def look(self) -> Look:
        if self.before is not None:
            return self.before.look
        framework = frameworks.of(self.called.model)
        if framework is None:
            return Look(False)
        return framework.look(self.called.model, self.called.method, self.called.arguments)

    @cached_property
    def editor(self) -> Editor:
        return Editor(self.evidence)

    @cached_property
    def origins(self) -> Origins:
        return Origins(self.run)

    @property
    def model(self) -> Any:
        return self.called.model

    @property
    def model_word(self) -> str:
        return f"`{self.evidence.model_name}`" if self.evidence.model_name else say("the model")

    def layer(self, name: str | None) -> Any:
        """A layer of the model by its name, those inside other layers too."""
        return next((layer for layer in self.model._flatten_layers() if layer.name == name), None)

    def layer_info(
        self, layer: Any, expected: Shape | None = None, received: Shape | None = None
    ) -> LayerInfo | None:
        if layer is None:
            return None
        return LayerInfo(layer.name, type(layer).__name__, self.evidence.model_name, expected, received)

    def notice(
        self,
        cause: str,
        summary: str,
        operand: Operand | None = None,
        layer: LayerInfo | None = None,
        candidates: tuple[Candidate, ...] = (),
        line: int | None = None,
        array: ArrayInfo | None = None,
    ) -> Notice:
        if array is None and operand is not None:
            array = array_info(operand)
        line = line if line is not None else self.evidence.line
        return Notice(cause, summary, array, layer, line, self._fixes(cause, summary, candidates))

    def _fixes(self, cause: str, summary: str, candidates: tuple[Candidate, ...]) -> tuple[Fix, ...]:
        if not candidates or self.evidence.site is None or time.perf_counter() > self.deadline:
            return ()
        from rnnmagic.examine import Fixer

        try:
            fixer = Fixer(self.evidence, self.editor, self.settings, self.deadline)
            found = fixer.fixes(Diagnosis(cause, summary, "run", candidates=candidates))
        except Exception:
            return ()
        # Nothing failed, so that only what was tried and holds is worth a word.
        return tuple(replace(fix, id=f"{cause}-{fix.id}") for fix in found if fix.verified)


def array_info(operand: Operand) -> ArrayInfo:
    described = operand.described
    return ArrayInfo(operand.name, operand.expression, operand.role, described.shape, described.dtype)


def cases_of(run: Run, recorder: Any, settings: RnnCheck, deadline: float) -> Iterator[Case]:
    """The latest call on each model, and before it the training that the cell writes out."""
    for call in list(recorder.calls.values()):
        recorded = Called(call.method, call.model, call.arguments)
        site = _site(recorded, run)
        before = None
        for called in (*_trainings(recorded, run, site), replace(recorded, node=site)):
            before = Case(run, called, _evidence(called, run, recorder), settings, deadline, before)
            yield before


def _calls_on(model: Any, run: Run) -> Iterator[tuple[str, ast.Call]]:
    """Calls of the checked cell on this very model, with the method's name."""
    tree = parse(run.cell.transformed)
    for node in ast.walk(tree) if tree is not None else ():
        if not isinstance(node, ast.Call):
            continue
        for method, owner in (
            (getattr(node.func, "attr", None), getattr(node.func, "value", None)),
            ("__call__", node.func),
        ):
            if method is None or not isinstance(owner, ast.expr):
                continue
            try:
                if safe_value(owner, run.namespace) is model:
                    yield method, node
            except Unknowable:
                continue


def _site(called: Called, run: Run) -> ast.Call | None:
    """Where the recorded call is written; among several the one with the recorded arguments."""
    nodes = [node for method, node in _calls_on(called.model, run) if method == called.method]
    nodes = [node for node in nodes if function_of(node) is None]
    for node in reversed(nodes):
        if _agrees(node, called, run):
            return node
    return None


def _agrees(node: ast.Call, called: Called, run: Run) -> bool:
    """Whether nothing that is written there is another object than what was passed."""
    for name, written in argument_nodes(node, called.method, type(called.model)).items():
        if name in ("x", "y", "inputs") and isinstance(written, ast.Name):
            if run.namespace.get(written.id) is not called.arguments.get(name):
                return False
    return True


def _trainings(recorded: Called, run: Run, site: ast.Call | None) -> Iterator[Called]:
    """A training earlier in the cell: the recorder keeps only the latest call on a model."""
    if recorded.method == "fit":
        return
    for method, node in _calls_on(recorded.model, run):
        if method not in ("fit", "train_on_batch") or function_of(node) is not None or node is site:
            continue
        nodes = argument_nodes(node, method, type(recorded.model))
        arguments: dict[str, Any] = {}
        try:
            for name in ("x", "y", "sample_weight", "validation_data", "batch_size"):
                if name in nodes:
                    arguments[name] = safe_value(nodes[name], run.namespace)
        except Unknowable:
            continue
        if arguments.get("x") is not None:
            yield Called(method, recorded.model, arguments, node)
            return


def _evidence(called: Called, run: Run, recorder: Any) -> Evidence:
    site, nodes = None, {}
    if called.node is not None:
        site = Place(run.cell, None, called.node.lineno, called.node)
        nodes = argument_nodes(called.node, called.method, type(called.model))
    found = [site] if site is not None else []
    operands = tuple(operands_of(called.method, called.arguments, nodes, site, found, run.namespace))
    name = _model_name(called.model, site, run.namespace)
    line = called.node.lineno if called.node is not None else _mention(called, operands, name, run)
    return Evidence(
        run,
        found,
        site,
        None if line is None else line + run.cell.offset,
        text_of(run.cell, called.node) if called.node is not None else None,
        called.method,
        called.model,
        name,
        called.arguments,
        operands,
        recorder,
        called,
    )


def _mention(called: Called, operands: tuple[Operand, ...], model_name: str | None, run: Run) -> int | None:
    """For a call inside a function: the call of that name, or the last statement that names the array."""
    tree = parse(run.cell.transformed)
    if tree is None:
        return None
    inside = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == called.method
    ]
    if inside:
        return inside[-1]
    names = {operand.name for operand in operands} | {model_name}
    lines = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in names:
            statement = top_statement_of(node)
            if statement is not None:
                lines.append(statement.lineno)
    return max(lines, default=None)
