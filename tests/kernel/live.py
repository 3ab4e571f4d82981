"""A real Jupyter kernel for tests: run cells as a notebook does, and see what it would show."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import Path
from queue import Empty
from typing import IO, Any

from jupyter_client.manager import KernelManager

ROOT = Path(__file__).resolve().parents[2]
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
CELL_LIMIT_S = 180
"""Seconds after which a kernel counts as hung. An import of TensorFlow takes more than 60 where others are at work."""
STEP_S = 1.0
"""Seconds between two looks that count at most."""


@dataclass
class Answer:
    """What came back from one cell. `outputs` are nbformat-like, in the order they came."""

    reply: dict[str, Any] = field(default_factory=dict)
    outputs: list[dict[str, Any]] = field(default_factory=list)

    @property
    def status(self) -> str:
        return str(self.reply["status"])

    def stream(self, name: str) -> str:
        return "".join(o["text"] for o in self.outputs if o["type"] == "stream" and o["name"] == name)

    @property
    def stdout(self) -> str:
        return _ANSI.sub("", self.stream("stdout"))

    @property
    def stderr(self) -> str:
        return _ANSI.sub("", self.stream("stderr"))

    @property
    def result(self) -> str | None:
        """Text of `Out[n]`."""
        found = [o["data"]["text/plain"] for o in self.outputs if o["type"] == "execute_result"]
        return found[0] if found else None

    @property
    def displays(self) -> list[dict[str, Any]]:
        return [o["data"] for o in self.outputs if o["type"] == "display_data"]

    @property
    def traceback(self) -> str:
        return "\n".join(
            _ANSI.sub("", line) for o in self.outputs if o["type"] == "error" for line in o["traceback"]
        )

    @property
    def next_input(self) -> list[dict[str, Any]]:
        return [p for p in self.reply.get("payload", []) if p["source"] == "set_next_input"]

    def seen(self) -> dict[str, Any]:
        """All that a user would notice, without what differs from one run to the next."""
        return {
            "status": self.status,
            "error": (self.reply.get("ename"), _steady(self.reply.get("evalue", ""))),
            # A stream may come in pieces, as the kernel happens to flush it.
            "kinds": [kind for kind, _ in groupby(o["type"] for o in self.outputs)],
            "stdout": _steady(self.stdout),
            "stderr": _steady(self.stderr),
            "result": self.result,
            "displays": self.displays,
            "pages": [p["data"] for p in self.reply.get("payload", []) if p["source"] == "page"],
        }


def _steady(text: str) -> str:
    """Times, file names and line numbers taken out."""
    text = re.sub(r"\bline \d+|\b\d+\.py\b", "PLACE", text)
    text = re.sub(r"[\d.]+(e[+-]?\d+)? ?(ns|[µ\u03bcu]s|ms|s)\b", "TIME", text)
    return re.sub(r"ipykernel_\d+/\d+\.py:\d+", "CELL", text)


class Live:
    """One kernel and its client."""

    def __init__(self, folder: Path, stderr: IO[bytes] | None = None, **env: str) -> None:
        self.manager = KernelManager(kernel_name="python3")
        paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        own = {"PYTHONPATH": os.pathsep.join(paths), "IPYTHONDIR": str(folder / "ipython"), "NO_COLOR": ""}
        self.manager.start_kernel(env=os.environ | own | env, cwd=str(folder), stderr=stderr)
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=CELL_LIMIT_S)
        self.comm_messages: list[dict[str, Any]] = []
        """All that came on comms, oldest first: `msg_type` and `content` of each."""
        self.ended: dict[str, datetime] = {}
        """When the kernel was done with a message, by its own clock: ids of the messages."""

    def stop(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def send(self, code: str, cell_id: str | None = None, **content: Any) -> str:
        """Send a cell without waiting; the message's id."""
        body = {
            "code": code, "silent": False, "store_history": True, "user_expressions": {},
            "allow_stdin": True, "stop_on_error": True,
        } | content  # fmt: skip
        message = self.client.session.msg("execute_request", body)
        if cell_id is not None:
            message["metadata"]["cellId"] = cell_id
        self.client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def collect(
        self,
        *ids: str,
        on_output: Callable[[dict[str, Any]], None] | None = None,
        wait_for_reply_s: float = CELL_LIMIT_S,
    ) -> list[Answer]:
        """Wait for the answers to these messages, outputs and reply.

        `on_output` is called with each output, and before the first with `execute_input`: the cell begins.
        Of a cell that has ended the reply is waited for so long: at an interrupt it may be lost.
        """
        answers = {one: Answer() for one in ids}
        idle: set[str] = set()
        left, looked = float(CELL_LIMIT_S), time.monotonic()
        while len(idle) < len(ids) or not all(answer.reply for answer in answers.values()):
            # A machine that stood still for minutes, the kernel with it, is no kernel that hangs.
            now = time.monotonic()
            left, looked = left - min(now - looked, STEP_S), now
            if left < 0:
                if len(idle) == len(ids) and wait_for_reply_s < CELL_LIMIT_S:
                    break
                raise TimeoutError(f"no answer from the kernel: {answers}")
            self._reply(answers)
            try:
                message = self.client.get_iopub_msg(timeout=0.05)
            except Empty:
                continue
            if message["msg_type"].startswith("comm_"):
                self.comm_messages.append(message)
            parent = message["parent_header"].get("msg_id")
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                self.ended[parent] = message["header"]["date"]
            if parent not in answers:
                continue
            if kind == "status" and content["execution_state"] == "idle":
                idle.add(parent)
                left = min(left, wait_for_reply_s)
            elif kind in ("stream", "display_data", "execute_result", "error"):
                output = {"type": kind, **content}
                answers[parent].outputs.append(output)
                if on_output is not None:
                    on_output(output)
            elif kind == "execute_input" and on_output is not None:
                on_output({"type": kind, **content})
        return list(answers.values())

    def _reply(self, answers: dict[str, Answer]) -> None:
        while self.client.shell_channel.msg_ready():
            message = self.client.get_shell_msg(timeout=1)
            if message["parent_header"].get("msg_id") in answers:
                answers[message["parent_header"]["msg_id"]].reply = message["content"]

    def say(self, comm_id: str, data: dict[str, Any], session: str | None = None) -> None:
        """Send a message on a comm, as the front end with this session, and wait until it was handled."""
        message = self.client.session.msg("comm_msg", {"comm_id": comm_id, "data": data})
        if session is not None:
            message["header"]["session"] = session
        self.client.shell_channel.send(message)
        limit = time.monotonic() + CELL_LIMIT_S
        while True:
            assert time.monotonic() < limit, f"{data} was not handled"
            answer = self.client.get_iopub_msg(timeout=CELL_LIMIT_S)
            if answer["msg_type"].startswith("comm_"):
                self.comm_messages.append(answer)
            if answer["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                if answer["content"].get("execution_state") == "idle":
                    return

    def run(self, code: str, cell_id: str | None = None, **content: Any) -> Answer:
        return self.collect(self.send(code, cell_id, **content))[0]

    def value(self, expression: str) -> Any:
        """The value of an expression in the kernel: JSON types only."""
        answer = self.run(f"import json as _json; print(_json.dumps({expression}))", store_history=False)
        assert answer.status == "ok", answer.traceback
        return json.loads(answer.stdout)

    def run_interrupted(self, code: str, sign: str = "go") -> Answer:
        """Run a cell and interrupt it as soon as it has printed `sign`."""

        def interrupt(output: dict[str, Any]) -> None:
            if sign in output.get("text", ""):
                self.manager.interrupt_kernel()

        return self.collect(self.send(code), on_output=interrupt)[0]


@contextmanager
def live_kernel(folder: Path, stderr: IO[bytes] | None = None, **env: str) -> Iterator[Live]:
    """A kernel for a while. `stderr` gets what its process says itself, its last words among it."""
    kernel = Live(folder, stderr, **env)
    try:
        yield kernel
    finally:
        kernel.stop()
