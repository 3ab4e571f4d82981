"""Keep objects as they are, by their attributes and the containers in them."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Iterator
from typing import Any

from rnnmagic.endings import shielded

_CONTAINERS = (list, dict, set)
_LEAVES = frozenset({str, int, float, bool, type(None), tuple})
"""What most attributes are. A deep model has ten thousands of them, each looked at in every dry run."""


def container_kind(value: object) -> type | None:
    # The type, not isinstance: TensorFlow's tracking wrappers lie about their class.
    kind = type(value)
    if kind in _LEAVES:
        return None
    if not issubclass(kind, _CONTAINERS):
        return None
    if kind in _CONTAINERS:
        return kind
    return next((base for base in _CONTAINERS if issubclass(kind, base)), None)


class Attributes:
    """The attributes of some objects at one moment."""

    def __init__(self, parts: Iterable[Any]) -> None:
        self._kept: list[tuple[dict[str, Any], dict[str, Any], list[tuple[Any, type, Any]]]] = []
        for part in parts:
            attributes = getattr(part, "__dict__", None)
            if attributes is None:
                continue
            contents: list[tuple[Any, type, Any]] = []
            for value in attributes.values():
                name = type(value).__name__
                if name == "ObjectIdentityDictionary":
                    # TensorFlow's counts of references, in a dict of its own.
                    value = value._storage
                elif name == "ContextValueCache":
                    # tf_keras's dropout masks by graph: they would keep the graph of a trial alive.
                    value = value.data
                kind = container_kind(value)
                if kind is None:
                    continue
                contents.append((value, kind, kind(value)))
                if kind is dict:
                    contents.extend(_containers_in(value))
            self._kept.append((attributes, dict(attributes), contents))

    @shielded
    def roll_back(self) -> None:
        """Put everything back; safe to call more than once."""
        for current, attributes, contents in self._kept:
            for name in [name for name in current if name not in attributes]:
                dict.__delitem__(current, name)
            dict.update(current, attributes)
            for container, kind, content in contents:
                if kind is list:
                    list.__setitem__(container, slice(None), content)
                elif kind is dict:
                    dict.clear(container)
                    dict.update(container, content)
                else:
                    set.clear(container)
                    set.update(container, content)


def _containers_in(table: dict[Any, Any]) -> Iterator[tuple[Any, type, Any]]:
    """What tables of Keras's and TensorFlow's trackers hold.

    Sets of ids, pairs of a test and the list of the tracked, and TensorFlow's wrappers around lists.
    """
    for value in table.values():
        if type(value) is set:
            yield value, set, set(value)
        elif type(value) is tuple:
            for inner in value:
                if issubclass(type(inner), list):
                    yield inner, list, list(inner)
        elif type(value).__name__ == "ListWrapper":
            # A wrapper holds its content twice: as a list itself, and in the list that it wraps.
            yield value, list, list.__getitem__(value, slice(None))
            for name in ("_storage", "_last_wrapped_list_snapshot"):
                inner = value.__dict__.get(name)
                if issubclass(type(inner), list):
                    yield inner, list, list(inner)


@contextlib.contextmanager
def held_still(optimizer: Any, names: tuple[str, ...]) -> Iterator[None]:
    """Have these methods of an optimizer do nothing in this thread."""
    home = threading.get_ident()

    def still(method: Any) -> Any:
        def called(*args: Any, **options: Any) -> Any:
            return None if threading.get_ident() == home else method(*args, **options)

        return called

    for name in names:
        object.__setattr__(optimizer, name, still(getattr(optimizer, name, None)))
    try:
        yield
    finally:
        for name in names:
            object.__delattr__(optimizer, name)
