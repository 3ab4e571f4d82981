"""How tf_keras tries a batch: `rnnmagic.frameworks.keraslike.Engine`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from rnnmagic.frameworks.tf_keras.dryrun import dry_run
from rnnmagic.frameworks.tf_keras.state import sandbox

if TYPE_CHECKING:
    from rnnmagic.frameworks.base import Batch, Outcome


class TfKerasEngine:
    package = "tf_keras"
    lists_are_arrays = True

    def dry_run(
        self, model: Any, batch: Batch, *, exact: bool = False, begun: Callable[[], None] = lambda: None
    ) -> Outcome:
        begun()
        return dry_run(model, batch, exact=exact)

    def sandbox(self, models: list[Any]) -> AbstractContextManager[None]:
        return sandbox(models)

    def compiled(self, model: Any) -> tuple[Any, Any]:
        return model.__dict__.get("compiled_loss"), model.__dict__.get("compiled_metrics")

    def is_compiled(self, model: Any) -> bool:
        return bool(getattr(model, "_is_compiled", False))

    def cannot_tell(self, model: Any, method: str) -> str | None:
        return None

    def may_be_told_before(self, model: Any) -> bool:
        return True

    def minds_labels(self, model: Any) -> bool:
        import tensorflow

        # A GPU, or compiled code, makes such a loss nan.
        return not tensorflow.config.list_physical_devices("GPU") and not getattr(model, "_jit_compile", None)

    def callables(self) -> tuple[type, ...]:
        from tf_keras.src.engine import base_layer

        return (base_layer.Layer,)


ENGINE = TfKerasEngine()
