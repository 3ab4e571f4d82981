"""The report as self-contained HTML: for a saved notebook, nbconvert, and as the pieces of the panel.

No script, no heading elements (JupyterLab would list them in the table of contents), and plain enough
to be read where a sanitiser removes the style sheet, as in a notebook that is not trusted.
"""

from __future__ import annotations

from difflib import SequenceMatcher

from rnnmagic.language import later, say
from rnnmagic.report import ArrayInfo, Edit, Fix, LayerInfo, Notice, Report
from rnnmagic.views import pictures, wording
from rnnmagic.views.markup import NOTHING, Markup, el, join, stylesheet
from rnnmagic.views.style import CSS
from rnnmagic.views.wording import ShapeRow

WHERE, IDEA = wording.WHERE, wording.IDEA

_EYEBROWS = {
    "problem": later("shape mistake"),
    "notice": later("please note"),
    "calm": later("no shape mistake"),
    "neutral": later("no shape mistake"),
}


def _with_code(text: str) -> list[Markup | str]:
    """A sentence whose `names` are set as code; an odd backtick stays what it is."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return [text]
    return [el("code", part) if place % 2 else part for place, part in enumerate(parts)]


def render_html(report: Report, *, max_fixes: int | None = None, note: str | None = None) -> str:
    """The whole report. `note` is one more line about the display itself."""
    fixes = wording.shown_fixes(report, max_fixes)
    go_on = wording.how_to_go_on(report)
    how = el("p", go_on, cls="muted") if go_on else None
    return page(
        report,
        head(report),
        flow(report),
        section(wording.fixes_title(report)) if fixes else None,
        *(fix_card(fix, number) for number, fix in enumerate(fixes, 1)),
        el("p", wording.hidden_fixes(report, len(fixes)), cls="muted")
        if report.fixes or report.ahead
        else None,
        how if report.fixes or report.ahead else None,
        notes(report),
        None if report.fixes or report.ahead else how,
        el("p", wording.hints_end(report), cls="muted") if wording.hints_end(report) else None,
        None if not note else el("p", wording.sentence(note), cls="muted"),
    ).html


def page(report: Report, *children: Markup | None) -> Markup:
    """The style sheet and the root element around the children."""
    return join(stylesheet(CSS), root(*children, cls=f"report {wording.tone(report)}"))


def root(*children: Markup | None, cls: str = "part") -> Markup:
    """The element that the style sheet looks for; MathJax stays out of it, `$` is a dollar here."""
    own = " ".join(f"rnnmagic-{part}" for part in cls.split())
    return el("div", *children, **{"class": f"rnnmagic tex2jax_ignore mathjax_ignore {own}"})


def section(*children: Markup | str) -> Markup:
    """A heading in looks; also where the style sheet was removed."""
    return el("p", el("strong", *children), cls="section")


def head(report: Report) -> Markup:
    """Sentence, place, expected against received, and the lengths of ragged data."""
    eyebrow = ["rnnmagic", say(_EYEBROWS[wording.tone(report)]), wording.hint_place(report)]
    where = wording.place(report)
    if where and where[0]:
        eyebrow.append(where[0])
    trouble = wording.trouble(report)
    shown = report.outcome == "shape_error"
    return join(
        el("p", " · ".join(part for part in eyebrow if part), cls="eyebrow"),
        _hints(report) or el("p", el("strong", *_with_code(wording.headline(report))), cls="headline"),
        None if trouble is None else el("p", trouble, cls="caution"),
        _place(report) if shown else None,
        shapes(report.array, report.layer) if shown else None,
        lengths(report.array) if shown else None,
    )


def _hints(report: Report) -> Markup | None:
    """The hints shown so far, the latest in bold."""
    said = wording.hints_said(report)
    if not said:
        return None
    rows = []
    for number, text in enumerate(said, 1):
        words = _with_code(text)
        rows.append(el("li", *([el("strong", *words)] if number == len(said) else words)))
    ahead = el("p", wording.sentence(report.ahead)) if report.ahead and len(said) < IDEA else None
    return join(ahead, el("ol", *rows, cls="hints"))


def render_step_html(report: Report) -> str:
    """What the latest step of the hints has added, by itself."""
    lesson = report.lesson
    step = 0 if lesson is None else lesson.step
    said = wording.hints_said(report)
    error = report.outcome == "shape_error"
    return page(
        report,
        el(
            "p", f"rnnmagic · {wording.hint_place(report)} · {wording.step_name(max(step, 1))}", cls="eyebrow"
        ),
        el("p", el("strong", *_with_code(said[-1])), cls="headline") if said and step <= IDEA else None,
        shapes(report.array, report.layer) if error and step == WHERE else None,
        flow(report) if step == WHERE else None,
        *(fix_card(fix, number) for number, fix in enumerate(report.fixes, 1) if step > WHERE),
        notes(report) if report.warnings or step > WHERE else None,
        el("p", wording.hints_end(report), cls="muted") if wording.hints_end(report) else None,
    ).html


def _place(report: Report) -> Markup | None:
    where = wording.place(report)
    if where is None or not where[1]:
        return None
    phase = wording.phase(report)
    return el(
        "p", el("code", where[1]), " " + say("failed {phase}", phase=phase) if phase else None, cls="muted"
    )


def shapes(array: ArrayInfo | None, layer: LayerInfo | None) -> Markup | None:
    """Expected against received, each size with the name of its axis."""
    rows = wording.shape_rows(array, layer)
    if not rows:
        return None
    expected = next((row for row in rows if row.label == "expected"), None)
    received = next((row for row in rows if row.label == "received"), None)
    same_rank = (
        received is not None and len(expected.shape or ()) == len(received.shape or ()) if expected else False
    )
    differing = (
        wording.differing_axes(expected, received).get("expected", frozenset()) if same_rank else frozenset()
    )
    remark = wording.rank_remark(rows)
    return join(
        pictures.blocks(array, layer),
        el("table", el("tbody", *(_shape_row(row, differing) for row in rows)), cls="grid shapes"),
        el("p", remark + ".", cls="muted") if remark else None,
    )


def _shape_row(row: ShapeRow, differing: frozenset[int]) -> Markup:
    about = ", ".join(part for part in (row.subject, row.remark, wording.name(row.dtype)) if part)
    return el(
        "tr",
        el("th", row.word, scope="row"),
        el("td", _dims(row, frozenset() if row.label == "variable" else differing)),
        el("td", about, cls="muted"),
        cls="row",
    )


def _dims(row: ShapeRow, differing: frozenset[int]) -> Markup:
    if row.shape is None or not row.has_names or len(row.shape) > 8:
        return join(
            el("code", row.notation),
            " " + wording.axes_text(row.axes) if row.axes else None,
        )
    parts: list[Markup] = []
    for axis, (size, axis_name) in enumerate(zip(row.shape, row.axes or (), strict=True)):
        if parts:
            parts.append(el("span", " × ", cls="times"))
        number = "?" if size is None else str(size)
        parts.append(
            el(
                "span",
                el("b", number),
                " ",
                el("small", wording.axis(axis_name)),
                cls="dim differs" if axis in differing else "dim",
            )
        )
    return join(*parts)


def lengths(array: ArrayInfo | None) -> Markup | None:
    """How long the sequences of ragged data are, as bars with their counts."""
    if array is None or not array.lengths:
        return None
    rows = [
        el(
            "tr",
            el("th", bar.label, scope="row"),
            el(
                "td",
                el("span", el("span", cls="bar", style=f"width:{round(bar.share * 100)}%"), cls="bars"),
                aria_hidden="true",
            ),
            el("td", f"{bar.count:,}", cls="muted"),
            cls="row",
        )
        for bar in wording.length_bars(array.lengths)
    ]
    return join(
        el("p", wording.lengths_sentence(array) + ".", cls="muted"),
        el("table", el("tbody", *rows), cls="grid lengths"),
    )


def flow(report: Report) -> Markup | None:
    """The model, layer by layer, up to the one that fails."""
    if not report.flow or report.outcome == "clean":
        return None
    model = wording.name(report.layer.model) if report.layer and report.layer.model else say("the model")
    rows = []
    for line in wording.flow_lines(report.flow):
        mark, cls = (wording.OK_MARK, "ok") if line.ok else (wording.FAIL_MARK, "fail")
        gap = not line.layer
        rows.append(
            el(
                "tr",
                el("td", None if gap else mark, cls=cls),
                el("td", el("code", line.layer)),
                el("td", line.cls, cls="muted"),
                el("td", el("code", line.output))
                if line.ok and not gap
                else el("td", line.remark, cls="muted" if gap else "fail"),
                cls="row",
            )
        )
    return join(
        section(say("How the data went through") + " ", el("code", model)),
        el("table", el("tbody", *rows), cls="grid flow"),
    )


def fix_card(fix: Fix, number: int) -> Markup:
    return el("div", fix_head(fix, number), fix_code(fix), cls="fix")


def fix_head(fix: Fix, number: int) -> Markup:
    """Number, title, how far to trust it, when it is right, shapes, caution."""
    change = wording.change(fix)
    target = f"{wording.name(fix.target)}: " if fix.target else ""
    return join(
        el(
            "p",
            el("strong", f"{number}. {wording.one_line(fix.title, 120)}"),
            " ",
            el("span", wording.badge(fix), cls="badge"),
            cls="title",
        ),
        el("p", wording.sentence(fix.why)) if fix.why else None,
        el("p", target, el("code", change)) if change else None,
        el("p", say("Caution:") + " ", wording.sentence(fix.caution), cls="caution") if fix.caution else None,
        pictures.before_and_after(fix.sample) if fix.sample is not None else None,
    )


def fix_code(fix: Fix) -> Markup:
    return code(fix.code) if fix.code.strip() else NOTHING


def code(text: str, limit: int = wording.CODE_LINES) -> Markup:
    return el("pre", "\n".join(wording.code_lines(text, limit)), cls="code")


def difference(fix: Fix, report: Report) -> Markup:
    """What changes in the notebook's cells: lines that go with a minus, lines that come with a plus."""
    parts: list[Markup] = []
    for edit in fix.edits[:8]:
        here = edit.cell_id is not None and edit.cell_id == report.cell_id
        where = say("In this cell this changes:") if here else say("In an earlier cell this changes:")
        if not here and edit.execution_count is not None:
            where = say("In cell [{number}] this changes:", number=edit.execution_count)
        parts += [el("p", where, cls="muted"), _difference(edit)]
    return join(*parts)


def _difference(edit: Edit) -> Markup:
    old = wording.code_lines(edit.old, wording.SOURCE_LINES)
    new = wording.code_lines(edit.new, wording.SOURCE_LINES)
    parts: list[Markup | str] = []
    for operation, first, last, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if operation == "equal":
            continue
        if parts:
            parts.append("\n")
        lines = [el("del", f"− {line}") for line in old[first:last]]
        lines += [el("ins", f"+ {line}") for line in new[start:end]]
        parts += [join(line, "\n") for line in lines]
    return el("pre", *parts, cls="code difference")


def source(fix: Fix, number: int, applied: bool = False) -> Markup:
    """The whole repaired source of every cell that changes, to be copied; changed lines are marked."""
    edits = fix.edits or (Edit(None, None, "", fix.code),)
    parts: list[Markup] = []
    for edit in edits[:8]:
        cell = (
            say("The repaired cell:")
            if edit.execution_count is None
            else say("Cell [{number}], repaired:", number=edit.execution_count)
        )
        parts += [el("p", cell, cls="muted"), _marked(edit)]
    undo = " " + say("Undo first when you copy it: this code does the repair itself.") if applied else None
    how = (
        say("Click the code to select it all and copy it into the cell, or run")
        if len(edits) == 1
        else say("Click the code to select it all and copy it into these cells, or run")
    ) + " "
    return root(*parts, el("p", how, el("code", f"%rnnfix {number}"), ".", undo, cls="muted"))


def _marked(edit: Edit) -> Markup:
    lines = wording.code_lines(edit.new, wording.SOURCE_LINES)
    old = wording.code_lines(edit.old, wording.SOURCE_LINES) if edit.old else lines
    changed: set[int] = set()
    for operation, _, _, first, last in SequenceMatcher(None, old, lines, autojunk=False).get_opcodes():
        if operation != "equal":
            changed.update(range(first, last))
    parts: list[Markup | str] = []
    for place, line in enumerate(lines):
        end = "" if place == len(lines) - 1 else "\n"
        parts.append(join(el("span", line, cls="changed"), end) if place in changed and line else line + end)
    return el("pre", *parts, cls="code source")


def notes(report: Report) -> Markup | None:
    """Advice, then the silent mistakes."""
    advice = el("ul", *(el("li", wording.sentence(text)) for text in report.advice[:8]))
    return join(
        join(section(say("Good to know")), advice) if report.advice else None,
        section(say("Silent shape mistakes")) if report.warnings else None,
        *(_notice(notice, first) for notice, first in wording.numbered(report)[:8]),
    )


def _notice(notice: Notice, first: int) -> Markup:
    """A notice; its fixes are counted from `first`."""
    place = wording.notice_place(notice)
    return el(
        "div",
        el(
            "p",
            el("strong", say("Notice")),
            f", {place}: " if place else ": ",
            *_with_code(wording.sentence(notice.summary)),
        ),
        *(el("p", *_with_code(wording.sentence(text)), cls="muted") for text in wording.earlier_hints(notice)),
        shapes(notice.array, notice.layer),
        *(
            join(el("p", f"{number}. {wording.one_line(fix.title, 120)}", " ",
                    el("span", wording.badge(fix), cls="badge")),
                 fix_code(fix))
            for number, fix in enumerate(notice.fixes[:2], first)
        ),
        cls="caution",
    )  # fmt: skip
