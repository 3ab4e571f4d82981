"""What a checked cell did with PyTorch, without a frame or a wrapper of ours on its way.

An error needs no listening at all: PyTorch leaves its frames in the traceback. For what raises
nothing, two names in PyTorch's own files are looked up through a stand-in that notes who asks and
answers with the very object asked for: `_VF` in `torch.nn.modules.rnn`, which every recurrent layer
asks for its kernel, and `warnings` in `torch.nn.functional`, which a loss asks when it broadcasts.
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from dataclasses import dataclass
from types import CodeType, FrameType, ModuleType
from typing import Any

from rnnmagic.endings import shielded
from rnnmagic.report import Shape
from rnnmagic.trouble import swallowed
from rnnmagic.values import as_shape

_KEPT = 200
_CALLS = ("_wrapped_call_impl", "_call_impl")
_LOSSES = ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss")


@dataclass
class Call:
    """The outermost call of a module that an error came out of."""

    method: str
    model: Any
    arguments: dict[str, Any]
    snapshot: Any = None
    stale: bool = True
    """Nothing was snapshot: a module's call leaves nothing behind that the next one stumbles over."""

    @shielded
    def roll_back(self) -> None:
        """Nothing to do."""


@dataclass(frozen=True)
class RnnCall:
    """A recurrent layer at work: on what, and from which line of the user's."""

    module: Any
    shape: Shape | None
    code: CodeType
    line: int


@dataclass(frozen=True)
class Broadcast:
    """A loss that stretched its two sides over one another."""

    loss: str
    output: Shape
    target: Shape
    target_value: Any
    code: CodeType
    line: int


class Recorder:
    """Installed for the length of one cell; any trouble of its own is swallowed."""

    def __init__(self) -> None:
        self.calls: dict[int, Call] = {}
        """Always empty: what ran clean is told by `rnn_calls` and `broadcasts`."""
        self.rnn_calls: deque[RnnCall] = deque(maxlen=_KEPT)
        self.broadcasts: deque[Broadcast] = deque(maxlen=_KEPT)
        self._undo: list[tuple[ModuleType, str, Any]] = []
        self._thread = threading.get_ident()

    def install(self) -> None:
        for module, name, note in (
            ("torch.nn.modules.rnn", "_VF", self._rnn),
            ("torch.nn.functional", "warnings", self._warned),
        ):
            home = sys.modules.get(module)
            original = getattr(home, name, None)
            if home is not None and isinstance(original, ModuleType):
                self._undo.append((home, name, original))
                setattr(home, name, _Noting(original, note))

    @shielded
    def remove(self) -> None:
        while self._undo:
            home, name, original = self._undo[-1]
            setattr(home, name, original)
            self._undo.pop()

    @shielded
    def release(self) -> None:
        self.rnn_calls.clear()
        self.broadcasts.clear()

    def _rnn(self, _name: str, frame: FrameType) -> None:
        module, given = frame.f_locals.get("self"), frame.f_locals.get("input")
        user = _caller(frame)
        if module is None or user is None or not hasattr(module, "batch_first"):
            return
        # One sample alone has been given a batch axis by now.
        alone = frame.f_locals.get("is_batched") is False
        shape = None if alone else as_shape(getattr(given, "shape", None))
        self.rnn_calls.append(RnnCall(module, shape, user.f_code, user.f_lineno))

    def _warned(self, name: str, frame: FrameType) -> None:
        if name != "warn" or frame.f_code.co_name not in _LOSSES:
            return
        output, target = (
            as_shape(getattr(frame.f_locals.get(n), "shape", None)) for n in ("input", "target")
        )
        user = _caller(frame)
        if output is None or target is None or output == target or user is None:
            return
        self.broadcasts.append(
            Broadcast(
                frame.f_code.co_name, output, target, frame.f_locals.get("target"), user.f_code, user.f_lineno
            )
        )

    # Asking afterwards

    def frames_of(self, error: BaseException) -> list[FrameType]:
        """Every frame the error passed through, outermost first."""
        frames, step = [], error.__traceback__
        while step is not None:
            frames.append(step.tb_frame)
            step = step.tb_next
        return frames

    def knows(self, error: BaseException) -> bool:
        """Whether the error passed through PyTorch's own code."""
        return any(
            str(frame.f_globals.get("__name__", "")).split(".", 1)[0] == "torch"
            for frame in self.frames_of(error)
        )

    def failed_call(self, error: BaseException) -> Call | None:
        """The outermost call of a plain module; one of Keras's layers, or inside of one, is not."""
        for frame in self.frames_of(error):
            if str(frame.f_globals.get("__name__", "")).split(".", 1)[0] == "keras":
                return None
            if frame.f_code.co_name not in _CALLS:
                continue
            module = frame.f_locals.get("self")
            if not _is_plain(module):
                return None
            args, named = frame.f_locals.get("args") or (), frame.f_locals.get("kwargs") or {}
            given = {"inputs": args[0], **named} if args else dict(named)
            return Call("__call__", module, given)
        return None


def _is_plain(module: Any) -> bool:
    from rnnmagic.frameworks.torch_nn import TorchNN

    return TorchNN().is_layer(module)


class _Noting(ModuleType):
    """A module that notes who asks for what, and answers with the module's own objects."""

    def __init__(self, original: ModuleType, note: Any) -> None:
        super().__init__(original.__name__)
        self.__dict__["__wrapped__"] = original
        self.__dict__["__note__"] = note

    def __getattr__(self, name: str) -> Any:
        held = self.__dict__
        with swallowed():
            held["__note__"](name, sys._getframe(1))
        return getattr(held["__wrapped__"], name)


def _caller(frame: FrameType) -> FrameType | None:
    """The frame outside of PyTorch that a call came from."""
    outer = frame.f_back
    while outer is not None:
        if str(outer.f_globals.get("__name__", "")).split(".", 1)[0] != "torch":
            return outer
        outer = outer.f_back
    return None
