"""Keep a module, and PyTorch itself, as they were.

A failed call of a module leaves less behind than one of Keras's: its buffers (a running mean, a
state that the module keeps between calls) and its random numbers. Those are put back. Weights that
an optimizer changed in earlier rounds of the user's loop are the user's own business: the rounds did
run, and a second run of the cell goes on from there with or without this extension.
"""

from __future__ import annotations

import contextlib
import sys
from typing import Any

from rnnmagic.endings import shielded


class Snapshot:
    """Buffers, `training` flags and plain attributes of one module and its parts."""

    def __init__(self, module: Any) -> None:
        self._buffers: list[tuple[Any, str, Any, Any]] = []
        self._training: list[tuple[Any, bool]] = []
        for part in module.modules():
            self._training.append((part, part.training))
            for name, buffer in part._buffers.items():
                # In place or replaced: both are told apart at the end.
                self._buffers.append((part, name, buffer, None if buffer is None else buffer._version))

    @shielded
    def roll_back(self) -> None:
        """Put back what was replaced; safe to call more than once."""
        for part, training in self._training:
            part.training = training
        for part, name, buffer, _ in self._buffers:
            part._buffers[name] = buffer


class GlobalState:
    """PyTorch's global state: random numbers, the default type, whether gradients are computed."""

    def __init__(self) -> None:
        torch: Any = sys.modules["torch"]
        self._torch = torch
        self._random = torch.get_rng_state()
        self._dtype = torch.get_default_dtype()
        self._gradients = torch.is_grad_enabled()
        self._cuda: Any = None
        with contextlib.suppress(Exception):
            if torch.cuda.is_initialized():
                self._cuda = torch.cuda.get_rng_state_all()

    @shielded
    def restore(self) -> None:
        torch = self._torch
        torch.set_rng_state(self._random)
        torch.set_default_dtype(self._dtype)
        torch.set_grad_enabled(self._gradients)
        if self._cuda is not None:
            torch.cuda.set_rng_state_all(self._cuda)
