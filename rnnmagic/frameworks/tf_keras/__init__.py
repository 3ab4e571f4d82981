"""tf_keras, the legacy Keras 2: imported itself, or as `tf.keras` with `TF_USE_LEGACY_KERAS=1`."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rnnmagic.values import is_from

if TYPE_CHECKING:
    from rnnmagic.frameworks.base import Ahead, Look, Surroundings, Trial
    from rnnmagic.frameworks.tf_keras.record import Recorder
    from rnnmagic.frameworks.tf_keras.state import Snapshot
    from rnnmagic.preflight import Preflight


class TfKeras:
    """`rnnmagic.frameworks.Framework` for tf_keras."""

    package = "tf_keras"

    def is_there(self) -> bool:
        module = sys.modules.get("tf_keras")
        # Half imported, it has no Model yet.
        return str(getattr(module, "__version__", "")).startswith("2") and hasattr(module, "Model")

    def is_model(self, value: object) -> bool:
        return self._is(value, "Model") and is_from(value, "tf_keras", "Layer")

    def is_layer(self, value: object) -> bool:
        return self._is(value, "Layer")

    def _is(self, value: object, name: str) -> bool:
        # The type, not isinstance: an object may lie about its class.
        module = sys.modules.get("tf_keras")
        holder = module if name == "Model" else getattr(module, "layers", None)
        kind = getattr(holder, name, None)
        return isinstance(kind, type) and issubclass(type(value), kind)

    def recorder(self, preflight: Preflight | None) -> Recorder:
        from rnnmagic.frameworks.tf_keras.record import Recorder

        return Recorder(preflight)

    def snapshot(self, model: Any, *, values: bool = False) -> Snapshot:
        from rnnmagic.frameworks.tf_keras.state import Snapshot

        return Snapshot(model, values=values)

    def surroundings(self) -> Surroundings:
        from rnnmagic.frameworks.base import Surroundings
        from rnnmagic.frameworks.randomness import RandomState
        from rnnmagic.frameworks.tf_keras.state import GlobalState

        return Surroundings(GlobalState(), RandomState())

    def try_call(
        self, model: Any, method: str, arguments: dict[str, Any], *, open_sandbox: bool = False
    ) -> Trial:
        from rnnmagic.frameworks.keraslike.calls import try_call

        return try_call(model, method, arguments, open_sandbox=open_sandbox)

    def call_on_shapes(self, layer: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        from rnnmagic.frameworks.tf_keras.dryrun import call_on_shapes

        return call_on_shapes(layer, args, options)

    def zeros(self, shape: tuple[int, ...], dtype: str) -> Any:
        import tensorflow

        return tensorflow.zeros(shape, dtype)

    def look(self, model: Any, method: str, arguments: dict[str, Any]) -> Look:
        from rnnmagic.frameworks.keraslike.looks import look

        return look(model, method, arguments)

    def foresee(
        self, model: Any, method: str, arguments: dict[str, Any], *, sure: bool = True
    ) -> Ahead | None:
        from rnnmagic.frameworks.keraslike.ahead import foresee

        return foresee(model, method, arguments, sure=sure)

    @contextlib.contextmanager
    def sandbox(self) -> Iterator[None]:
        from rnnmagic.frameworks.keraslike.registry import registered_names
        from rnnmagic.frameworks.tf_keras.shortcuts import one_step_rnn
        from rnnmagic.frameworks.tf_keras.state import registries, sandbox

        # Building a network calls each recurrent layer too.
        with sandbox(), registered_names(registries()), one_step_rnn():
            yield
