"""Find the call that made each layer of a live model.

Keras numbers the layers of a class in the order they are made, and the trace lists the calls in the
order they are made: of each class, the one sequence is laid along the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from rnnmagic.modelsource.abstract import Event, Value
from rnnmagic.modelsource.compare import configuration, inner_layers, kind_of, likeness, serial
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


@dataclass
class Matched:
    """Layers matched with calls, and how well."""

    events: dict[int, Event] = field(default_factory=dict)
    """By the layer's id."""
    score: float = 0.0
    doubtful: set[int] = field(default_factory=set)
    value: Value | None = None


def align(layers: list[Any], events: list[Event], configs: dict[int, dict[str, Any]]) -> Matched:
    """The layers of one class along the calls of that class, both in order.

    A call in a loop may serve again; a call passed over costs a little, all those after the last
    layer together less: a model that failed while it was built has its first layers only. Where another call would
    do as well, the layer is `doubtful`.
    """
    if not layers or not events:
        return Matched()
    fit = [[likeness(event, layer, configs[id(layer)]) for event in events] for layer in layers]
    costs = _steps(events)
    size = len(events)
    nothing = float("-inf")
    # Column `size` stands for "no call yet". A layer may stay without a call, as the last call did:
    # a function of some library may have made it.
    ahead = [[nothing] * size + [0.0]]
    used = []
    for row in fit:
        last = ahead[-1]
        now = [nothing] * size
        for after, likely in enumerate(row):
            if likely is not None:
                now[after] = max(last[b] + costs[b][after] for b in range(size + 1)) + _MATCH + likely
        used.append(now)
        ahead.append([max(now[j], last[j]) for j in range(size)] + [0.0])
    behind = [
        [_ENDED_EARLY if any(not event.optional for event in events[b + 1 :]) else 0.0 for b in range(size)]
    ]
    behind[0].append(_ENDED_EARLY)
    for row in reversed(fit):
        rest = behind[-1]
        able = [
            (after, rest[after] + _MATCH + likely) for after, likely in enumerate(row) if likely is not None
        ]
        behind.append(
            [max([rest[b], *[costs[b][after] + gain for after, gain in able]]) for b in range(size + 1)]
        )
    behind.reverse()
    result = Matched(score=behind[0][size])
    for number, layer in enumerate(layers):
        through = [used[number][j] + behind[number + 1][j] for j in range(size)]
        best = max(through)
        if best < result.score - _MATCH / 2:
            continue
        chosen = events[through.index(best)]
        result.events[id(layer)] = chosen
        if any(
            score >= best - _AS_GOOD and events[j].call is not chosen.call for j, score in enumerate(through)
        ):
            result.doubtful.add(id(layer))
    return result


def _steps(events: list[Event]) -> list[list[float]]:
    """What it costs to go from one call to another, the last row being the start; -inf if it cannot be."""
    size = len(events)
    skipped = [0.0 if event.optional else _SKIPPED for event in events]
    costs = []
    for before in range(size):
        row = []
        for after in range(size):
            shared = set(events[after].loops) & set(events[before].loops)
            if after > before:
                row.append(sum(skipped[before + 1 : after]))
            elif shared:
                # Round the loop once more.
                around = [
                    k for k in range(size) if shared & set(events[k].loops) and (k > before or k < after)
                ]
                row.append(sum(skipped[k] for k in around))
            else:
                row.append(float("-inf"))
        costs.append(row)
    costs.append([sum(skipped[:after]) for after in range(size)])
    return costs


def match(layers: list[Any], value_events: Iterable[Event], value: Value | None = None) -> Matched:
    """All layers, class by class, against these calls."""
    events = sorted(value_events, key=lambda event: event.number)
    configs = {id(layer): configuration(layer) for layer in layers}
    whole = Matched(value=value)
    for kind in dict.fromkeys(kind_of(layer) for layer in layers):
        of_kind = [layer for layer in layers if kind_of(layer) == kind]
        numbered = [(serial(layer), layer) for layer in of_kind]
        if all(number is not None for number, _ in numbered):
            of_kind = [layer for _, layer in sorted(numbered, key=lambda pair: pair[0] or 0)]
        calls = [event for event in events if event.kind == kind and not event.swallowed]
        # Layers that the user named are matched by their names, which settles them.
        named: set[int] = set()
        for layer in of_kind:
            for event in calls:
                given = event.given.get("name")
                if given is None or not (given.known and given.object == getattr(layer, "name", None)):
                    continue
                fit = likeness(event, layer, configs[id(layer)])
                if fit is not None:  # The latest of that name.
                    whole.events[id(layer)] = event
                    named.add(id(layer))
        whole.score += len(named) * (_MATCH + 20)
        taken = {whole.events[key].number for key in named}
        of_kind = [layer for layer in of_kind if id(layer) not in named]
        calls = [event for event in calls if event.number not in taken or event.loops]
        part = align(of_kind, calls, configs)
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
