"""Record the Keras 3 calls of a checked cell, without a frame of ours in the user's traceback.

Two places in Keras are listened to, both of which return before the failing code runs:

* `Trainer._assert_compile_called`, `make_predict_function` and `Layer._check_super_called`, which
  every entry method calls first. There the bound arguments are noted and the model is snapshot.
* `traceback_utils._process_traceback_frames`, through which every error passes on its way out.
  There the frames are noted before Keras filters them away.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections import deque
from dataclasses import dataclass, field
from types import CodeType, FrameType, TracebackType
from typing import TYPE_CHECKING, Any

from rnnmagic.frameworks.keras3.backends import endangers_values
from rnnmagic.frameworks.keras3.state import GlobalState, Snapshot, clear_dropout_masks
from rnnmagic.frameworks.randomness import RandomState
from rnnmagic.preflight import ShapeError, stop
from rnnmagic.values import describe

if TYPE_CHECKING:
    from rnnmagic.preflight import Preflight

ENTRIES = ("fit", "evaluate", "predict", "train_on_batch", "test_on_batch", "predict_on_batch")
_TRAINING_LOOPS = ("fit", "evaluate", "predict")
_ERRORS_KEPT = 40


@dataclass
class Call:
    """One call of the user's on a model: `method` with its arguments as they were bound."""

    method: str
    model: Any
    arguments: dict[str, Any]
    snapshot: Snapshot | None = None
    randomness: RandomState | None = None
    globals: GlobalState | None = None
    stale: bool = False
    """The snapshot belongs to an earlier call of the same shapes, and must not be rolled back."""
    key: Any = field(default=None, repr=False)

    def roll_back(self) -> None:
        """Make the model what it was before the call."""
        if self.stale or self.snapshot is None:
            clear_dropout_masks(self.model)
            return
        self.snapshot.roll_back()
        clear_dropout_masks(self.model)
        if self.globals is not None:
            self.globals.restore()
        if self.randomness is not None:
            self.randomness.restore()


class Recorder:
    """Installed for the length of one cell; any trouble of its own is swallowed."""

    def __init__(self, preflight: Preflight | None = None) -> None:
        self._preflight = preflight
        self._busy = False
        """Whether a preflight is under way: what it calls is not the user's."""
        self.calls: dict[int, Call] = {}
        """The latest call on each model, by the model's id."""
        self.errors: deque[tuple[BaseException, TracebackType]] = deque(maxlen=_ERRORS_KEPT)
        self._undo: list[tuple[Any, str, Any, bool]] = []
        self._codes: set[CodeType] = set()
        self._thread = threading.get_ident()

    # Installing

    def install(self) -> None:
        import keras
        from keras.src.trainers.trainer import Trainer
        from keras.src.utils import traceback_utils

        for name in (*ENTRIES, "__call__"):
            method = getattr(keras.Model, name, None)
            code = getattr(getattr(method, "__wrapped__", method), "__code__", None)
            if code is not None:
                self._codes.add(code)
        self._hook(Trainer, "_assert_compile_called", self._entered)
        trainer = next(
            c for c in keras.Model.__mro__ if "make_predict_function" in vars(c) and c is not Trainer
        )
        self._hook(trainer, "make_predict_function", self._entered)
        self._hook(keras.Layer, "_check_super_called", self._called)
        self._listen(traceback_utils)
        tensorflow = sys.modules.get("tensorflow.python.util.traceback_utils")
        if tensorflow is not None:
            self._listen(tensorflow)

    def remove(self) -> None:
        for owner, name, original, own in reversed(self._undo):
            if own:
                setattr(owner, name, original)
            else:
                delattr(owner, name)
        self._undo.clear()

    def release(self) -> None:
        self.calls.clear()
        self.errors.clear()

    def _hook(self, owner: type, name: str, note: Any) -> None:
        original = getattr(owner, name)
        self._undo.append((owner, name, vars(owner).get(name), name in vars(owner)))

        def hooked(this: Any, *args: Any, **options: Any) -> Any:
            error = None
            with contextlib.suppress(Exception):
                error = note(this, sys._getframe(1))
            if error is not None:
                stop(error)
            return original(this, *args, **options)

        for name_of in ("__name__", "__qualname__", "__module__"):
            setattr(hooked, name_of, getattr(original, name_of))
        # Where the original itself raises, Keras's filter takes this frame for one of its own.
        hooked.__code__ = hooked.__code__.replace(co_filename=original.__code__.co_filename)
        setattr(owner, name, hooked)

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
        self._note(method, model, {k: v for k, v in frame.f_locals.items() if k != "self"})
        if self._preflight is None or method not in _TRAINING_LOOPS:
            return None
        self._busy = True
        try:
            return self._preflight(self, self.calls[id(model)], frame)
        finally:
            self._busy = False

    def _called(self, layer: Any, frame: FrameType) -> None:
        """A layer has been called; only a model called by the user on real arrays is noted."""
        if self._busy or frame.f_code.co_name != "__call__" or not hasattr(layer, "_compile_loss"):
            return
        if frame.f_code not in self._codes or self._inside(frame):
            return
        positional = frame.f_locals.get("args", ())
        named = dict(frame.f_locals.get("kwargs", {}))
        if positional:
            named = {"inputs": positional[0], **named}
        if _is_symbolic(named):
            return
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
        key = (method, _key(arguments)) if method not in _TRAINING_LOOPS else None
        earlier = self.calls.get(id(model))
        if earlier is not None and key is not None and earlier.key == key:
            # A loop over batches of one shape: the first call has shown that the shape fits.
            earlier.arguments, earlier.stale = arguments, True
            return
        self.calls[id(model)] = Call(
            method,
            model,
            arguments,
            # In `_entered` the hook runs before Keras touches the model.
            Snapshot(model, values=endangers_values(method)),
            RandomState(),
            GlobalState(),
            key=key,
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
                    return Call(method, model, arguments, stale=True)
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
    return (
        hasattr(value, "graph") and hasattr(value, "op") and type(value).__module__.startswith("tensorflow")
    )


def _key(arguments: dict[str, Any]) -> Any:
    return tuple((name, _shape_key(value)) for name, value in sorted(arguments.items()))


def _shape_key(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple((str(name), _shape_key(item)) for name, item in value.items())
    if type(value) in (list, tuple) and len(value) <= 8:
        return tuple(_shape_key(item) for item in value)
    described = describe(value) if type(value) not in (list, tuple) else None
    return None if described is None else (described.carrier, described.shape, described.dtype)
