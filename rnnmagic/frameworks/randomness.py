"""The random states that a trial must leave as they were."""

from __future__ import annotations

import contextlib
import os
import random
import sys
import sysconfig
import threading
from types import FrameType
from typing import Any

from rnnmagic.endings import shielded
from rnnmagic.threads import frames_of_threads, has_others


class RandomState:
    """Python's, NumPy's, TensorFlow's and torch's global random states; JAX has none.

    All threads draw from these. While another thread of the user's is at work they stay where they are: put
    back, they would give it once more the numbers that it has drawn since.
    """

    def __init__(self) -> None:
        self._shared = others_at_work()
        self._python = random.getstate()
        numpy = sys.modules.get("numpy")
        self._numpy = numpy.random.get_state() if numpy is not None else None
        self._context = _tensorflow_context()
        self._tensorflow = None
        if self._context is not None:
            rng = getattr(self._context, "_rng", None)
            self._tensorflow = rng.getstate() if rng is not None else None

        self._torch: list[tuple[Any, Any]] = []
        with contextlib.suppress(Exception):
            self._torch = _torch_states()

    @shielded
    def restore(self) -> None:
        if self._shared or others_at_work():
            return
        random.setstate(self._python)
        if self._numpy is not None:
            sys.modules["numpy"].random.set_state(self._numpy)
        if self._context is not None and self._tensorflow is not None:
            self._context._rng.setstate(self._tensorflow)
        for put_back, state in self._torch:
            with contextlib.suppress(Exception):
                put_back(state)


def others_at_work() -> bool:
    """Whether code of the user's is under way in another thread, if only waiting there."""
    if not has_others():
        return False
    here = threading.get_ident()
    return any(_is_users(frame) for thread, frame in frames_of_threads().items() if thread != here)


def _is_users(frame: FrameType | None) -> bool:
    while frame is not None:
        name = frame.f_code.co_filename
        if not name.startswith(_OF_PYTHON) and not any(folder in name for folder in _INSTALLED):
            return True
        frame = frame.f_back
    return False


_OF_PYTHON = ("<frozen ", sysconfig.get_path("stdlib") + os.sep, os.path.dirname(os.__file__) + os.sep)
_INSTALLED = (
    f"{os.sep}site-packages{os.sep}",
    f"{os.sep}dist-packages{os.sep}",
    os.path.dirname(os.path.dirname(__file__)) + os.sep,
)
"""Where the code of libraries is, and ours."""


def _tensorflow_context() -> Any:
    module = sys.modules.get("tensorflow.python.eager.context")
    if module is None:
        return None
    with contextlib.suppress(Exception):
        return module.context()
    return None


def _torch_states() -> list[tuple[Any, Any]]:
    """Pairs of a function and the state that it is to be called with."""
    torch = sys.modules.get("torch")
    if torch is None or not hasattr(torch, "random"):
        return []
    states: list[tuple[Any, Any]] = [(torch.random.set_rng_state, torch.random.get_rng_state())]
    if torch.cuda.is_initialized():
        states.append((torch.cuda.set_rng_state_all, torch.cuda.get_rng_state_all()))
    return states
