"""Plays a notebook in IPython, with rnnmagic and without, and holds the one against the other."""

from __future__ import annotations

import ast
import contextlib
import gc
import io
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import keras
import numpy as np
import tensorflow as tf
from IPython.core.interactiveshell import InteractiveShell
from keras_state import fingerprint, plain
from plan import Notebook
from traitlets.config import Config

import rnnmagic
from rnnmagic import extension, silent
from rnnmagic.report import Report

MAGIC = "%%rnncheck\n"
COMMENT = "#" + MAGIC
"""A plain cell has it where a checked one has the magic, so that line numbers agree."""

State = dict[str, Any]


class Shell(InteractiveShell):  # type: ignore[misc]
    """Keeps the tracebacks that it shows."""

    shown: list[str]

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        self.shown.append("\n".join(map(str, stb)))
        super()._showtraceback(etype, evalue, stb)


@dataclass
class Ran:
    """One cell that ran."""

    source: str
    error: BaseException | None
    output: str
    shown: list[str]
    report: Report | None = None


@dataclass
class Played:
    cells: list[Ran] = field(default_factory=list)
    before: State = field(default_factory=dict)
    """Before the last cell that ran."""
    after: State = field(default_factory=dict)

    @property
    def last(self) -> Ran:
        return self.cells[-1]


class Stage:
    """The one shell of this process. Every play begins with an empty namespace and a fresh Keras."""

    def __init__(self) -> None:
        options = Config({"HistoryManager": {"enabled": False}, "InteractiveShell": {"colors": "nocolor"}})
        self.shell = Shell(config=options)
        self.shell.shown = []
        self.begun = 0
        self.eager = False

    def begin(self, *, magic: bool, notebook: Notebook) -> None:
        manager = self.shell.extension_manager
        if "rnnmagic" in manager.loaded:
            manager.unload_extension("rnnmagic")
        # Each collects garbage, which takes half a second of looking through TensorFlow's modules.
        with mock.patch("gc.collect"):
            self.shell.reset(new_session=False)
            keras.utils.clear_session()
        self.begun += 1
        if self.begun % 25 == 0:
            gc.collect()
            gc.freeze()  # what Keras keeps of each training is not gone through again
        self.shell.execution_count = 1
        self.eager = notebook.eager
        if magic:
            manager.load_extension("rnnmagic")
            checker = extension.checker()
            assert checker is not None
            checker.settings.display = notebook.display

    def run(self, source: str, *, magic: bool) -> Ran:
        out = io.StringIO()
        self.shell.shown = []
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # Only while a cell runs: the tests after this one in the same process want graphs.
            tf.config.run_functions_eagerly(self.eager)
            try:
                result = self.shell.run_cell((MAGIC if magic else COMMENT) + source, store_history=True)
            finally:
                tf.config.run_functions_eagerly(False)
        error = result.error_before_exec or result.error_in_exec
        report = rnnmagic.last_report() if magic else None
        return Ran(source, error, out.getvalue(), self.shell.shown, report)

    def play(self, notebook: Notebook, *, magic: bool) -> Played:
        """All cells in turn, up to the first that fails."""
        self.begin(magic=magic, notebook=notebook)
        played = Played()
        for cell in notebook.cells:
            played.before = self.state()
            played.cells.append(self.run(cell, magic=magic))
            if played.last.error is not None:
                break
        played.after = self.state()
        return played

    def state(self) -> State:
        """Everything that the examination must leave alone, without the identity of the user's objects."""
        from keras.src.backend.common import global_state

        seen: State = {}
        for name, value in sorted(self.user().items()):
            if isinstance(value, (keras.Layer, keras.optimizers.Optimizer)):
                seen |= {f"{name}: {path}": told for path, told in fingerprint(value).items()}
            else:
                seen[f"data {name}"] = content(value)
        seen |= {f"random: {path}": told for path, told in fingerprint(None).items()}
        for name, value in global_state.GLOBAL_STATE_TRACKER.__dict__.items():
            if isinstance(value, dict):
                seen[f"keras {name}"] = {str(key): str(held) for key, held in value.items()}
            elif hasattr(value, "state"):
                seen[f"keras {name}"] = plain(np.asarray(value.state))
            else:
                seen[f"keras {name}"] = str(type(value)), len(value) if hasattr(value, "__len__") else None
        return {path: steady(told) for path, told in seen.items()}

    def user(self) -> dict[str, Any]:
        hidden = self.shell.user_ns_hidden
        own = {"In", "Out", "get_ipython", "exit", "quit", "open"}
        return {
            name: value
            for name, value in self.shell.user_ns.items()
            if name not in hidden
            and name not in own
            and not re.match(r"_(i|oh|dh|ih|ii|iii|_|___|\d|$)", name)
        }


def content(value: Any) -> Any:
    """What an object of the user's holds, to the last bit."""
    if isinstance(value, np.ndarray):
        if value.dtype == object:
            return value.shape, [content(item) for item in value.ravel()]
        return plain(value)
    if isinstance(value, tf.Tensor):
        return "tensor", plain(value.numpy())
    if isinstance(value, (list, tuple)):
        return type(value).__name__, [content(item) for item in value]
    if isinstance(value, dict):
        return {str(key): content(held) for key, held in value.items()}
    if type(value).__module__.startswith("pandas"):
        return type(value).__name__, content(value.to_numpy())
    if isinstance(value, keras.callbacks.History):
        return content(value.history)
    if isinstance(value, (np.generic, float)):
        return np.asarray(value).tobytes()
    if isinstance(value, np.random.Generator):
        return str(value.bit_generator.state)
    if value is None or isinstance(value, (int, str)):
        return value
    return type(value).__name__


def steady(told: Any) -> Any:
    """Without what differs from one run to the next: addresses, and numbers that TensorFlow counts up."""
    if isinstance(told, str):
        told = re.sub(r"0x[0-9a-f]+", "0x", told)
        told = re.sub(r"(__inference_\w+?|__wrapped__\w+?)_\d+", r"\1", told)
        # An error of a graph tells where its node was made, in a cell that is one line longer with the magic.
        told = re.sub(r' *(File|in file) "[^"]*", line \d+[^\n]*\n*', "", told)
        told = re.sub(r"\b(functional|sequential)(_\d+)*", r"\1", told)
        return re.sub(r"\b\d{12,}\b", "id", told)
    if isinstance(told, (list, tuple)):
        return tuple(map(steady, told))
    if isinstance(told, dict):
        return {steady(key): steady(value) for key, value in told.items()}
    return told


# What fails, and where


def failing_statement(cell: Ran) -> tuple[int, bool]:
    """Which top-level statement of a cell failed, and whether it is the last."""
    traceback = cell.error.__traceback__ if cell.error is not None else None
    line = None
    while traceback is not None:
        frame = traceback.tb_frame
        if (
            frame.f_code.co_name in ("<module>", "<cell line: 1>")
            and "ipython-input" in frame.f_code.co_filename
        ):
            line = traceback.tb_lineno - 1  # the first line is the comment
        traceback = traceback.tb_next
    body = ast.parse(cell.source).body
    if line is None:
        return 0, False
    place = max(n for n, statement in enumerate(body) if statement.lineno <= line)
    return place, place == len(body) - 1


def text_before(cell: Ran, place: int) -> str:
    """The cell's text above a statement."""
    first = ast.parse(cell.source).body[place].lineno
    return "\n".join(cell.source.splitlines()[: first - 1])


@contextlib.contextmanager
def nothing_hidden() -> Iterator[list[BaseException]]:
    """The trouble that rnnmagic keeps to itself after a clean cell."""
    hidden: list[BaseException] = []
    original = silent._found

    def found(*args: Any) -> Any:
        try:
            yield from original(*args)
        except Exception as problem:
            hidden.append(problem)
            raise

    silent._found = found
    try:
        yield hidden
    finally:
        silent._found = original
