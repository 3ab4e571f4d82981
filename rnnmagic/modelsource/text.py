"""The text of a cell as characters: offsets, tokens, arguments and what stands between them."""

from __future__ import annotations

import ast
import io
import tokenize
from dataclasses import dataclass
from functools import lru_cache

from rnnmagic.cells import Cell
from rnnmagic.source import CannotEdit, Change, edited_python

_BLANK = {
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.COMMENT,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


@dataclass(frozen=True)
class Token:
    """A token that means something, by offsets in the text."""

    start: int
    end: int
    text: str


class Text:
    """A cell's Python by character offsets; `ast` counts in UTF-8 bytes of a line."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.split("\n")
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.tokens: list[Token] = []
        self.comments: list[Token] = []
        try:
            for token in tokenize.generate_tokens(io.StringIO(text).readline):
                start = self.starts[token.start[0] - 1] + token.start[1]
                end = self.starts[token.end[0] - 1] + token.end[1]
                if token.type == tokenize.COMMENT:
                    self.comments.append(Token(start, end, token.string))
                elif token.type not in _BLANK:
                    self.tokens.append(Token(start, end, token.string))
        except (tokenize.TokenError, IndentationError, SyntaxError, IndexError) as error:
            raise CannotEdit("the cell's text cannot be read") from error

    def offset(self, line: int, column: int) -> int:
        row = self.lines[line - 1]
        return self.starts[line - 1] + len(row.encode()[:column].decode(errors="ignore"))

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Start and end of a node."""
        return (
            self.offset(node.lineno, node.col_offset),  # type: ignore[attr-defined]
            self.offset(node.end_lineno, node.end_col_offset),  # type: ignore[attr-defined]
        )

    def of(self, node: ast.AST) -> str:
        start, end = self.span(node)
        return self.text[start:end]

    def row(self, offset: int) -> int:
        """Number of the line, from 0, that holds the offset."""
        return self.text.count("\n", 0, offset)

    def change(self, start: int, end: int, text: str) -> Change:
        """Replace the characters from `start` to `end`."""
        first, last = self.row(start), self.row(end)
        # `source.edit` needs the line to exist: an insertion after the last newline goes before it.
        if (
            first >= len(self.lines) - 1
            and first > 0
            and not self.lines[first]
            and start == end == len(self.text)
        ):
            return self.change(start - 1, end - 1, "\n" + text.removesuffix("\n"))
        if last == len(self.lines) - 1 and last > first and not self.lines[last] and end == len(self.text):
            end -= 1
            last -= 1
        head = self.text[self.starts[first] : start]
        tail = self.text[self.starts[last] : end]
        return Change(first + 1, len(head.encode()), last + 1, len(tail.encode()), text)

    def token_after(self, offset: int) -> Token | None:
        return next((token for token in self.tokens if token.start >= offset), None)

    def token_before(self, offset: int) -> Token | None:
        return next((token for token in reversed(self.tokens) if token.end <= offset), None)

    def widened(self, start: int, end: int, first: int, last: int) -> tuple[int, int]:
        """A piece with the parentheses around it, between the offsets `first` and `last`."""
        while True:
            before, after = self.token_before(start), self.token_after(end)
            if before is None or after is None or before.start < first or after.end > last:
                return start, end
            if before.text != "(" or after.text != ")":
                return start, end
            start, end = before.start, after.end

    def starts_line(self, offset: int) -> bool:
        """Nothing but blanks stands before it on its line."""
        return not self.text[self.starts[self.row(offset)] : offset].strip()

    def indent(self, offset: int) -> str:
        line = self.lines[self.row(offset)]
        return line[: len(line) - len(line.lstrip())]

    def line_end(self, offset: int) -> int:
        """Offset of the end of the line, before its newline."""
        row = self.row(offset)
        return self.starts[row] + len(self.lines[row])

    def only_comment_until_line_end(self, offset: int) -> bool:
        rest = self.text[offset : self.line_end(offset)].strip()
        return not rest or rest.startswith("#")


@lru_cache(maxsize=64)
def text_of_cell(transformed: str) -> Text:
    return Text(transformed)


@dataclass(frozen=True)
class Items:
    """What stands between a pair of brackets, separated by commas: arguments, or the items of a list."""

    text: Text
    opening: int
    """Offset just after the opening bracket."""
    closing: int
    """Offset of the closing bracket."""
    spans: list[tuple[int, int]]

    @classmethod
    def of_call(cls, text: Text, call: ast.Call) -> Items:
        _, end = text.span(call)
        _, function_end = text.span(call.func)
        opening = text.token_after(function_end)
        while opening is not None and opening.text == ")":  # (LSTM)(8)
            opening = text.token_after(opening.end)
        if opening is None or opening.text != "(":
            raise CannotEdit("the call's parentheses were not found")
        nodes: list[ast.expr | ast.keyword] = sorted(
            [*call.args, *call.keywords], key=lambda n: (n.lineno, n.col_offset)
        )
        return cls._between(text, opening.end, end - 1, nodes)

    @classmethod
    def of_list(cls, text: Text, node: ast.List | ast.Tuple) -> Items:
        start, end = text.span(node)
        if text.text[start] not in "([":
            raise CannotEdit("a tuple without brackets")
        return cls._between(text, start + 1, end - 1, list(node.elts))

    @classmethod
    def _between(cls, text: Text, opening: int, closing: int, nodes: list[ast.expr | ast.keyword]) -> Items:
        spans = []
        for node in nodes:
            if isinstance(node, ast.keyword):
                # The parentheses of `shape=(x)` belong to the value.
                start, _ = text.span(node)
                spans.append((start, text.widened(*text.span(node.value), start, closing)[1]))
            else:
                spans.append(text.widened(*text.span(node), opening, closing))
        return cls(text, opening, closing, spans)

    def comma_after(self, offset: int) -> Token | None:
        token = self.text.token_after(offset)
        return token if token is not None and token.text == "," and token.end <= self.closing else None

    def one_a_line(self) -> bool:
        """Whether each item begins a line of its own; the first may stand behind the bracket."""
        if len(self.spans) == 1:
            start, end = self.spans[0]
            return self.text.starts_line(start) and self.text.row(self.closing) > self.text.row(end)
        return bool(self.spans) and all(self.text.starts_line(start) for start, _ in self.spans[1:])

    def indent(self) -> str:
        """What stands before an item on its line."""
        text = self.text
        own = [start for start, _ in self.spans if text.starts_line(start)]
        return (
            text.indent(own[0]) if own else " " * (self.spans[0][0] - text.starts[text.row(self.spans[0][0])])
        )

    def insert_after(self, index: int, item: str) -> list[Change]:
        """A new item after the item number `index`; -1 puts it first."""
        text = self.text
        if not self.spans:
            return [text.change(self.opening, self.opening, item)]
        if index < 0:
            return self.insert_before(0, item)
        _, end = self.spans[index]
        comma = self.comma_after(end)
        last = index == len(self.spans) - 1
        if not self.one_a_line():
            if comma is None:
                return [text.change(end, end, f", {item}")]
            if last:
                # A trailing comma stays one, except where the bracket closes on the same line.
                tail = "," if text.row(self.closing) > text.row(comma.end) else ""
                return [text.change(comma.end, comma.end, f" {item}{tail}")]
            return [text.change(comma.end, comma.end, f" {item},")]
        # Below, at this item's indentation; a comment behind the item stays with it.
        indent = self.indent()
        after = comma.end if comma is not None else end
        below = text.line_end(after)
        if below > self.closing or not text.only_comment_until_line_end(after):
            # The bracket closes on this line.
            return [text.change(end, after, f",\n{indent}{item}" + ("," if comma is not None else ""))]
        if comma is None:
            between = text.text[after:below]
            return [text.change(after, below, f",{between}\n{indent}{item}")]
        return [text.change(below, below, f"\n{indent}{item},")]

    def insert_before(self, index: int, item: str) -> list[Change]:
        """A new item before the item number `index`."""
        text = self.text
        start, _ = self.spans[index]
        if self.one_a_line():
            return [text.change(start, start, f"{item},\n{self.indent()}")]
        return [text.change(start, start, f"{item}, ")]

    def remove(self, index: int) -> list[Change]:
        """Take the item away, with its comma, and its line if it has one to itself."""
        text = self.text
        start, end = self.spans[index]
        comma = self.comma_after(end)
        after = comma.end if comma is not None else end
        below = text.line_end(after)
        if text.starts_line(start) and text.only_comment_until_line_end(after) and below <= self.closing:
            first = text.starts[text.row(start)]
            return [text.change(first, min(below + 1, len(text.text)), "")]
        if comma is not None:
            following = self.spans[index + 1][0] if index + 1 < len(self.spans) else None
            if following is not None and text.row(following) == text.row(after):
                return [text.change(start, following, "")]
            if following is None:
                before = text.token_before(start)
                # `f(a, b,)` becomes `f(a,)`.
                if before is not None and before.text == "," and before.start >= self.opening:
                    return [text.change(before.end, after, "")]
                return [text.change(start, after, "")]
            blank = after
            while blank < len(text.text) and text.text[blank] in " \t":
                blank += 1
            if not any(c.start >= blank and c.start < following for c in text.comments):
                return [text.change(start, following, "")]
            return [text.change(start, blank, "")]
        before = text.token_before(start)
        if before is not None and before.text == "," and before.start >= self.opening:
            if any(before.end <= comment.start < start for comment in text.comments):
                return [text.change(start, end, "")]
            return [text.change(before.start, end, "")]
        return [text.change(start, end, "")]


def merged(edits: list[tuple[Cell, Change]]) -> list[tuple[Cell, Change]]:
    """The same edits with those that touch one line made into one: `source.edit` takes a line once."""
    cells: dict[int, tuple[Cell, list[Change]]] = {}
    for cell, change in edits:
        cells.setdefault(id(cell), (cell, []))[1].append(change)
    result = []
    for cell, changes in cells.values():
        text = text_of_cell(cell.transformed)
        pieces: list[tuple[int, int, str]] = []
        for change in sorted(changes, key=lambda c: (c.line, c.column, c.end_line, c.end_column)):
            start = text.offset(change.line, change.column)
            end = text.offset(change.end_line, change.end_column)
            if pieces and text.row(pieces[-1][1]) == text.row(start):
                first, last, before = pieces[-1]
                if start < last:
                    raise CannotEdit("two edits of the same piece of text")
                pieces[-1] = (first, end, before + text.text[last:start] + change.text)
            else:
                pieces.append((start, end, change.text))
        result += [(cell, text.change(*piece)) for piece in pieces]
    return result


def verified(edits: list[tuple[Cell, Change]]) -> list[tuple[Cell, Change]]:
    """The edits, merged, if every cell is still Python with them.

    Raises
    ------
    CannotEdit
        It is not.
    """
    edits = merged(edits)
    for cell in {id(cell): cell for cell, _ in edits}.values():
        new = edited_python(cell, [change for other, change in edits if other is cell])
        try:
            ast.parse(new)
        except (SyntaxError, ValueError) as error:
            raise CannotEdit(f"the edited cell would not be Python: {error}") from error
    return edits
