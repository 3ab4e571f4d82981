"""Where the parts of cells stand in the text of a notebook file, so that they can be named and replaced exactly.

A notebook is JSON; read and written again it would change in places that nobody touched. Here the
text is only walked through, and each value of interest is known by its offsets.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

_WHITE = " \t\n\r"
_decoder = json.JSONDecoder()


@dataclass(frozen=True)
class Span:
    """A JSON value: its offsets in the text, end excluded, and what it is."""

    start: int
    end: int
    value: Any


@dataclass(frozen=True)
class CellText:
    """The values of one cell that can be named or replaced. `lines` are the items of a source that is a list."""

    parts: dict[str, Span]
    lines: tuple[Span, ...] = ()

    @property
    def source(self) -> str:
        """The cell's source, as Jupyter joins it."""
        value = self.parts["source"].value
        return "".join(value) if isinstance(value, list) else str(value)


def cells_of(text: str) -> list[CellText]:
    """The cells of a notebook of format 4, in order.

    Raises
    ------
    ValueError
        The text is no such notebook.
    """
    start = _skip(text, 1 if text.startswith("\ufeff") else 0)
    found: list[CellText] = []
    for key, position in _members(text, start):
        if key == "cells":  # the last of two of the same name counts, as in `json`
            found = [_cell(text, one) for one in _items(text, position)]
    return found


def _cell(text: str, start: int) -> CellText:
    parts: dict[str, Span] = {}
    lines: tuple[Span, ...] = ()
    for key, position in _members(text, start):
        value, end = _decoder.raw_decode(text, position)
        parts[key] = Span(position, end, value)
        if key == "source":
            lines = ()
            if isinstance(value, list):
                lines = tuple(_span(text, one) for one in _items(text, position))
    source = parts.get("source")
    if source is None or not (
        isinstance(source.value, str)
        or (isinstance(source.value, list) and all(isinstance(line, str) for line in source.value))
    ):
        raise ValueError("a cell without a source")
    return CellText(parts, lines)


def _span(text: str, start: int) -> Span:
    value, end = _decoder.raw_decode(text, start)
    return Span(start, end, value)


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position] in _WHITE:
        position += 1
    return position


def _members(text: str, start: int) -> list[tuple[str, int]]:
    """Key and the offset of its value, for each member of the object that begins at `start`."""
    if text[start : start + 1] != "{":
        raise ValueError("no JSON object where one should be")
    found: list[tuple[str, int]] = []
    position = _skip(text, start + 1)
    while text[position : position + 1] != "}":
        key, position = _decoder.raw_decode(text, position)
        position = _skip(text, position)
        if not isinstance(key, str) or text[position : position + 1] != ":":
            raise ValueError("no JSON object where one should be")
        position = _skip(text, position + 1)
        found.append((key, position))
        position = _after_value(text, position, "}")
    return found


def _items(text: str, start: int) -> list[int]:
    """The offset of each item of the list that begins at `start`."""
    if text[start : start + 1] != "[":
        raise ValueError("no JSON list where one should be")
    found: list[int] = []
    position = _skip(text, start + 1)
    while text[position : position + 1] != "]":
        found.append(position)
        position = _after_value(text, position, "]")
    return found


def _after_value(text: str, position: int, close: str) -> int:
    """The offset of the next member, or of the closing bracket."""
    _, position = _decoder.raw_decode(text, position)
    position = _skip(text, position)
    if text[position : position + 1] == ",":
        return _skip(text, position + 1)
    if text[position : position + 1] != close:
        raise ValueError("JSON that does not close")
    return position


class FileLines:
    """Line and column, both from 1, of offsets in a text. Columns count code points."""

    def __init__(self, text: str) -> None:
        self._starts = [0]
        at = text.find("\n")
        while at >= 0:
            self._starts.append(at + 1)
            at = text.find("\n", at + 1)

    def place(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def region(self, start: int, end: int) -> dict[str, int]:
        """A region in the terms of SARIF; its end is excluded."""
        first, column = self.place(start)
        last, after = self.place(end)
        return {"startLine": first, "startColumn": column, "endLine": last, "endColumn": after}


def span_of_line(cell: CellText, line: int | None) -> Span:
    """The JSON string that holds this line of the source, from 1; the whole source if there is none such."""
    source = cell.parts["source"]
    if line is None or line < 1:
        return source
    above = 0
    for item in cell.lines:
        held = item.value.count("\n")
        if above <= line - 1 < above + held or (line - 1 == above + held and not item.value.endswith("\n")):
            return item
        above += held
    return source


def new_source(text: str, cell: CellText, new: str) -> str:
    """The JSON of a new source, laid out as the old one is: a list with the same indentation, or a string."""
    ascii_only = "\\u" in text and text.removeprefix("\ufeff").isascii()
    if not isinstance(cell.parts["source"].value, list):
        return json.dumps(new, ensure_ascii=ascii_only)
    items = [json.dumps(line, ensure_ascii=ascii_only) for line in new.splitlines(keepends=True)]
    if not cell.lines:
        return "[" + ", ".join(items) + "]"
    span = cell.parts["source"]
    head = text[span.start + 1 : cell.lines[0].start]
    between = (
        text[cell.lines[0].end : cell.lines[1].start]
        if len(cell.lines) > 1
        else "," + (head if "\n" in head else " " if '": ' in text else "")
    )
    tail = text[cell.lines[-1].end : span.end - 1]
    return "[" + head + between.join(items) + tail + "]"


def replaced(text: str, changes: list[tuple[Span, str]]) -> str:
    """The text with each span's text replaced; spans do not overlap."""
    for span, new in sorted(changes, key=lambda change: change[0].start, reverse=True):
        text = text[: span.start] + new + text[span.end :]
    return text
