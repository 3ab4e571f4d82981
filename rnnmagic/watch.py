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
from functools import partial
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING

from rnnmagic import frameworks
from rnnmagic.endings import shielded
from rnnmagic.trouble import swallowed

if TYPE_CHECKING:
    from rnnmagic.frameworks import Framework, Recorder
    from rnnmagic.preflight import Preflight


class Watch:
    """Recorders of the frameworks in use, installed from `start` to `stop`.

    `preflight` is asked before a training begins; `None` asks nobody.
    """

    def __init__(self, preflight: Preflight | None = None) -> None:
        self._preflight = preflight
        self.recorders: list[Recorder] = []
        """One of each framework that was there, or was imported while the cell ran."""
        self._finders: list[_AfterImport] = []

    def start(self) -> None:
        for framework in frameworks.FRAMEWORKS:
            if framework.package not in sys.modules:
                finder = _AfterImport(framework.package, partial(self._listen, framework))
                self._finders.append(finder)
                sys.meta_path.insert(0, finder)
            else:
                self._listen(framework)

    @shielded
    def stop(self) -> None:
        """Take every patch off again; what was recorded stays until `release`. Safe to call again.

        One that cannot be taken off keeps no other on: its error is raised when all were tried.
        """
        while self._finders:
            with contextlib.suppress(ValueError):
                sys.meta_path.remove(self._finders[-1])
            self._finders.pop()
        problem: BaseException | None = None
        for recorder in reversed(self.recorders):
            try:
                recorder.remove()
            except BaseException as error:
                problem = problem or error
        if problem is not None:
            raise problem

    @shielded
    def release(self) -> None:
        """Let go of frames, models and arrays."""
        for recorder in self.recorders:
            recorder.release()
        self.recorders.clear()

    def heard(self, error: BaseException) -> Recorder | None:
        """The recorder of the framework that an error came out of; the first when none knows it."""
        for recorder in self.recorders:
            if recorder.failed_call(error) is not None:
                return recorder
        # tf_keras imports Keras 3 as well: that one is there does not say that the error is its own.
        return next((r for r in self.recorders if r.knows(error)), next(iter(self.recorders), None))

    def _listen(self, framework: Framework) -> None:
        with swallowed():
            if not framework.is_there():
                return
            recorder = framework.recorder(self._preflight)
            self.recorders.append(recorder)
            try:
                recorder.install()
            except BaseException:
                # It may have got half way.
                recorder.remove()
                self.recorders.remove(recorder)
                raise


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
