"""Listen to the frameworks while a checked cell runs, and only then.

Nothing is imported here: a framework that the cell has not imported is waited for by an import
hook, which goes when the cell ends.
"""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.util
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnnmagic.preflight import Preflight


class Watch:
    """Recorders of the frameworks in use, installed from `start` to `stop`.

    `preflight` is asked before a training begins; `None` asks nobody.
    """

    def __init__(self, preflight: Preflight | None = None) -> None:
        self._preflight = preflight
        self.keras: Any = None
        """The Keras 3 recorder (`frameworks.keras3.record.Recorder`), once Keras is there."""
        self._finder: _AfterImport | None = None

    def start(self) -> None:
        if _loaded("keras"):
            self._listen_to_keras()
        else:
            self._finder = _AfterImport("keras", self._listen_to_keras)
            sys.meta_path.insert(0, self._finder)

    def stop(self) -> None:
        """Take every patch off again; what was recorded stays until `release`."""
        if self._finder is not None:
            with contextlib.suppress(ValueError):
                sys.meta_path.remove(self._finder)
            self._finder = None
        if self.keras is not None:
            self.keras.remove()

    def release(self) -> None:
        """Let go of frames, models and arrays."""
        if self.keras is not None:
            self.keras.release()
            self.keras = None

    def _listen_to_keras(self) -> None:
        keras = sys.modules.get("keras")
        if keras is None or not str(getattr(keras, "__version__", "")).startswith("3"):
            return
        with contextlib.suppress(Exception):
            from rnnmagic.frameworks.keras3.record import Recorder

            recorder = Recorder(self._preflight)
            recorder.install()
            self.keras = recorder


def _loaded(name: str) -> bool:
    module = sys.modules.get(name)
    return module is not None and getattr(module, "Model", None) is not None


class _AfterImport(importlib.abc.MetaPathFinder):
    """Call back once a module has been imported, by whatever loader it has."""

    def __init__(self, name: str, callback: Callable[[], None]) -> None:
        self.name, self.callback, self.busy = name, callback, False

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self.name or self.busy:
            return None
        self.busy = True
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self.busy = False
        loader = None if spec is None else spec.loader
        if loader is None:
            return spec
        original = loader.exec_module
        callback = self.callback

        def exec_module(module: ModuleType) -> None:
            original(module)
            with contextlib.suppress(AttributeError):
                del loader.exec_module
            callback()

        with contextlib.suppress(AttributeError):
            loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec
