"""Record the tf_keras calls of a checked cell.

`Model._check_call_args` and `CallFunctionSpec.split_out_first_arg` are what the entry methods and
`Layer.__call__` look up before anything can fail. The look-up is what is listened to, not the
call: no frame of ours is on the stack when Keras's own code goes on.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from rnnmagic.frameworks.keraslike.record import ENTRIES, KerasRecorder
from rnnmagic.frameworks.tf_keras.state import GlobalState, Snapshot
from rnnmagic.preflight import ShapeError, stop
from rnnmagic.trouble import swallowed

Note = Callable[[Any, FrameType], ShapeError | None]


class _Noticed:
    """A method that says when it is looked up, and by which frame."""

    def __init__(self, original: Any, note: Note) -> None:
        self._original, self._note = original, note

    def __get__(self, this: Any, owner: type | None = None) -> Any:
        error = None
        if this is not None:
            try:
                with swallowed():
                    error = self._note(this, sys._getframe(1))
            except KeyboardInterrupt:
                # Raised here: where in our code it came is nobody's concern.
                raise KeyboardInterrupt from None
        if error is not None:
            stop(error)
        return self._original.__get__(this, owner)


class Recorder(KerasRecorder):
    """Listens to tf_keras for the length of one cell."""

    package = "tf_keras"

    def install(self) -> None:
        from tf_keras.src.engine import base_layer, training
        from tf_keras.src.utils import layer_utils, traceback_utils

        methods = [getattr(training.Model, name, None) for name in ENTRIES]
        for method in (*methods, base_layer.Layer.__call__):
            code = getattr(getattr(method, "__wrapped__", method), "__code__", None)
            if code is not None:
                self._codes.add(code)
        self._notice(training.Model, "_check_call_args", self._entered)
        self._notice(layer_utils.CallFunctionSpec, "split_out_first_arg", self._layer_called)
        self._listen(traceback_utils)
        tensorflow = sys.modules.get("tensorflow.python.util.traceback_utils")
        if tensorflow is not None:
            self._listen(tensorflow)

    def _notice(self, owner: type, name: str, note: Note) -> None:
        original = vars(owner)[name]
        self._undo.append((owner, name, original, True))
        setattr(owner, name, _Noticed(original, note))

    def _layer_called(self, _spec: Any, frame: FrameType) -> None:
        if frame.f_code in self._codes and self.is_model(frame.f_locals.get("self")):
            self._called(frame.f_locals["self"], frame)

    def state_of(self, model: Any, method: str) -> tuple[Snapshot, GlobalState]:
        called = model._called
        if method == "__call__" and not model.built:
            # It has been set a moment ago: what has never been built has never been called.
            model._called = False
        try:
            snapshot = Snapshot(model, values=method in ("fit", "train_on_batch"))
        finally:
            model._called = called
        return snapshot, GlobalState()

    def is_model(self, layer: Any) -> bool:
        from tf_keras.src.engine import training

        return issubclass(type(layer), training.Model)
