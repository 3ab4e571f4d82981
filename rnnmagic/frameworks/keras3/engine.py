"""How Keras 3 tries a batch: `rnnmagic.frameworks.keraslike.Engine`."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from rnnmagic.frameworks.keras3.dryrun import dry_run
from rnnmagic.frameworks.keras3.state import sandbox

if TYPE_CHECKING:
    from rnnmagic.frameworks.base import Batch, Outcome


class Keras3Engine:
    package = "keras"
    lists_are_arrays = False

    def dry_run(self, model: Any, batch: Batch, *, exact: bool = False) -> Outcome:
        return dry_run(
            model,
            batch.x,
            batch.y,
            batch.sample_weight,
            training=batch.training,
            loss=batch.loss,
            kwargs=batch.kwargs,
            exact=exact,
        )

    def sandbox(self, models: list[Any]) -> AbstractContextManager[None]:
        return sandbox(models)

    def compiled(self, model: Any) -> tuple[Any, Any]:
        return model.__dict__.get("_compile_loss"), model.__dict__.get("_compile_metrics")

    def can_be_told(self, model: Any) -> bool:
        import keras

        return keras.backend.backend() == "tensorflow" and bool(getattr(model, "compiled", False))

    def callables(self) -> tuple[type, ...]:
        import keras

        return keras.Layer, keras.Operation


ENGINE = Keras3Engine()
