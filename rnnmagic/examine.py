"""From a cell that ran to its report: evidence, diagnosis, repairs, rehearsal.

Each step hands its result to the next and is never asked again. The model is rolled back before
the dry runs when the failure was one of shapes, and left alone when it was not.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from rnnmagic import frameworks
from rnnmagic.cells import Cell, Run
from rnnmagic.diagnosis import Candidate, Diagnosis, diagnose
from rnnmagic.editor import Editor
from rnnmagic.endings import shielded
from rnnmagic.evidence import X_ROLES, Evidence, gather
from rnnmagic.frameworks.keraslike.sittings import examination
from rnnmagic.interrupts import may_be_stopped
from rnnmagic.language import say
from rnnmagic.limit import Expired, limited
from rnnmagic.placing import Placed, place, with_values
from rnnmagic.repair import KernelRepairer
from rnnmagic.report import ArrayInfo, Confidence, Edit, ErrorInfo, Fix, Notice, Report, Timing
from rnnmagic.samples import SamplePair, sample_pair
from rnnmagic.settings import GRACE_S, RnnCheck
from rnnmagic.source import CannotEdit
from rnnmagic.statements import failing_statement
from rnnmagic.trouble import one_line, safe_text, took_too_long
from rnnmagic.values import class_name

TITLE_AT_MOST = 60
"""Characters of a title."""
TRIED_AT_MOST = 12
"""Candidates are tried in order; after so many the rest is left out."""


@may_be_stopped
def examine(run: Run, watch: Any, settings: RnnCheck) -> Report:
    """The report of a checked cell that has run.

    `watch` is the `Watch` that was listening while it did.

    Raises
    ------
    Expired
        It took longer than `settings.patience`. As after any other error, the model is what it was before.
    """
    if run.error is None:
        return _clean(run, watch, settings)
    if not run.compiled:
        return _other(run, None, 0.0)
    begun = time.perf_counter()
    with limited(settings.patience):
        recorder = None if watch is None else watch.heard(run.error)
        evidence = gather(run, recorder)
    held = _Held(evidence.call)
    try:
        # No limit holds for what puts the model back.
        held.roll_back()
        with examination():
            with limited(begun + settings.patience - time.perf_counter()):
                editor = Editor(evidence)
                diagnosis = diagnose(evidence, editor)
            diagnosed = time.perf_counter()
            if diagnosis is None:
                held.undo()
                return _other(run, evidence, diagnosed - begun)
            return _told(run, evidence, editor, diagnosis, settings, begun, diagnosed)
    except BaseException:
        held.undo()
        raise


def _clean(run: Run, watch: Any, settings: RnnCheck) -> Report:
    """The report of a cell that ran without an error. Trouble is nothing that anybody asked for."""
    warnings: tuple[Notice, ...] = ()
    notes: tuple[str, ...] = ()
    try:
        from rnnmagic.silent import look_over

        recorders = watch.recorders if watch is not None else ()
        with limited(settings.patience):
            found = [look_over(run, recorder, settings) for recorder in recorders]
        warnings = tuple(notice for silent in found for notice in silent.notices)
        notes = tuple(note for silent in found for note in silent.notes)
    except BaseException:
        warnings, notes = (), ()
    return Report("clean", warnings=warnings, timing=Timing(cell=run.seconds), advice=notes)


def _told(
    run: Run,
    evidence: Evidence,
    editor: Editor,
    diagnosis: Diagnosis,
    settings: RnnCheck,
    begun: float,
    diagnosed: float,
) -> Report:
    """The report with the diagnosis, and the fixes as far as they can be found."""
    fixer = Fixer(evidence, editor, settings, diagnosed + settings.time_limit)
    fixes = fixer.fixes(diagnosis)
    with limited(settings.patience):
        array, repairer = array_at_fault(diagnosis), fixer.repairer()
    return Report(
        outcome="shape_error",
        error=_error(run, evidence, diagnosis.phase),
        cause=diagnosis.cause,
        summary=diagnosis.summary,
        array=array,
        layer=diagnosis.layer,
        flow=diagnosis.flow,
        fixes=fixes,
        timing=Timing(run.seconds, diagnosed - begun, time.perf_counter() - diagnosed),
        advice=diagnosis.advice,
        trouble=fixer.trouble,
        execution_count=run.cell.execution_count,
        cell_id=run.cell.cell_id,
        repairer=repairer,
    )


class _Held:
    """A model as its failed call left it, while it is what it was before the call."""

    def __init__(self, call: Any) -> None:
        self._call = call
        self._left: tuple[Callable[[], None], ...] = ()

    @shielded
    def roll_back(self) -> None:
        """Make the model what it was before its call."""
        call = self._call
        framework = None if call is None else frameworks.of(call.model)
        if framework is None or call.stale or call.snapshot is None:
            return
        left = (framework.snapshot(call.model, values=True), framework.surroundings())
        # Nothing is rolled back that cannot be undone.
        self._left = tuple(part.roll_back for part in left)
        call.roll_back()

    @shielded
    def undo(self) -> None:
        """Make it what the call left; without a `roll_back`, or once more, this does nothing."""
        left, self._left = self._left, ()
        for back in left:
            back()


def _error(run: Run, evidence: Evidence | None, phase: str | None) -> ErrorInfo:
    error = run.error
    assert error is not None
    return ErrorInfo(
        class_name(error),
        safe_text(error),
        None if evidence is None else evidence.line,
        None if evidence is None else evidence.statement,
        phase,
    )


def _other(run: Run, evidence: Evidence | None, seconds: float) -> Report:
    return Report(
        "other_error",
        error=_error(run, evidence, None),
        timing=Timing(run.seconds, seconds),
        execution_count=run.cell.execution_count,
        cell_id=run.cell.cell_id,
    )


def array_at_fault(diagnosis: Diagnosis) -> ArrayInfo | None:
    """The variable at fault as the report gives it, `None` when the model is at fault."""
    operand = diagnosis.operand
    if operand is None:
        return None
    described = operand.described
    lengths = described.lengths
    if lengths is not None and len(lengths) > 1000:
        lengths = lengths[:: len(lengths) // 1000]
    return ArrayInfo(
        operand.name,
        operand.expression,
        operand.role,
        described.shape,
        described.dtype,
        diagnosis.axes if diagnosis.axes and len(diagnosis.axes) == len(described.shape or ()) else None,
        lengths,
    )


DRAWN = frozenset(
    {"reshape", "expand", "squeeze", "transpose", "window", "pad", "truncate", "select", "align"}
)
"""Kinds of fix that are drawn on one sample."""

HELD_AT_MOST = 1_000_000
"""Elements of an array that nobody but a report may hold, so that its fixes can be adjusted."""

Jobs = dict[str, tuple[Any, Any, str | None]]


class Fixer:
    """Turns candidates into fixes: written into the text, rehearsed, and ready to be applied."""

    def __init__(self, evidence: Evidence, editor: Editor, settings: RnnCheck, deadline: float) -> None:
        self.evidence, self.editor, self.settings, self.deadline = evidence, editor, settings, deadline
        self.jobs: dict[str, Jobs] = {}
        self.trouble: str | None = None
        self._candidates: dict[str, tuple[Candidate, bool]] = {}
        self._cells = _notebook(evidence)

    def fixes(self, diagnosis: Diagnosis) -> list[Fix]:
        """Those of the candidates that hold in a rehearsal, and those that it cannot decide."""
        found: list[Fix] = []
        seen: set[tuple[str, ...]] = set()
        for candidate in diagnosis.candidates[:TRIED_AT_MOST]:
            if len(found) >= max(self.settings.max_fixes, 1):
                break
            try:
                with limited(self.deadline + GRACE_S - time.perf_counter()):
                    fix = self._fix(_no_surer(candidate, found), f"fix-{len(found) + 1}", seen)
            except Expired:
                self.trouble = self.trouble or took_too_long(self.settings.time_limit + GRACE_S)
                break
            except BaseException as problem:
                # One repair that cannot be written or tried takes nothing from the others.
                self.trouble = self.trouble or one_line(say("One fix could not be tried"), problem)
                if isinstance(problem, KeyboardInterrupt):
                    break  # the user waits for the prompt
                continue
            if fix is not None:
                found.append(fix)
        return found

    def _fix(self, candidate: Candidate, name: str, seen: set[tuple[str, ...]]) -> Fix | None:
        undecided: Placed | None = None
        for placed in place(candidate, self.evidence, self.editor):
            try:
                new = tuple(text for _, text, _ in placed.edited())
            except CannotEdit:
                continue
            if not new or new in seen:
                continue
            status = self._rehearse(placed)
            if status == "passes":
                seen.add(new)
                return self._made(placed, name, True)
            if status == "unknown" and undecided is None:
                undecided = placed
        if undecided is not None and not candidate.only_if_tried:
            seen.add(tuple(text for _, text, _ in undecided.edited()))
            return self._made(undecided, name, False)
        return None

    def _rehearse(self, placed: Placed) -> str:
        if not self.settings.verify or time.perf_counter() > self.deadline:
            return "unknown"
        from rnnmagic.rehearsal import Script, rehearse

        texts = {id(cell): python for cell, _, python in placed.edited()}
        checked = self.evidence.run.cell
        order = self._cells
        edited = [i for i, cell in enumerate(order) if id(cell) in texts]
        if not edited:
            return "unknown"
        failing = failing_statement(self.evidence)
        scripts = []
        for cell in order[min(edited) :]:
            line = None
            if cell is checked:
                line = failing.lineno if failing is not None else 1
            scripts.append(Script(cell.transformed, texts.get(id(cell), cell.transformed), line))
        earlier = [cell.transformed for cell in order[: min(edited)]]
        verdict = rehearse(scripts, self.evidence.namespace, earlier=earlier, deadline=self.deadline)
        if (
            verdict.status == "passes"
            and not any(call.ok for call in verdict.calls)
            and self.evidence.call is not None
        ):
            # The failing call itself was never tried.
            return "unknown"
        if verdict.status == "passes" and any(op.taken_for_granted for _, op in placed.candidate.data):
            return "unknown"
        if verdict.status == "passes" and verdict.repeats:
            # `X = X[0]` in the user's own cell: what holds for a first run need not hold for the next.
            again = [Script(script.before, script.after, 1) for script in scripts]
            second = rehearse(again, self.evidence.namespace, earlier=earlier, deadline=self.deadline)
            return "passes" if second.status == "passes" else "unknown"
        return verdict.status

    def _made(self, placed: Placed, name: str, verified: bool) -> Fix:
        candidate = placed.candidate
        edits = tuple(
            Edit(cell.execution_count, cell.cell_id, cell.raw, new) for cell, new, _ in placed.edited()
        )
        self.jobs[name] = self._jobs_of(placed)
        self._candidates[name] = (candidate, verified)
        return Fix(
            id=name,
            kind=candidate.kind,
            title=_fitting(candidate.title),
            why=candidate.why,
            target=candidate.target,
            code=placed.code(),
            edits=edits,
            before=candidate.before,
            after=candidate.after,
            verified=verified,
            confidence=candidate.confidence,
            caution=candidate.caution,
            parameters=candidate.parameters,
            rebinds=tuple(placed.rebinds),
            sample=_sample_of(candidate),
        )

    def _jobs_of(self, placed: Placed) -> Jobs:
        from rnnmagic.values import describe

        jobs: Jobs = {}
        for name, op in placed.rebinds.items():
            described = describe(self.evidence.namespace.get(name))
            jobs[name] = (op, described.shape, described.dtype)
        return jobs

    def rebuild(self, fix: Fix, values: Mapping[str, Any]) -> tuple[Fix, Jobs]:
        """The fix with other parameters: text and operations only, nothing is dry-run."""
        candidate, verified = self._candidates[fix.id]
        changed = with_values(candidate, dict(values))
        placed = next(iter(place(changed, self.evidence, self.editor)), None)
        if placed is None:
            return fix, self.jobs[fix.id]
        # The promise holds as long as the shapes are those that were dry-run.
        new = self._made(placed, fix.id, verified and changed.after == candidate.after)
        self._candidates[fix.id] = (candidate, verified)
        return new, self.jobs[fix.id]

    def repairer(self) -> KernelRepairer:
        # The report outlives the examination, and is not to keep the user's variables alive.
        # An error holds every frame on its way, and a call the model as it was.
        without = replace(self.evidence, run=replace(self.evidence.run, error=None), recorder=None, call=None)
        self.evidence = self.editor.evidence = without
        held = [*without.places, without.site, *(operand.place for operand in without.operands)]
        for seen in held:
            if seen is not None:
                seen.release()
        self.editor.release()
        return KernelRepairer(self.evidence.namespace, self.jobs, self.rebuild, self.outdated)

    def outdated(self) -> str | None:
        """A variable that has another value now, or an array that no variable holds and that is big."""
        for operand in self.evidence.operands:
            if operand.is_variable and operand.name is not None:
                if self.evidence.namespace.get(operand.name) is not operand.value:
                    return operand.label
            elif math.prod(size or 0 for size in operand.described.shape or ()) > HELD_AT_MOST:
                return operand.label
        return None


_LEAST_SURE_FIRST: tuple[Confidence, ...] = ("possible", "likely", "sure")


def _no_surer(candidate: Candidate, before: list[Fix]) -> Candidate:
    """The candidate no surer than the fix that stands before it: the best is first."""
    if not before:
        return candidate
    confidence = min(candidate.confidence, before[-1].confidence, key=_LEAST_SURE_FIRST.index)
    return replace(candidate, confidence=confidence)


def _fitting(title: str) -> str:
    """The title as a button can hold it: a translation may be longer than the English."""
    return title if len(title) <= TITLE_AT_MOST else title[: TITLE_AT_MOST - 1].rstrip() + "…"


def _sample_of(candidate: Candidate) -> SamplePair | None:
    """One sample of the data before and after, when the repair changes data and is known to be done to it."""
    if candidate.kind not in DRAWN or len(candidate.data) != 1:
        return None
    operand, op = candidate.data[0]
    if operand.role not in X_ROLES:
        return None  # a target is a number or two: nothing to be seen
    try:
        return sample_pair(op, operand.value)
    except Exception:
        return None  # a fix without a picture is a fix


def _notebook(evidence: Evidence) -> list[Cell]:
    """The cells in the order in which they ran last, the checked one at the end."""
    checked = evidence.run.cell
    latest: dict[Any, Cell] = {}
    for cell in evidence.run.log:
        if cell.filename in ("<timed exec>", "<timed eval>"):
            continue
        latest.pop(cell.key, None)
        latest[cell.key] = cell
    cells = [cell for cell in latest.values() if cell is not checked]
    return [*cells, checked]
