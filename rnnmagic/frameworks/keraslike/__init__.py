"""What Keras 3 and tf_keras have in common: how a call becomes batches, and what a trial of them tells.

Where the two differ, an `Engine` each says how: `engine_of` finds the one that a model belongs to.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from rnnmagic.values import is_from

if TYPE_CHECKING:
    from rnnmagic.frameworks.base import Batch, Outcome


class Engine(Protocol):
    """How one of the two tries a batch."""

    @property
    def package(self) -> str:
        """The top-level package of its own layers, losses and metrics."""

    @property
    def lists_are_arrays(self) -> bool:
        """Whether a list of numbers, or of lists of numbers, is taken for an array."""

    def dry_run(self, model: Any, batch: Batch, *, exact: bool = False) -> Outcome:
        """One step on shapes, inside a sandbox that the caller opened; raises nothing.

        `exact` runs every layer as it is, each timestep included, which may take long.
        """

    def sandbox(self, models: list[Any]) -> AbstractContextManager[None]:
        """Try things on models without a trace."""

    def compiled(self, model: Any) -> tuple[Any, Any]:
        """The objects that `compile` made of the losses and of the metrics, `None` for none."""

    def can_be_told(self, model: Any) -> bool:
        """Whether a dry run before the call is sure to leave the call as it is."""

    def callables(self) -> tuple[type, ...]:
        """The classes whose `__call__` data passes through: layers, and operations where there are any."""


def engine_of(model: Any) -> Engine:
    if is_from(model, "tf_keras", "Layer"):
        from rnnmagic.frameworks.tf_keras.engine import ENGINE as TF_KERAS

        return TF_KERAS
    from rnnmagic.frameworks.keras3.engine import ENGINE as KERAS3

    return KERAS3
