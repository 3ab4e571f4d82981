"""Stand-ins for what PyTorch's objects hold: fake tensors, tensors with elements, copies of modules."""

from __future__ import annotations

import contextlib
import copy
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnmagic.rehearsal.ghost import LIMIT
from rnnmagic.rehearsal.unknown import CannotTell

if TYPE_CHECKING:
    from rnnmagic.rehearsal.guard import Guard


def knows(function: Any) -> bool:
    """Whether a function, class or callable object is PyTorch's."""
    torch: Any = sys.modules.get("torch")
    if torch is None:
        return False
    owner = getattr(function, "__self__", None)
    homes = [type(function).__module__, getattr(function, "__module__", None)]
    homes += [] if owner is None else [type(owner).__module__]
    if any(str(home or "").split(".", 1)[0] == "torch" for home in homes):
        return True
    if "_modules" in getattr(function, "__dict__", {}):
        return any(str(base.__module__).split(".", 1)[0] == "torch" for base in type(function).__mro__)
    name = getattr(function, "__name__", "")
    return bool(name) and vars(torch).get(name) is function


class TorchValues:
    """The values of one rehearsal that are PyTorch's: what stands for which."""

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

    def _faked_all(self, value: Any, depth: int = 3) -> Any:
        if isinstance(value, self.real_class):
            # Whole numbers stay: as an index, a target or a length their values matter.
            return self.fake_of(value) if value.is_floating_point() else value
        if type(value) in (list, tuple) and depth:
            return type(value)([self._faked_all(item, depth - 1) for item in value])
        if type(value) is dict and depth:
            return {key: self._faked_all(item, depth - 1) for key, item in value.items()}
        return value

    def _holds_fake(self, holder: Any) -> bool:
        if self.is_module(holder):
            return any(self.is_fake(p) for p in holder.parameters()) or any(
                self.is_fake(b) for b in holder.buffers()
            )
        return self.is_fake(getattr(holder, "__self__", None))

    def _own(self, result: Any) -> Any:
        if isinstance(result, np.ndarray):
            return result.copy()
        if type(result) is self.torch.Tensor:
            with self.outside():
                return result.detach().clone().requires_grad_(result.requires_grad)
        return result

    def doubt(self, why: str) -> None:
        """Something was passed over that may fail for real: no promise is made."""
        self.guard.invoker.untried(why)


def _real_class(values: TorchValues) -> Any:
    """The class of tensors that have their elements: results of operations on them are told by it."""
    torch = values.torch

    class Real(torch.Tensor):  # type: ignore[name-defined, misc]
        @classmethod
        def __torch_function__(
            cls, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            kwargs = kwargs or {}
            # PyTorch's functions hand themselves over by name; what they check was checked before.
            func = values.unchecked.get(func, func)
            mixed = values.any_fake((args, kwargs))
            if mixed:
                with torch._C.DisableTorchFunctionSubclass():
                    args, kwargs = values.faked_whole(args), values.faked_whole(kwargs)
            with torch._C.DisableTorchFunctionSubclass():
                if not mixed and not values.active:
                    return values.marked(func(*args, **kwargs))
                if not mixed:
                    with values.outside():
                        return values.marked(func(*args, **kwargs))
                return func(*args, **kwargs)

    return Real
