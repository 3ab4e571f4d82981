"""PyTorch in a rehearsal: the calls on stand-ins for the user's tensors and modules.

A live module, optimizer or loader is copied, its parameters as fake tensors: shape, type and device,
no elements. Small tensors keep their elements, because a class number or an index decides whether a
call works; what is made of them together with a parameter is fake again. Whatever would need an
element that is not there cannot be told.
"""

from __future__ import annotations

import contextlib
import math
from typing import TYPE_CHECKING, Any

from rnnmagic.endings import shielded
from rnnmagic.rehearsal.ghost import LIMIT, Ghost, stand_in
from rnnmagic.rehearsal.limits import name_of
from rnnmagic.rehearsal.torch_checks import check_index, checked_functions, fake_manners, is_elements_error
from rnnmagic.rehearsal.torch_kernels import one_go
from rnnmagic.rehearsal.torch_loaders import Batches
from rnnmagic.rehearsal.torch_values import TorchValues
from rnnmagic.rehearsal.unknown import QUIET, UNKNOWN, CannotTell, holds_unknown
from rnnmagic.rehearsal.verdict import TriedCall

if TYPE_CHECKING:
    from rnnmagic.rehearsal.guard import Guard

_MAKERS = frozenset((
    "tensor", "as_tensor", "from_numpy", "asarray", "Tensor", "FloatTensor", "DoubleTensor", "LongTensor", "IntTensor",
))  # fmt: skip
"""Functions that make a tensor of an array or a list."""
_MAKER_TYPES = {"Tensor": "float32", "FloatTensor": "float32", "DoubleTensor": "float64", "LongTensor": "int64",
                "IntTensor": "int32"}  # fmt: skip
_SIZED = frozenset((
    "rand", "randn", "randint", "zeros", "ones", "empty", "full", "eye", "arange", "linspace", "randperm", "normal",
))  # fmt: skip
_NOTHING = frozenset((
    "manual_seed_all", "set_num_threads", "set_num_interop_threads", "use_deterministic_algorithms",
    "set_printoptions", "empty_cache", "synchronize", "set_detect_anomaly", "set_float32_matmul_precision",
))  # fmt: skip
_QUIET = ("save", "export", "trace", "script", "plot")
_OPAQUE = frozenset(("load", "hub", "download_url_to_file", "load_state_dict_from_url", "spawn", "load_url"))
_STEPS_LEFT_OUT = frozenset(("step", "update"))
_CONVERSIONS = {
    "to": "", "cpu": "", "cuda": "", "double": "float64", "float": "float32", "half": "float16",
    "bfloat16": "bfloat16",
}  # fmt: skip
"""Methods that convert a module, and to what type."""
_DECIDED_BY_VALUE = frozenset((
    "gather", "index_select", "take", "take_along_dim", "scatter", "scatter_", "scatter_add", "scatter_add_",
    "index_add", "index_add_", "index_copy", "index_copy_", "index_fill", "index_fill_", "ctc_loss", "CTCLoss",
    "masked_scatter", "repeat_interleave", "multinomial", "bincount",
))  # fmt: skip
"""Operations that fail, or give another shape, for some elements."""


class TorchWorld(TorchValues):
    """The PyTorch side of one rehearsal. `close` puts back what was listened to."""

    def __init__(self, guard: Guard) -> None:
        super().__init__(guard)
        self._stack = contextlib.ExitStack()
        self._stack.enter_context(checked_functions(self))
        self._stack.enter_context(fake_manners(self, self.fake_class))
        self._stack.enter_context(one_go(self))

    @shielded
    def close(self) -> None:
        self._stack.close()

    def call(self, function: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        name = name_of(function)
        with contextlib.suppress(TypeError):
            function = self.checked.get(function, function)
        if self.is_module(function):
            return self._module(function, args, options)
        owner = getattr(function, "__self__", None)
        if owner is not None and (self.is_tensor(owner) or self.guard.is_fresh(owner)):
            return self.method(owner, name, args, options)
        if (
            type(function).__name__ in ("no_grad", "enable_grad", "inference_mode", "set_grad_enabled")
            and args
        ):
            return args[0]
        if name == "compile" and args:
            return args[0]
        if name == "manual_seed":
            return self.guard.fresh(self.torch.Generator())
        if name in _NOTHING:
            return None
        if name in _OPAQUE:
            raise CannotTell(name)
        if name.startswith(_QUIET):
            return QUIET
        if self._unknown(name, args, options):
            return UNKNOWN
        if name in _MAKERS and args and isinstance(args[0], Ghost):
            return self._of_ghost(args[0], name, options)
        return self._run(function, name, args, options)

    def _module(self, module: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        if self._unknown(type(module).__name__, args, options):
            return UNKNOWN
        outermost = not self.active
        result = self._run(module, type(module).__name__, args, options)
        if outermost:
            self.guard.invoker.models.tried.append(TriedCall("__call__", True))
        return result

    def method(self, owner: Any, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """A method of a tensor, module, optimizer, loader…"""
        if self.is_tensor(owner):
            if self.is_fake(owner) and name in ("item", "tolist", "numpy", "__array__"):
                return self._elements(owner, name)
        elif self.is_module(owner):
            if name == "__call__":
                return self._module(owner, args, options)
            if name.startswith("register_") and "hook" in name:
                raise CannotTell(f".{name}()")
            if name in _CONVERSIONS:
                return self._converted(owner, name, args, options)
        elif name in _STEPS_LEFT_OUT and hasattr(owner, "__dict__"):
            # Parameters keep their shape; an optimizer has no more to do here.
            for closure in args[:1]:
                if callable(closure):
                    closure()
            return None
        if name.startswith(("save", "add_")) and "tensorboard" in type(owner).__module__:
            return QUIET
        if self._unknown(f".{name}()", args, options):
            return UNKNOWN
        return self._run(getattr(owner, name), name, args, options, owner)

    def _converted(self, module: Any, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """`module.to(…)`, `.double()`: PyTorch would swap the parameters in place, which fake ones refuse."""
        torch = self.torch
        wanted = getattr(torch, _CONVERSIONS[name]) if _CONVERSIONS[name] else None
        for value in (*args, *options.values()):
            if isinstance(value, torch.dtype):
                wanted = value
            elif not isinstance(value, (str, torch.device, bool, int, type(None))):
                raise CannotTell(f".{name}()")
            elif isinstance(value, (str, torch.device)) and torch.device(value).type != "cpu":
                raise CannotTell("another device")
        if name == "cuda":
            raise CannotTell("another device")
        if wanted is None:
            return module
        for part in module.modules():
            for key, held in list(part._parameters.items()):
                if held is not None and held.is_floating_point() and held.dtype is not wanted:
                    with self.mode:
                        setattr(part, key, torch.nn.Parameter(torch.empty(held.shape, dtype=wanted)))
            for key, held in list(part._buffers.items()):
                if held is not None and held.is_floating_point() and held.dtype is not wanted:
                    part._buffers[key] = self.made(held.to(wanted))
        return module

    def _unknown(self, what: str, args: tuple[Any, ...], options: dict[str, Any]) -> bool:
        if not (holds_unknown(args) or holds_unknown(options)):
            return False
        self.guard.invoker.note(what)
        self.guard.invoker.untried(f"{what} could not be tried: an argument is not known")
        return True

    def _run(
        self, function: Any, name: str, args: tuple[Any, ...], options: dict[str, Any], owner: Any = None
    ) -> Any:
        args = tuple(self.inside(value) for value in args)
        options = {key: self.inside(value) for key, value in options.items()}
        makes = isinstance(function, type) and issubclass(
            function, (self.torch.nn.Module, self.torch.nn.Parameter, self.torch.optim.Optimizer)
        )
        holder = function if owner is None else owner
        fake = makes or self.any_fake((args, options, owner)) or self._holds_fake(holder)
        fake = fake or (name in _SIZED and _elements_of(args, options) > LIMIT)
        if fake and name in _DECIDED_BY_VALUE:
            self.doubt(f"{name} depends on values")
        if fake and name not in _MAKERS and not self._is_user_module(function):
            args, options = self._faked_all(args), self._faked_all(options)
        before = self.active
        try:
            with self.mode if fake else self.outside():
                self.active += 1 if self.is_module(function) or fake else 0
                result = function(*args, **options)
        except Exception as error:
            if is_elements_error(error):
                self.doubt(f"{name} depends on values")
                raise CannotTell(f"{name} depends on values") from error
            raise
        finally:
            self.active = before
        if name in _MAKERS or name in ("numpy", "detach_"):
            # It may share its elements with an array of the user's.
            result = self._own(result)
        return self.made(result)

    def _is_user_module(self, function: Any) -> bool:
        return self.is_module(function) and type(function) in self.guard.classes

    def _elements(self, owner: Any, name: str) -> Any:
        if name == "item":
            if owner.numel() != 1:
                raise RuntimeError(f"a Tensor with {owner.numel()} elements cannot be converted to Scalar")
            self.guard.invoker.models.stand_ins += 1
            if owner.dtype is self.torch.bool:
                return False
            return 0.0 if owner.is_floating_point() else 0
        if name == "tolist":
            raise CannotTell("the elements of a tensor")
        if owner.requires_grad:
            raise RuntimeError(
                "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead."
            )
        self.guard.invoker.models.stand_ins += 1
        return self.guard.fresh(stand_in(tuple(owner.shape), str(owner.dtype).removeprefix("torch.")))

    def scalar(self, kind: type, value: Any) -> Any:
        """`float(loss)`, `int(…)`: a stand-in."""
        if kind is bool:
            self.doubt("a decision on a tensor")
            raise CannotTell("a decision on a tensor")
        return kind(self._elements(value, "item"))

    def _of_ghost(self, array: Ghost, name: str, options: dict[str, Any]) -> Any:
        dtype = options.get("dtype")
        if dtype is None:
            text = _MAKER_TYPES.get(name, str(array.dtype))
            dtype = getattr(self.torch, text, None)
        if not isinstance(dtype, self.torch.dtype):
            raise TypeError(f"can't convert np.ndarray of type {array.dtype}")
        with self.mode:
            return self.torch.empty(array.shape, dtype=dtype)

    def about_to_index(self, owner: Any, index: Any) -> None:
        """Before `owner[index]`."""
        if self.is_fake(owner):
            check_index(self, owner, index)

    def iterable(self, value: Any) -> Any:
        """A loader as its telling batches; other values as they are."""
        loader = getattr(getattr(self.torch, "utils", None), "data", None)
        kind = getattr(loader, "DataLoader", None)
        return Batches(self, value) if kind is not None and isinstance(value, kind) else value


def _elements_of(args: tuple[Any, ...], options: dict[str, Any]) -> int:
    sizes: list[int] = []
    for value in (*args, options.get("size")):
        if type(value) is int:
            sizes.append(abs(value))
        elif isinstance(value, (tuple, list)):
            sizes += [abs(item) for item in value if type(item) is int]
    return math.prod(max(1, size) for size in sizes)
