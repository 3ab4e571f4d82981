"""Recurrent layers on fake tensors in one go, where PyTorch would go through every timestep.

The layers check shapes and types before they call their kernel; what is left for the kernel here is
to give answers of the right shape, tied to inputs and weights so that a backward pass finds its way.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnnmagic.rehearsal.torch_world import TorchWorld

_GATES = {"lstm": 4, "gru": 3, "rnn_tanh": 1, "rnn_relu": 1}


@contextlib.contextmanager
def one_go(world: TorchWorld) -> Iterator[None]:
    """Inside, the kernels of LSTM, GRU and RNN cost the same for any number of timesteps and layers."""
    home: Any = sys.modules["torch.nn.modules.rnn"]
    original = home._VF
    home._VF = _Kernels(world, original)
    try:
        yield
    finally:
        home._VF = original


class _Kernels(ModuleType):
    def __init__(self, world: TorchWorld, original: Any) -> None:
        super().__init__("torch._VF")
        self.__dict__.update(world=world, original=original)

    def __getattr__(self, name: str) -> Any:
        kernel = getattr(self.__dict__["original"], name)
        return _kernel(self.__dict__["world"], name, kernel) if name in _GATES else kernel


def _kernel(world: TorchWorld, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    def run(given: Any, *rest: Any) -> Any:
        if not world.any_fake((given, rest)):
            return original(given, *rest)
        # A packed sequence comes with the sizes of its batches, before the state.
        rest = rest if isinstance(rest[1], list) else rest[1:]
        hx, weights, _bias, layers, _dropout, _training, both = rest[:7]
        states = hx if isinstance(hx, (tuple, list)) else (hx,)
        for state in states:
            if state.dtype != given.dtype:
                raise RuntimeError(
                    "Input and hidden tensors are not the same dtype, found input tensor with "
                    f"{given.dtype} and hidden tensor with {state.dtype}"
                )
        inner, width = weights[1].shape[0] // _GATES[name], weights[1].shape[1]
        ways = 2 if both else 1
        # Every weight that is trained must be reached; one of each is enough for the shapes.
        tie = given.sum() * 0 + weights[0].sum() * 0 + sum(state.sum() * 0 for state in states)
        samples = states[0].shape[1]
        answer = given.new_empty((*given.shape[:-1], ways * width)) + tie
        h = given.new_empty((layers * ways, samples, width)) + tie
        if name != "lstm":
            return answer, h
        return answer, h, given.new_empty((layers * ways, samples, inner)) + tie

    return run
