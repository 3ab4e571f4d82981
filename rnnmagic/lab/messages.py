"""A report as the lab extension gets it: plain data, every text on its way to the page made visible."""

from __future__ import annotations

from typing import Any

from rnnmagic.language import say
from rnnmagic.report import HINT_STEPS, Fix, Report
from rnnmagic.views import wording


def report_message(key: str, report: Report, source: str, *, again: bool) -> dict[str, Any]:
    """What the extension needs of a report: where to mark the cell, what to say, which fixes there are.

    Parameters
    ----------
    key
        Names the report in what the extension asks for later.
    source
        The checked cell as typed.
    again
        The report was sent before; this is for a page that was loaded again.
    """
    return {
        "type": "report",
        "id": key,
        "cell_id": report.cell_id,
        "execution_count": report.execution_count,
        "source": source,
        "outcome": report.outcome,
        "announcement": _announcement(report),
        "marks": _marks(report, source),
        "again": again,
    }


def _announcement(report: Report) -> str:
    lesson = report.lesson
    if lesson is not None and lesson.step < HINT_STEPS:
        notices = [_plain(notice.summary) for notice in report.warnings[:1]]
        said = [_plain(report.summary)] if report.outcome == "shape_error" else notices
        number = say("Hint {step} of {steps}.", step=lesson.step, steps=HINT_STEPS)
        place = [number] if lesson.asked else []
        kind = say("Shape error.") if report.outcome == "shape_error" else say("Silent shape mistake.")
        return " ".join([kind, *place, *said])
    if report.outcome == "shape_error":
        count = len(report.fixes)
        offered = say("No fix is offered.")
        if count:
            offered = say("{fixes} offered.", fixes=wording.count(count, "fix"))
        return say("Shape error. {summary} {offered}", summary=_plain(report.summary), offered=offered)
    if report.warnings:
        return say("Silent shape mistake. {summary}", summary=_plain(report.warnings[0].summary))
    if report.outcome == "clean" and report.advice:
        return say("The cell ran. {note}", note=_plain(report.advice[0]))
    return ""


def _marks(report: Report, source: str) -> list[dict[str, Any]]:
    marks = []
    if report.outcome == "shape_error" and report.error is not None:
        span = _span(source, report.error.line, report.error.statement)
        if span is not None:
            rows = wording.shape_rows(report.array, report.layer)
            marks.append(
                _mark("error", span, report.summary, report.fixes, report.refuses)
                | {row.label: _shape_text(row) for row in rows if row.label in ("expected", "received")}
            )
    for notice in report.warnings:
        span = _span(source, notice.line, None)
        if span is not None:
            marks.append(_mark("warning", span, notice.summary, notice.fixes, report.refuses))
    return marks


def _shape_text(row: wording.ShapeRow) -> str:
    return " ".join(part for part in (row.notation, wording.axes_text(row.axes)) if part)


def _mark(
    severity: str,
    span: dict[str, int],
    summary: str | None,
    fixes: list[Fix] | tuple[Fix, ...],
    refuses: str | None,
) -> dict[str, Any]:
    return {
        "severity": severity,
        **span,
        "summary": _plain(summary),
        "expected": None,
        "received": None,
        "fixes": [
            {
                "id": fix.id,
                "title": wording.one_line(fix.title, 120),
                "why": _plain(fix.why),
                "caution": _plain(fix.caution) or None,
                "verified": fix.verified,
                "code": "\n".join(wording.code_lines(fix.code)),
                "edits": bool(fix.edits) and not refuses,
            }
            for fix in fixes
        ],
    }


def _plain(text: str | None) -> str:
    """A sentence without the backticks that set names as code elsewhere."""
    return wording.sentence(text).replace("`", "")


def _span(source: str, line: int | None, statement: str | None) -> dict[str, int] | None:
    """Where the failing call stands: lines from 1, columns in UTF-16 units from 0.

    The whole line, without its indentation, where the statement is not found as it was compiled (a
    magic or a shell line, say).
    """
    lines = source.split("\n")
    if line is None or not 1 <= line <= len(lines):
        return None
    start = sum(len(text) + 1 for text in lines[: line - 1])
    text = lines[line - 1]
    begin = source.find(statement, start, None) if statement else -1
    if statement and start <= begin <= start + len(text):
        end = begin + len(statement)
    else:
        begin = start + len(text) - len(text.lstrip())
        end = start + len(text.rstrip())
    if begin >= end:
        return None
    place: dict[str, int] = {}
    for prefix, offset in (("", begin), ("end_", end)):
        above = source[:offset].split("\n")
        place[f"{prefix}line"] = len(above)
        place[f"{prefix}column"] = len(above[-1].encode("utf-16-le", "surrogatepass")) // 2
    return place
