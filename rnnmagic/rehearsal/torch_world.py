"""PyTorch in a rehearsal: stand-ins for the user's tensors and modules, and the calls on them.

A live module, optimizer or loader is copied, its parameters as fake tensors: shape, type and device,
no elements. Small tensors keep their elements, because a class number or an index decides whether a
call works; what is made of them together with a parameter is fake again. Whatever would need an
element that is not there cannot be told.
"""

from __future__ import annotations

import contextlib
import copy
import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnmagic.rehearsal.ghost import LIMIT, Ghost, stand_in
from rnnmagic.rehearsal.limits import name_of
from rnnmagic.rehearsal.torch_checks import checked_functions, fake_manners, is_elements_error
from rnnmagic.rehearsal.torch_kernels import one_go
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
_BATCHES_AT_MOST = 3
_DECIDED_BY_VALUE = frozenset((
    "gather", "index_select", "take", "take_along_dim", "scatter", "scatter_", "scatter_add", "scatter_add_",
    "index_add", "index_add_", "index_copy", "index_copy_", "index_fill", "index_fill_", "ctc_loss", "CTCLoss",
    "masked_scatter", "repeat_interleave", "multinomial", "bincount",
))  # fmt: skip
"""Operations that fail, or give another shape, for some elements."""


class Batches:
    """The batches of a loader that teach something: the first two and the last, which may be smaller."""

    def __init__(self, world: TorchWorld, loader: Any) -> None:
        self.world, self.loader = world, loader

    def __len__(self) -> int:
        return len(self.loader)

    def __iter__(self) -> Iterator[Any]:
        return self.world.batches(self.loader)


class TorchWorld:
    """The PyTorch side of one rehearsal. `close` puts back what was listened to."""

    def __init__(self, guard: Guard) -> None:
        import torch
        from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode, unset_fake_temporarily

        self.guard, self.torch, self.fake_class = guard, torch, FakeTensor
        self.mode = FakeTensorMode(allow_non_fake_inputs=True)
        self.real_class = _real_class(self)
        self.outside = unset_fake_temporarily
        self._twins: dict[int, tuple[Any, Any]] = {}
        self._memo: dict[int, Any] = {}
        self.active = 0
        """How many calls with fake tensors are under way."""
        self.checked: dict[Any, Any] = {}
        """PyTorch's functions that are watched, and what is called in their place."""
        self.unchecked: dict[Any, Any] = {}
        """The way back."""
        self._stack = contextlib.ExitStack()
        self._stack.enter_context(checked_functions(self))
        self._stack.enter_context(fake_manners(FakeTensor))
        self._stack.enter_context(one_go(self))

    def close(self) -> None:
        self._stack.close()

    # Values

    def is_fake(self, value: Any) -> bool:
        return isinstance(value, self.fake_class)

    def is_tensor(self, value: Any) -> bool:
        return isinstance(value, self.torch.Tensor)

    def is_module(self, value: Any) -> bool:
        return isinstance(value, self.torch.nn.Module)

    def admit(self, value: Any) -> Any:
        """The value itself where the rehearsal made it, else what stands for it."""
        guard = self.guard
        if self.is_tensor(value):
            return value if self._is_inside(value) else guard.replace(value, self.tensor(value))
        if guard.is_fresh(value):
            return value
        if self.is_module(value):
            first = next(value.parameters(), None)
            if first is not None and self.is_fake(first):
                return value
        return guard.replace(value, self._twin(value))

    def _is_inside(self, value: Any) -> bool:
        return isinstance(value, (self.fake_class, self.real_class))

    def tensor(self, value: Any) -> Any:
        """What stands for a live tensor: a copy of its elements if they are few, else a fake one."""
        if self._is_inside(value):
            return value
        known = self._twins.get(id(value))
        if known is None:
            whole = not (value.is_floating_point() or value.is_complex())
            few = value.numel() <= (4 * LIMIT if whole else LIMIT)
            plain = value.layout is self.torch.strided and value.device.type == "cpu"
            if few and plain and type(value) is self.torch.Tensor:
                with self.outside():
                    twin = self.real(value.detach().clone().requires_grad_(value.requires_grad))
            else:
                twin = self._faked(value)
            known = self._twins[id(value)] = (value, twin)
        return known[1]

    def real(self, value: Any) -> Any:
        return value.as_subclass(self.real_class) if type(value) is self.torch.Tensor else value

    def fake_of(self, value: Any) -> Any:
        """A fake tensor in place of one with elements."""
        if not isinstance(value, self.real_class):
            return value
        known = self._twins.get(id(value))
        if known is None:
            with self.torch._C.DisableTorchFunctionSubclass():
                plain = value.as_subclass(self.torch.Tensor)
                known = self._twins[id(value)] = (value, self._faked(plain))
        return known[1]

    def _faked(self, value: Any) -> Any:
        try:
            return self.mode.from_tensor(value)
        except Exception as error:
            raise CannotTell(f"a {type(value).__name__} of this kind") from error

    def _twin(self, value: Any) -> Any:
        """A copy of a module, optimizer, loader…, on stand-ins."""
        if self.is_module(value):
            hooks = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks")
            if any(getattr(part, name, None) for part in value.modules() for name in hooks):
                raise CannotTell("a module with hooks")
        home = self.guard.home.get("__name__", "__main__")
        parts = value.modules() if self.is_module(value) else (value,)
        if any(type(part).__module__ == home for part in parts):
            # Its code reads, and may change, the live namespace.
            raise CannotTell(f"a {type(value).__name__} that could not be made anew")
        try:
            with self._copying():
                twin = copy.deepcopy(value, self._memo)
        except Exception as error:
            raise CannotTell(f"a {type(value).__name__} that cannot be copied") from error
        return self.made(twin)

    @contextlib.contextmanager
    def _copying(self) -> Iterator[None]:
        """Copies share tensors with one another as the originals do, and copy no data."""
        torch = self.torch
        table: dict[type, Any] = copy._deepcopy_dispatch  # type: ignore[attr-defined]
        saved = [(kind, vars(kind).get("__deepcopy__")) for kind in (torch.Tensor, torch.nn.Parameter)]
        array = table.get(np.ndarray)
        for kind, _ in saved:
            kind.__deepcopy__ = lambda this, _memo: self.tensor(this)
        table[np.ndarray] = lambda this, _memo: self.guard.admit(this)
        try:
            yield
        finally:
            for kind, original in saved:
                if original is None:
                    del kind.__deepcopy__
                else:
                    kind.__deepcopy__ = original
            if array is None:
                table.pop(np.ndarray, None)
            else:
                table[np.ndarray] = array

    def made(self, result: Any, depth: int = 3) -> Any:
        """What a call gave, noted as the rehearsal's own."""
        guard = self.guard
        if self.is_tensor(result):
            return self.real(result)
        if self.is_module(result):
            for part in result.modules():
                guard.fresh(part)
            return result
        if type(result) in (tuple, list) and depth:
            if len(result) <= 1000:
                return guard.fresh(type(result)([self.made(item, depth - 1) for item in result]))
            return guard.fresh(result)
        if isinstance(result, np.ndarray):
            return result
        if result is not None and not isinstance(result, (bool, int, float, str, type)):
            guard.fresh(result)
            for name in ("dataset", "sampler", "batch_sampler", "generator", "optimizer"):
                part = getattr(result, "__dict__", {}).get(name)
                if part is not None:
                    guard.fresh(part)
        return result

    def inside(self, value: Any, depth: int = 3) -> Any:
        """The arguments of a call, with stand-ins for the live objects among them."""
        if type(value) in (list, tuple) and depth and len(value) <= 10_000:
            items = [self.inside(item, depth - 1) for item in value]
            same = all(new is old for new, old in zip(items, value, strict=True))
            return value if same else type(value)(items)
        if type(value) is dict and depth:
            return {key: self.inside(item, depth - 1) for key, item in value.items()}
        if type(value).__module__.split(".", 1)[0] == "torch" and not isinstance(value, type):
            return self.guard.admit(value)
        return value

    def any_fake(self, value: Any, depth: int = 3) -> bool:
        if self.is_fake(value):
            return True
        if type(value) in (list, tuple) and depth:
            return any(self.any_fake(item, depth - 1) for item in value[:1000])
        if isinstance(value, tuple) and depth:
            return any(self.any_fake(item, depth - 1) for item in tuple(value)[:8])
        if type(value) is dict and depth:
            return any(self.any_fake(item, depth - 1) for item in value.values())
        return False

    # Calls

    def knows(self, function: Any) -> bool:
        """Whether a function, class or callable object is PyTorch's."""
        if type(function).__module__.split(".", 1)[0] == "torch" or self.is_module(function):
            return True
        if str(getattr(function, "__module__", None) or "").split(".", 1)[0] == "torch":
            return True
        owner = getattr(function, "__self__", None)
        if owner is not None and type(owner).__module__.split(".", 1)[0] == "torch":
            return True
        name = getattr(function, "__name__", "")
        return bool(name) and vars(self.torch).get(name) is function

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

    def _holds_fake(self, holder: Any) -> bool:
        if self.is_module(holder):
            return any(self.is_fake(p) for p in holder.parameters()) or any(
                self.is_fake(b) for b in holder.buffers()
            )
        return self.is_fake(getattr(holder, "__self__", None))

    def _faked_all(self, value: Any, depth: int = 3) -> Any:
        if isinstance(value, self.real_class):
            # Whole numbers stay: as an index, a target or a length their values matter.
            return self.fake_of(value) if value.is_floating_point() else value
        if type(value) in (list, tuple) and depth:
            return type(value)([self._faked_all(item, depth - 1) for item in value])
        if type(value) is dict and depth:
            return {key: self._faked_all(item, depth - 1) for key, item in value.items()}
        return value

    def _own(self, result: Any) -> Any:
        if isinstance(result, np.ndarray):
            return result.copy()
        if type(result) is self.torch.Tensor:
            with self.outside():
                return result.detach().clone().requires_grad_(result.requires_grad)
        return result

    def faked_whole(self, value: Any, depth: int = 3) -> Any:
        """All tensors with elements as fake ones, whole numbers too."""
        if isinstance(value, self.real_class):
            return self.fake_of(value)
        if type(value) in (list, tuple) and depth:
            return type(value)([self.faked_whole(item, depth - 1) for item in value])
        if type(value) is dict and depth:
            return {key: self.faked_whole(item, depth - 1) for key, item in value.items()}
        return value

    def marked(self, result: Any) -> Any:
        """Tensors that an operation on elements gave."""
        if isinstance(result, self.torch.Tensor):
            return self.real(result)
        if type(result) in (tuple, list):
            return type(result)([self.marked(item) for item in result])
        return result

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

    def doubt(self, why: str) -> None:
        """Something was passed over that may fail for real: no promise is made."""
        self.guard.invoker.untried(why)

    # Loaders

    def iterable(self, value: Any) -> Any:
        """A loader as its telling batches; other values as they are."""
        loader = getattr(getattr(self.torch, "utils", None), "data", None)
        kind = getattr(loader, "DataLoader", None)
        return Batches(self, value) if kind is not None and isinstance(value, kind) else value

    def batches(self, loader: Any) -> Iterator[Any]:
        data = self.torch.utils.data
        sampler = type(loader.sampler).__name__
        if isinstance(loader.dataset, data.IterableDataset) or loader.batch_size is None:
            raise CannotTell("a loader over a stream")
        if type(loader.batch_sampler) is not data.BatchSampler or sampler not in (
            "SequentialSampler", "RandomSampler", "SubsetRandomSampler", "WeightedRandomSampler",
        ):  # fmt: skip
            raise CannotTell("a loader with a sampler of its own")
        count, size = len(loader.sampler), loader.batch_size
        total = len(loader)
        numbers = list(range(min(total, _BATCHES_AT_MOST - 1)))
        if total > len(numbers):
            numbers.append(total - 1)
        for number in numbers:
            self.guard.tick()
            places = range(number * size, min(count, (number + 1) * size))
            yield self.made(self._batch(loader, places))

    def _batch(self, loader: Any, places: range) -> Any:
        dataset = loader.dataset
        default = getattr(loader.collate_fn, "__name__", "") == "default_collate"
        whole = type(dataset).__name__ == "TensorDataset" and default
        fake = whole and any(self.is_fake(part) for part in dataset.tensors)
        with self.mode if fake else self.outside():
            if whole:
                return [part[places.start : places.stop] for part in dataset.tensors]
            rows = [self.inside(dataset[place]) for place in places]
            if self.any_fake(rows):
                with self.mode:
                    return loader.collate_fn(rows)
            return loader.collate_fn(rows)


def _elements_of(args: tuple[Any, ...], options: dict[str, Any]) -> int:
    sizes: list[int] = []
    for value in (*args, options.get("size")):
        if type(value) is int:
            sizes.append(abs(value))
        elif isinstance(value, (tuple, list)):
            sizes += [abs(item) for item in value if type(item) is int]
    return math.prod(max(1, size) for size in sizes)


def _real_class(world: TorchWorld) -> Any:
    """The class of tensors that have their elements: results of operations on them are told by it."""
    torch = world.torch

    class Real(torch.Tensor):  # type: ignore[name-defined, misc]
        @classmethod
        def __torch_function__(
            cls, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            kwargs = kwargs or {}
            # PyTorch's functions hand themselves over by name; what they check was checked before.
            func = world.unchecked.get(func, func)
            mixed = world.any_fake((args, kwargs))
            if mixed:
                with torch._C.DisableTorchFunctionSubclass():
                    args, kwargs = world.faked_whole(args), world.faked_whole(kwargs)
            with torch._C.DisableTorchFunctionSubclass():
                if not mixed and not world.active:
                    return world.marked(func(*args, **kwargs))
                if not mixed:
                    with world.outside():
                        return world.marked(func(*args, **kwargs))
                return func(*args, **kwargs)

    return Real
