"""Find a live model in the text of the notebook: where each layer is made, and where it is compiled."""

from __future__ import annotations

import ast
from typing import Any

from rnnmagic.cells import Cell, CellLog
from rnnmagic.frameworks.keraslike.nodes import maker_of
from rnnmagic.modelsource.abstract import Event, Value
from rnnmagic.modelsource.compare import Held, kind_of, likeness
from rnnmagic.modelsource.matching import Matched, flatten, is_model, match
from rnnmagic.modelsource.sites import CallSite
from rnnmagic.modelsource.trace import Trace
from rnnmagic.values import variables

_SHAPE_KEYWORDS = ("input_shape", "batch_input_shape", "input_dim", "input_length")


class ModelSource:
    """The text of a notebook, with a model to find in it.

    Parameters
    ----------
    model_or_layers
        A model, or the layers, in order, of one that failed while it was built.
    model_name
        How the notebook calls the model: `model`, `self.model`.
    checked
        The cell that failed.
    """

    def __init__(
        self,
        model_or_layers: Any,
        log: CellLog,
        namespace: dict[str, Any],
        *,
        model_name: str | None,
        checked: Cell | None,
        trace: Trace | None = None,
    ) -> None:
        self.trace = trace if trace is not None else Trace(log, namespace, checked)
        self.namespace = namespace
        self.model_name = model_name
        self.model = model_or_layers if not isinstance(model_or_layers, (list, tuple)) else None
        roots = [self.model] if self.model is not None else list(model_or_layers)
        self.layers = flatten(roots)
        self.found = self._find()

    def _candidates(self) -> list[Value]:
        """Values of the trace that may be the model, the likeliest first."""
        found: list[Value] = []
        history = self.trace.history
        if self.model_name is not None:
            final = self.trace.find(self.model_name)
            found += [final] if final is not None else []
            found += reversed(history.get(self.model_name, []))
            if "." in self.model_name:
                last = "." + self.model_name.rpartition(".")[2]
                for name in history:
                    if name.endswith(last):
                        found += reversed(history[name])
        if self.model is not None:
            for name, thing in variables(self.namespace):
                if thing is self.model and name in history:
                    found += reversed(history[name])
            for values in history.values():
                found += [value for value in values if value.known and value.object is self.model]
        return [value for value in dict.fromkeys(found) if value.events]

    def _find(self) -> Matched:
        wanted = self._wanted()
        partial: list[Matched] = []
        for value in self._candidates():
            matched = match(self.layers, value.events.values(), value)
            if wanted <= set(matched.events):
                return matched
            partial.append(matched)
        unnamed = self.model_name is None and not any(
            held is self.model for held in list(self.namespace.values())
        )
        if self.model is None or unnamed:
            # They were made while the checked cell ran, and it failed before there was a name for them.
            last = len(self.trace.cells) - 1
            matched = match(self.layers, [event for event in self.trace.events if event.run == last])
            if wanted <= set(matched.events):
                return matched
            partial.append(matched)
        if self.model is not None:
            others = [value for values in self.trace.history.values() for value in values if value.events]
            complete = []
            for value in dict.fromkeys(others):
                if len(value.events) >= len(wanted):
                    matched = match(self.layers, value.events.values(), value)
                    if wanted <= set(matched.events):
                        complete.append(matched)
            if complete:
                return _agreed(complete)
        if partial and any(matched.events for matched in partial):
            most = max(len(matched.events) for matched in partial)
            return _agreed([matched for matched in partial if len(matched.events) == most])
        return self._only_possible()

    def _wanted(self) -> set[int]:
        """Layers that a complete match has: all that are not made by Keras itself."""
        kinds = {event.kind for event in self.trace.events}
        return {
            id(layer)
            for layer in self.layers
            if layer is not self.model
            and kind_of(layer) in kinds - {"InputLayer"}
            and type(layer).__name__ not in ("StackedRNNCells",)
        }

    def _only_possible(self) -> Matched:
        """Layers that only one call of the whole notebook can have made."""
        result = Matched()
        for layer in self.layers:
            held = Held(layer)
            able = [event for event in self.trace.events if likeness(event, held) is not None]
            if (
                len(
                    {
                        (event.cell.transformed, ast.dump(event.call, include_attributes=True))
                        for event in able
                    }
                )
                == 1
            ):
                result.events[id(layer)] = able[-1]
        return result

    def site(self, event: Event) -> CallSite | None:
        """Where a call stands in the notebook as it is now; `None` if its cell was changed since."""
        cell = event.cell
        if cell.cell_id is not None:
            later = [other for other in self.trace.cells if other.cell_id == cell.cell_id]
            if later and later[-1] is not cell:
                if later[-1].transformed != cell.transformed:
                    return None
                cell = later[-1]
        count = sum(
            1 for key, other in self.found.events.items() if other.call is event.call and self._alone(key)
        )
        return CallSite(cell, event.call, event.target, max(count, 1), tuple(event.uses))

    def _alone(self, key: int) -> bool:
        """Not one of the two copies in a Bidirectional."""
        return any(id(layer) == key for layer in self.layers)

    def layer_sites(self) -> dict[int, CallSite]:
        """For each layer, by its `id`, the call that made it, where that is certain."""
        sites: dict[int, CallSite] = {}
        for key, event in self.found.events.items():
            if key in self.found.doubtful:
                continue
            site = self.site(event)
            if site is not None:
                sites[key] = site
        return sites

    def input_sites(self) -> dict[int, CallSite]:
        """For each input of the model, by its number, the call that declares its shape."""
        declared = self.layer_sites()
        sites: dict[int, CallSite] = {}
        for index, layer in enumerate(self._input_layers()):
            if id(layer) in declared:
                sites[index] = declared[id(layer)]
        if 0 not in sites:
            for layer in self.layers:
                site = declared.get(id(layer))
                if site is not None and any(k.arg in _SHAPE_KEYWORDS for k in site.call.keywords):
                    sites[0] = site
                    break
        return sites

    def _input_layers(self) -> list[Any]:
        try:
            inputs = list(self.model.inputs) if self.model is not None else []
            found = [maker_of(tensor) for tensor in inputs]
        except Exception:
            found = []
        if not any(layer is one for layer in found for one in self.layers):
            # A stack that failed while it was built has inputs of Keras's own.
            found = []
        return found or [layer for layer in self.layers if type(layer).__name__ == "InputLayer"]

    def compile_site(self) -> CallSite | None:
        """The `.compile(...)` that this model was compiled with last."""
        compiles = self.trace.compiles
        value = self.found.value
        mine = [entry for entry in compiles if value is not None and entry[0] is value]
        if not mine and self.model_name is not None:
            mine = [entry for entry in compiles if entry[3] == self.model_name]
        if not mine and value is not None and value.events:
            numbers = set(value.events)
            mine = [entry for entry in compiles if numbers <= set(entry[0].events)]
        if not mine:
            events = {event.number for event in self.found.events.values()}
            mine = [entry for entry in compiles if events and events <= set(entry[0].events)]
        if not mine:
            return None
        _, cell, call, _ = mine[-1]
        later = [c for c in self.trace.cells if cell.cell_id is not None and c.cell_id == cell.cell_id]
        if later and later[-1] is not cell:
            if later[-1].transformed != cell.transformed:
                return None
            cell = later[-1]
        model = self.model if self.model is not None and is_model(self.model) else None
        return CallSite(cell, call, getattr(model, "compile", None))


def _agreed(matches: list[Matched]) -> Matched:
    """What equally good matches agree on."""
    first = matches[0]
    result = Matched(dict(first.events), first.score, set(first.doubtful), first.value)
    for other in matches[1:]:
        for key, event in first.events.items():
            if key not in other.events or other.events[key].call is not event.call:
                result.events.pop(key, None)
        result.doubtful |= other.doubtful
        if other.value is not first.value and {id(e.call) for e in other.events.values()} != {
            id(e.call) for e in first.events.values()
        }:
            result.value = None
    return result


def find_layer_calls(
    model_or_layers: Any,
    log: CellLog,
    namespace: dict[str, Any],
    *,
    model_name: str | None,
    checked: Cell | None,
) -> dict[int, CallSite]:
    """For each layer, by its `id`, the call in a cell that made it, where that is certain."""
    return ModelSource(model_or_layers, log, namespace, model_name=model_name, checked=checked).layer_sites()


def find_input_calls(
    model_or_layers: Any,
    log: CellLog,
    namespace: dict[str, Any],
    *,
    model_name: str | None,
    checked: Cell | None,
) -> dict[int, CallSite]:
    """For each input of the model, by its number, `keras.Input(...)` or the layer with `input_shape=`."""
    return ModelSource(model_or_layers, log, namespace, model_name=model_name, checked=checked).input_sites()


def compile_call(
    model: Any,
    log: CellLog,
    namespace: dict[str, Any],
    model_name: str | None,
    checked: Cell | None,
) -> CallSite | None:
    """The `.compile(...)` of this model."""
    return ModelSource(model, log, namespace, model_name=model_name, checked=checked).compile_site()
