"""Who called, and in which words: for messages that name things as the caller does."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from types import FrameType
from typing import Any

from rnnmagic.values import variables


@dataclass(frozen=True)
class Caller:
    """How a function was called: the text of its arguments, and the names that the caller sees."""

    frame: FrameType
    source: str
    """Text that `nodes` belong to, "" where it is not known."""
    nodes: Mapping[str, ast.expr]
    line: int

    def of(self, argument: str, value: Any) -> str:
        node = self.nodes.get(argument)
        written = None if node is None else ast.get_source_segment(self.source, node)
        if written and len(written) <= 60 and "\n" not in written:
            return written
        names = (name for name, held in self.variables().items() if held is value and name[:1] != "_")
        return next(names, argument)

    def variables(self) -> dict[str, Any]:
        """What the caller sees, its own first."""
        own = dict(variables(self.frame.f_locals))
        return own | {name: value for name, value in variables(self.frame.f_globals) if name not in own}


def caller_of(frame: FrameType, arguments: tuple[str, ...]) -> Caller:
    """The call under way in `frame`, its arguments by the names of the parameters.

    Where the source cannot be read (code run by `exec`), only the variables are known.
    """
    node: Any = None
    text = ""
    try:
        from executing import Source

        executing = Source.executing(frame)
        node, text = executing.node, executing.source.text
    except Exception:
        pass  # names are found by identity then
    if not isinstance(node, ast.Call):
        return Caller(frame, "", {}, frame.f_lineno)
    nodes: dict[str, ast.expr] = {}
    for name, given in zip(arguments, node.args, strict=False):
        if isinstance(given, ast.Starred):
            break
        nodes[name] = given
    nodes |= {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg is not None}
    return Caller(frame, text, nodes, frame.f_lineno)
