"""The panel in a real kernel: displayed once, clicked through its comm, while a cell runs too."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from jupyter_client.manager import start_new_kernel

HERE = Path(__file__).parent
SETUP = f"""
import sys
sys.path.insert(0, {str(HERE)!r})
import view_samples as samples
from rnnmagic.settings import RnnCheck
from rnnmagic.views import show_report
X_train, X_val = "table", "other table"
repairer = samples.NamespaceRepairer(globals())
"""
SHOW = "show_report(samples.flattened(repairer), RnnCheck(), get_ipython())"


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    manager, client = start_new_kernel(kernel_name="python3", startup_timeout=120)
    try:
        run(client, SETUP)
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def run(client: Any, code: str, **expressions: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Run a cell: its messages on iopub, and the values of the expressions."""
    messages: list[dict[str, Any]] = []
    reply = client.execute_interactive(
        code, timeout=60, output_hook=messages.append, user_expressions=expressions
    )
    assert reply["content"]["status"] == "ok", reply["content"]
    values = {
        name: value["data"]["text/plain"] for name, value in reply["content"]["user_expressions"].items()
    }
    return messages, values


def displays(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [message["content"] for message in messages if message["msg_type"] == "display_data"]


def widget(messages: list[dict[str, Any]], **state: Any) -> str:
    """The id of the widget that was opened with such a state."""
    for message in messages:
        if message["msg_type"] == "comm_open":
            found = message["content"]["data"]["state"]
            if all(found.get(key) == value for key, value in state.items()):
                return str(message["content"]["comm_id"])
    raise AssertionError(f"no widget with {state}")


def send(client: Any, comm: str, data: dict[str, Any], subshell: str | None = None) -> str:
    message = client.session.msg("comm_msg", {"comm_id": comm, "data": data})
    if subshell:
        message["header"]["subshell_id"] = subshell
    client.shell_channel.send(message)
    return str(message["header"]["msg_id"])


def click(client: Any, comm: str, subshell: str | None = None) -> list[dict[str, Any]]:
    """Click a button through its comm: the messages of the callback."""
    identity = send(client, comm, {"method": "custom", "content": {"event": "click"}}, subshell)
    return until_idle(client, identity)


def until_idle(client: Any, identity: str) -> list[dict[str, Any]]:
    messages = []
    end = time.monotonic() + 30
    while time.monotonic() < end:
        message = client.get_iopub_msg(timeout=30)
        if message["parent_header"].get("msg_id") != identity:
            continue
        messages.append(message)
        if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            return messages
    raise AssertionError("the kernel did not come to rest")


def status_lines(messages: list[dict[str, Any]]) -> str:
    return " ".join(
        str(message["content"]["data"].get("state", {}).get("value", ""))
        for message in messages
        if message["msg_type"] == "comm_msg"
    )


def test_one_display_with_all_three_forms(client: Any) -> None:
    (display,) = displays(run(client, SHOW)[0])
    assert set(display["data"]) == {
        "application/vnd.jupyter.widget-view+json", "application/vnd.rnnmagic.report+json",
        "text/html", "text/plain",
    }  # fmt: skip


def test_apply_and_undo_through_the_comm(client: Any) -> None:
    messages, _ = run(client, SHOW)
    apply = widget(messages, _model_name="ButtonModel", description="Apply fix 1")
    undo = widget(messages, _model_name="ButtonModel", description="Undo")
    answer = click(client, apply)
    assert "X_train, X_val rebound. Run the cell again." in status_lines(answer)
    assert {message["msg_type"] for message in answer} <= {"status", "comm_msg"}, "no output, no error"
    assert run(client, "", now="X_train")[1]["now"] == "('table', (100, 20, 3))"
    assert "as before" in status_lines(click(client, undo))
    assert run(client, "", now="X_train")[1]["now"] == "'table'"


def test_a_choice_through_the_comm(client: Any) -> None:
    messages, _ = run(client, SHOW)
    choice = widget(messages, _model_name="DropdownModel", description="timesteps")
    identity = send(client, choice, {"method": "update", "state": {"index": 4}, "buffer_paths": []})
    assert "reshape(-1, 30, 2)" in status_lines(until_idle(client, identity))


def test_a_click_while_a_cell_runs(client: Any) -> None:
    """As JupyterLab does it: over a subshell, on another thread than the running cell's."""
    messages, _ = run(client, SHOW)
    apply = widget(messages, _model_name="ButtonModel", description="Apply fix 1")
    undo = widget(messages, _model_name="ButtonModel", description="Undo")
    client.control_channel.send(client.session.msg("create_subshell_request", {}))
    try:
        answer = client.get_control_msg(timeout=30)["content"]
    except Empty:
        answer = {}  # ipykernel 6 does not know the question
    if answer.get("status") != "ok":
        pytest.skip("this ipykernel has no subshells: a click waits for the running cell")
    subshell = answer["subshell_id"]
    # ipykernel 7.4 takes clicks where the button last spoke from: at first, the thread of the cell.
    click(client, apply, subshell)
    click(client, undo, subshell)
    running = client.execute("import time; time.sleep(3); late = X_train")
    time.sleep(0.3)
    began = time.monotonic()
    clicked = click(client, apply, subshell)
    assert time.monotonic() - began < 2.5
    assert "rebound. Run the cell again." in status_lines(clicked)
    assert not [message for message in clicked if message["msg_type"] in ("stream", "error")]
    until_idle(client, running)
    _, values = run(client, "", late="late", thread="repairer.threads[-1]")
    assert values["late"] == "('table', (100, 20, 3))"
    assert values["thread"] != "'MainThread'"
    click(client, undo)


def test_a_click_sets_no_next_input(client: Any) -> None:
    messages, _ = run(client, SHOW)
    for label in ("Apply fix 3", "Show code", "Apply fix 1", "Undo"):
        click(client, widget(messages, _model_name="ButtonModel", description=label))
    identity = client.execute("pass")
    reply = client.get_shell_msg(timeout=30)
    while reply["parent_header"].get("msg_id") != identity:
        reply = client.get_shell_msg(timeout=30)
    assert reply["content"]["payload"] == []
