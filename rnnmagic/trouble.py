"""What is said when rnnmagic has no diagnosis, or breaks itself: one line, and the user's error stands."""

from __future__ import annotations

from rnnmagic.report import ErrorInfo, Report


def has_something_to_show(report: Report) -> bool:
    """Whether a report is shown without being asked for."""
    return (
        report.outcome == "shape_error"
        or bool(report.warnings)
        or bool(report.advice)
        or report.trouble is not None
    )


def bare_report(error: BaseException | None) -> Report:
    """What can be said without an examination."""
    if error is None:
        return Report("clean")
    return Report("other_error", error=ErrorInfo(type(error).__name__, safe_text(error)))


def safe_text(error: BaseException | None) -> str:
    try:
        return "" if error is None else str(error)
    except Exception:
        return ""


def one_line(what: str, problem: BaseException) -> str:
    text = " ".join(safe_text(problem).split())[:160]
    name = type(problem).__name__
    return f"{what} ({name}: {text})." if text else f"{what} ({name})."
