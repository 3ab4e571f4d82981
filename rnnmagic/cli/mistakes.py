"""What a kernel said of a cell, made into mistakes: the fields that are shown, each of its type and within limits.

A kernel runs code of strangers, so what it sends is looked at field by field; what is not as it
should be is left out.
"""

from __future__ import annotations

import re
from typing import Any

from rnnmagic.report import CAUSES, WARNING_CAUSES

TEXT = 2_000
SOURCE = 200_000
AXES = 32
AT_MOST = 200
"""Mistakes kept of one notebook."""
FIXES_AT_MOST = 12

_ANSI = re.compile(r"\x1b\[[0-9;]*m")

Mistake = dict[str, Any]


def mistakes_of(report: Any, cell: dict[str, Any], *, all_fixes: bool = False) -> list[Mistake]:
    """The mistakes in one cell's report: an error, or what was found although nothing was raised.

    Parameters
    ----------
    report
        `Report.to_dict()` as it came from the kernel.
    cell
        The cell's place, which goes into each mistake.
    all_fixes
        Keep the `fixes` with their `edits`, for repairing.
    """
    if not isinstance(report, dict):
        return []
    found: list[Mistake] = []
    outcome = report.get("outcome")
    if outcome == "shape_error":
        error = _dict(report.get("error"))
        found.append(
            {
                "kind": "error",
                "cell": cell,
                "line": _line(error.get("line")),
                "error": {
                    "type": _text(error.get("type"), 200),
                    "message": _plain(error.get("message")),
                    "statement": _text(error.get("statement")),
                    "phase": _text(error.get("phase"), 40),
                },
                **_what(report, CAUSES),
                **_fixes(report.get("fixes"), all_fixes),
            }
        )
    notices = [("warning", notice) for notice in _list(report.get("warnings"))]
    if outcome != "shape_error":
        # Said before a training; if it came true, the error above tells it.
        notices += [("warning", notice) for notice in _list(report.get("told"))]
    for kind, notice in notices:
        if isinstance(notice, dict):
            found.append(
                {
                    "kind": kind,
                    "cell": cell,
                    "line": _line(notice.get("line")),
                    "error": None,
                    **_what(notice, (*WARNING_CAUSES, *CAUSES)),
                    **_fixes(notice.get("fixes"), all_fixes),
                }
            )
    return found[:AT_MOST]


def trouble_of(report: Any) -> str | None:
    """One line when rnnmagic itself could not finish its examination."""
    return _text(report.get("trouble"), 300) if isinstance(report, dict) else None


def _what(part: dict[str, Any], causes: tuple[str, ...]) -> Mistake:
    array, layer = part.get("array"), part.get("layer")
    return {
        "cause": part.get("cause") if part.get("cause") in causes else "other",
        "summary": _text(part.get("summary")) or "",
        "array": None
        if not isinstance(array, dict)
        else {
            "name": _text(array.get("name"), 200),
            "expression": _text(array.get("expression"), 400),
            "role": _text(array.get("role"), 40),
            "shape": _shape(array.get("shape")),
            "dtype": _text(array.get("dtype"), 60),
            "axes": _names(array.get("axes")),
        },
        "layer": None
        if not isinstance(layer, dict)
        else {
            "name": _text(layer.get("name"), 200),
            "class": _text(layer.get("class"), 200),
            "model": _text(layer.get("model"), 200),
            "expected": _shape(layer.get("expected")),
            "received": _shape(layer.get("received")),
        },
    }


def _fixes(value: Any, all_fixes: bool) -> Mistake:
    fixes = [_fix(fix) for fix in _list(value)[:FIXES_AT_MOST] if isinstance(fix, dict)]
    first = fixes[0] if fixes else None
    made: Mistake = {"fix": first, "fixes_offered": len(_list(value))}
    if all_fixes:
        made["fixes"] = fixes
    return made


def _fix(fix: dict[str, Any]) -> Mistake:
    edits = [
        {
            "execution_count": _line(edit.get("execution_count")),
            "cell_id": _text(edit.get("cell_id"), 200),
            "old": edit["old"],
            "new": edit["new"],
        }
        for edit in _list(fix.get("edits"))
        if isinstance(edit, dict)
        and all(isinstance(edit.get(key), str) and len(edit[key]) <= SOURCE for key in ("old", "new"))
    ]
    return {
        "kind": _text(fix.get("kind"), 40),
        "title": _text(fix.get("title"), 200) or "",
        "why": _text(fix.get("why")),
        "code": _text(fix.get("code")) or "",
        "before": _shape(fix.get("before")),
        "after": _shape(fix.get("after")),
        "verified": fix.get("verified") is True,
        "confidence": _text(fix.get("confidence"), 20),
        "caution": _text(fix.get("caution")),
        # Whole, or the fix cannot be carried out at all.
        "edits": edits if len(edits) == len(_list(fix.get("edits"))) else [],
    }


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value[:AT_MOST] if isinstance(value, list) else []


def _text(value: Any, limit: int = TEXT) -> str | None:
    if not isinstance(value, str):
        return None
    text = value[:limit].encode("utf-8", "replace").decode("utf-8")
    return text if len(text) < limit else text[: limit - 1] + "…"


def _plain(value: Any) -> str | None:
    text = _text(value)
    return None if text is None else _ANSI.sub("", text)


def _line(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**9 else None


def _names(value: Any) -> list[str] | None:
    if not isinstance(value, list):
        return None
    return [_text(name, 100) or "" for name in value[:AXES]]


def _shape(value: Any) -> list[int | None] | None:
    if not isinstance(value, list) or len(value) > AXES:
        return None
    return [size if isinstance(size, int) and not isinstance(size, bool) else None for size in value]
