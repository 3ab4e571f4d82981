"""What is said when rnnmagic has no diagnosis, or breaks itself: one line, and the user's error stands."""

from __future__ import annotations

from types import TracebackType

from rnnmagic.language import say
from rnnmagic.limit import Expired, limited
from rnnmagic.report import ErrorInfo, Report
from rnnmagic.values import class_name

TEXT_S = 1.0
"""For an error to say what it is; its `__str__` may be the user's."""
TEXT_AT_MOST = 20_000
"""Characters of an error's text that are kept. TensorFlow's own have some thousands."""


class swallowed:  # noqa: N801 - reads as what it does, like `contextlib.suppress`
    """Keep trouble of ours from the user's cell, whatever it is; only Ctrl-C is the user's own."""

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        return kind is not None and not issubclass(kind, KeyboardInterrupt)


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
    return Report("other_error", error=ErrorInfo(class_name(error), safe_text(error)))


def safe_text(error: BaseException | None) -> str:
    """What an error says: at most `TEXT_AT_MOST` characters; empty when it raises or takes for ever."""
    if error is None:
        return ""
    try:
        with limited(TEXT_S):
            text = str(error)
            # A `str` of a class of the user's may do anything when it is used.
            text = str.__getitem__(text, slice(0, TEXT_AT_MOST + 1))
    except BaseException:
        return ""
    return text if len(text) <= TEXT_AT_MOST else text[: TEXT_AT_MOST - 1] + "…"


def one_line(what: str, problem: BaseException) -> str:
    """What went wrong with us, and why."""
    if isinstance(problem, Expired):
        reason = say("it took too long")
        return f"{what} ({reason})."
    text = " ".join(safe_text(problem).split())[:160]
    name = class_name(problem)
    return f"{what} ({name}: {text})." if text else f"{what} ({name})."


def took_too_long(seconds: float) -> str:
    """What is said of an examination that was stopped."""
    return say("rnnmagic took longer than {seconds} s and stopped looking.", seconds=f"{seconds:g}")
