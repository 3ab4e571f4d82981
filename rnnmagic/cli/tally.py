"""What many notebooks' saved reports come to: by cause, by assignment and, if it is asked for, by student."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from rnnmagic.cli.causes import ALL_CAUSES, meaning
from rnnmagic.cli.saved import Notebook, Seen


@dataclass
class Row:
    """All mistakes of one kind or of one student."""

    times: int = 0
    notebooks: set[int] = field(default_factory=set)
    students: set[str] = field(default_factory=set)
    hints: list[int] = field(default_factory=list)
    mended: Counter[bool | None] = field(default_factory=Counter)
    silent: int = 0
    causes: Counter[str] = field(default_factory=Counter)

    def add(self, seen: Seen) -> None:
        self.times += 1
        self.notebooks.add(seen.notebook)
        self.students.add(seen.student)
        if seen.hint is not None:
            self.hints.append(seen.hint)
        self.mended[seen.mended] += 1
        self.silent += seen.silent
        self.causes[seen.cause] += 1

    def to_dict(self) -> dict[str, Any]:
        return {
            "times": self.times,
            "silent": self.silent,
            "notebooks": len(self.notebooks),
            "students": len(self.students),
            "median_hint_step": median(self.hints) if self.hints else None,
            "mended": {"yes": self.mended[True], "no": self.mended[False], "unknown": self.mended[None]},
        }


class Tally:
    """Takes notebooks one by one; holds counts, no notebook.

    Parameters
    ----------
    name
        What a student is called in the result; `None` when students are not told apart there.
    """

    def __init__(self, name: Callable[[str], str] | None) -> None:
        self._name = name
        self.notebooks = self.with_reports = self.unreadable = 0
        self._students: set[str] = set()
        self._all = Row()
        self._causes: dict[str, Row] = defaultdict(Row)
        self._assignments: dict[str, Row] = defaultdict(Row)
        self._by_student: dict[str, Row] = defaultdict(Row)

    def add(self, notebook: Notebook) -> None:
        self.notebooks += 1
        self.with_reports += bool(notebook.seen)
        self._students.add(notebook.student)
        for seen in notebook.seen:
            self._all.add(seen)
            self._causes[seen.cause].add(seen)
            if seen.assignment is not None:
                self._assignments[seen.assignment].add(seen)
            if self._name is not None:
                self._by_student[self._name(seen.student)].add(seen)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types: `notebooks`, `students`, …, and the lists `causes`, `assignments`, `by_student`."""
        causes = sorted(self._causes.items(), key=lambda item: (-item[1].times, ALL_CAUSES.index(item[0])))
        students = sorted(self._by_student.items(), key=lambda item: (-item[1].times, item[0]))
        return {
            "notebooks": self.notebooks,
            "notebooks_with_mistakes": self.with_reports,
            "students": len(self._students),
            "unreadable": self.unreadable,
            **{key: self._all.to_dict()[key] for key in ("times", "silent", "median_hint_step", "mended")},
            "causes": [{"cause": cause, "meaning": meaning(cause), **row.to_dict()} for cause, row in causes],
            "assignments": [
                {"assignment": name, **row.to_dict(), "causes": dict(row.causes.most_common())}
                for name, row in sorted(self._assignments.items())
            ],
            "by_student": None
            if self._name is None
            else [
                {"student": name, **row.to_dict(), "causes": dict(row.causes.most_common())}
                for name, row in students
            ],
        }
