"""Record the Keras calls of a checked cell, without a frame of ours in the user's traceback.

What every entry method of a model calls first is listened to, each framework's in its own module:
there the bound arguments are noted and the model is snapshot, before any code can fail. And so is
`traceback_utils._process_traceback_frames`, through which every error passes on its way out: there
the frames are noted before Keras filters them away.
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import CodeType, FrameType, TracebackType
from typing import TYPE_CHECKING, Any

from rnnmagic.endings import shielded
from rnnmagic.frameworks.keraslike.elsewhere import works_elsewhere
from rnnmagic.frameworks.randomness import RandomState
from rnnmagic.interrupts import Shield
from rnnmagic.limit import limited
from rnnmagic.preflight import ShapeError
from rnnmagic.quiet import silence
from rnnmagic.settings import PATIENCE_S
from rnnmagic.values import describe, module_of

if TYPE_CHECKING:
    from rnnmagic.preflight import Preflight

ENTRIES = ("fit", "evaluate", "predict", "train_on_batch", "test_on_batch", "predict_on_batch")
TRAINING_LOOPS = ("fit", "evaluate", "predict")
_ERRORS_KEPT = 40


@dataclass
class Call:
    """One call of the user's on a model: `method` with its arguments as they were bound."""

    method: str
    model: Any
    arguments: dict[str, Any]
    snapshot: Any = None
    randomness: RandomState | None = None
    globals: Any = None
    stale: bool = False
    """The snapshot belongs to an earlier call of the same shapes, and must not be rolled back."""
    key: Any = field(default=None, repr=False)
    clean: Callable[[Any], None] = field(default=lambda model: None, repr=False)
    """Takes from a model what a failed call left behind, and no snapshot holds."""

    @shielded
    def roll_back(self) -> None:
        """Make the model what it was before the call; not one that another thread works on."""
        if works_elsewhere(self.model):
            return
        if self.stale or self.snapshot is None:
            self.clean(self.model)
            return
        self.snapshot.roll_back()
        self.clean(self.model)
        if self.globals is not None:
            self.globals.restore()
        if self.randomness is not None:
            self.randomness.restore()


class KerasRecorder:
    """Installed for the length of one cell; any trouble of its own is swallowed.

    A framework's own recorder says how to install it, and what to keep of a model.
    """

    package = ""
    """The top-level package of the framework."""

    def __init__(self, preflight: Preflight | None = None) -> None:
        self._preflight = preflight
        self._busy = False
        """Whether a preflight is under way: what it calls is not the user's."""
        self.calls: dict[int, Call] = {}
        """The latest call on each model, by the model's id."""
        self.errors: deque[tuple[BaseException, TracebackType]] = deque(maxlen=_ERRORS_KEPT)
        self._noted: FrameType | None = None
        """The frame of the entry method that was noted last."""
        self._undo: list[tuple[Any, str, Any, bool]] = []
        self._codes: set[CodeType] = set()
        self._thread = threading.get_ident()

    def state_of(self, model: Any, method: str) -> tuple[Any, Any]:
        """A snapshot of the model, and one of the framework's global state, to `restore`."""
        raise NotImplementedError

    def clean(self, model: Any) -> None:
        """Take from a model what a failed call left behind, and no snapshot holds."""

    def is_model(self, layer: Any) -> bool:
        raise NotImplementedError

    # Removing

    @shielded
    def remove(self) -> None:
        """Take every hook off; once more takes off what was left on by an interrupt."""
        while self._undo:
            owner, name, original, own = self._undo[-1]
            if own:
                setattr(owner, name, original)
            elif name in vars(owner):
                delattr(owner, name)
            self._undo.pop()

    @shielded
    def release(self) -> None:
        self.calls.clear()
        self.errors.clear()
        self._noted = None

    def _listen(self, module: Any) -> None:
        original = module._process_traceback_frames
        self._undo.append((module, "_process_traceback_frames", original, True))

        def heard(traceback: Any) -> Any:
            error = sys.exc_info()[1]
            if error is not None and traceback is not None and not self._busy:
                self.errors.append((error, traceback))
            return original(traceback)

        module._process_traceback_frames = heard

    # Noting calls

    def _entered(self, model: Any, frame: FrameType) -> ShapeError | None:
        """An entry method has begun: `frame` is its own, its locals the bound arguments.

        The answer is an error to raise before the method goes on.
        """
        method = frame.f_code.co_name
        if self._busy or method not in ENTRIES or frame.f_code not in self._codes or self._inside(frame):
            return None
        if frame is self._noted:
            return None
        self._noted = frame
        with Shield("raise"):
            return self._looked_at(model, method, frame)

    def _looked_at(self, model: Any, method: str, frame: FrameType) -> ShapeError | None:
        names = frame.f_code.co_varnames[1 : frame.f_code.co_argcount]
        self._note(method, model, {k: frame.f_locals[k] for k in names if k in frame.f_locals})
        if self._preflight is None or method not in TRAINING_LOOPS:
            return None
        self._busy = True
        try:
            return self._preflight(self, self.calls[id(model)], frame)
        finally:
            self._busy = False

    def _called(self, layer: Any, frame: FrameType) -> None:
        """A layer has been called; only a model called by the user on real arrays is noted."""
        if self._busy or frame.f_code.co_name != "__call__" or not self.is_model(layer):
            return
        if frame.f_code not in self._codes:
            return
        if self._inside(frame):
            # Keras 3 on JAX and torch: `predict` builds a model before it makes its function.
            outer = frame.f_back
            while outer is not None and outer.f_code not in self._codes:
                outer = outer.f_back
            if outer is not None and outer.f_code.co_name.startswith("predict"):
                if outer.f_locals.get("self") is layer and threading.get_ident() == self._thread:
                    self._entered(layer, outer)
            return
        positional = frame.f_locals.get("args", ())
        named = dict(frame.f_locals.get("kwargs", {}))
        if positional:
            named = {"inputs": positional[0], **named}
        if _is_symbolic(named):
            return
        with Shield("raise"):
            self._note("__call__", layer, named)

    def _inside(self, frame: FrameType) -> bool:
        """Whether an entry method is already under way further up this thread's stack."""
        if threading.get_ident() != self._thread:
            return True
        outer = frame.f_back
        while outer is not None:
            if outer.f_code in self._codes:
                return True
            outer = outer.f_back
        return False

    def _note(self, method: str, model: Any, arguments: dict[str, Any]) -> None:
        # What is noted is asked for its shape, and may be an object of the user's that prints, or hangs.
        with limited(PATIENCE_S), silence():
            self._note_call(method, model, arguments)

    def _note_call(self, method: str, model: Any, arguments: dict[str, Any]) -> None:
        key = (method, _key(arguments)) if method not in TRAINING_LOOPS else None
        earlier = self.calls.get(id(model))
        if earlier is not None and key is not None and earlier.key == key:
            # A loop over batches of one shape: the first call has shown that the shape fits.
            earlier.arguments, earlier.stale = arguments, True
            return
        # In `_entered` the hook runs before Keras touches the model.
        snapshot, everything = self.state_of(model, method)
        self.calls[id(model)] = Call(
            method, model, arguments, snapshot, RandomState(), everything, key=key, clean=self.clean
        )

    # Asking afterwards

    def frames_of(self, error: BaseException) -> list[FrameType]:
        """Every frame the error passed through, outermost first, Keras's own included."""
        family: set[int] = set()
        pending: list[BaseException | None] = [error]
        while pending:
            member = pending.pop()
            if member is not None and id(member) not in family:
                family.add(id(member))
                pending += [member.__context__, member.__cause__]
        tracebacks = [tb for noted, tb in self.errors if id(noted) in family]
        if error.__traceback__ is not None:
            tracebacks.append(error.__traceback__)
        frames: dict[int, FrameType] = {}
        # Captures go from the innermost handler outwards.
        for traceback in reversed(tracebacks):
            step: TracebackType | None = traceback
            while step is not None:
                frames.setdefault(id(step.tb_frame), step.tb_frame)
                step = step.tb_next
        return sorted(frames.values(), key=_depth)

    def knows(self, error: BaseException) -> bool:
        """Whether the error passed through the framework's own code."""
        return any(
            str(frame.f_globals.get("__name__", "")).split(".", 1)[0] == self.package
            for frame in self.frames_of(error)
        )

    def failed_call(self, error: BaseException) -> Call | None:
        """The call on a model that the error came out of."""
        for frame in self.frames_of(error):
            if frame.f_code in self._codes:
                model, method = frame.f_locals.get("self"), frame.f_code.co_name
                call = self.calls.get(id(model))
                if call is not None and call.model is model and call.method == method:
                    return call
                if method in ENTRIES:
                    # It failed before the model was touched: nothing to roll back.
                    arguments = {k: v for k, v in frame.f_locals.items() if k != "self"}
                    return Call(method, model, arguments, stale=True, clean=self.clean)
        return None


def _depth(frame: FrameType) -> int:
    count, outer = 0, frame.f_back
    while outer is not None:
        count, outer = count + 1, outer.f_back
    return count


def _is_symbolic(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_is_symbolic(item) for item in value.values())
    if type(value) in (list, tuple):
        return any(_is_symbolic(item) for item in value[:8])
    if type(value).__name__ in ("KerasTensor", "SymbolicTensor"):
        return True
    # Only TensorFlow's own are asked: another object may do anything when it is.
    return module_of(value) == "tensorflow" and hasattr(value, "graph") and hasattr(value, "op")


def _key(arguments: dict[str, Any]) -> Any:
    return tuple((name, _shape_key(value)) for name, value in sorted(arguments.items()))


def _shape_key(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple((str(name), _shape_key(item)) for name, item in value.items())
    if type(value) in (list, tuple) and len(value) <= 8:
        return tuple(_shape_key(item) for item in value)
    described = describe(value) if type(value) not in (list, tuple) else None
    return None if described is None else (described.carrier, described.shape, described.dtype)
