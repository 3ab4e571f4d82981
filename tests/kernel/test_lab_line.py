"""The kernel's side of the lab extension, with real Keras in a real kernel; the test is the front end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from live import Live, live_kernel

SETUP = """\
import numpy as np, keras
from keras import layers
X = np.random.default_rng(0).random((40, 60)).astype('float32')
y = np.zeros((40, 1), dtype='float32')
model = keras.Sequential([keras.Input((20, 3)), layers.LSTM(4), layers.Dense(1)])
model.compile('adam', 'mse')"""
FAILING = "%%rnncheck\nhistory = model.fit(\n    X, y, epochs=1, verbose=0)"


class FrontEnd:
    """What the lab extension does, as far as messages go."""

    def __init__(self, kernel: Live, session: str | None = None) -> None:
        self.kernel = kernel
        self.session = session or kernel.client.session.session
        self.seen = len(kernel.comm_messages)
        opened = [
            message["content"]
            for message in kernel.comm_messages
            if message["msg_type"] == "comm_open" and message["content"]["target_name"] == "rnnmagic"
        ]
        assert opened[-1]["data"]["protocol"] == 1
        self.comm = opened[-1]["comm_id"]

    def say(self, kind: str, **data: Any) -> list[dict[str, Any]]:
        """Say something; what came for this front end since the last time."""
        self.kernel.say(self.comm, {"type": kind, "client": self.session, **data}, self.session)
        return self.heard()

    def hello(self, protocol: int = 1) -> list[dict[str, Any]]:
        return self.say("hello", protocol=protocol, version="0.1.0")

    def heard(self) -> list[dict[str, Any]]:
        new = self.kernel.comm_messages[self.seen :]
        self.seen = len(self.kernel.comm_messages)
        data = [
            message["content"]["data"]
            for message in new
            if message["msg_type"] == "comm_msg" and message["content"]["comm_id"] == self.comm
        ]
        return [one for one in data if one.get("client") in (None, self.session)]

    def one(self, kind: str, messages: list[dict[str, Any]]) -> dict[str, Any]:
        found = [message for message in messages if message["type"] == kind]
        assert len(found) == 1, messages
        return found[0]


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live_kernel(tmp_path_factory.mktemp("lab")) as live:
        assert live.run(SETUP, "setup").status == "ok"
        yield live


@pytest.fixture
def front(ready: Live) -> FrontEnd:
    """A front end that has said hello to a freshly loaded rnnmagic."""
    assert ready.run("%reload_ext rnnmagic\n" + SETUP, "setup").status == "ok"
    front = FrontEnd(ready)
    front.hello()
    return front


def fail(front: FrontEnd) -> dict[str, Any]:
    """The report of the failing cell, as the front end gets it."""
    assert front.kernel.run(FAILING, "failing").status == "error"
    return front.one("report", front.heard())


def apply_first(front: FrontEnd, report: dict[str, Any]) -> dict[str, Any]:
    fix = report["marks"][0]["fixes"][0]
    return front.one("edit", front.say("apply", report=report["id"], fix=fix["id"]))


def test_hello_is_answered_with_version_and_state(ready: Live) -> None:
    ready.run("%reload_ext rnnmagic")
    front = FrontEnd(ready)
    welcome, state = front.hello()
    assert (welcome["type"], welcome["protocol"], welcome["version"]) == ("welcome", 1, "0.1.0")
    assert state == {"type": "state", "on": False, "undo": None}


def test_the_report_marks_the_call(front: FrontEnd) -> None:
    report = fail(front)
    assert (report["cell_id"], report["source"], report["outcome"]) == ("failing", FAILING, "shape_error")
    mark = report["marks"][0]
    span = (mark["line"], mark["column"], mark["end_line"], mark["end_column"])
    assert (mark["severity"], span) == (
        "error",
        (2, len("history = "), 3, len("    X, y, epochs=1, verbose=0)")),
    )
    assert mark["expected"] == "[?,20,3] samples, timesteps, features"
    assert mark["received"].startswith("f32[40,60]")
    assert mark["fixes"][0]["verified"] and "reshape(-1, 20, 3)" in mark["fixes"][0]["code"]
    assert report["announcement"].startswith("Shape error. ")
    json.dumps(report)


def test_a_clean_cell_clears(front: FrontEnd) -> None:
    fail(front)
    front.kernel.run("%%rnncheck\n1", "failing")
    report = front.one("report", front.heard())
    assert (report["cell_id"], report["outcome"], report["marks"]) == ("failing", "clean", [])


def test_apply_edits_and_undo_brings_cells_and_variables_back(front: FrontEnd) -> None:
    kernel = front.kernel
    kernel.run("before = id(X); keep = id(y); history = None")
    edit = apply_first(front, fail(front))
    assert (edit["task"], edit["ask"], edit["checked"]["cell_id"]) == ("apply", True, "failing")
    assert edit["edits"][0]["old"] == FAILING
    state = front.one("state", front.say("edited", job=edit["job"]))
    assert state["undo"]["cells"] == ["failing"]

    # What the extension does next, and a cell that makes X anew, as a fix in an earlier cell would.
    assert kernel.run(edit["edits"][0]["new"] + "\nX = X.copy()", "failing").status == "ok"
    front.say("ran", job=edit["job"])
    assert not kernel.value("id(X) == before")

    undo = front.one("edit", front.say("undo"))
    assert (undo["task"], undo["edits"][0]["new"]) == ("undo", FAILING)
    assert undo["edits"][0]["old"] == edit["edits"][0]["new"]
    answers = front.say("edited", job=undo["job"])
    assert sorted(front.one("restored", answers)["names"]) == ["X", "history"]
    assert front.one("state", answers)["undo"] is None
    assert kernel.value("id(X) == before and id(y) == keep")


def test_a_variable_changed_since_is_kept(front: FrontEnd) -> None:
    kernel = front.kernel
    kernel.run("%xdel history")
    edit = apply_first(front, fail(front))
    front.say("edited", job=edit["job"])
    kernel.run(edit["edits"][0]["new"] + "\nX = X.copy(); y = y.copy(); del history", "failing")
    front.say("ran", job=edit["job"])
    kernel.run("X = 'mine'")
    undo = front.one("edit", front.say("undo"))
    restored = front.one("restored", front.say("edited", job=undo["job"]))
    assert (restored["names"], restored["kept"]) == (["y"], ["X"])
    assert kernel.value("X") == "mine"


def test_nothing_of_the_users_is_held_after_the_run(front: FrontEnd) -> None:
    kernel = front.kernel
    kernel.run("import weakref, gc\nclass Big: pass\nbig = Big(); ref = weakref.ref(big)")
    edit = apply_first(front, fail(front))
    front.say("edited", job=edit["job"])
    kernel.run(edit["edits"][0]["new"], "failing")
    front.say("ran", job=edit["job"])
    kernel.run("del big; gc.collect();", store_history=False)
    assert kernel.value("ref() is None")


def test_the_magic_undoes_too(front: FrontEnd) -> None:
    edit = apply_first(front, fail(front))
    front.say("edited", job=edit["job"])
    assert "taken out of its cells" in front.kernel.run("%rnnfix undo").stdout
    assert front.one("edit", front.heard())["task"] == "undo"


def test_refused_leaves_nothing_to_undo(front: FrontEnd) -> None:
    edit = apply_first(front, fail(front))
    front.say("refused", job=edit["job"], reason="stale", message="The cell was changed.")
    said = front.one("said", front.say("undo"))
    assert (said["level"], said["text"]) == (
        "warning", "There is nothing to undo: no fix has been written into a cell."
    )  # fmt: skip


def test_a_report_that_is_gone_is_said(front: FrontEnd) -> None:
    said = front.one("said", front.say("apply", report="no such", fix="fix-1"))
    assert said["text"] == "This report is no longer there. Run the cell again."


def test_checks_are_switched_and_the_switch_is_told(front: FrontEnd) -> None:
    assert front.one("state", front.say("check", on=True))["on"] is True
    assert "rnncheck is on" in front.kernel.run("%rnncheck").stdout
    front.kernel.run("%rnncheck off")
    assert front.one("state", front.heard())["on"] is False


def test_a_reloaded_page_gets_reports_and_undo_again(front: FrontEnd) -> None:
    edit = apply_first(front, fail(front))
    front.say("edited", job=edit["job"])
    other = FrontEnd(front.kernel, "another-session")
    messages = other.hello()
    report = other.one("report", messages)
    assert (report["again"], report["cell_id"]) == (True, "failing")
    assert other.one("state", messages)["undo"]["cells"] == ["failing"]
    # Only the front end that asks is answered.
    front.heard()
    undo = other.one("edit", other.say("undo"))
    assert undo["client"] == "another-session"
    assert [m for m in front.heard() if m["type"] == "edit"] == []


def test_another_protocol_is_welcomed_but_not_used(ready: Live) -> None:
    ready.run("%reload_ext rnnmagic")
    front = FrontEnd(ready)
    messages = front.hello(protocol=99)
    assert [message["type"] for message in messages] == ["welcome"]
    assert not ready.value("__import__('rnnmagic.extension').extension.checker().lab.reaches()")


def test_shapes(front: FrontEnd) -> None:
    answer = front.one("shapes", front.say("shapes", seq=7))
    rows = {row["name"]: row for row in answer["rows"]}
    assert answer["seq"] == 7
    assert rows["X"]["notation"] == "f32[40,60]"
    assert rows["X"]["fits"] == [{"model": "model", "wants": "(?, 20, 3)", "ok": False}]
    assert rows["y"]["fits"] == [{"model": "model", "wants": "(?, 1)", "ok": True}]


def test_nonsense_is_ignored(front: FrontEnd) -> None:
    for data in ({}, {"type": 3}, {"type": "edited", "job": ["x"]}, {"type": "refused"}, {"type": "_send"}):
        front.kernel.say(front.comm, data)
    assert front.one("shapes", front.say("shapes", seq=1))["seq"] == 1


def test_a_front_end_without_the_extension_closes_and_nothing_breaks(front: FrontEnd) -> None:
    kernel = front.kernel
    message = kernel.client.session.msg("comm_close", {"comm_id": front.comm, "data": {}})
    kernel.client.shell_channel.send(message)
    answer = kernel.run(FAILING, "failing")
    assert answer.status == "error" and len(answer.displays) == 1
    front.heard()
