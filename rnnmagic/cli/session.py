"""One notebook run from top to bottom in a fresh kernel, every cell checked: the mistakes, as plain JSON types.

The notebook's text and its line numbers stay as they are: rnnmagic is switched on from outside
(`inside.py`), and sends its reports as part of each cell's outputs. Other outputs are dropped as they come.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.kernelspec import NoSuchKernel
from jupyter_core.utils import ensure_async
from nbclient import NotebookClient
from nbclient.exceptions import (
    CellControlSignal,
    CellExecutionComplete,
    CellExecutionError,
    CellTimeoutError,
    DeadKernelError,
)
from traitlets.config import Config

from rnnmagic.cli import inside
from rnnmagic.cli.document import Document, NotANotebookError
from rnnmagic.cli.mistakes import AT_MOST, mistakes_of, trouble_of

STARTUP_S = 120
INTERRUPT_S = 5.0
"""How long a cell that was interrupted has to end, before its kernel is killed."""
NOT_INTERRUPTED = "; it could not be interrupted and was killed"
LATE_S = 2.0
END_S = 20.0
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_AT = re.compile(r"Cell In\[(\d+)\], line (\d+)")
_START = '__import__("rnnmagic.cli.inside", fromlist=["start"]).start(get_ipython())'

Result = dict[str, Any]


class Stop(Exception):
    """The notebook cannot be checked to its end: a word for what happened, and a sentence."""

    def __init__(self, kind: str, text: str, cell: dict[str, Any] | None = None) -> None:
        super().__init__(text)
        self.kind, self.text, self.cell = kind, text, cell


def run_notebook(
    text: str, folder: Path, options: dict[str, Any], started: Callable[[int], None] | None = None
) -> Result:
    """Run a notebook and say what was found; never raises for what is in the notebook.

    Parameters
    ----------
    text
        The notebook's file.
    folder
        Where it runs.
    options
        `kernel` (name or `None`), `allow_errors`, `timeout` and `notebook_timeout` in seconds, `connection`
        (a folder for the kernel's sockets) and `fixes` (keep every fix with its edits).
    started
        Told the kernel's process group, so that someone else can kill it.

    Returns
    -------
    `status` (`checked`: ran to its end; `stopped`: a shape mistake ended it; `not_checked`), `problem`
    (`None`, or `kind`, `text` and `cell`), `cells` (`code`, `ran`), `reached` (index of the last cell that
    was begun), `failed` (indices of the cells that raised anything), `mistakes`, `notes`, `seconds`.
    """
    begun = time.monotonic()
    session = _Session(options, started)
    try:
        document = Document(text)
    except NotANotebookError as problem:
        session.problem = {"kind": "invalid", "text": str(problem), "cell": None}
    else:
        if document.note:
            session.notes.append(document.note)
        asyncio.run(session.run(document, folder))
    return session.result(time.monotonic() - begun)


class _Client(NotebookClient):
    """Hears each cell's messages, and keeps none but rnnmagic's."""

    def __init__(
        self, notebook: Any, heard: Callable[[int, Any], None], failed: set[int], **settings: Any
    ) -> None:
        super().__init__(notebook, **settings)
        self._heard, self._failed = heard, failed
        self.idle = True

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> None:
        kind, content = msg["msg_type"], msg["content"]
        if "execution_count" in content:
            cell["execution_count"] = content["execution_count"]
        if kind == "status":
            self.idle = content["execution_state"] == "idle"
        if kind == "status" and self.idle:
            raise CellExecutionComplete
        if kind == "error":
            self._failed.add(cell_index)
        elif kind == "display_data":
            data = content.get("data")
            if isinstance(data, dict) and inside.MIME in data:
                self._heard(cell_index, data[inside.MIME])


class _Session:
    def __init__(self, options: dict[str, Any], started: Callable[[int], None] | None) -> None:
        self._options, self._started = options, started
        self.problem: dict[str, Any] | None = None
        self.mistakes: list[dict[str, Any]] = []
        self.notes: list[str] = []
        self.code, self.ran = 0, 0
        self._reached: int | None = None
        self._document: Document
        self._client: _Client
        self._failed: set[int] = set()
        """Cells that raised anything, by their index."""
        self._until = 0.0
        self._failed_here = False
        """The cell under way has a shape mistake that was raised."""

    def result(self, seconds: float) -> Result:
        stopped = self.problem is not None and self.problem["kind"] == "mistake"
        return {
            "status": "stopped" if stopped else "checked" if self.problem is None else "not_checked",
            "problem": None if stopped else self.problem,
            "cells": {"code": self.code, "ran": self.ran},
            "reached": self._reached,
            "failed": sorted(self._failed),
            "mistakes": self.mistakes[:AT_MOST],
            "notes": self.notes[:50],
            "seconds": round(seconds, 3),
        }

    async def run(self, document: Document, folder: Path) -> None:
        self._document = document
        cells = document.notebook.cells
        self.code = sum(cell.cell_type == "code" and bool(cell.source.strip()) for cell in cells)
        limit = self._options["notebook_timeout"]
        self._until = time.monotonic() + limit
        try:
            _refuse_other_languages(document.notebook, self._options["kernel"])
            await asyncio.wait_for(self._run(folder), limit)
        except Stop as stop:
            self.problem = {"kind": stop.kind, "text": stop.text, "cell": stop.cell}
        except asyncio.TimeoutError:
            text = f"it did not end within {limit:g} s"
            self.problem = {"kind": "notebook_timeout", "text": text, "cell": None}
        except Exception as problem:
            text = f"the run broke off ({type(problem).__name__}: {_line(problem)})"
            self.problem = {"kind": "tool", "text": text, "cell": None}

    async def _run(self, folder: Path) -> None:
        client = self._client = _Client(
            self._document.notebook,
            self._heard,
            self._failed,
            kernel_name=self._options["kernel"] or "",
            timeout=self._options["timeout"],
            startup_timeout=STARTUP_S,
            allow_errors=self._options["allow_errors"],
            shutdown_kernel="immediate",
            store_widget_state=False,
            iopub_timeout=20,
            raise_on_iopub_timeout=False,
            config=_own_sockets(self._options["connection"]),
            resources={"metadata": {"path": str(folder)}},
        )
        group: int | None = None
        try:
            await self._start_kernel()
            group = getattr(client.km.provisioner, "pgid", None) if client.km else None
            if group and self._started is not None:
                self._started(group)
            try:
                await client.async_start_new_kernel_client()
            except RuntimeError as problem:
                raise Stop("kernel_died", f"its kernel did not start ({_line(problem)})") from None
            await self._switch_on()
            for index, cell in enumerate(client.nb.cells):
                await self._run_cell(index, cell)
        finally:
            await asyncio.shield(self._end(group))

    async def _start_kernel(self) -> None:
        client = self._client
        try:
            manager = client.create_kernel_manager()
            spec = manager.kernel_spec
        except NoSuchKernel as problem:
            raise Stop(
                "kernel_missing", f"there is no kernel {problem.name!r} here; --kernel names another"
            ) from None
        language = str(getattr(spec, "language", "") or "python")
        if language.lower() != "python":
            raise Stop("language", f"its kernel {client.kernel_name or ''} is for {language}, not Python")
        try:
            await client.async_start_new_kernel()
        except OSError as problem:
            raise Stop("kernel_missing", f"its kernel cannot be started ({_line(problem)})") from None

    async def _end(self, group: int | None) -> None:
        """Kill the kernel and what it has started; nothing of it is waited for."""
        if self._client.km is not None:
            try:
                await asyncio.wait_for(self._client._async_cleanup_kernel(), END_S)
            except Exception:
                pass  # it has gone already
        if group:
            end_group(group)

    async def _switch_on(self) -> None:
        """Load rnnmagic in the kernel, for every cell; leaves no trace in its variables."""
        kc: Any = self._client.kc
        asked = kc.execute(
            "", silent=True, store_history=False, user_expressions={"protocol": _START}, allow_stdin=False
        )
        while True:
            try:
                reply = await kc.shell_channel.get_msg(timeout=STARTUP_S)
            except Empty:
                raise Stop("kernel_died", "its kernel does not answer") from None
            if reply["parent_header"].get("msg_id") == asked:
                break
        answer = reply["content"].get("user_expressions", {}).get("protocol", {})
        if answer.get("status") == "ok" and answer["data"].get("text/plain") == str(inside.PROTOCOL):
            return
        name = self._client.kernel_name or "python3"
        if answer.get("ename") in ("ModuleNotFoundError", "ImportError"):
            raise Stop("kernel_missing", f"rnnmagic of this version is not installed in its kernel {name!r}")
        raise Stop(
            "kernel_missing", f"rnnmagic cannot be loaded in its kernel {name!r} ({answer.get('evalue')})"
        )

    async def _run_cell(self, index: int, cell: Any) -> None:
        tags = cell.metadata.get("tags", [])
        if cell.cell_type != "code" or not cell.source.strip() or self._client.skip_cells_with_tag in tags:
            return
        self._failed_here = False
        self.ran += 1
        self._reached = index
        cell["execution_count"] = None
        cell["outputs"] = []
        try:
            await self._client.async_execute_cell(cell, index)
        except CellExecutionError as failed:
            if self._failed_here:
                raise Stop("mistake", "", self._place(index)) from None
            raise self._other_error(failed, index) from None
        except DeadKernelError:
            # nbclient takes its own cancellation for a dead kernel.
            if time.monotonic() >= self._until:
                limit = self._options["notebook_timeout"]
                text = f"the notebook did not end within {limit:g} s"
                raise Stop("notebook_timeout", text, self._place(index)) from None
            raise Stop("kernel_died", "the kernel died in it", self._place(index)) from None
        except CellTimeoutError:
            try:
                where = await asyncio.wait_for(self._interrupt(index), INTERRUPT_S + 5)
            except asyncio.TimeoutError:
                where = NOT_INTERRUPTED
            limit = self._options["timeout"]
            raise Stop("timeout", f"it did not end within {limit} s{where}", self._place(index)) from None
        except CellControlSignal as problem:
            raise Stop("tool", _line(problem), self._place(index)) from None

    def _other_error(self, failed: CellExecutionError, index: int) -> Stop:
        name, message = str(failed.ename), _line(failed.evalue)
        place = self._place(index)
        if name == "ModuleNotFoundError":
            return Stop("module_missing", f"{message}; the kernel lacks it", place)
        return Stop("error", f"it failed, not on a shape ({name}: {message})"[:400], place)

    async def _interrupt(self, index: int) -> str:
        """Interrupt the cell that goes on and on; where it was, if it says so before its kernel is killed."""
        client = self._client
        kc: Any = client.kc
        try:
            assert client.km is not None
            await ensure_async(client.km.interrupt_kernel())
            until = time.monotonic() + INTERRUPT_S
            while time.monotonic() < until:
                # Never below 0, which would be without end.
                reply = await kc.shell_channel.get_msg(timeout=max(0.0, until - time.monotonic()))
                trace = reply["content"].get("traceback")
                if reply["header"].get("msg_type") == "execute_reply" and isinstance(trace, list):
                    await self._late_reports()
                    number = str(self._client.nb.cells[index].get("execution_count"))
                    found = _AT.findall(_ANSI.sub("", "\n".join(map(str, trace))))
                    lines = [line for count, line in found if count == number]
                    return f", stopped in line {lines[-1]}" if lines else ""
        except Exception:
            pass  # it does not even hear an interrupt
        return NOT_INTERRUPTED

    async def _late_reports(self) -> None:
        """Wait for what comes of the cell after it was interrupted. nbclient goes on listening after a
        timeout: to read here as well would take its messages away."""
        until = time.monotonic() + LATE_S
        while not self._client.idle and time.monotonic() < until:
            await asyncio.sleep(0.02)

    def _heard(self, index: int, payload: Any) -> None:
        """A report, or something in its place, came from the kernel."""
        if not isinstance(payload, dict) or len(self.mistakes) >= AT_MOST:
            return
        place = self._place(index)
        report = payload.get("report")
        trouble = trouble_of(payload) or trouble_of(report)
        if trouble:
            self.notes.append(f"cell {index + 1}: {trouble}")
        found = mistakes_of(report, place, all_fixes=True)
        for mistake in found:
            if mistake["kind"] == "error":
                self._failed_here = True
            mistake["region"] = self._document.region(index, mistake["line"])
            mistake["expected"] = "raises-exception" in self._client.nb.cells[index].metadata.get("tags", [])
            self._set_fixes(mistake)
        self.mistakes += found

    def _set_fixes(self, mistake: dict[str, Any]) -> None:
        """Say of each edit which cell of the file it changes; without one, the fix has no edits."""
        for fix in mistake["fixes"]:
            for edit in fix["edits"]:
                edit["index"] = self._cell_of(edit)
                region = None if edit["index"] is None else self._document.source_region(edit["index"])
                edit["region"] = region
        if not self._options.get("fixes"):
            del mistake["fixes"]

    def _cell_of(self, edit: dict[str, Any]) -> int | None:
        """The one cell that ran under this number and reads exactly as the edit's old text."""
        cells = self._client.nb.cells
        found = [
            index
            for index, cell in enumerate(cells)
            if cell.cell_type == "code"
            and edit["execution_count"] is not None
            and cell.get("execution_count") == edit["execution_count"]
            and cell.source == edit["old"]
        ]
        return found[0] if len(found) == 1 else None

    def _place(self, index: int) -> dict[str, Any]:
        cell = self._client.nb.cells[index]
        count = cell.get("execution_count")
        name = cell.get("id")
        return {
            "index": index,
            "execution_count": count if isinstance(count, int) else None,
            "id": name if isinstance(name, str) and self._document.cell_has_id(index) else None,
        }


def end_group(group: int) -> None:
    """Kill a kernel's process group: the kernel, and what the notebook started in it."""
    if hasattr(os, "killpg"):
        try:
            os.killpg(group, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass


def _own_sockets(folder: str | None) -> Config:
    """Sockets in a folder of ours, where the system has such: several processes that look for free
    TCP ports at the same time may find the same ones, and other users could connect to them."""
    config = Config()
    if folder is not None and os.name == "posix":
        config.KernelManager.transport = "ipc"
        config.KernelManager.connection_file = os.path.join(folder, "k.json")
    return config


def _refuse_other_languages(notebook: Any, kernel: str | None) -> None:
    if kernel is not None:
        return
    spec = notebook.metadata.get("kernelspec")
    info = notebook.metadata.get("language_info")
    for found in (
        spec.get("language") if isinstance(spec, dict) else None,
        info.get("name") if isinstance(info, dict) else None,
    ):
        if isinstance(found, str) and found and found.lower() not in ("python", "ipython"):
            raise Stop("language", f"it is a notebook for {found[:40]}, not Python")


def _line(problem: object) -> str:
    return " ".join(_ANSI.sub("", str(problem)).split())[:240]
