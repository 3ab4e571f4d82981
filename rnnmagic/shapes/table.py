"""The table of `%rnnshapes`, as text and as HTML."""

from __future__ import annotations

from html import escape

from rnnmagic.axes import axis_word
from rnnmagic.language import later, say
from rnnmagic.shapes.rows import NAME_WIDTH, ShapeRow, ShapeTable, clip


def _meaning(row: ShapeRow) -> str:
    """The last column: axes, then what else there is to say, then the type where it is no plain array."""
    parts = [", ".join(axis_word(axis) for axis in row.axes)] if row.axes else []
    if row.note:
        parts.append(row.note)
    if row.carrier not in ("array", "other"):
        parts.append(row.type_name)
    return " · ".join(parts)


def _cells(table: ShapeTable) -> list[tuple[str, str, str]]:
    return [
        (
            clip(row.name, NAME_WIDTH),
            clip(row.notation, 80) or clip(row.type_name, 80),
            clip(_meaning(row), 120),
        )
        for row in table.rows
    ]


def _more(table: ShapeTable) -> str:
    if not table.hidden:
        return ""
    return say(
        "… {hidden} more variables were not looked at; %rnnshapes with a name shows one.",
        hidden=f"{table.hidden:,}",
    )


EMPTY = later("No array, table, dataset or model in this kernel.")


def as_text(table: ShapeTable) -> str:
    """Aligned lines: name, notation, meaning of each axis."""
    cells = _cells(table)
    if not cells:
        return say(EMPTY)
    first, second = (max(len(cell[column]) for cell in cells) for column in (0, 1))
    lines = [f"{name:<{first}}  {what:<{second}}  {axes}".rstrip() for name, what, axes in cells]
    return "\n".join([*lines, *([_more(table)] if table.hidden else [])])


def as_html(table: ShapeTable) -> str:
    """The same as a table; all text escaped."""
    cells = _cells(table)
    if not cells:
        return "<p>" + escape(say(EMPTY)) + "</p>"
    left = ' style="text-align:left"'
    titles = (say("variable"), say("shape"), say("axes"))
    head = "".join(f'<th scope="col"{left}>{escape(title)}</th>' for title in titles)
    body = "".join(
        f"<tr><td{left}><code>{escape(name)}</code></td><td{left}><code>{escape(what)}</code></td>"
        f"<td{left}>{escape(axes)}</td></tr>"
        for name, what, axes in cells
    )
    more = f"<p>{escape(_more(table))}</p>" if table.hidden else ""
    return f'<table class="rnnmagic-shapes"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}'
