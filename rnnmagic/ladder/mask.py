"""What of a report may be seen at a step: a report like any other, with the rest taken out of it.

Every view, the lab extension's messages, the magics and `last_report()` get this report and no other,
so that none of them has to know what is still to be kept back.
"""

from __future__ import annotations

from dataclasses import replace

from rnnmagic.ladder.facts import axis_hint, question, where
from rnnmagic.language import say
from rnnmagic.policy import Rules
from rnnmagic.report import HINT_STEPS, Climber, Fix, Lesson, Notice, Report

QUESTION, AXIS, WHERE, IDEA, CODE = range(1, HINT_STEPS + 1)


def teaches(report: Report) -> bool:
    """Whether there is something in a report to be found step by step."""
    if report.outcome == "shape_error":
        return bool(report.cause and report.summary)
    return bool(report.warnings)


def last_step(report: Report) -> int:
    """The last step at which there is something new to show."""
    return CODE if report.offered else IDEA if report.advice else WHERE


def masked(report: Report, step: int, rules: Rules, *, asked: bool, climber: Climber | None = None) -> Report:
    """The report as it may be seen at `step`.

    Parameters
    ----------
    report
        The whole report.
    step
        1 to 5; no more than the policy's highest.
    asked
        Whether hints are on. Without them `step` is where the policy has the report end.

    Returns
    -------
    The report itself, when all of it may be seen and no hints are on.
    """
    if not teaches(report):
        if report.advice and (asked or rules.highest_step < IDEA):
            # It says what is wrong, and there are no steps that would lead there.
            report = replace(report, advice=())
        return report if rules.allow_apply else _without_apply(report, rules)
    top = min(rules.highest_step, last_step(report))
    step = min(step, top)
    whole = step == CODE or top == last_step(report) == step
    if whole and not asked:
        return report if rules.allow_apply else _without_apply(report, rules)
    lesson = Lesson(
        step,
        rules.highest_step,
        more=asked and step < top,
        said=_said(report, step),
        asked=asked,
        end=_end(rules) if step == top < last_step(report) else "",
    )
    seen = replace(
        report,
        error=report.error
        if step >= WHERE or report.error is None
        else replace(report.error, statement=None),
        summary=report.summary if step >= IDEA or not lesson.said else lesson.said[-1],
        array=report.array if step >= WHERE else None,
        layer=report.layer if step >= WHERE else None,
        flow=report.flow if step >= WHERE else (),
        # The same list at the last step: `Report.adjust` changes it.
        fixes=report.fixes if step >= CODE else [_idea(fix) for fix in report.fixes] if step == IDEA else [],
        advice=report.advice if step >= last_step(report) else (),  # it may hold code
        warnings=tuple(_notice(notice, step) for notice in report.warnings),
        told=tuple(_notice(notice, step) for notice in report.told),
        repairer=report.repairer if step >= CODE else None,
        refuses=None if step >= CODE or last_step(report) < CODE else _too_early(step, top),
        lesson=lesson,
        climber=climber,
    )
    return seen if rules.allow_apply else _without_apply(seen, rules)


def _said(report: Report, step: int) -> tuple[str, ...]:
    """The question and the axis of the error itself; a notice has its own."""
    if report.outcome != "shape_error":
        return ()
    return _hints(report)[:step]


def _notice(notice: Notice, step: int) -> Notice:
    said = _hints(notice)[:step]
    if step >= CODE:
        return replace(notice, hints=said)
    if step == IDEA:
        return replace(notice, fixes=tuple(_idea(fix) for fix in notice.fixes), hints=said)
    array, layer = (notice.array, notice.layer) if step == WHERE else (None, None)
    return replace(notice, summary=said[-1], array=array, layer=layer, fixes=(), hints=said)


def _hints(about: Report | Notice) -> tuple[str, str, str]:
    """What the first three steps say."""
    return question(about), axis_hint(about), where(about)


def _idea(fix: Fix) -> Fix:
    """Title, reason, caution and shapes; what the code is stays to be found."""
    return replace(fix, code="", edits=(), parameters=None, rebinds=())


def _without_apply(report: Report, rules: Rules) -> Report:
    """The code may be read and typed, and there is nothing to click."""
    return replace(
        report,
        fixes=[_to_read(fix) for fix in report.fixes],
        warnings=tuple(
            replace(notice, fixes=tuple(_to_read(fix) for fix in notice.fixes)) for notice in report.warnings
        ),
        told=tuple(
            replace(notice, fixes=tuple(_to_read(fix) for fix in notice.fixes)) for notice in report.told
        ),
        repairer=None,
        writer=None,
        refuses=report.refuses
        or say(
            "Fixes are not applied or inserted here (policy: {origin}). Type the repair into the cell yourself.",
            origin=rules.origin(),
        ),
    )


def _to_read(fix: Fix) -> Fix:
    return replace(fix, edits=(), parameters=None, rebinds=())


def _too_early(step: int, top: int) -> str:
    if top < CODE:
        return say("The code of a fix is hint {code}, and hints end at {last} here.", code=CODE, last=top)
    return say(
        "The code of a fix is hint {code}, and this report is at hint {step}: %rnncheck hint shows the next.",
        code=CODE,
        step=step,
    )


def _end(rules: Rules) -> str:
    return say("No further hint is shown here (policy: {origin}).", origin=rules.origin())
