"""What Keras 3 and tf_keras have in common: how a call becomes batches, and what a trial of them tells.

Where the two differ, an `Engine` each says how: `engine_of` finds the one that a model belongs to.
"""

from __future__ import annotations

from collections.abc import Callable
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

    def dry_run(
        self, model: Any, batch: Batch, *, exact: bool = False, begun: Callable[[], None] = lambda: None
    ) -> Outcome:
        """One step on shapes, inside a sandbox that the caller opened; raises nothing.

        `exact` runs every layer as it is, each timestep included, which may take long. `begun` is
        called at the beginning of each try, of which there may be more than one.
        """

    def sandbox(self, models: list[Any]) -> AbstractContextManager[None]:
        """Try things on models without a trace."""

    def compiled(self, model: Any) -> tuple[Any, Any]:
        """The objects that `compile` made of the losses and of the metrics, `None` for none."""

    def is_compiled(self, model: Any) -> bool: ...

    def cannot_tell(self, model: Any, method: str) -> str | None:
        """Why a dry run does not tell whether a call passes; `None` where it does."""

    def may_be_told_before(self, model: Any) -> bool:
        """Whether a dry run before the call is sure to leave the call as it is."""

    def minds_labels(self, model: Any) -> bool:
        """Whether a class number out of range is an error, and not a loss of nan."""

    def callables(self) -> tuple[type, ...]:
        """The classes whose `__call__` data passes through: layers, and operations where there are any."""


def engine_of(model: Any) -> Engine:
    if is_from(model, "tf_keras", "Layer"):
        from rnnmagic.frameworks.tf_keras.engine import ENGINE as TF_KERAS

        return TF_KERAS
    from rnnmagic.frameworks.keras3.engine import ENGINE as KERAS3

    return KERAS3
