"""Each stage of rnnmagic made to raise, to hang and to answer nonsense: the user's notebook goes on as it was."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

import faults
import pytest
from keras_state import assert_nothing_patched, differing, patched_places
from plan import Notebook
from playing import Played, Ran, Stage, steady

from rnnmagic.report import FixError

STAGE = Stage()

START = """\
import keras, numpy as np
from keras import layers
keras.utils.set_random_seed(7)
X = np.random.default_rng(7).normal(size=(12, 10)).astype("float32")
G = X.reshape(12, 5, 2)
y = np.ones((12, 1), "float32")
model = keras.Sequential([keras.Input((5, 2)), layers.LSTM(3, dropout=0.2), layers.Dense(1)])
model.compile("adam", "mse")
"""
FAILS = Notebook((START, "model.fit(X, y, verbose=0)"), display="html")
PANEL = Notebook(FAILS.cells, display="panel")
PASSES = Notebook((START, "model.fit(G, y, verbose=0);"), display="html")
LIMITS_S = (0.6, 4.0, 20.0)
"""In place of the five seconds, for what hangs. The next where a busy machine did not get as far as the fault."""

EXAMINING = {
    "evidence": "rnnmagic.examine:gather",
    "what was heard": "rnnmagic.watch:Watch.heard",
    "snapshot": "rnnmagic.frameworks.keras3:Keras3.snapshot",
    "diagnosis": "rnnmagic.examine:diagnose",
    "placing": "rnnmagic.examine:place",
    "writing": "rnnmagic.writing:Writer.write",
    "rehearsal": "rnnmagic.rehearsal:rehearse",
    "dry run": "rnnmagic.frameworks.keras3.dryrun:run_on_shapes",
    "sample": "rnnmagic.examine:sample_pair",
    "report": "rnnmagic.examine:array_at_fault",
    "repairer": "rnnmagic.examine:Fixer.repairer",
    "examination": "rnnmagic.examine:examine",
    "mask": "rnnmagic.ladder.mask:masked",
    "html": "rnnmagic.views:render_html",
    "text": "rnnmagic.views:render_text",
    "picture": "rnnmagic.views.pictures:before_and_after",
}
WATCHING = {
    "hook before": "rnnmagic.execution:Checker._begin",
    "start": "rnnmagic.watch:Watch.start",
    "recorder": "rnnmagic.frameworks.keras3.record:Recorder.install",
    "hook": "rnnmagic.frameworks.keras3.record:Recorder.state_of",
    "preflight": "rnnmagic.preflight:Preflight._look",
    "foresight": "rnnmagic.frameworks.keraslike.ahead:try_batch",
}
ENDING = {
    "hook after": "rnnmagic.execution:Checker._take",
    "log of the cell": "rnnmagic.execution:Checker._log_cell",
    "release": "rnnmagic.watch:Watch.release",
}
UNLIMITED = frozenset(
    {"snapshot", "hook before", "hook after", "start", "recorder", "log of the cell", "release", "mask"}
)
"""What puts something in place or back, and what takes a moment whatever the notebook holds: no limit of time."""

INTERRUPTIBLE = {*WATCHING.values(), EXAMINING["dry run"]} - {
    WATCHING[stage] for stage in ("hook before", "start", "recorder")
}
"""Run while the cell does, where Ctrl-C is the user's own."""
ALL_FAULTS = bool(os.environ.get("RNNMAGIC_ALL_FAULTS"))
IN_TURN = (frozenset({"SystemExit", "loops"}), frozenset({"KeyboardInterrupt", "a trap"}))
"""Of the other stages each second one is tried with these, and the others with those."""
THOROUGH = frozenset({"diagnosis"})
"""Where every fault is tried."""
MACHINE_BUSY_S = 60.0
"""An endless loop is ended by our limit, and not by that of the test."""


@pytest.fixture(scope="module")
def plain() -> dict[str, Played]:
    """The notebooks as they are without rnnmagic; `before` is the state before the failing cell."""
    return {"fails": STAGE.play(FAILS, magic=False), "passes": STAGE.play(PASSES, magic=False)}


@contextmanager
def limits(seconds: float | None) -> Iterator[None]:
    """Short ones for what hangs, and for nothing else: the machine may be busy."""
    with ExitStack() as stack:
        if seconds is not None:
            for place in ("rnnmagic.settings", "rnnmagic.frameworks.keraslike.record"):
                stack.enter_context(mock.patch(f"{place}.PATIENCE_S", seconds))
            stack.enter_context(mock.patch("rnnmagic.examine.GRACE_S", 0.1))
        yield


def injected(place: str, fault: str, notebook: Notebook, plain: Played) -> Ran:
    """Play a notebook whose last cell meets the fault; the cell after it is none the worse."""
    for limit in LIMITS_S if fault in faults.HANGS else (None,):
        STAGE.begin(magic=True, notebook=notebook)
        settings = STAGE.shell.find_line_magic("rnncheck").__self__.checker.settings
        settings.time_limit = limit or MACHINE_BUSY_S
        places = patched_places()
        STAGE.run(notebook.cells[0], magic=True)
        begun = time.monotonic()
        with limits(limit), faults.broken(place, fault) as called:
            ran = STAGE.run(notebook.cells[1], magic=True)
        if called.called:
            break
    assert called.called, "the fault was never met"
    assert time.monotonic() - begun < MACHINE_BUSY_S
    assert_nothing_patched(places)
    after = STAGE.state()

    one, other = plain.last, ran
    assert type(one.error) is type(other.error), f"{one.error!r} became {other.error!r}"
    assert [steady(text) for text in one.shown] == [steady(text) for text in other.shown]
    assert steady(str(one.error)) == steady(str(other.error))
    assert "Traceback" not in "".join(ours(plain.last, ran)), ran.output
    # Rolled back, or as the cell left it where nothing was noted to roll back to; nothing half way.
    ways = (plain.before, plain.after)
    changed = min((differing(way, after) for way in ways), key=len)
    assert not changed, "\n".join(changed[:20])

    settings.time_limit = MACHINE_BUSY_S
    again = STAGE.run(FAILS.cells[1], magic=True)
    assert_nothing_patched(places)
    assert again.report is not None
    assert (again.report.outcome, again.report.trouble) == ("shape_error", None)
    assert again.report.fixes[0].verified
    assert again.report.fixes[0].title == "Reshape X to (samples, 5, 2)"
    return ran


def said(plain: Ran, checked: Ran) -> list[str]:
    """What rnnmagic says, as the lines that they are before the view wraps them."""
    lines = ours(plain, checked)
    report = checked.report
    if report is not None and report.trouble is not None:
        if " ".join(" ".join(lines).split()) == " ".join(report.trouble.split()):
            return [report.trouble]
    return lines


def ours(plain: Ran, checked: Ran) -> list[str]:
    """The lines of the output that are not there without rnnmagic."""
    lines = checked.output.splitlines()
    for line in plain.output.splitlines():
        if line in lines:
            lines.remove(line)
    return [line for line in lines if line.strip()]


def each(cases: dict[str, str]) -> list[Any]:
    return [
        pytest.param(place, fault, id=f"{stage}: {fault}")
        for number, (stage, place) in enumerate(cases.items())
        for fault in faults.FAULTS
        if not (fault in faults.HANGS and stage in UNLIMITED)
        and (ALL_FAULTS or fault in IN_TURN[number % 2] or stage in THOROUGH)
    ]


@pytest.mark.parametrize(("place", "fault"), each(EXAMINING | ENDING | WATCHING))
def test_of_a_cell_that_fails(place: str, fault: str, plain: dict[str, Played]) -> None:
    if fault == "KeyboardInterrupt" and place in INTERRUPTIBLE:
        interrupted(place, FAILS)
        return
    ran = injected(place, fault, FAILS, plain["fails"])
    if ran.report is None or ran.report.outcome != "shape_error":
        assert len(said(plain["fails"].last, ran)) <= 1, ran.output
    elif ran.report.trouble is not None:
        assert "\n" not in ran.report.trouble


def interrupted(place: str, notebook: Notebook) -> None:
    STAGE.begin(magic=True, notebook=notebook)
    STAGE.run(START, magic=True)
    places = patched_places()
    with faults.broken(place, "KeyboardInterrupt"):
        ran = STAGE.run(notebook.cells[1], magic=True)
    assert isinstance(ran.error, KeyboardInterrupt)
    assert_nothing_patched(places)
    assert STAGE.run("1 + 1", magic=True).error is None


LOOKING = {
    "silent": "rnnmagic.silent:look_over",
    "cases": "rnnmagic.silent.cases:cases_of",
    "judge": "rnnmagic.silent.masks:mask_lost",
    "dry run": "rnnmagic.frameworks.keras3.dryrun:run_on_shapes",
}


@pytest.mark.parametrize(("place", "fault"), each(LOOKING | ENDING))
def test_of_a_cell_without_an_error(place: str, fault: str, plain: dict[str, Played]) -> None:
    if fault == "KeyboardInterrupt" and place in INTERRUPTIBLE:
        interrupted(place, PASSES)
        return
    ran = injected(place, fault, PASSES, plain["passes"])
    assert ran.error is None
    assert len(said(plain["passes"].last, ran)) <= 1, ran.output


REPAIRING = "rnnmagic.ops.arrays:Reshape.apply"


def test_a_repair_that_breaks_changes_nothing() -> None:
    """`apply` raises or gives no data; `undo` brings back the very array, once `apply` has done its work."""
    STAGE.begin(magic=True, notebook=FAILS)
    STAGE.run(START, magic=True)
    report = STAGE.run(FAILS.cells[1], magic=True).report
    assert report is not None
    names = STAGE.shell.user_ns
    before = names["X"]
    for fault in (*faults.RAISES, "None", "a string"):
        with faults.broken(REPAIRING, fault), pytest.raises((FixError, KeyboardInterrupt)) as told:
            report.apply(1)
        assert (told.type is KeyboardInterrupt) == (fault == "KeyboardInterrupt")
        assert "\n" not in str(told.value)
        assert names["X"] is before
    report.apply(1)
    repaired = names["X"]
    assert repaired.shape == (12, 5, 2)
    for fault in ("SystemExit", "KeyboardInterrupt"):
        place = "rnnmagic.repair:KernelRepairer.let_go"
        with faults.broken(place, fault), pytest.raises(faults.KINDS[fault]):
            report.undo()
        assert names["X"] is repaired
    report.undo()
    assert names["X"] is before
