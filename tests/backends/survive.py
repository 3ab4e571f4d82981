#!/usr/bin/env python3
"""Fail a call on a model, and see that the model is what it was: on one backend, in one process.

    KERAS_BACKEND=jax python tests/backends/survive.py rows.json

Each situation builds a model, fails on it in a checked cell, compares every value and random state with
those before, and goes on with the correct call; the weights must be those of a twin that never failed.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent), str(HERE)]
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

from situations import SITUATIONS, START, Situation  # noqa: E402


def play(situation: Situation) -> dict[str, Any]:
    """The report's outcome, what the failure left changed, and whether the model then trained as its twin."""
    import rnnmagic

    twin = _kernel(situation)
    _run(twin, situation.good)
    book = _kernel(situation)
    before = _state(book.user_ns["model"])
    told, error = _run(book, "%%rnncheck\n" + situation.bad, fails=True)
    report = rnnmagic.last_report()
    after = _state(book.user_ns["model"])
    row = {
        "outcome": None if report is None else report.outcome,
        "error": f"{type(error).__name__}: {error}",
        "told": told,
        "changed": [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)],
    }
    with contextlib.suppress(Exception):
        row["later"] = "it cannot be used any more"
        _run(book, situation.good)
        row["later"] = _weights(book.user_ns["model"]) == _weights(twin.user_ns["model"]) or "other weights"
    return row


def _kernel(situation: Situation) -> Any:
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    shell.reset(new_session=False)
    with contextlib.redirect_stdout(io.StringIO()):
        shell.run_line_magic("load_ext", "rnnmagic")
    _run(shell, '%config RnnCheck.display = "text"')
    _run(shell, START)
    _run(shell, situation.build)
    return _Kept(shell, dict(shell.user_ns))


class _Kept:
    """A kernel's variables, which the shell forgets when the next kernel begins."""

    def __init__(self, shell: Any, user_ns: dict[str, Any]) -> None:
        self.shell, self.user_ns = shell, user_ns

    def run_cell(self, source: str) -> Any:
        return self.shell.run_cell(source, store_history=True)


def _run(shell: Any, source: str, *, fails: bool = False) -> tuple[str, BaseException | None]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        result = shell.run_cell(dedent(source).strip() + "\n")
    error = result.error_in_exec or result.error_before_exec
    if (error is not None) != fails:
        raise AssertionError(f"{'passes' if fails else 'fails'}: {source!r}: {error!r}")
    return out.getvalue(), error


def _variables(model: Any) -> list[Any]:
    found = [*model.variables, *(model.optimizer.variables if model.optimizer else ())]
    for layer in model._flatten_layers():
        if getattr(layer, "stateful", False):
            found += list(getattr(layer, "states", None) or ())
    return found


def _raw(variable: Any) -> str:
    import numpy as np

    value = variable._value
    if value is None:
        return "none"
    value = value.detach() if hasattr(value, "detach") else value
    return np.asarray(value).tobytes().hex()


def _weights(model: Any) -> list[str]:
    return [_raw(variable) for variable in _variables(model)]


def _state(model: Any) -> dict[str, Any]:
    import numpy as np
    from keras.src.backend.common import global_state

    state: dict[str, Any] = {f"{i} {v.path}": _raw(v) for i, v in enumerate(_variables(model))}
    state["python"], state["numpy"] = random.getstate(), str(np.random.get_state())
    torch = sys.modules.get("torch")
    if torch is not None:
        state["torch"] = torch.random.get_rng_state().numpy().tobytes()
    names = getattr(global_state.GLOBAL_STATE_TRACKER, "object_name_uids", {})
    state["names"] = dict(names)
    state["built"] = [layer.built for layer in model._flatten_layers()]
    for layer in model._flatten_layers():
        for name in ("_dropout_mask", "_recurrent_dropout_mask"):
            cell = getattr(layer, "cell", layer)
            if getattr(cell, name, None) is not None:
                state[f"{layer.name} {name}"] = "left behind"
    for name in ("train_function", "test_function", "predict_function", "_jax_state"):
        state[name] = getattr(model, name, None) is None
    return state


def main() -> None:
    rows = {}
    for name, situation in SITUATIONS.items():
        if os.environ.get("KERAS_BACKEND") in situation.not_on:
            continue
        try:
            rows[name] = play(situation)
        except Exception as problem:
            rows[name] = {"problem": f"{type(problem).__name__}: {problem}"}
        print(name, {key: str(value)[:200] for key, value in rows[name].items()}, flush=True)
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(json.dumps(rows, default=str))


if __name__ == "__main__":
    main()
