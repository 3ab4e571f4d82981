"""Record the Keras 3 calls of a checked cell.

`Trainer._assert_compile_called`, `make_predict_function` and `Layer._check_super_called` are what
every entry method calls first; they return before the failing code runs.
"""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

from rnnmagic.frameworks.keras3.backends import endangers_values
from rnnmagic.frameworks.keras3.backends import name as backend_name
from rnnmagic.frameworks.keras3.state import GlobalState, Snapshot, clear_dropout_masks
from rnnmagic.frameworks.keraslike.record import ENTRIES, KerasRecorder
from rnnmagic.preflight import ShapeError, stop
from rnnmagic.trouble import swallowed


class Recorder(KerasRecorder):
    """Listens to Keras 3 for the length of one cell."""

    package = "keras"

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
        if backend_name() == "torch":
            # There `evaluate` does not ask whether the model is compiled.
            self._hook(Trainer, "_symbolic_build", self._entered_evaluate)
        self._hook(keras.Layer, "_check_super_called", self._called)
        self._listen(traceback_utils)
        tensorflow = sys.modules.get("tensorflow.python.util.traceback_utils")
        if tensorflow is not None:
            self._listen(tensorflow)

    def _hook(self, owner: type, name: str, note: Any) -> None:
        original = getattr(owner, name)
        self._undo.append((owner, name, vars(owner).get(name), name in vars(owner)))

        def hooked(this: Any, *args: Any, **options: Any) -> Any:
            error = None
            try:
                with swallowed():
                    error = note(this, sys._getframe(1))
            except KeyboardInterrupt:
                # Raised here, as in Keras's own code: where in ours it came is nobody's concern.
                raise KeyboardInterrupt from None
            if error is not None:
                stop(error)
            return original(this, *args, **options)

        for name_of in ("__name__", "__qualname__", "__module__"):
            setattr(hooked, name_of, getattr(original, name_of))
        # Where the original itself raises, Keras's filter takes this frame for one of its own.
        hooked.__code__ = hooked.__code__.replace(co_filename=original.__code__.co_filename)
        setattr(owner, name, hooked)

    def state_of(self, model: Any, method: str) -> tuple[Snapshot, GlobalState]:
        return Snapshot(model, values=endangers_values(model, method)), GlobalState()

    def clean(self, model: Any) -> None:
        clear_dropout_masks(model)

    def is_model(self, layer: Any) -> bool:
        return hasattr(layer, "_compile_loss")

    def _entered_evaluate(self, model: Any, frame: FrameType) -> ShapeError | None:
        return self._entered(model, frame) if frame.f_code.co_name == "evaluate" else None
