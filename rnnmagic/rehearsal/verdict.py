"""What a rehearsal is given and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Status = Literal["passes", "fails", "unknown"]


@dataclass(frozen=True)
class Script:
    """One cell: the Python that ran, and the Python of the repaired cell.

    `executed_lines` counts in `before`: statements that start above this line ran to their end, the
    one on it failed, the later ones never began. `None`: the whole cell has run.
    """

    before: str
    after: str
    executed_lines: int | None = None


@dataclass(frozen=True)
class TriedCall:
    """A call on a model that the rehearsal tried on shapes."""

    method: str
    ok: bool


@dataclass
class Verdict:
    """Whether the repaired cells run. Only `passes` is a promise; `unknown` makes none."""

    status: Status
    reason: str = ""
    calls: list[TriedCall] = field(default_factory=list)
    error: BaseException | None = None
    repeats: tuple[str, ...] = ()
    """Names the repaired cells change on top of their present values, so that a second run of them
    in this kernel does not start from where the rehearsal, like the first run, started."""
    skipped: tuple[str, ...] = ()
    """What was not carried out, one line each, for the log."""
