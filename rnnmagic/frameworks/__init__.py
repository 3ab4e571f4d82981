"""What rnnmagic asks of a framework, and the frameworks that answer: one package each.

A package beside this file knows one framework and nothing of the notebook; the rest of rnnmagic
knows the notebook and asks a framework only through `Framework`. Nothing here imports a framework:
one that the user has not imported has no models to speak of.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import FrameType
from typing import TYPE_CHECKING, Any, Protocol

from rnnmagic.frameworks.keras3 import Keras3
from rnnmagic.frameworks.tf_keras import TfKeras
from rnnmagic.frameworks.torch_nn import TorchNN

if TYPE_CHECKING:
    from rnnmagic.frameworks.base import Ahead, Look, Trial
    from rnnmagic.preflight import Preflight


class Snapshot(Protocol):
    """The state of a model at one moment."""

    def roll_back(self) -> None:
        """Put everything back; safe to call more than once."""


class Call(Protocol):
    """A call of the user's on a model, as it was bound."""

    method: str
    model: Any
    arguments: dict[str, Any]
    snapshot: Any
    stale: bool
    """The snapshot belongs to an earlier call of the same shapes, and must not be rolled back."""

    def roll_back(self) -> None:
        """Make the model what it was before the call."""


class Recorder(Protocol):
    """Listens to one framework for the length of a cell; any trouble of its own is swallowed."""

    calls: dict[int, Any]
    """The latest call on each model, by the model's id."""

    def install(self) -> None: ...

    def remove(self) -> None: ...

    def release(self) -> None:
        """Let go of frames, models and arrays."""

    def frames_of(self, error: BaseException) -> list[FrameType]:
        """Every frame the error passed through, outermost first, the framework's own included."""

    def knows(self, error: BaseException) -> bool:
        """Whether the error passed through the framework's own code."""

    def failed_call(self, error: BaseException) -> Any:
        """The `Call` that the error came out of, `None` when it came out of none."""


class Framework(Protocol):
    """One framework, asked about its own models only."""

    @property
    def package(self) -> str:
        """The top-level module that a user imports; it is listened to once that has happened."""

    def is_there(self) -> bool:
        """Whether the user has imported it, in a version that this one speaks for."""

    def is_model(self, value: object) -> bool: ...

    def is_layer(self, value: object) -> bool: ...

    def recorder(self, preflight: Preflight | None) -> Recorder: ...

    def snapshot(self, model: Any, *, values: bool = False) -> Snapshot:
        """The model's state; with `values` those of its weights and its optimizer's too."""

    def surroundings(self) -> Snapshot:
        """What is the framework's own and no model's: counters of names, random states."""

    def try_call(self, model: Any, method: str, arguments: dict[str, Any], *, open_sandbox: bool) -> Trial:
        """Try a call on shapes, inside `sandbox`; with `open_sandbox` in one of its own. Raises nothing."""

    def call_on_shapes(self, layer: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """What a layer answers to arrays of these shapes, inside `sandbox`: a structure of `Spec`.

        Raises what the layer itself would raise.
        """

    def zeros(self, shape: tuple[int, ...], dtype: str) -> Any:
        """A tensor of zeros as the framework has them."""

    def look(self, model: Any, method: str, arguments: dict[str, Any]) -> Look:
        """What a dry run of the first batch of a call that ran clean shows; kept while the model lives."""

    def foresee(
        self, model: Any, method: str, arguments: dict[str, Any], *, sure: bool = True
    ) -> Ahead | None:
        """The first failure that a call is to run into, `None` when none can be seen.

        Without `sure`, one that comes at once is not made sure of by a second, slower dry run.
        Nothing of the arguments is consumed, and nothing of the model is changed.
        """

    def sandbox(self) -> AbstractContextManager[None]:
        """Try things without a trace: whatever is made or changed inside is undone at its end."""


FRAMEWORKS: tuple[Framework, ...] = (Keras3(), TfKeras(), TorchNN())


def in_use() -> list[Framework]:
    """The frameworks that the user has imported."""
    return [framework for framework in FRAMEWORKS if framework.is_there()]


def of(value: object) -> Framework | None:
    """The framework that a model or layer belongs to."""
    return next((framework for framework in in_use() if framework.is_layer(value)), None)


def is_model(value: object) -> bool:
    """Whether it is a model of one of the frameworks in use; never imports one."""
    framework = of(value)
    return framework is not None and framework.is_model(value)


def is_layer(value: object) -> bool:
    """Whether it is a layer, or a model, of one of the frameworks in use; never imports one."""
    return of(value) is not None
