"""The report as it stays in a saved notebook: a part of the cell's output that no front end shows.

It lies beside the HTML and the text of the same display, under a MIME type of its own, so that
`rnnmagic report` can say later which mistakes a folder of notebooks holds, without running them and
without anything having left the machine. Front ends pass over a type that they do not know.

What it holds is `Report.to_dict()` of the report that is shown, less what a notebook has anyway or
what no reader needs: the cells' whole sources (`edits`), the times, and folders of the machine. Every
text and list has a limit.
"""

from __future__ import annotations

import math
import re
from typing import Any

from rnnmagic.report import Report

MIME = "application/vnd.rnnmagic.report+json"

TEXT_LIMIT = 600
ITEMS = 64
DEPTH = 12
LEFT_OUT = frozenset({"edits", "timing", "rebinds"})

# A folder is two parts or more, so that shapes and fractions (`60/3`) stay; the file's name stays, too.
_FOLDERS = re.compile(r"(?<![\w/\\])(?:[A-Za-z]:\\|~[/\\]|/)(?:[^\s/\\:'\"<>|]+[/\\])+")


def stored_report(report: Report) -> dict[str, Any]:
    """The payload for `MIME`: plain JSON types, a few kB however large the report is.

    `schema`, `outcome`, `cause`, … are those of `Report.to_dict()`; `rnnmagic` is the version that
    wrote it, `execution_count` and `cell_id` say which cell it is of.
    """
    from rnnmagic import __version__

    plain = _limited(report.to_dict(), DEPTH)
    return {"rnnmagic": __version__, **plain}


def _limited(value: Any, depth: int) -> Any:
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        return _text(value)
    if depth == 0:
        return None
    if isinstance(value, dict):
        kept = [(str(key), one) for key, one in value.items() if key not in LEFT_OUT]
        return {_text(key): _limited(one, depth - 1) for key, one in kept[:ITEMS]}
    if isinstance(value, (list, tuple)):
        return [_limited(one, depth - 1) for one in value[:ITEMS]]
    return _text(str(value))


def _text(text: str) -> str:
    # Cut first: what is far beyond the limit is never looked at.
    text = _FOLDERS.sub("", text[: TEXT_LIMIT * 4])
    # A lone surrogate cannot be written to a notebook at all.
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= TEXT_LIMIT else text[: TEXT_LIMIT - 1] + "…"
