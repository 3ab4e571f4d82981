"""Choose the room that explains a failure: data, input, layer, target or count."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rnnmagic import frameworks
from rnnmagic.diagnosis import carriers, torch_modules, weights
from rnnmagic.diagnosis.alone import unpacked
from rnnmagic.diagnosis.answers import of_answer
from rnnmagic.diagnosis.arguments import (
    ids_beyond,
    misplaced,
    no_steps,
    unequal_elements,
    unknown_rank,
    weights_apart,
)
from rnnmagic.diagnosis.base import Diagnosis
from rnnmagic.diagnosis.building import of_construction
from rnnmagic.diagnosis.by_hand import compared
from rnnmagic.diagnosis.class_weights import steps_weighted
from rnnmagic.diagnosis.companions import accompanied
from rnnmagic.diagnosis.forward import of_forward
from rnnmagic.diagnosis.own_code import in_own_model, training_loop
from rnnmagic.diagnosis.rolling import rolled
from rnnmagic.diagnosis.short_batch import short_batch
from rnnmagic.diagnosis.splits import mixed_up
from rnnmagic.diagnosis.unfit import of_unfit
from rnnmagic.diagnosis.unseen import of_unseen
from rnnmagic.evidence import Evidence
from rnnmagic.frameworks.base import is_of_values, speaks_of_shapes
from rnnmagic.report import FlowStep

if TYPE_CHECKING:
    from rnnmagic.editor import Editor


NOT_OURS = (
    NameError, ImportError, OSError, KeyboardInterrupt, SystemExit, SyntaxError, MemoryError, AssertionError,
    ZeroDivisionError, UnicodeError, StopIteration, KeyError, FloatingPointError, RecursionError,
)  # fmt: skip


def diagnose(evidence: Evidence, editor: Editor) -> Diagnosis | None:
    """The diagnosis of a failed cell, or `None` when it did not fail on a shape of a model's data."""
    error = evidence.run.error
    if torch_modules.concerns(evidence):
        return torch_modules.judge(evidence, editor)
    if error is None or (isinstance(error, NOT_OURS) and not _could_be_ours(error)):
        return None
    if evidence.call is not None:
        found = _of_call(evidence, editor)
        if found is None or found.cause in ("custom_op", "other"):
            found = short_batch(evidence) or found
        return found and accompanied(
            found, evidence, lambda repaired: _of_call(repaired, editor, second=True)
        )
    short = short_batch(evidence)
    if short is not None:
        return short
    if evidence.recorder is not None:
        found = weights.judge(evidence, evidence.recorder.frames_of(error), editor) or of_construction(
            evidence, editor
        )
        if found is not None:
            return found
    return (
        unpacked(evidence)
        or carriers.ragged_while_made(evidence)
        or rolled(evidence)
        or training_loop(evidence, editor)
    )


def _could_be_ours(error: BaseException) -> bool:
    return type(error).__name__ == "OperatorNotAllowedInGraphError"


def _of_call(evidence: Evidence, editor: Editor, *, second: bool = False) -> Diagnosis | None:
    early = misplaced(evidence) or no_steps(evidence) or mixed_up(evidence)
    if early is not None:
        return early
    framework = frameworks.of(evidence.model)
    if framework is None:
        return None
    trial = framework.try_call(evidence.model, evidence.method or "", evidence.arguments, open_sandbox=True)
    return of_trial(evidence, trial, editor, second=second)


def of_trial(evidence: Evidence, trial: Any, editor: Editor, *, second: bool = False) -> Diagnosis | None:
    """The diagnosis of a call that a dry run has tried; `second` when another mistake is repaired already."""
    if trial.ok:
        if not is_of_values(evidence.run.error):
            return None
        return ids_beyond(evidence) or unequal_elements(evidence)
    if trial.unfit is not None:
        return of_unfit(evidence, trial.unfit, editor, trial)
    if not trial.known or trial.outcome is None or trial.batch is None:
        return unknown_rank(evidence) or of_unseen(evidence)
    outcome, batch = trial.outcome, trial.batch
    if outcome.error is None and second and outcome.broadcasts:
        # Nothing raises, but the loss would stretch one over the other: no repair yet.
        return of_answer(evidence, outcome, "y", "loss")
    if outcome.error is None or isinstance(outcome.error, NOT_OURS):
        return None
    if isinstance(outcome.error, AttributeError):
        return None
    if not speaks_of_shapes(outcome.error):
        return None
    validation = batch.part == "validation" and evidence.arguments.get("validation_data") is not None
    prefix = "validation_" if validation else ""
    if outcome.phase in ("loss", "metric"):
        found = (
            steps_weighted(evidence)
            or weights_apart(evidence, outcome.output)
            or of_answer(evidence, outcome, f"{prefix}y", outcome.phase)
        )
    else:
        found = of_forward(evidence, outcome, batch, validation, editor)
        if found is None and outcome.failing is None:
            found = compared(evidence, editor) or in_own_model(evidence, outcome)
    return found and replace(found, flow=found.flow or _flow(outcome))


def _flow(outcome: Any) -> tuple[FlowStep, ...]:
    from rnnmagic.frameworks.wanted import class_of

    steps = []
    for step in outcome.steps:
        if step.depth == 1 and class_of(step.layer) != "InputLayer":
            shape = step.output if isinstance(step.output, tuple) else None
            steps.append(FlowStep(step.layer.name, class_of(step.layer), shape, step.ok))
            if not step.ok:
                break
    return tuple(steps)
