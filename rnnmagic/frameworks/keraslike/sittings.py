"""Dry runs of one examination, each done once.

The diagnosis tries the failing call, then the call as each repair would make it; the rehearsals of the
repaired cells come to the same batches again. A dry run tells the same as long as the models are what they
were, so that its outcome is kept for one examination: by the model, the batch, and the dry runs that went
before it in the same sitting, because the first one may build what a later one finds built.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from rnnmagic.frameworks.base import Batch, Outcome, Spec
from rnnmagic.frameworks.keraslike import engine_of

_PLAIN = (bool, int, float, str, type(None))


class Outcomes:
    """What the dry runs of one examination found."""

    def __init__(self) -> None:
        self.by_history: dict[Any, Outcome] = {}
        self.models: list[Any] = []
        """Kept alive, so that no other gets the id of one."""


class Sitting:
    """Dry runs between the opening of a sandbox and its roll-back.

    One whose outcome is known is not done, but owed: what it would have left in the models is made up for
    before anything that could find it, another dry run or a change by the rehearsed code.
    """

    def __init__(self, outcomes: Outcomes) -> None:
        self._outcomes = outcomes
        self._history: tuple[Any, ...] = ()
        self._owed: list[tuple[Any, Batch]] = []
        self._changed = False

    def dry_run(self, model: Any, batch: Batch) -> Outcome:
        """As `Engine.dry_run`; the outcome may be that of an earlier sitting and is not to be changed."""
        what = None if self._changed else _key(batch)
        if what is None:
            self.disturb()
            return engine_of(model).dry_run(model, batch)
        history = (*self._history, (id(model), what))
        known = self._outcomes.by_history.get(history)
        if known is None:
            self._settle()
            known = engine_of(model).dry_run(model, batch)
            self._outcomes.by_history[history] = known
            self._outcomes.models.append(model)
        else:
            self._owed.append((model, batch))
        self._history = history
        return known

    def disturb(self) -> None:
        """A model, or something it is made of, is about to be changed: from now on nothing is known."""
        self._settle()
        self._changed = True

    def _settle(self) -> None:
        owed, self._owed = self._owed, []
        for model, batch in owed:
            engine_of(model).dry_run(model, batch)


_outcomes: ContextVar[Outcomes | None] = ContextVar("outcomes", default=None)
_sitting: ContextVar[Sitting | None] = ContextVar("sitting", default=None)


@contextlib.contextmanager
def examination() -> Iterator[None]:
    """Keep what dry runs find until the end; nothing of the user's runs meanwhile."""
    token = _outcomes.set(Outcomes())
    try:
        yield
    finally:
        _outcomes.reset(token)


@contextlib.contextmanager
def sitting() -> Iterator[None]:
    """A sandbox has been opened, on models as they are in the whole examination."""
    outcomes = _outcomes.get()
    token = _sitting.set(None if outcomes is None else Sitting(outcomes))
    try:
        yield
    finally:
        _sitting.reset(token)


def dry_run(model: Any, batch: Batch) -> Outcome:
    """One step on shapes, or what an earlier one of this examination found."""
    here = _sitting.get()
    return engine_of(model).dry_run(model, batch) if here is None else here.dry_run(model, batch)


def disturb() -> None:
    """Something that a model is made of is about to be changed."""
    here = _sitting.get()
    if here is not None:
        here.disturb()


def _key(batch: Batch) -> Any:
    """What of a batch decides over its dry run; `None` where that is more than shapes and plain values."""
    if any(not isinstance(value, _PLAIN) for value in batch.kwargs.values()):
        return None
    options = tuple((name, type(value).__name__, value) for name, value in sorted(batch.kwargs.items()))
    return batch.training, batch.loss, options, *map(_nest, (batch.x, batch.y, batch.sample_weight))


def _nest(nest: Any) -> Any:
    if isinstance(nest, Spec):
        return nest.shape, nest.dtype
    if isinstance(nest, dict):
        return "dict", *((str(name), _nest(item)) for name, item in nest.items())
    if isinstance(nest, (list, tuple)):
        return type(nest).__name__, *(_nest(item) for item in nest)
    return nest
