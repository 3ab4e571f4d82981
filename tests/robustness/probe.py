"""The end of `interrupts.py` inside the kernel: notes all before an interrupt, and looks again afterwards."""

from __future__ import annotations

import re
import sys
from typing import Any

import everything

import rnnmagic

_around: dict[str, Any] = {}
_fresh: dict[str, Any] = {}
_objects: dict[str, Any] = {}
_before: dict[str, Any] = {}
_last: dict[str, Any] = {}
_failed: dict[str, dict[str, Any]] = {}

BY_RUNNING = ("random: ", "keras ", "tf generator", "open files")
"""What a cell of the user's may change itself, while it runs."""


def clear(namespace: dict[str, Any]) -> None:
    """Take away the variables of the notebook before."""
    for name in [name for name in namespace if _is_users(name)]:
        del namespace[name]


def begun(notebook: str, namespace: dict[str, Any]) -> None:
    """This notebook has been set up."""
    _fresh.clear()
    _fresh[notebook] = _now(namespace)


def is_fresh(notebook: str, namespace: dict[str, Any]) -> bool:
    """Whether it is still as it was set up: the same objects, to the last bit."""
    return notebook in _fresh and _fresh[notebook] == _now(namespace)


def _now(namespace: dict[str, Any]) -> Any:
    return {name: id(value) for name, value in namespace.items() if _is_users(name)}, told(namespace)


def keep(notebook: str, namespace: dict[str, Any]) -> None:
    """The state now, after the cell has failed without a check, may be left as well."""
    _failed[notebook] = told(namespace)


def note(namespace: dict[str, Any]) -> None:
    """The state before the checked cell, which is also one of the states that may be left."""
    _around.clear()
    _around.update(everything.environment())
    _objects.clear()
    _objects.update({name: value for name, value in namespace.items() if _is_users(name)})
    _before.clear()
    _before.update(told(namespace))


def told(namespace: dict[str, Any]) -> dict[str, Any]:
    """The contents of the user's variables, and every random state."""
    seen = {name: everything.content(value) for name, value in namespace.items() if _is_users(name)}
    seen |= {
        name: value for name, value in everything.environment().items() if name.startswith(BY_RUNNING[0])
    }
    return {name: _steady(value) for name, value in seen.items()}


def left(notebook: str, namespace: dict[str, Any], running: bool) -> list[str]:
    """What is not whole. With `running` the user's own code was interrupted, and may have gone half its way."""
    after = everything.environment()
    before = dict(_around)
    # TensorFlow's pipelines begin threads, too, and end them when they are collected.
    by_running = (*BY_RUNNING, "threads") if running else BY_RUNNING
    for name in {*before, *after}:
        if name.startswith(by_running):
            before.pop(name, None)
            after.pop(name, None)
    wrong = everything.changes(before, after)
    for name, value in _objects.items():
        if namespace.get(name) is not value:
            wrong.append(f"{name} is another object")
    now = told(namespace)
    _last.clear()
    _last.update(now)
    if running:
        # Keras builds, counts and draws while it runs; the data are nobody's to change.
        now = {name: value for name, value in now.items() if name.startswith(("X_", "y_", "good"))}
        if any(now[name] != _before.get(name) for name in now):
            wrong.append("data were changed")
    elif now not in (_before, _failed[notebook]):
        near = min((everything.changes(way, now) for way in (_before, _failed[notebook])), key=len)
        wrong += near[:6]
    return wrong


def as_failed(notebook: str) -> bool:
    """Whether everything is as the failing cell left it: the interrupt came before anything was rolled back."""
    return _last == _failed[notebook] and _last != _before


def report() -> list[Any]:
    """The latest report, as far as two checks of one mistake have to agree."""
    found = rnnmagic.last_report()
    if found is None:
        return []
    return [
        found.outcome, found.cause, found.summary, found.trouble,
        [notice.cause for notice in found.warnings], [[fix.kind, fix.code, fix.verified] for fix in found.fixes],
    ]  # fmt: skip


def _is_users(name: str) -> bool:
    return not name.startswith("_") and name not in (
        "In", "Out", "get_ipython", "exit", "quit", "open", "probe", "rnnmagic", "sys",
    ) and not isinstance(sys.modules.get(name), type(sys))  # fmt: skip


def _steady(value: Any) -> Any:
    if isinstance(value, str):
        return re.sub(r"\b\d{12,}\b|0x[0-9a-f]+", "id", value)
    if isinstance(value, (list, tuple)):
        return tuple(map(_steady, value))
    if isinstance(value, dict):
        return {_steady(key): _steady(held) for key, held in value.items()}
    return value
