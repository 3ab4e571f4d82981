"""What a dry run of one kind of batch showed, kept for as long as the model lives.

A call is looked at before it begins (will it fail later on?) and once more after it ran clean
(was a mistake taken without a word?). Both ask here, so that a model is dry-run once for batches
that are alike.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary, ref

from rnnmagic.frameworks.base import Batch, Look, Opaque, Outcome, Spec, Unfit, leaves
from rnnmagic.frameworks.keraslike import engine_of
from rnnmagic.frameworks.keraslike.batchsize import minds_batch_size
from rnnmagic.frameworks.keraslike.elsewhere import works_elsewhere
from rnnmagic.frameworks.keraslike.masks import MaskWatch
from rnnmagic.quiet import no_warnings, silence


@dataclass
class _Kept:
    """The looks at one model, as it was compiled then."""

    compiled: tuple[ref[Any] | None, ...]
    layers: tuple[int, ...]
    looks: dict[Any, Look]


_kept: WeakKeyDictionary[Any, _Kept] = WeakKeyDictionary()
_AT_MOST = 32


def look(model: Any, method: str, arguments: dict[str, Any]) -> Look:
    """The look at one call, at the first kind of batch that it makes."""
    from rnnmagic.frameworks.keraslike.calls import batches_of

    try:
        # The first kind of batch shows it all; the call has run, so that the others fit as well.
        batch = next(batches_of(model, method, arguments))
    except (Opaque, Unfit, StopIteration):
        return Look(False)
    return look_at(model, batch)


def look_at(model: Any, batch: Batch) -> Look:
    """The look at a batch: the kept one of a batch alike, or that of a dry run now."""
    looks, key = _looks_of(model), _key(model, batch)
    if key not in looks and not works_elsewhere(model):
        try_batch(model, batch)
    return looks.get(key, Look(False))


def passes(model: Any, batch: Batch) -> Look | None:
    """The look at a batch alike that passed before; `None` when there was none."""
    found = _looks_of(model).get(_key(model, batch))
    return found if found is not None and found.known else None


def try_batch(model: Any, batch: Batch, *, exact: bool = False) -> Outcome:
    """Dry-run a batch in a sandbox of its own, and keep the look."""
    looks, key = _looks_of(model), _key(model, batch)
    engine = engine_of(model)
    watch = MaskWatch(engine.callables(), [spec.shape[1:] for spec in leaves(batch.x) if spec.shape])
    with quietly(), engine.sandbox([model]), watch.listening():
        outcome = engine.dry_run(model, batch, exact=exact, begun=watch.begin)
    if len(looks) >= _AT_MOST:
        looks.clear()
    looks[key] = (
        Look(
            True, tuple(outcome.broadcasts), outcome.output, tuple(watch.readings), tuple(watch.states.found)
        )
        if outcome.ok
        else Look(False)
    )
    return outcome


def _looks_of(model: Any) -> dict[Any, Look]:
    """The looks that still hold: none after `compile`, or with other layers."""
    parts = engine_of(model).compiled(model)
    layers = tuple(id(layer) for layer in model._flatten_layers())
    kept = _kept.get(model)
    if kept is not None and kept.layers == layers:
        if all((None if r is None else r()) is part for r, part in zip(kept.compiled, parts, strict=True)):
            return kept.looks
    kept = _Kept(tuple(None if part is None else ref(part) for part in parts), layers, {})
    _kept[model] = kept
    return kept.looks


def _key(model: Any, batch: Batch) -> Any:
    """Alike for batches between which a model of Keras's own parts makes no difference."""
    parts = (batch.x, batch.y, batch.sample_weight)
    options = tuple(sorted(batch.kwargs.items()))
    if minds_batch_size(model):
        return batch.training, batch.loss, options, tuple(_hashable(part, 0) for part in parts)
    return batch.loss, tuple(_hashable(part, 1) for part in parts)


def _hashable(nest: Any, first_axis: int) -> Any:
    if isinstance(nest, Spec):
        return nest.shape[first_axis:], nest.dtype
    if isinstance(nest, dict):
        return tuple((str(name), _hashable(item, first_axis)) for name, item in nest.items())
    if isinstance(nest, (list, tuple)):
        return (type(nest).__name__, *(_hashable(item, first_axis) for item in nest))
    return nest


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """What the user's own layers print and warn while they are traced is theirs to say in the real run."""
    with no_warnings(), silence():
        yield
