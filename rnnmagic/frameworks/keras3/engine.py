"""How Keras 3 tries a batch: `rnnmagic.frameworks.keraslike.Engine`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from rnnmagic.frameworks.keras3 import backends
from rnnmagic.frameworks.keras3.dryrun import dry_run
from rnnmagic.frameworks.keras3.state import sandbox

if TYPE_CHECKING:
    from rnnmagic.frameworks.base import Batch, Outcome


KNOWN = ("tensorflow", "jax", "torch")
TRAINING = ("fit", "train_on_batch")


class Keras3Engine:
    package = "keras"
    lists_are_arrays = False

    def dry_run(
        self, model: Any, batch: Batch, *, exact: bool = False, begun: Callable[[], None] = lambda: None
    ) -> Outcome:
        return dry_run(
            model,
            batch.x,
            batch.y,
            batch.sample_weight,
            training=batch.training,
            loss=batch.loss,
            kwargs=batch.kwargs,
            exact=exact,
            begun=begun,
        )

    def sandbox(self, models: list[Any]) -> AbstractContextManager[None]:
        return sandbox(models)

    def compiled(self, model: Any) -> tuple[Any, Any]:
        return model.__dict__.get("_compile_loss"), model.__dict__.get("_compile_metrics")

    def is_compiled(self, model: Any) -> bool:
        return bool(getattr(model, "compiled", False))

    def cannot_tell(self, model: Any, method: str) -> str | None:
        if backends.name() == "torch" and method in TRAINING and _trains_states(model):
            return "Keras on torch cannot train a stateful layer"
        return None

    def may_be_told_before(self, model: Any) -> bool:
        return backends.name() in KNOWN and not backends.is_spread()

    def minds_labels(self, model: Any) -> bool:
        # A GPU, or compiled code, makes such a loss nan.
        if backends.name() == "torch":
            return True
        tensorflow = sys.modules.get("tensorflow")
        return (
            backends.name() == "tensorflow"
            and tensorflow is not None
            and not tensorflow.config.list_physical_devices("GPU")
            and not getattr(model, "jit_compile", True)
        )

    def callables(self) -> tuple[type, ...]:
        import keras

        return keras.Layer, keras.Operation


def _trains_states(model: Any) -> bool:
    """Whether training writes states of a recurrent layer that the gradients are still to go through.

    On torch, which writes in place, such a model never trains, whatever the shapes ("modified by an
    inplace operation").
    """
    return any(getattr(layer, "stateful", False) for layer in model._flatten_layers())


ENGINE = Keras3Engine()
