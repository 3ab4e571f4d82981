"""The page of `rnnmagic report`: one HTML file that loads nothing and runs nothing, for light and dark screens.

All text goes through `views.markup`, which escapes it: folder and file names are the students' own.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from rnnmagic import __version__
from rnnmagic.views.markup import Child, Markup, el, join, stylesheet
from rnnmagic.views.wording import count, one_line

CSS = """
:root{color-scheme:light dark;--text:#1d2330;--muted:#5c6675;--line:#d9dee6;--soft:#f4f6f9;--page:#fff;
--bar:#2f6fb3;--silent:#c08a1e}
@media (prefers-color-scheme:dark){:root{--text:#e4e8ee;--muted:#9aa5b4;--line:#363d48;--soft:#20252d;
--page:#15191f;--bar:#5b9fe3;--silent:#d9a941}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
main{max-width:1080px;margin:0 auto;padding:32px 24px 48px}
h1{font-size:1.7em;line-height:1.2;margin:0 0 .3em}
h2{font-size:1.15em;margin:2.2em 0 .6em}
p{margin:0 0 .6em}
.rnnmagic-muted{color:var(--muted)}
.rnnmagic-figures{display:flex;flex-wrap:wrap;gap:12px;margin:20px 0 0}
.rnnmagic-figure{background:var(--soft);border:1px solid var(--line);border-radius:8px;padding:10px 16px;
min-width:126px}
.rnnmagic-figure b{display:block;font-size:1.6em;line-height:1.2;font-variant-numeric:tabular-nums}
.rnnmagic-figure small{color:var(--muted);font-size:.86em}
.rnnmagic-scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:8px 14px 8px 0;border-bottom:1px solid var(--line)}
thead th{color:var(--muted);font-weight:600;font-size:.86em;vertical-align:bottom}
tbody th{font-weight:600;overflow-wrap:anywhere;min-width:150px}
.rnnmagic-number{text-align:right;font-variant-numeric:tabular-nums}
.rnnmagic-meaning{font-weight:400;color:var(--muted);font-size:.9em;max-width:34em}
.rnnmagic-share{width:24%;min-width:110px}
.rnnmagic-track{background:var(--soft);border-radius:3px;height:12px;margin-top:5px}
.rnnmagic-bar{background:var(--bar);border-radius:3px;height:12px;min-width:3px}
.rnnmagic-silent{background:var(--silent)}
.rnnmagic-causes{color:var(--muted);font-size:.9em;overflow-wrap:anywhere}
footer{margin-top:40px;color:var(--muted);font-size:.86em}
@media print{main{max-width:none;padding:0}}
"""


def render_page(found: dict[str, Any]) -> str:
    """The whole page from `Tally.to_dict()`."""
    title = "Shape mistakes in saved notebooks"
    body = el(
        "main",
        el("header", el("h1", title), _lead(found)),
        _figures(found),
        el("h2", "Mistakes"),
        _causes(found) if found["causes"] else el("p", "No notebook holds a report of a mistake."),
        _group("By assignment", "assignment", found["assignments"]),
        _group("By student", "student", found["by_student"] or []),
        _notes(found),
        el(
            "footer",
            f"rnnmagic {__version__}, {date.today().isoformat()}. Read from the notebooks' saved outputs.",
        ),
    )
    head = (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{title}</title>{stylesheet(CSS)}</head>"
    )
    return f"{head}\n<body>{body}</body></html>\n"


def _lead(found: dict[str, Any]) -> Markup:
    where = f"{count(found['notebooks'], 'notebook')} of {count(found['students'], 'student')} were read"
    unread = found["unreadable"]
    more = f"; {count(unread, 'more')} could not be" if unread == 1 else f"; {unread} more could not be"
    return el("p", where + (more if unread else "") + ".", cls="muted")


def _figures(found: dict[str, Any]) -> Markup:
    hint, mended = found["median_hint_step"], found["mended"]
    figures: list[tuple[str, str]] = [
        (f"{found['times']:,}", "mistakes saved"),
        (f"{found['silent']:,}", "of them silent"),
        (f"{found['notebooks_with_mistakes']:,}", "notebooks with one"),
    ]
    if mended["yes"] + mended["no"]:
        figures.append((f"{mended['yes']:,}", "mended further down"))
    if hint is not None:
        figures.append((f"{hint:g}", "median hint step"))
    return el(
        "div",
        *(el("div", el("b", value), el("small", label), cls="figure") for value, label in figures),
        cls="figures",
    )


_NUMBERS = ("times", "notebooks", "students", "hint step", "mended", "not mended", "not known")


def _head(first: str, *more: str, students: bool = True) -> Markup:
    cells = [el("th", first, scope="col"), *(el("th", text, scope="col") for text in more)]
    numbers = [text for text in _NUMBERS if students or text != "students"]
    cells += [el("th", text, cls="number", scope="col") for text in numbers]
    return el("thead", el("tr", *cells))


def _numbers(row: dict[str, Any], *, students: bool = True) -> list[Markup]:
    hint, mended = row["median_hint_step"], row["mended"]
    values: list[str] = [
        f"{row[key]:,}" for key in ("times", "notebooks", "students")[: 3 if students else 2]
    ]
    values.append("–" if hint is None else f"{hint:g}")
    values += [f"{mended[key]:,}" if mended[key] else "–" for key in ("yes", "no", "unknown")]
    return [el("td", value, cls="number") for value in values]


def _causes(found: dict[str, Any]) -> Markup:
    most = max(row["times"] for row in found["causes"])
    rows = []
    for row in found["causes"]:
        silent = row["silent"] == row["times"]
        share = max(1, round(100 * row["times"] / most))
        bar = el("div", "", cls="bar silent" if silent else "bar", style=f"width:{share}%")
        name = el(
            "th",
            row["cause"].replace("_", " "),
            el("span", " (silent)", cls="muted") if silent else None,
            el("div", row["meaning"], cls="meaning"),
            scope="row",
        )
        rows.append(
            el(
                "tr",
                name,
                el("td", el("div", bar, cls="track", aria_hidden="true"), cls="share"),
                *_numbers(row),
            )
        )
    return _table(_head("cause", "how often"), rows)


def _group(title: str, field: str, rows: list[dict[str, Any]]) -> Markup | None:
    if not rows:
        return None
    made = []
    students = field != "student"  # one student is one student
    for row in rows:
        causes = ", ".join(f"{cause.replace('_', ' ')} {times}" for cause, times in row["causes"].items())
        made.append(
            el(
                "tr",
                el("th", one_line(row[field], 120), scope="row"),
                el("td", causes, cls="causes"),
                *_numbers(row, students=students),
            )
        )
    return join(el("h2", title), _table(_head(field, "mistakes", students=students), made))


def _table(head: Markup, rows: list[Markup]) -> Markup:
    return el("div", el("table", head, el("tbody", *rows)), cls="scroll")


def _notes(found: dict[str, Any]) -> Child:
    return join(
        el("h2", "How to read it"),
        el(
            "ul",
            el(
                "li",
                "A saved notebook shows the latest run of each cell: a mistake that was mended in its own cell "
                "and run again has left no trace.",
            ),
            el(
                "li",
                "Mended: a cell further down makes the same call and did not fail. Silent mistakes raise "
                "nothing, so that this is unknown.",
            ),
            el("li", "Hint step: the median of the steps that students had opened, where hints were in use."),
            el("li", "Silent mistakes: the cell ran, but computed something else than was meant."),
        ),
    )
