"""What PyTorch checks on elements, which a fake tensor does not have: done here, or doubted."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from rnnmagic.rehearsal.unknown import CannotTell

if TYPE_CHECKING:
    from rnnmagic.rehearsal.torch_world import TorchWorld

_CHECKED = ("cross_entropy", "nll_loss", "embedding", "binary_cross_entropy", "one_hot")
_PROBABILITIES = ("Sigmoid", "Softmax", "Clamp")
_ONLY_MOVED = (
    "Squeeze", "View", "Unsqueeze", "Select", "Slice", "Transpose", "Permute", "Clone", "Reshape", "Alias",
    "Expand", "T", "UnsafeView",
)  # fmt: skip
_NOT_FOR_REAL = (
    "FakeTensor", "fake tensor", "meta", "data pointer", "storage", "ProxyTensor", "symbolic", "SymInt",
)  # fmt: skip


def is_elements_error(error: BaseException) -> bool:
    """Whether an error comes of the elements' not being there, and not of their shape."""
    names = {base.__name__ for base in type(error).__mro__}
    if names & {
        "DataDependentOutputException",
        "DynamicOutputShapeException",
        "UnsupportedFakeTensorException",
        "UnsupportedOperatorException",
        "UnsupportedMutationAliasingException",
        "GuardOnDataDependentSymNode",
        "MetadataMismatchError",
        "NotImplementedError",
    }:
        return True
    text = str(error)
    if isinstance(error, TypeError) and "__torch_dispatch__" in text:
        return True
    return type(error) in (RuntimeError, AssertionError) and any(word in text for word in _NOT_FOR_REAL)


@contextlib.contextmanager
def fake_manners(world: TorchWorld, fake: type) -> Iterator[None]:
    """A fake tensor can be printed, and decides nothing."""

    def undecided(*_args: Any, **_options: Any) -> Any:
        world.doubt("a decision on a tensor")
        raise CannotTell("a value of a tensor")

    manners: dict[str, Callable[..., Any]] = {
        "__bool__": undecided,
        "__float__": undecided,
        "__int__": undecided,
        "__index__": undecided,
        "__array__": undecided,
        "__format__": lambda _self, _spec="": "?",
        "__repr__": lambda _self, **_options: "?",
    }
    saved = {name: vars(fake).get(name) for name in manners}
    for name, manner in manners.items():
        setattr(fake, name, manner)
    try:
        yield
    finally:
        for name, original in saved.items():
            if original is None:
                delattr(fake, name)
            else:
                setattr(fake, name, original)


@contextlib.contextmanager
def checked_functions(world: TorchWorld) -> Iterator[None]:
    """PyTorch's own losses and embeddings, with the check of class numbers that fake tensors skip."""
    functional = world.torch.nn.functional
    originals = {name: getattr(functional, name) for name in _CHECKED}
    home = threading.get_ident()
    checks: dict[str, Callable[..., None]] = {
        "cross_entropy": _classes,
        "nll_loss": _classes,
        "embedding": _ids,
        "binary_cross_entropy": _probabilities,
        "one_hot": _one_hot,
    }

    def checking(name: str) -> Callable[..., Any]:
        original, check = originals[name], checks[name]

        def checked(*args: Any, **options: Any) -> Any:
            # In another thread the user may be training.
            if threading.get_ident() == home:
                check(world, *args, **options)
            return original(*args, **options)

        checked.__name__, checked.__module__ = name, "torch.nn.functional"
        return checked

    world.checked = {original: checking(name) for name, original in originals.items()}
    world.unchecked = {checked: original for original, checked in world.checked.items()}
    for name, original in originals.items():
        setattr(functional, name, world.checked[original])
    try:
        yield
    finally:
        for name, original in originals.items():
            setattr(functional, name, original)


def check_index(world: TorchWorld, owner: Any, index: Any) -> None:
    """Places picked out of a fake tensor: PyTorch looks at them only where there are elements."""
    axis = 0
    for part in index if isinstance(index, tuple) else (index,):
        if part is None:
            continue
        if part is Ellipsis or isinstance(part, (bool, list)):
            if part is not Ellipsis:
                world.doubt("places that were not looked at")
            axis = -1
        elif world.is_tensor(part) and part.dim():
            bounds = None if axis < 0 or axis >= owner.dim() else _bounds(world, part)
            if bounds is None or part.dtype is world.torch.bool:
                world.doubt("places that are not known")
                continue
            size = owner.shape[axis]
            wrong = bounds[0] if bounds[0] < -size else bounds[1]
            if not -size <= wrong < size:
                raise IndexError(f"index {wrong} is out of bounds for dimension {axis} with size {size}")
        axis = axis if axis < 0 else axis + 1


def _bounds(world: TorchWorld, values: Any, ignore: int | None = None) -> tuple[int, int] | None:
    """Lowest and highest of the whole numbers in a tensor; `None` when they are not there."""
    if world.is_fake(values) or not values.numel():
        return None
    torch = world.torch
    with world.outside(), torch._C.DisableTorchFunctionSubclass():
        plain = values.detach().as_subclass(torch.Tensor)
        kept = plain if ignore is None else plain[plain != ignore]
        return (int(kept.min()), int(kept.max())) if kept.numel() else (0, 0)


def _classes(world: TorchWorld, answer: Any, target: Any, *rest: Any, **options: Any) -> None:
    if not world.is_tensor(answer) or not world.is_tensor(target) or target.is_floating_point():
        return
    bounds = _bounds(world, target, int(options.get("ignore_index", -100)))
    classes = answer.shape[0 if answer.dim() == 1 else 1] if answer.dim() else 0
    if bounds is None:
        world.doubt("class numbers that are not known")
    elif bounds[0] < 0 or bounds[1] >= classes:
        # The shapes are judged first by the function itself.
        if tuple(answer.shape[:1]) == tuple(target.shape[:1]) or answer.dim() == 1:
            wrong = bounds[0] if bounds[0] < 0 else bounds[1]
            raise IndexError(f"Target {wrong} is out of bounds.")


def _ids(world: TorchWorld, ids: Any, weight: Any, *rest: Any, **options: Any) -> None:
    if not world.is_tensor(ids) or ids.is_floating_point():
        return
    bounds = _bounds(world, ids)
    if bounds is None:
        if ids.numel():
            world.doubt("ids that are not known")
    elif bounds[0] < 0 or bounds[1] >= weight.shape[0]:
        raise IndexError("index out of range in self")


def _one_hot(world: TorchWorld, tensor: Any, num_classes: int = -1) -> None:
    bounds = _bounds(world, tensor) if world.is_tensor(tensor) else None
    if bounds is None:
        world.doubt("class numbers that are not known")
    elif bounds[0] < 0 or (num_classes > 0 and bounds[1] >= num_classes):
        raise RuntimeError("Class values must be smaller than num_classes.")


def _probabilities(world: TorchWorld, answer: Any, target: Any, *rest: Any, **options: Any) -> None:
    """The answers must lie between 0 and 1: they do where a sigmoid gave them."""
    if not world.is_tensor(answer):
        return
    if not world.is_fake(answer):
        return
    node = answer.grad_fn
    for _ in range(12):
        name = type(node).__name__
        if name.startswith(_PROBABILITIES):
            return
        if node is None or not name.removesuffix("0").removesuffix("Backward").startswith(_ONLY_MOVED):
            break
        node = node.next_functions[0][0] if node.next_functions else None
    world.doubt("answers that may lie outside of 0 and 1")
