"""The `%%rnncheck` line of a cell: found, read, and taken out of the way of the code below it.

Plain text work, no kernel: `find` says whether a cell asks to be checked, `LineTransformer` makes
IPython run the cell as if the line were not there, `locate` finds a body in the cell around it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from IPython.core import inputtransformer2

MAGIC = "%%rnncheck"
COMMENT = "#" + MAGIC
_LINE = re.compile(r"%%rnncheck(?:[ \t]+(.*?))?\s*$")
_NAME = re.compile(r"%%([\w!]+)")

# Cell magics whose body is text or another language: a magic line in there is not ours.
NOT_PYTHON = frozenset(
    {
        "!", "bash", "cmd", "file", "html", "HTML", "javascript", "js", "latex", "markdown", "perl",
        "pypy", "python", "python2", "python3", "ruby", "script", "sh", "svg", "SVG", "sx", "system",
        "writefile",
    }
)  # fmt: skip

# IPython's own first steps, which carry no types.
_without_leading_blanks: Any = inputtransformer2.leading_empty_lines
_without_indent: Any = inputtransformer2.leading_indent
_CLEANUP = (
    _without_leading_blanks,
    _without_indent,
    inputtransformer2.classic_prompt,
    inputtransformer2.ipython_prompt,
)

Options = dict[str, Any]
Parse = Callable[[str], "Options | None"]
"""Reads the options of a magic line; `None` when they are not valid."""


def find(raw: str) -> str | None:
    """The options text of a cell's `%%rnncheck` line, `""` for none; `None` without such a line.

    The line may stand first or under another cell magic (`%%time`), below blank lines, indented
    or behind a pasted prompt, wherever IPython itself would still see a cell magic.
    """
    if MAGIC not in raw:
        return None
    lines = raw.splitlines(keepends=True)
    transform: Any
    for transform in _CLEANUP:
        lines = transform(lines)
    while lines:
        lines = _without_leading_blanks(lines)
        if not lines or not lines[0].startswith("%%"):
            return None
        match = _LINE.match(lines[0])
        if match:
            return match[1] or ""
        name = _NAME.match(lines[0])
        if name is None or name[1] in NOT_PYTHON:
            return None
        lines = lines[1:]
    return None


def blank_lines_above(raw: str) -> int:
    """How many blank lines open a cell; IPython drops them, so its line 1 is a later line."""
    lines = raw.splitlines()
    return next((place for place, line in enumerate(lines) if line.strip()), 0)


def locate(body: str, raw: str) -> int | None:
    """How many lines of `raw` stand above `body`, when `body` is the end of `raw`."""
    inner, outer = body.rstrip(), raw.rstrip()
    if not inner.strip() or not outer.endswith(inner):
        return None
    above = outer[: len(outer) - len(inner)]
    return None if above and not above.endswith("\n") else above.count("\n")


def body_under_magics(raw: str) -> tuple[str, str, int] | None:
    """Of a cell with other cell magics at its head: the last one's name, its body, lines above it.

    `None` when the cell has no cell magic but `%%rnncheck`.
    """
    lines = raw.splitlines(keepends=True)
    name, above = None, 0
    for place, line in enumerate(lines):
        text = line.strip()
        if not text:
            continue
        match = _NAME.match(text)
        if match is None:
            break
        if match[1] != MAGIC[2:]:
            name, above = match[1], place + 1
    if name is None:
        return None
    return name, "".join(lines[above:]), above


class LineTransformer:
    """Replaces the `%%rnncheck` line by a comment; goes into `shell.input_transformers_cleanup`.

    The comment keeps every line number below it. Where another cell magic follows, there is no
    comment, because IPython knows a cell magic only on the first line. A line with options that
    are not valid stays, so that the cell magic of that name answers with its usage error.
    """

    has_side_effects = True
    """It has none, but IPython's `check_complete` then leaves it out, and a terminal goes on
    asking for lines after `%%rnncheck`, as after every cell magic."""

    def __init__(self, parse: Parse) -> None:
        self._parse = parse

    def __call__(self, lines: list[str]) -> list[str]:
        match = _LINE.match(lines[0]) if lines else None
        if match is None or self._parse(match[1] or "") is None:
            return lines
        body: list[str] = _without_indent(lines[1:])
        rest: list[str] = _without_leading_blanks(body)
        if rest and rest[0].startswith("%%"):
            return self(rest)
        return ["#" + lines[0], *body]


class SingleLineTransformer:
    """Does for a one-line body what IPython does for a one-line cell; `input_transformers_post`.

    A cell that is one line long also knows magics without `%` (`ls`) and calls without
    parentheses. With the comment above it the cell has two lines, and IPython would not look.
    """

    has_side_effects = True

    def __init__(self, prefilter: Callable[[str], str]) -> None:
        self._prefilter = prefilter

    def __call__(self, lines: list[str]) -> list[str]:
        if not lines or not lines[0].startswith(COMMENT):
            return lines
        body = _without_leading_blanks(lines[1:])
        if len(body) != 1 or body[0].isspace():
            return lines
        place = len(lines) - 1
        return [*lines[:place], self._prefilter(lines[place]).rstrip("\n") + "\n"]
