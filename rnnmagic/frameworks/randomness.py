"""The random states that a trial must leave as they were."""

from __future__ import annotations

import contextlib
import random
import sys
from typing import Any


class RandomState:
    """Python's, NumPy's, TensorFlow's and torch's global random states; JAX has none."""

    def __init__(self) -> None:
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

    def restore(self) -> None:
        random.setstate(self._python)
        if self._numpy is not None:
            sys.modules["numpy"].random.set_state(self._numpy)
        if self._context is not None and self._tensorflow is not None:
            self._context._rng.setstate(self._tensorflow)
        for put_back, state in self._torch:
            with contextlib.suppress(Exception):
                put_back(state)


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
