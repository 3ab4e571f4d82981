"""The report as plain text: what a terminal shows under the traceback."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from rnnmagic.language import say
from rnnmagic.report import ArrayInfo, Fix, LayerInfo, Notice, Report
from rnnmagic.views import wording

WHERE, IDEA = wording.WHERE, wording.IDEA
_INDENT = "  "
_BAR = 24
_NARROWEST = 56


def render_text(
    report: Report, width: int = 88, *, max_fixes: int | None = None, note: str | None = None
) -> str:
    """The report in at most `width` columns (code is never wrapped)."""
    width = max(_NARROWEST, width)
    blocks = [
        _head(report, width),
        _shapes(report.array, report.layer, width) if report.outcome == "shape_error" else [],
        _lengths(report.array) if report.outcome == "shape_error" else [],
        _flow(report),
    ]
    fixes = wording.shown_fixes(report, max_fixes)
    blocks += [_fix(fix, number, width) for number, fix in enumerate(fixes, 1)]
    blocks += [_wrapped(text, width, "- ") for text in report.advice[:8]]
    blocks += [_notice(notice, first, width) for notice, first in wording.numbered(report)[:8]]
    closing = [
        wording.hidden_fixes(report, len(fixes)),
        wording.how_to_go_on(report),
        wording.hints_end(report),
        note or "",
    ]
    blocks.append([line for text in closing if text for line in _wrapped(text, width)])
    return "\n\n".join("\n".join(block) for block in _joined_advice(blocks) if block)


def render_step_text(report: Report, width: int = 88) -> str:
    """What the latest step of the hints has added, by itself."""
    width = max(_NARROWEST, width)
    step = 0 if report.lesson is None else report.lesson.step
    said = wording.hints_said(report)
    title = f"rnnmagic, {wording.hint_place(report)}: {wording.step_name(max(step, 1))}"
    blocks = [[title, *(_wrapped(said[-1], width) if said and step <= IDEA else [])]]
    if report.outcome == "shape_error" and step == WHERE:
        blocks += [_shapes(report.array, report.layer, width), _flow(report)]
    if step > WHERE:
        blocks += [_fix(fix, number, width) for number, fix in enumerate(report.fixes, 1)]
    if step > WHERE:
        blocks += [_wrapped(text, width, "- ") for text in report.advice[:8]]
    blocks += [_notice(notice, first, width) for notice, first in wording.numbered(report)[:8]]
    end = wording.hints_end(report)
    blocks.append(_wrapped(end, width) if end else [])
    return "\n\n".join("\n".join(block) for block in _joined_advice(blocks) if block)


def _joined_advice(blocks: list[list[str]]) -> Iterator[list[str]]:
    """Neighbouring items of a list stand together, without an empty line between them."""
    pending: list[str] = []
    for block in blocks:
        if block and block[0].startswith(_INDENT + "- "):
            pending += block
            continue
        if pending:
            yield pending
            pending = []
        yield block
    yield pending


def _wrapped(text: str, width: int, first: str = "", indent: str = _INDENT) -> list[str]:
    return textwrap.wrap(
        wording.sentence(text),
        width,
        initial_indent=indent + first,
        subsequent_indent=indent + " " * len(first),
        break_on_hyphens=False,
    )


def _head(report: Report, width: int) -> list[str]:
    lines = _hints(report, width)
    if not lines:
        headline = wording.headline(report)
        first = "" if headline.startswith("rnnmagic ") else "rnnmagic: "
        lines = _wrapped(headline, width, first, indent="")
        lines = [lines[0], *(line.replace(" " * 10, _INDENT, 1) for line in lines[1:])]
    trouble = wording.trouble(report)
    if trouble:
        lines += _wrapped(trouble, width)
    where = wording.place(report)
    if where and report.outcome == "shape_error":
        line, statement = where
        phase = wording.phase(report)
        place = ": ".join(part for part in (line, statement) if part)
        lines += ["", _labelled(say("where"), wording.one_line(place, width - 13))]
        if phase:
            lines.append(_labelled(say("when"), phase))
    return lines


def _hints(report: Report, width: int) -> list[str]:
    """The hints shown so far, the latest last."""
    said = wording.hints_said(report)
    if not said:
        return []
    lines = [f"rnnmagic: {wording.hint_place(report)}"]
    if report.ahead and len(said) < IDEA:
        lines += _wrapped(report.ahead, width)
    for number, text in enumerate(said, 1):
        lines += _wrapped(text, width, f"{number}. ")
    return lines


def _labelled(label: str, text: str) -> str:
    return f"{_INDENT}{label:<10} {text}".rstrip()


def _shapes(array: ArrayInfo | None, layer: LayerInfo | None, width: int) -> list[str]:
    rows = wording.shape_rows(array, layer)
    if not rows:
        return []
    widest = max(len(row.notation) for row in rows)
    named = max(len(wording.axes_text(row.axes)) for row in rows)
    lines = []
    for row in rows:
        about = " ".join(part for part in (row.subject, f"({row.remark})" if row.remark else "") if part)
        axes = f"{wording.axes_text(row.axes):<{named}}   " if named else ""
        text = _labelled(row.word, f"{row.notation:<{widest}}   {axes}{about}")
        lines.append(text if len(text) <= width else text[: width - 1] + "…")
    remark = wording.rank_remark(rows)
    return [*lines, _labelled("", remark)] if remark else lines


def _lengths(array: ArrayInfo | None) -> list[str]:
    if array is None or not array.lengths:
        return []
    bars = wording.length_bars(array.lengths)
    label = max(len(bar.label) for bar in bars)
    number = max(len(f"{bar.count:,}") for bar in bars)
    lines = [f"{_INDENT}{wording.lengths_sentence(array)}"]
    for bar in bars:
        # A class that is not empty never looks empty.
        blocks = max(round(bar.share * _BAR), 1 if bar.count else 0)
        lines.append(f"{_INDENT * 2}{bar.label:>{label}}  {bar.count:>{number},}  {'█' * blocks}".rstrip())
    return lines


def _flow(report: Report) -> list[str]:
    if not report.flow or report.outcome == "clean":
        return []
    steps = wording.flow_lines(report.flow)
    layer = max(len(step.layer) for step in steps)
    cls = max(len(step.cls) for step in steps)
    lines = []
    for place, step in enumerate(steps):
        label = say("flow") if place == 0 else ""
        if not step.layer:
            lines.append(_labelled(label, step.remark))
            continue
        mark = wording.OK_MARK if step.ok else wording.FAIL_MARK
        end = f"{wording.ARROW} {step.output}" if step.ok and step.output else step.remark
        lines.append(_labelled(label, f"{mark} {step.layer:<{layer}}  {step.cls:<{cls}}  {end}"))
    return lines


def _fix(fix: Fix, number: int, width: int) -> list[str]:
    lines = _wrapped(f"{wording.one_line(fix.title, 120)}   [{wording.badge(fix)}]", width, f"{number}. ")
    inner = _INDENT + " " * 3
    if fix.why:
        lines += _wrapped(fix.why, width, indent=inner)
    if fix.code.strip():
        lines += [f"{inner}    {line}".rstrip() for line in wording.code_lines(fix.code)]
    change = wording.change(fix)
    if change:
        target = f"{wording.name(fix.target)}: " if fix.target else ""
        lines.append(f"{inner}{target}{change}")
    if fix.caution:
        lines += _wrapped(fix.caution, width, say("Caution:") + " ", indent=inner)
    return lines


def _notice(notice: Notice, first: int, width: int) -> list[str]:
    """A notice; its fixes are counted from `first`."""
    place = wording.notice_place(notice)
    lines = _wrapped(notice.summary, width, say("Notice") + (f", {place}: " if place else ": "))
    for text in wording.earlier_hints(notice):
        lines += _wrapped(text, width, indent=_INDENT * 2)
    lines += _shapes(notice.array, notice.layer, width)
    for number, fix in enumerate(notice.fixes[:2], first):
        title = f"{wording.one_line(fix.title, 120)}   [{wording.badge(fix)}]"
        lines += _wrapped(title, width, f"{number}. ")
        lines += [f"{_INDENT * 4}{line}".rstrip() for line in wording.code_lines(fix.code)]
    return lines
