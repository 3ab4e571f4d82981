"""Talks to the lab extension: sends it reports, has cells edited by it, answers its questions.

The kernel opens one comm when rnnmagic is loaded. A front end that has the extension says `hello`
on it; a front end without closes it, or never answers, and all goes on as if this module were not
there. `labextension/src/protocol.ts` lists every message.

Several front ends may listen (two tabs, two notebooks on one kernel). Each is known by the session
of its messages, so that a click is answered to the front end where it happened. Messages arrive on
any thread, also while a cell runs: nothing here touches a framework or prints.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar, Literal

from rnnmagic import policy
from rnnmagic.endings import shielded
from rnnmagic.front import is_attended
from rnnmagic.interrupts import Shield
from rnnmagic.lab.messages import report_message
from rnnmagic.language import say
from rnnmagic.policy import Rules
from rnnmagic.report import Edit, Fix, FixError, Report, Told, nobody
from rnnmagic.trouble import one_line
from rnnmagic.values import variables
from rnnmagic.views import wording

TARGET = "rnnmagic"
PROTOCOL = 1
"""Raised together with `PROTOCOL` in `protocol.ts` when a message changes its meaning."""

KEPT_REPORTS = 20
KEPT_JOBS = 10
SHAPE_ROWS = 500

_ABSENT = object()
_GONE = object()
"""In place of a variable's value that no undo will bring back."""

Then = Callable[[], None] | None
"""What is left to do after a message, outside the lock."""


@dataclass
class _Job:
    """A fix that is being written into cells, or has been."""

    key: str
    client: str
    report: Report
    fix: Fix
    told: Told
    before: dict[str, Any] = field(default_factory=dict)
    """The kernel's variables when the fix was asked for; after the run only those that it rebound."""
    after: dict[str, Any] | None = None
    """What the run bound them to; `None` until it has ended."""


@dataclass
class _Undoing:
    """A job whose cells are being brought back."""

    key: str
    client: str
    job: _Job
    told: Told
    """Hears of a refusal; that it is done is told to whom the job belongs."""


class Lab:
    """One kernel's line to the lab extension.

    Parameters
    ----------
    shell
        IPython's shell, of a kernel.
    switch
        Sets whether every cell is checked, as `%rnncheck on` does.
    is_on
        Whether every cell is.
    tighten
        Takes the rules that a notebook's metadata set.
    """

    def __init__(
        self,
        shell: Any,
        switch: Callable[[bool], None],
        is_on: Callable[[], bool],
        tighten: Callable[[Rules], None],
    ) -> None:
        self._shell, self._switch, self._is_on, self._tighten = shell, switch, is_on, tighten
        self._lock = threading.RLock()
        self._comm: Any = None
        self._opened = False
        self._clients: list[str] = []
        """Those that said hello in our protocol, the latest last."""
        self._reports: dict[str, tuple[Report, str]] = {}
        """By id, the oldest first: each report and the source of its cell."""
        self._asked: dict[str, _Job | _Undoing] = {}
        self._done: list[_Job] = []

    # Coming and going

    def open(self) -> None:
        """Open the comm once somebody is in front. Without one that works, this object does nothing."""
        if self._opened or not is_attended(self._shell):
            return
        self._opened = True
        try:
            from comm import create_comm

            from rnnmagic import __version__

            self._comm = create_comm(target_name=TARGET, data={"protocol": PROTOCOL, "version": __version__})
            self._comm.on_msg(self._received)
            self._comm.on_close(self._gone)
        except Exception:  # no kernel, or one of another make
            self._comm = None

    @shielded
    def close(self) -> None:
        """Close the comm and let go of every report and variable."""
        with self._lock:
            comm, self._comm = self._comm, None
            self._clients.clear()
            self.forget()
        if comm is not None:
            try:
                comm.close()
            except Exception:
                pass  # the kernel is going down

    def forget(self) -> None:
        """Let go of every report and of every variable that an undo would bring back."""
        with self._lock:
            self._reports.clear()
            self._asked.clear()
            self._done.clear()
            self.tell_state()

    def _gone(self, message: Any) -> None:
        with self._lock:
            self._comm = None
            self._clients.clear()

    # What the kernel has to tell

    def tell_state(self) -> None:
        """What is set, to all front ends."""
        with self._lock:
            done = self._done[-1] if self._done else None
            undo = None
            if done is not None:
                cells = [edit.cell_id for edit in done.fix.edits if edit.cell_id is not None]
                undo = {"title": wording.one_line(done.fix.title, 120), "cells": cells}
            self._send({"type": "state", "on": self._is_on(), "undo": undo})

    def tell_report(self, report: Report, source: str) -> None:
        """A checked cell ended: its report, and its source as typed."""
        if self._comm is None:
            return
        with self._lock:
            self._settle_runs_of(report)
            for key, (old, _) in list(self._reports.items()):
                if _same_cell(old, report):
                    del self._reports[key]
            key = uuid.uuid4().hex
            self._reports[key] = (report, source)
            while len(self._reports) > KEPT_REPORTS:
                del self._reports[next(iter(self._reports))]
            self._send(report_message(key, report, source, again=False))

    def tell_again(self, before: Report, after: Report) -> None:
        """A report is seen in another way now: at another step of its hints."""
        with self._lock:
            for key, (report, source) in self._reports.items():
                if report is before:
                    self._reports[key] = after, source
                    self._send(report_message(key, after, source, again=False))

    # `Writer`, as the panel sees it

    def reaches(self) -> bool:
        """Whether the front end that is being served now can edit its cells."""
        return self._serving() is not None

    @property
    def has_undo(self) -> bool:
        """Whether a fix stands in cells that can be taken back."""
        return bool(self._done)

    def write(self, report: Report, fix: Fix, told: Told, *, seen: bool) -> None:
        """Have a fix written into the notebook's cells and these run again.

        Parameters
        ----------
        told
            Called when the front end answers; on any thread.
        seen
            The user has the change before the eyes; otherwise the front end shows it and asks.

        Raises
        ------
        FixError
            No front end can edit cells, or the fix changes none.
        """
        client = self._serving()
        if client is None:
            raise FixError(say("No front end that can edit cells is connected."))
        self._write(client, report, fix, told, seen=seen)

    def take_back(self, told: Told) -> None:
        """Bring back the cells and variables of the latest fix that was written.

        Raises
        ------
        FixError
            There is none, or no front end that can edit cells.
        """
        client = self._serving()
        if client is None:
            raise FixError(say("No front end that can edit cells is connected."))
        self._take_back(client, told)

    def _write(self, client: str, report: Report, fix: Fix, told: Told, *, seen: bool) -> None:
        report.check_allowed()
        if not fix.edits:
            raise FixError(say("This fix changes no cell."))
        with self._lock:
            if getattr(report.repairer, "applied", None) is not None:
                # The repaired source does the repair itself; on repaired data it would do it twice.
                report.undo()
            job = _Job(uuid.uuid4().hex, client, report, fix, told, self._variables())
            self._ask(job, "apply", fix, fix.edits, report, ask=not seen)

    def _take_back(self, client: str, told: Told) -> None:
        with self._lock:
            if not self._done:
                raise FixError(say("There is nothing to undo: no fix has been written into a cell."))
            job = self._done[-1]
            edits = tuple(
                Edit(edit.execution_count, edit.cell_id, edit.new, edit.old) for edit in job.fix.edits
            )
            undoing = _Undoing(uuid.uuid4().hex, client, job, told)
            self._ask(undoing, "undo", job.fix, edits, job.report, ask=False)

    def _ask(
        self,
        job: _Job | _Undoing,
        task: Literal["apply", "undo"],
        fix: Fix,
        edits: tuple[Edit, ...],
        report: Report,
        *,
        ask: bool,
    ) -> None:
        self._asked[job.key] = job
        while len(self._asked) > KEPT_JOBS:
            del self._asked[next(iter(self._asked))]
        self._send(
            {
                "type": "edit",
                "client": job.client,
                "job": job.key,
                "task": task,
                "title": wording.one_line(fix.title, 120),
                "caution": wording.sentence(fix.caution) or None,
                "ask": ask,
                "edits": [edit.to_dict() for edit in edits],
                "checked": {"cell_id": report.cell_id, "execution_count": report.execution_count},
            }
        )

    # What front ends say

    def _received(self, message: Any) -> None:
        with Shield("drop"):
            self._answer(message)

    def _answer(self, message: Any) -> None:
        try:
            data = message["content"]["data"]
            client = message["header"]["session"]
            answer = self._answers.get(data["type"])
        except (KeyError, TypeError):
            return
        if answer is None:
            return
        try:
            if data["type"] == "hello":
                # Before anything is told, and outside the lock: who is told of it may be sending.
                self._tighten(policy.from_metadata({"rnnmagic": data.get("policy")}))
            with self._lock:
                then = answer(self, client, data)
            # Outside the lock: a panel that is told has a lock of its own, and asks while it holds it.
            if then is not None:
                then()
        except FixError as problem:
            self._say(client, "warning", str(problem))
        except KeyboardInterrupt:
            raise
        except BaseException as problem:  # a `SystemExit` out of an object of the user's would end the kernel
            self._say(client, "error", one_line(say("rnnmagic could not do that"), problem))

    def _hello(self, client: str, data: Mapping[str, Any]) -> None:
        from rnnmagic import __version__

        self._send({"type": "welcome", "client": client, "protocol": PROTOCOL, "version": __version__})
        if data.get("protocol") != PROTOCOL:
            return  # it says so to its user; clicks of the panel go on without it
        if client not in self._clients:
            self._clients.append(client)
        self.tell_state()
        for key, (report, source) in self._reports.items():
            self._send(report_message(key, report, source, again=True) | {"client": client})

    def _bye(self, client: str, data: Mapping[str, Any]) -> None:
        if client in self._clients:
            self._clients.remove(client)

    def _check(self, client: str, data: Mapping[str, Any]) -> None:
        self._switch(data.get("on") is True)

    def _apply(self, client: str, data: Mapping[str, Any]) -> None:
        found = self._reports.get(str(data.get("report")))
        if found is None:
            raise FixError(say("This report is no longer there. Run the cell again."))
        report = found[0]
        report.check_allowed()
        fix = next((one for one in report.offered if one.id == data.get("fix")), None)
        if fix is None:
            raise FixError(say("This fix is no longer there. Run the cell again."))
        self._write(client, report, fix, nobody, seen=False)

    def _undo(self, client: str, data: Mapping[str, Any]) -> None:
        self._take_back(client, nobody)

    def _edited(self, client: str, data: Mapping[str, Any]) -> Then:
        job = self._asked.pop(str(data.get("job")), None)
        told: Then = None
        if isinstance(job, _Undoing):
            names, kept = self._restore(job.job)
            if job.job in self._done:
                self._done.remove(job.job)
            self._send(
                {
                    "type": "restored",
                    "client": client,
                    "job": job.key,
                    "names": [wording.name(name) for name in names],
                    "kept": [wording.name(name) for name in kept],
                }
            )
            told = partial(job.job.told, "undone", ", ".join(names))
        elif job is not None:
            self._done.append(job)
            del self._done[:-KEPT_JOBS]
            told = partial(job.told, "edited", "")
        self.tell_state()
        return told

    def _refused(self, client: str, data: Mapping[str, Any]) -> Then:
        job = self._asked.pop(str(data.get("job")), None)
        return None if job is None else partial(job.told, "refused", str(data.get("message", "")))

    def _ran(self, client: str, data: Mapping[str, Any]) -> None:
        for job in self._done:
            if job.key == data.get("job"):
                self._settle(job)

    def _shapes(self, client: str, data: Mapping[str, Any]) -> None:
        from rnnmagic import shapes

        table = shapes.survey(dict(self._shell.user_ns), rows=SHAPE_ROWS)
        self._send(
            {
                "type": "shapes",
                "client": client,
                "seq": data.get("seq"),
                "rows": [row.to_dict() for row in table.rows],
                "hidden": table.hidden,
            }
        )

    _answers: ClassVar[dict[str, Callable[[Lab, str, Mapping[str, Any]], Then]]] = {
        "hello": _hello,
        "bye": _bye,
        "check": _check,
        "apply": _apply,
        "undo": _undo,
        "edited": _edited,
        "refused": _refused,
        "ran": _ran,
        "shapes": _shapes,
    }

    # Variables: what a written fix rebound by running again, and how it was before

    def _variables(self) -> dict[str, Any]:
        hidden = self._shell.user_ns_hidden
        return {
            name: value
            for name, value in variables(self._shell.user_ns)
            if not name.startswith("_") and name not in hidden
        }

    def _settle(self, job: _Job) -> None:
        """The cells have run: keep of the variables only what they rebound."""
        if job.after is not None:
            return
        now = self._variables()
        changed = [name for name, value in job.before.items() if now.get(name, _ABSENT) is not value]
        job.after = {name: now.get(name, _ABSENT) for name in changed}
        job.before = {name: job.before[name] for name in changed}

    def let_go(self) -> None:
        """Keep nothing of variables that an undo cannot bring back: bound anew since the run, or deleted."""
        with self._lock:
            space = self._shell.user_ns
            for job in self._done:
                for name in job.before:
                    given = space.get(name, _ABSENT) if job.after is None else job.after[name]
                    if given is _ABSENT and job.after is not None:
                        continue
                    if given is _ABSENT or space.get(name, _ABSENT) is not given:
                        job.before[name] = _GONE
                        if job.after is not None:
                            job.after[name] = _GONE

    def _settle_runs_of(self, report: Report) -> None:
        for job in self._done:
            if _same_cell(job.report, report):
                self._settle(job)

    def _restore(self, job: _Job) -> tuple[list[str], list[str]]:
        """Bind the variables as before; those restored, and those left since they changed again."""
        self._settle(job)
        names, kept = [], []
        space = self._shell.user_ns
        for name, value in job.before.items():
            if value is not _GONE and space.get(name, _ABSENT) is (job.after or {}).get(name, _ABSENT):
                space[name] = value
                names.append(name)
            else:
                kept.append(name)
        return names, kept

    # Sending

    def _serving(self) -> str | None:
        """The front end whose message the kernel is answering, if it is one of ours."""
        if self._comm is None:
            return None
        try:
            session = self._shell.kernel.get_parent()["header"]["session"]
        except Exception:
            return None
        return session if session in self._clients else None

    def _say(self, client: str, level: str, text: str) -> None:
        self._send({"type": "said", "client": client, "level": level, "text": wording.sentence(text)})

    def _send(self, data: dict[str, Any]) -> None:
        comm = self._comm
        if comm is None:
            return
        try:
            comm.send(data)
        except Exception:
            # A closed socket: the next message says nothing either, and the kernel goes on.
            self._comm = None


def _same_cell(one: Report, other: Report) -> bool:
    return one.cell_id is not None and one.cell_id == other.cell_id
