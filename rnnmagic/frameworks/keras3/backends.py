"""What differs between the backends of Keras 3: how a variable keeps its value, how shapes are tried.

* TensorFlow: a read shares its buffer with the variable until that is written, so that it costs no copy.
* JAX: `fit`, `evaluate` and `predict` take the values out of the variables for as long as they run, and
  give their buffers away to the compiled step, which deletes them. A failure on the way leaves variables
  without a value, and arrays that were merely referred to are gone. Only a copy survives.
* torch: parameters are changed in place, so that a read changes with them. Only a copy survives.
"""

from __future__ import annotations

import contextlib
import math
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

from rnnmagic.frameworks.base import Nest, Spec, map_specs

ANY_SIZE = 83
"""torch has no open sizes; Keras itself takes this one in their place."""
MATERIALIZED = 1_000_000
"""Elements of a stand-in up to which torch may write into it; a larger one is a single element, repeated."""


def name() -> str:
    """`tensorflow`, `jax`, `torch`, or whatever else Keras computes with."""
    import keras

    return str(keras.backend.backend())


def endangers_values(model: Any, method: str) -> bool:
    """Whether a failed call can leave a model's variables with other values than before, or with none."""
    # A stateful layer writes its states in any call, an evaluation its metrics. Only torch writes in
    # place, so that keeping a value means a copy of it.
    if name() != "torch" or method not in ("predict", "predict_on_batch", "__call__"):
        return True
    layers = model._flatten_layers() if hasattr(model, "_flatten_layers") else ()
    return any(getattr(layer, "stateful", False) for layer in layers)


def mixes_in_tensorflow(model: Any) -> bool:
    """Whether a layer of the user's calls TensorFlow on another backend.

    On shapes that may pass, and fail, or train nothing, on the backend's own tensors.
    """
    if name() == "tensorflow" or not hasattr(model, "_flatten_layers"):
        return False
    return any(_asks_tensorflow(type(layer)) for layer in model._flatten_layers())


def _asks_tensorflow(cls: type) -> bool:
    for base in cls.__mro__:
        if base.__module__.split(".", 1)[0] in ("keras", "builtins", "torch"):
            continue
        for function in vars(base).values():
            if not isinstance(function, types.FunctionType):
                continue
            for word in function.__code__.co_names:
                thing = function.__globals__.get(word)
                if isinstance(thing, types.ModuleType) and thing.__name__.split(".", 1)[0] == "tensorflow":
                    return True
    return False


class Value:
    """The value of a variable at one moment; raises where it has none that could be kept."""

    def __init__(self, variable: Any) -> None:
        self._variable = variable
        raw = variable._value
        self._place = raw
        self._kept = _kept(raw)
        self._initializer = getattr(variable, "_initializer", None)
        if raw is None and (name() != "jax" or self._initializer is not None):
            raise ValueError("not yet initialized")

    def put_back(self) -> None:
        """Give the variable this value; safe to call more than once."""
        variable = self._variable
        if name() == "jax":
            # `assign` would want a value to be there.
            variable._value = _kept(self._kept)
        elif _is_torch(self._place):
            import torch

            with torch.no_grad():
                self._place.copy_(self._kept)
            variable._value = self._place
        else:
            variable.assign(self._kept)


def _kept(raw: Any) -> Any:
    if raw is None:
        return None
    if _is_torch(raw):
        return raw.detach().clone()
    if name() == "jax":
        return raw if raw.is_deleted() else raw.copy()
    read = getattr(raw, "read_value", None)
    return read() if callable(read) else raw


def _is_torch(raw: Any) -> bool:
    return any(base.__module__.split(".")[0] == "torch" for base in type(raw).__mro__)


def run_on_shapes(
    step: Callable[..., Any],
    nests: tuple[Nest, ...],
    begin: Callable[[], None] = lambda: None,
    *,
    gradients: bool = False,
) -> None:
    """Call `step` with symbolic tensors in place of the specs; it raises what the step raises.

    `begin` is called before each try: on torch, what fails without memory is tried once more with it,
    because not every operation can do without. `gradients` says whether torch is to make ready for a
    backward pass, as it does in training, when some operations refuse that pass otherwise.
    """
    if name() == "torch":
        _run_on_torch(step, nests, begin, gradients)
        return
    import keras
    from keras.src import backend

    def tensor(spec: Spec) -> Any:
        return keras.KerasTensor(spec.shape, dtype=spec.dtype)

    begin()
    backend.compute_output_spec(step, *(map_specs(tensor, nest) for nest in nests))


def _run_on_torch(
    step: Callable[..., Any], nests: tuple[Nest, ...], begin: Callable[[], None], gradients: bool
) -> None:
    import torch
    from keras.src.backend.common.stateless_scope import StatelessScope
    from keras.src.backend.common.symbolic_scope import SymbolicScope
    from keras.src.backend.torch import core

    def stand_in(spec: Spec) -> Any:
        return full(1, tuple(ANY_SIZE if size is None else size for size in spec.shape), spec.dtype)

    with StatelessScope(), SymbolicScope(), torch.set_grad_enabled(gradients):
        for device in ("meta", core.DEFAULT_DEVICE):
            begin()
            with core.device_scope(device), contextlib.ExitStack() as stack:
                if device == "meta":
                    stack.enter_context(contextlib.suppress(Exception))
                step(*(map_specs(stand_in, nest) for nest in nests))
                return


def full(value: int, shape: Any, dtype: str, *, computed: bool = False) -> Any:
    """A torch tensor of one repeated value, on the device of the scope under way.

    `computed` says that it stands for something that depends on weights: where gradients are wanted,
    they go through it.
    """
    import torch
    from keras.src.backend.torch import core

    kind, device = core.TORCH_DTYPES[dtype], core.get_device()
    whole = device == "meta" or math.prod(shape) <= MATERIALIZED
    tensor = torch.full(tuple(shape) if whole else (1,) * len(shape), value, dtype=kind, device=device)
    if computed and kind.is_floating_point and torch.is_grad_enabled():
        # Not a leaf, which could not be written into.
        tensor = tensor.requires_grad_().clone()
    return tensor if whole else tensor.expand(tuple(shape))


def is_spread() -> bool:
    """Whether Keras distributes the work over several devices."""
    if name() != "jax":
        return False
    module = sys.modules.get("keras.src.distribution.distribution_lib")
    return module is not None and module.distribution() is not None


@contextlib.contextmanager
def without_tensorflow() -> Iterator[None]:
    """Keep Keras from importing a TensorFlow that the user does not work with.

    `get_config` of many a layer asks whether a value is one of TensorFlow's, and to answer that imports
    it, which takes seconds: when it is not imported, no value is.
    """
    utilities = sys.modules.get("keras.src.utils.module_utils")
    lazy = getattr(utilities, "tensorflow", None)
    if lazy is None or "tensorflow" in sys.modules or getattr(lazy, "_available", True) is not None:
        yield
        return
    lazy._available = False
    try:
        yield
    finally:
        lazy._available = None
