"""Watch masks on their way through the layers of a dry run.

What is found is plain data with layers by name, so that it can be kept without keeping the model.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rnnmagic.frameworks.base import Reading
from rnnmagic.frameworks.keraslike.states import StateWatch
from rnnmagic.report import Shape
from rnnmagic.values import as_shape

ATTENTION = ("Attention", "AdditiveAttention", "MultiHeadAttention", "GroupedQueryAttention")


@dataclass(frozen=True)
class _Trail:
    """Where a tensor comes from, as far as masks are concerned."""

    way: tuple[str, ...] = ()
    keeps: bool = True
    source: Shape | None = None
    maker: str | None = None
    dropper: str | None = None
    dropper_cls: str | None = None


@dataclass
class MaskWatch:
    """Follows tensors from layer to layer while it listens."""

    callables: tuple[Any, ...]
    """Layers, then what else data passes through."""
    sources: list[Shape]
    """Shapes of the model's inputs, without the batch axis."""
    readings: list[Reading] = field(default_factory=list)
    states: StateWatch = field(default_factory=StateWatch)
    """Told of the recurrent layers on the way."""
    _trails: dict[int, _Trail] = field(default_factory=dict)
    _held: list[Any] = field(default_factory=list)
    """The tensors, so that their ids stay theirs."""
    _reading: int = 0

    def begin(self) -> None:
        """Forget what was seen of a try before."""
        self.readings.clear()
        self.states.begin()
        self._trails.clear()
        self._held.clear()

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        undo = [(kind, vars(kind).get("__call__")) for kind in self.callables]
        layer = self.callables[0]
        for kind in self.callables:
            self._patch(kind, None if kind is layer else layer)
        try:
            yield
        finally:
            for kind, original in undo:
                kind.__call__ = original

    def _patch(self, kind: Any, noted_already: type | None) -> None:
        original = kind.__call__
        home = threading.get_ident()

        def called(this: Any, *args: Any, **options: Any) -> Any:
            if threading.get_ident() != home:
                return original(this, *args, **options)
            if noted_already is not None and isinstance(this, noted_already):
                return original(this, *args, **options)
            return self._called(original, this, args, options)

        kind.__call__ = called

    def _called(self, original: Any, this: Any, args: Any, options: Any) -> Any:
        reader, inside = False, self._reading
        with contextlib.suppress(Exception):
            reader = self._read(this, args, options)
            if reader and not inside:
                self.states.handed(this, args, options)
        self._reading += reader
        try:
            answer = original(this, *args, **options)
        finally:
            self._reading -= reader
        with contextlib.suppress(Exception):
            self._answered(this, args, options, answer)
            if reader and not inside:
                self.states.answered(this, answer)
        return answer

    def _read(self, layer: Any, args: Any, options: Any) -> bool:
        """Note a layer that needs masks; those inside another one are part of it."""
        from rnnmagic.frameworks.wanted import is_rnn

        recurrent = is_rnn(layer)
        if not recurrent and type(layer).__name__ not in ATTENTION:
            return False
        if self._reading:
            return True
        inputs = _tensors(args)
        if recurrent:
            inputs = inputs[:1] or _tensors(options.get("sequences"))[:1]
        elif len(inputs) > 1:
            # What is attended to; the padding of a query only makes an answer that nobody reads.
            inputs = inputs[1:]
        else:
            inputs += _tensors(options.get("value"))
        given = any(
            options.get(name) is not None for name in ("mask", "value_mask", "key_mask", "attention_mask")
        )
        for tensor in inputs[:1]:
            trail = self._trail(tensor)
            self.readings.append(
                Reading(
                    getattr(layer, "name", ""),
                    type(layer).__name__,
                    recurrent,
                    given or _mask(tensor) is not None,
                    trail.maker if trail.dropper else None,
                    trail.dropper,
                    trail.dropper_cls,
                    trail.way,
                    trail.keeps,
                    trail.source,
                )
            )
        return True

    def _trail(self, tensor: Any) -> _Trail:
        known = self._trails.get(id(tensor))
        if known is not None:
            return known
        shape = as_shape(tensor.shape) or ()
        return _Trail(source=shape if self._is_source(shape[1:]) else None)

    def _is_source(self, shape: Shape) -> bool:
        """Whether a tensor may be what was passed; a model adds or takes a last axis of size 1 by itself."""
        ways = [shape, (*shape, 1)] + ([shape[:-1]] if shape[-1:] == (1,) else [])
        return any(way in self.sources for way in ways)

    def _answered(self, this: Any, args: Any, options: Any, answer: Any) -> None:
        given = _tensors(args) or _tensors(list(options.values()))
        trails = [self._trail(tensor) for tensor in given]
        masked = [trail for tensor, trail in zip(given, trails, strict=True) if _mask(tensor) is not None]
        lost = [trail for trail in trails if trail.dropper is not None]
        name, cls = getattr(this, "name", type(this).__name__), type(this).__name__
        first = trails[0] if trails else _Trail()
        for tensor in _tensors(answer):
            if id(tensor) in self._trails and (
                hasattr(this, "train_step") or any(t is tensor for t in given)
            ):
                continue
            way = (*first.way, name)
            keeps = first.keeps and (cls == "Embedding" or bool(getattr(this, "supports_masking", False)))
            trail = _Trail(way, keeps, first.source)
            if hasattr(this, "train_step"):
                # Made by the model's own code: where from is not known.
                trail = _Trail(way, False, None)
            elif _mask(tensor) is not None:
                maker = next((t.maker for t in masked if t.maker), None) or name
                trail = _Trail(way, keeps, first.source, maker)
            elif not _uses_mask(this) and len(as_shape(tensor.shape) or ()) >= 3:
                if masked and masked[0].maker:
                    trail = _Trail(way, keeps, first.source, masked[0].maker, name, cls)
                elif lost:
                    trail = _Trail(
                        way, keeps, first.source, lost[0].maker, lost[0].dropper, lost[0].dropper_cls
                    )
            self._trails[id(tensor)] = trail
            self._held.append(tensor)


def _uses_mask(layer: Any) -> bool:
    """Whether a mask that goes in is put to use, so that none need come out."""
    if type(layer).__name__ == "Lambda":
        return bool(getattr(layer, "_fn_expects_mask_arg", False))
    return bool(getattr(layer, "_call_has_mask_arg", False)) or type(layer).__name__ in ATTENTION


def _mask(tensor: Any) -> Any:
    mask = getattr(tensor, "_keras_mask", None)
    if mask is None:
        # JAX's tensors hold no attributes: Keras 3 keeps those of theirs beside them.
        masking = sys.modules.get("keras.src.backend.common.masking")
        mask = None if masking is None else masking.get_keras_mask(tensor)
    return mask


def _tensors(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [tensor for item in value.values() for tensor in _tensors(item)]
    if isinstance(value, (list, tuple)) and not hasattr(value, "shape"):
        return [tensor for item in value for tensor in _tensors(item)]
    return [value] if hasattr(value, "shape") and hasattr(value, "dtype") else []
