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
_OF_WRAPPERS = ("_self_last_wrapped_dict_snapshot", "_self_external_modification", "_self_non_string_key")
"""By which TensorFlow's proxy of a dict knows whether it may be saved; it has no `__dict__` to be seen."""


def container_kind(value: object) -> type | None:
    # The type, not isinstance: TensorFlow's tracking wrappers lie about their class.
    kind = type(value)
    if kind in _CONTAINERS:
        return kind
    if kind in _LEAVES or not issubclass(kind, _CONTAINERS):
        return None
    return next((base for base in _CONTAINERS if issubclass(kind, base)), None)


class Attributes:
    """The attributes of some objects at one moment.

    A deep model has a hundred thousand of them, most of them empty containers, and several moments are
    kept at once. So little is kept for each: names once for all objects that have the same, and of what
    is empty no copy.
    """

    def __init__(self, parts: Iterable[Any]) -> None:
        self._attributes: list[tuple[dict[str, Any], tuple[str, ...], tuple[Any, ...]]] = []
        self._empty: list[Any] = []
        self._filled: list[Any] = []
        self._contents: list[Any] = []
        """Of each of `_filled`, in the same order: a `tuple`, `dict` or `frozenset`."""
        self._wrappers: list[tuple[Any, list[Any]]] = []
        self._names: dict[tuple[str, ...], tuple[str, ...]] = {}
        for part in parts:
            self._keep_attributes(getattr(part, "__dict__", None))

    def _keep_attributes(self, current: dict[str, Any] | None) -> None:
        if current is None:
            return
        at_once = dict(current)
        names = tuple(at_once)
        values = tuple(at_once.values())
        self._attributes.append((current, self._names.setdefault(names, names), values))
        for value in values:
            kind = type(value)
            if kind in _LEAVES:
                continue
            name = kind.__name__
            if name == "ObjectIdentityDictionary":
                # TensorFlow's counts of references, in a dict of its own.
                value = value._storage
            elif name == "ContextValueCache":
                # tf_keras's dropout masks by graph: they would keep the graph of a trial alive.
                value = value.data
            elif name == "_DictWrapper":
                # A dict that is an attribute of a layer of tf_keras.
                self._wrappers.append((value, [getattr(value, name) for name in _OF_WRAPPERS]))
                value = value.__wrapped__
            if self._keep(value) is dict:
                self._keep_inside(value)

    def _keep(self, container: Any) -> type | None:
        kind = container_kind(container)
        if kind is None:
            return None
        if kind is list:
            content: Any = tuple(list.__iter__(container))
        elif kind is dict:
            content = dict(container)
        else:
            content = frozenset(container)
        if content:
            self._filled.append(container)
            self._contents.append(content)
        else:
            self._empty.append(container)
        if type(container).__name__ == "ListWrapper":
            # TensorFlow's has its content in a list of its own, and what was done to it in others.
            self._keep_attributes(container.__dict__)
        return kind

    def _keep_inside(self, table: dict[Any, Any]) -> None:
        """Keep what tables of Keras's and TensorFlow's trackers hold.

        Sets of ids, pairs of a test and the list of the tracked, and TensorFlow's wrappers around lists.
        """
        for value in table.values():
            if type(value) is set or type(value).__name__ == "ListWrapper":
                self._keep(value)
            elif type(value) is tuple:
                for inner in value:
                    if issubclass(type(inner), list):
                        self._keep(inner)

    @shielded
    def roll_back(self) -> None:
        """Put everything back; safe to call more than once."""
        for current, names, values in self._attributes:
            for name in current.keys() - names:
                dict.__delitem__(current, name)
            dict.update(current, zip(names, values, strict=True))
        for container in self._empty:
            _fill(container, ())
        for container, content in zip(self._filled, self._contents, strict=True):
            _fill(container, content)
        for wrapper, settings in self._wrappers:
            for name, value in zip(_OF_WRAPPERS, settings, strict=True):
                setattr(wrapper, name, value)


def _fill(container: Any, content: Any) -> None:
    kind = container_kind(container)
    if kind is list:
        list.__setitem__(container, slice(None), content)
    elif kind is dict:
        dict.clear(container)
        dict.update(container, content)
    else:
        set.clear(container)
        set.update(container, content)


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
