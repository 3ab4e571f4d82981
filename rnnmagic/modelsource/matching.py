"""Find the call that made each layer of a live model.

Keras numbers the layers of a class in the order they are made, and the trace lists the calls in the
order they are made: of each class, the one sequence is laid along the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rnnmagic.modelsource.abstract import Event, Value
from rnnmagic.modelsource.compare import Held, hold, inner_layers, kind_of, likeness
from rnnmagic.modelsource.sites import is_library_class

_MATCH = 1000.0
_SKIPPED = -1.0
_ENDED_EARLY = -0.5
_AS_GOOD = 0.25


def is_model(thing: Any) -> bool:
    return any(base.__name__ == "Model" and is_library_class(base) for base in type(thing).__mro__)


def sublayers(layer: Any) -> list[Any]:
    """The layers inside a layer that a notebook can have made: not LSTM's own cell, say."""
    kind = type(layer).__name__
    if is_model(layer) or not is_library_class(type(layer)):
        found = getattr(layer, "_layers", None)
        if not isinstance(found, (list, tuple)) or not found:
            found = getattr(layer, "layers", None)
        # A subclass of LSTM has a cell too that LSTM made.
        own = getattr(layer, "cell", None) if any(b.__name__ == "RNN" for b in type(layer).__mro__) else None
        return [inner for inner in found if inner is not own] if isinstance(found, (list, tuple)) else []
    if kind == "StackedRNNCells":
        return list(getattr(layer, "cells", []))
    if kind == "Bidirectional":
        return []  # Copies; `_pair` finds them by their place.
    return list(inner_layers(layer).values())


def flatten(layers: Iterable[Any]) -> list[Any]:
    """The layers and what is in them, each once, in order."""
    found: dict[int, Any] = {}

    def visit(layer: Any) -> None:
        if id(layer) in found or not hasattr(layer, "get_config"):
            return
        found[id(layer)] = layer
        for inner in sublayers(layer):
            visit(inner)

    for layer in layers:
        visit(layer)
    return list(found.values())


_Row = np.ndarray[Any, Any]


@dataclass
class Matched:
    """Layers matched with calls, and how well."""

    events: dict[int, Event] = field(default_factory=dict)
    """By the layer's id."""
    score: float = 0.0
    doubtful: set[int] = field(default_factory=set)
    value: Value | None = None


def align(layers: list[Held], events: list[Event]) -> Matched:
    """The layers of one class along the calls of that class, both in order.

    A call in a loop may serve again; a call passed over costs a little, all those after the last
    layer together less: a model that failed while it was built has its first layers only. Where another call would
    do as well, the layer is `doubtful`.
    """
    if not layers or not events:
        return Matched()
    fit = [_fit(layer, events) for layer in layers]
    steps = _Steps(events)
    size = len(events)
    more = [any(not event.optional for event in events[b + 1 :]) for b in range(size)]
    # What the layers after each can still bring, by the call that the last one took. Column `size`
    # stands for "no call yet". A layer may stay without a call, as the last call did: a function of
    # some library may have made it.
    behind = [np.append(np.where(more, _ENDED_EARLY, 0.0), _ENDED_EARLY)]
    for row in reversed(fit):
        rest = behind[-1]
        behind.append(np.maximum(rest, steps.before(rest[:size] + row)))
    behind.reverse()
    result = Matched(score=float(behind[0][size]))
    ahead = np.append(np.full(size, -np.inf), 0.0)
    for number, layer in enumerate(layers):
        now = steps.after(ahead) + fit[number]
        ahead = np.append(np.maximum(now, ahead[:size]), 0.0)
        through = now + behind[number + 1][:size]
        best = through.max()
        if best < result.score - _MATCH / 2:
            continue
        chosen = events[int(through.argmax())]
        result.events[id(layer.layer)] = chosen
        if any(events[j].call is not chosen.call for j in np.flatnonzero(through >= best - _AS_GOOD)):
            result.doubtful.add(id(layer.layer))
    return result


def _fit(layer: Held, events: list[Event]) -> _Row:
    """What it brings to take each call for the layer; -inf where it cannot have made it."""
    found = (likeness(event, layer) for event in events)
    return np.array([-np.inf if likely is None else _MATCH + likely for likely in found])


class _Steps:
    """What it costs to go from one call to another, forward or round a loop once more.

    Without a table of all pairs, which in a deep model has a million: forward from `b` to `a` costs the
    calls passed over, `passed[a] - passed[b + 1]`, so that the best of all `b` is a running maximum.
    """

    def __init__(self, events: list[Event]) -> None:
        size = len(events)
        skipped = np.array([0.0 if event.optional else _SKIPPED for event in events])
        # Of all calls before each.
        self._passed = np.append(0.0, np.cumsum(skipped))
        loops = [set(event.loops) for event in events]
        again: list[tuple[int, int, float]] = []
        for before in range(size):
            for after in range(before + 1) if loops[before] else ():
                if shared := loops[after] & loops[before]:
                    around = [k for k in range(size) if shared & loops[k] and (k > before or k < after)]
                    again.append((before, after, skipped[around].sum()))
        self._from = np.array([before for before, _, _ in again], int)
        self._to = np.array([after for _, after, _ in again], int)
        self._around = np.array([cost for _, _, cost in again])

    def after(self, ahead: _Row) -> _Row:
        """The best way to each call, from what has been brought by each before it, the start last."""
        ways = np.append(ahead[-1], ahead[:-1] - self._passed[1:])
        best: _Row = np.maximum.accumulate(ways[:-1]) + self._passed[:-1]
        np.maximum.at(best, self._to, ahead[self._from] + self._around)
        return best

    def before(self, gain: _Row) -> _Row:
        """The best way from each call, the start last, with what each after it brings."""
        ways = np.maximum.accumulate((gain + self._passed[:-1])[::-1])[::-1]
        best: _Row = np.append(np.append(ways[1:], -np.inf) - self._passed[1:], ways[0])
        np.maximum.at(best, self._from, gain[self._to] + self._around)
        return best


def match(layers: list[Any], value_events: Iterable[Event], value: Value | None = None) -> Matched:
    """All layers, class by class, against these calls."""
    events = sorted(value_events, key=lambda event: event.number)
    held = hold(layers)
    whole = Matched(value=value)
    for kind in dict.fromkeys(layer.kind for layer in held):
        of_kind = [layer for layer in held if layer.kind == kind]
        if all(layer.serial is not None for layer in of_kind):
            of_kind.sort(key=lambda layer: layer.serial or 0)
        calls = [event for event in events if event.kind == kind and not event.swallowed]
        # Layers that the user named are matched by their names, which settles them.
        named: set[int] = set()
        for layer in of_kind:
            for event in calls:
                given = event.given.get("name")
                if given is None or not (given.known and given.object == layer.name):
                    continue
                if likeness(event, layer) is not None:  # The latest of that name.
                    whole.events[id(layer.layer)] = event
                    named.add(id(layer.layer))
        whole.score += len(named) * (_MATCH + 20)
        taken = {whole.events[key].number for key in named}
        of_kind = [layer for layer in of_kind if id(layer.layer) not in named]
        calls = [event for event in calls if event.number not in taken or event.loops]
        part = align(of_kind, calls)
        whole.doubtful |= part.doubtful
        whole.events.update(part.events)
        whole.score += part.score
    for layer in layers:
        chosen = whole.events.get(id(layer))
        if chosen is not None:
            _pair(layer, chosen, whole.events)
    return whole


def _pair(layer: Any, event: Event, found: dict[int, Event]) -> None:
    """The layers inside a wrapper with the calls inside its call."""
    inner = inner_layers(layer)
    for name, inside in inner.items():
        given = event.given.get(name)
        if name == "backward_layer" and given is None:
            given = event.given.get("layer")
        if given is None:
            continue
        if given.made is not None and given.made.kind == kind_of(inside):
            found[id(inside)] = given.made
            _pair(inside, given.made, found)
        elif type(inside).__name__ == "StackedRNNCells" and given.items is not None:
            for cell, item in zip(getattr(inside, "cells", []), given.items, strict=False):
                if item.made is not None and item.made.kind == kind_of(cell):
                    found[id(cell)] = item.made
