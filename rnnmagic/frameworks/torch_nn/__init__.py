"""Plain PyTorch modules: `torch.nn`, and the user's own classes made of it.

There is no `fit`: the failing call is that of a module or of a loss, in the user's own loop. PyTorch
does not filter its tracebacks, so that the frames of the error tell all; nothing is wrapped.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnnmagic.frameworks.base import Ahead, Look, Surroundings, Trial
    from rnnmagic.frameworks.torch_nn.record import Recorder
    from rnnmagic.frameworks.torch_nn.state import Snapshot
    from rnnmagic.preflight import Preflight


class TorchNN:
    """`rnnmagic.frameworks.Framework` for plain PyTorch."""

    package = "torch"

    def is_there(self) -> bool:
        # Half imported, it has no modules yet.
        return hasattr(sys.modules.get("torch.nn.modules.module"), "Module") and hasattr(
            sys.modules.get("torch"), "nn"
        )

    def is_model(self, value: object) -> bool:
        return self.is_layer(value)

    def is_layer(self, value: object) -> bool:
        """Whether it is a module, and not a layer of Keras's, which on this backend is one too."""
        kind = getattr(sys.modules.get("torch.nn.modules.module"), "Module", None)
        # The type, not isinstance: an object may lie about its class.
        if not isinstance(kind, type) or not issubclass(type(value), kind):
            return False
        return not any(str(base.__module__).split(".", 1)[0] == "keras" for base in type(value).__mro__)

    def recorder(self, preflight: Preflight | None) -> Recorder:
        from rnnmagic.frameworks.torch_nn.record import Recorder

        return Recorder()

    def snapshot(self, model: Any, *, values: bool = False) -> Snapshot:
        from rnnmagic.frameworks.torch_nn.state import Snapshot

        return Snapshot(model)

    def surroundings(self) -> Surroundings:
        from rnnmagic.frameworks.base import Surroundings
        from rnnmagic.frameworks.randomness import RandomState
        from rnnmagic.frameworks.torch_nn.state import GlobalState

        return Surroundings(GlobalState(), RandomState())

    def try_call(
        self, model: Any, method: str, arguments: dict[str, Any], *, open_sandbox: bool = False
    ) -> Trial:
        """Not known: a module's own code may do anything; the rehearsal tries it with the cell around it."""
        from rnnmagic.frameworks.base import Trial

        return Trial(False, known=False, reason="a module is tried with the code around it")

    def call_on_shapes(self, layer: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        raise NotImplementedError("a module is tried with the code around it")

    def zeros(self, shape: tuple[int, ...], dtype: str) -> Any:
        torch = sys.modules["torch"]
        return torch.zeros(shape, dtype=getattr(torch, dtype))

    def look(self, model: Any, method: str, arguments: dict[str, Any]) -> Look:
        from rnnmagic.frameworks.base import Look

        return Look(False)

    def foresee(
        self, model: Any, method: str, arguments: dict[str, Any], *, sure: bool = True
    ) -> Ahead | None:
        return None

    @contextlib.contextmanager
    def sandbox(self) -> Iterator[None]:
        from rnnmagic.frameworks.torch_nn.state import GlobalState

        state = GlobalState()
        try:
            yield
        finally:
            state.restore()
