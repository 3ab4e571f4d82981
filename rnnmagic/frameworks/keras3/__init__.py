"""Keras 3, on TensorFlow, JAX or torch."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rnnmagic.values import is_from

if TYPE_CHECKING:
    from rnnmagic.frameworks.base import Ahead, Look, Surroundings, Trial
    from rnnmagic.frameworks.keras3.record import Recorder
    from rnnmagic.frameworks.keras3.state import Snapshot
    from rnnmagic.preflight import Preflight


OLDEST = (3, 6)


def too_old(error: BaseException | None) -> str | None:
    """The version of the Keras 3 that an error passed through, where rnnmagic does not speak of it."""
    version = str(getattr(sys.modules.get("keras"), "__version__", ""))
    if not version.startswith("3.") or _is_spoken_of(version):
        return None
    step = None if error is None else error.__traceback__
    while step is not None:
        if str(step.tb_frame.f_globals.get("__name__")).startswith("keras."):
            return version
        step = step.tb_next
    return None


def _is_spoken_of(version: str) -> bool:
    try:
        major, minor = (int(part) for part in version.split(".")[:2])
    except ValueError:
        return False
    return OLDEST <= (major, minor) < (4, 0)


class Keras3:
    """`rnnmagic.frameworks.Framework` for Keras 3."""

    package = "keras"

    def is_there(self) -> bool:
        keras = sys.modules.get("keras")
        # Half imported, it has no Model yet.
        return _is_spoken_of(str(getattr(keras, "__version__", ""))) and hasattr(keras, "Model")

    def is_model(self, value: object) -> bool:
        return self._is(value, "Model") and is_from(value, "keras", "Layer")

    def is_layer(self, value: object) -> bool:
        return self._is(value, "Layer")

    def _is(self, value: object, name: str) -> bool:
        # The type, not isinstance: an object may lie about its class.
        kind = getattr(sys.modules.get("keras"), name, None)
        return isinstance(kind, type) and issubclass(type(value), kind)

    def recorder(self, preflight: Preflight | None) -> Recorder:
        from rnnmagic.frameworks.keras3.record import Recorder

        return Recorder(preflight)

    def snapshot(self, model: Any, *, values: bool = False) -> Snapshot:
        from rnnmagic.frameworks.keras3.state import Snapshot

        return Snapshot(model, values=values)

    def surroundings(self) -> Surroundings:
        from rnnmagic.frameworks.base import Surroundings
        from rnnmagic.frameworks.keras3.state import GlobalState
        from rnnmagic.frameworks.randomness import RandomState

        return Surroundings(GlobalState(), RandomState())

    def try_call(
        self, model: Any, method: str, arguments: dict[str, Any], *, open_sandbox: bool = False
    ) -> Trial:
        from rnnmagic.frameworks.keras3.backends import mixes_in_tensorflow
        from rnnmagic.frameworks.keraslike.calls import try_call

        trial = try_call(model, method, arguments, open_sandbox=open_sandbox)
        if trial.ok and mixes_in_tensorflow(model):
            trial.known, trial.reason = False, "a layer calls TensorFlow, which is not the backend"
        return trial

    def call_on_shapes(self, layer: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        from rnnmagic.frameworks.keras3.dryrun import call_on_shapes

        return call_on_shapes(layer, args, options)

    def zeros(self, shape: tuple[int, ...], dtype: str) -> Any:
        from keras.src import ops

        return ops.zeros(shape, dtype=dtype)

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
        from rnnmagic.frameworks.keras3.state import GlobalState, registries, sandbox
        from rnnmagic.frameworks.keraslike.registry import registered_names

        with contextlib.ExitStack() as stack:
            # Around the sandbox, which itself sets (and so first creates) a global setting at its end.
            stack.callback(GlobalState().restore)
            stack.enter_context(sandbox())
            stack.enter_context(registered_names(registries()))
            yield
