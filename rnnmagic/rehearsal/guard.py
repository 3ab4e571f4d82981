"""What the rewritten code calls instead of acting by itself.

Every load, call, item, loop and change of the rehearsed statements comes here, as live objects. A
live object that is about to be changed is copied first; from then on the copy stands for it wherever
it turns up (`_instead`), so that names and containers keep sharing it as they should.
"""

from __future__ import annotations

import copy
import functools
import operator
import time
import types
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnmagic.endings import shielded
from rnnmagic.frameworks import is_layer
from rnnmagic.frameworks.keraslike.attributes import container_kind
from rnnmagic.rehearsal.ghost import LIMIT, Ghost, ghost, ghost_of
from rnnmagic.rehearsal.invoke import Invoker
from rnnmagic.rehearsal.safety import family, is_iterator, size_of
from rnnmagic.rehearsal.transform import Piece
from rnnmagic.rehearsal.unknown import QUIET, UNKNOWN, CannotTell, OutOfTime, Unknown

if TYPE_CHECKING:
    from rnnmagic.rehearsal.torch_world import TorchWorld

STEPS_AT_MOST = 60_000
"""Loop rounds and calls of one rehearsal."""
ROUNDS_OF_CALLS = 30
"""Of a longer loop over model calls, the first three and last two rounds are rehearsed."""
COPIED_AT_MOST = 100_000

_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "Add": operator.iadd, "Sub": operator.isub, "Mult": operator.imul, "Div": operator.itruediv,
    "FloorDiv": operator.ifloordiv, "Mod": operator.imod, "Pow": operator.ipow, "MatMult": operator.imatmul,
    "BitAnd": operator.iand, "BitOr": operator.ior, "BitXor": operator.ixor,
    "LShift": operator.ilshift, "RShift": operator.irshift,
}  # fmt: skip


class Guard:
    """The rehearsal's eyes and hands; stands in the copied namespace as `__rehearsal__`."""

    CannotTell = CannotTell
    UNKNOWN = UNKNOWN

    def __init__(self, namespace: dict[str, Any], home: dict[str, Any], deadline: float | None) -> None:
        self.namespace = namespace
        """The copy that the rehearsal runs in."""
        self.home = home
        """The live one, never written to."""
        self.deadline = deadline
        self.pieces: list[Piece] = []
        self.steps = 0
        self.classes: set[type] = set()
        self._instead: dict[int, tuple[Any, Any]] = {}
        self._owned: dict[int, Any] = {}
        self._cut: set[int] = set()
        self.invoker = Invoker(self)
        self._torch: TorchWorld | None = None

    @property
    def torch(self) -> TorchWorld:
        """PyTorch's part of the rehearsal, made when it is first needed."""
        if self._torch is None:
            from rnnmagic.rehearsal.torch_world import TorchWorld

            self._torch = TorchWorld(self)
        return self._torch

    @property
    def has_torch(self) -> bool:
        """Whether anything of PyTorch's has come up."""
        return self._torch is not None

    @shielded
    def close(self) -> None:
        """Put back what was listened to."""
        if self._torch is not None:
            self._torch.close()

    # Values

    def admit(self, value: Any) -> Any:
        """The value as the rehearsal may use it: itself, a copy of a live one, a ghost, unknown."""
        instead = self._instead.get(id(value))
        if instead is not None:
            return instead[1]
        kind = type(value)
        if isinstance(value, np.ndarray) and kind is not Ghost and value.size > LIMIT:
            return self.replace(value, ghost_of(value))
        if family(kind) == "torch":
            return self.torch.admit(value)
        if family(kind) == "tensor" and not self.invoker.inside:
            self.invoker.models.keep_value(value)
        if family(kind) == "random" and id(value) not in self._owned:
            # To draw from the user's own would change what comes after.
            return value if _is_global_random(value) else self.replace(value, copy.deepcopy(value))
        return value

    def replace(self, value: Any, by: Any) -> Any:
        """From now on `by` stands for `value`."""
        self._instead[id(value)] = (value, by)
        self._owned[id(by)] = by
        return by

    def fresh(self, value: Any) -> Any:
        """Note that the rehearsal itself made this object, so that it may be changed."""
        self._owned[id(value)] = value
        return value

    def is_fresh(self, value: Any) -> bool:
        return id(value) in self._owned or type(value) in self.classes

    def load(self, value: Any) -> Any:
        return self.admit(value)

    def taint(self, get: Callable[[], Any] | Any) -> None:
        """A change to this object was left out: what it is now is not known."""
        try:
            value = get() if isinstance(get, types.FunctionType) and get.__name__ == "<lambda>" else get
        except NameError:
            return
        value = self.admit(value)
        if family(type(value)) in ("container", "keras", "estimator", "foreign", "dataset", "random"):
            if type(value) is not Unknown and not isinstance(value, types.ModuleType):
                self._instead[id(value)] = (value, UNKNOWN)
        elif type(value) in (np.ndarray,):
            # Its elements may be others now, not its shape.
            self.replace(value, ghost_of(value))

    def own(self, value: Any) -> Any:
        """The object to change in place of `value`."""
        value = self.admit(value)
        if type(value) is Unknown:
            return _Void()
        if self.is_fresh(value) or type(value) is Ghost:
            return value
        kind = family(type(value))
        if kind == "torch":
            # Admitted, it is a stand-in.
            return value
        if kind == "frame" and type(value).__name__ in (
            "_LocIndexer",
            "_iLocIndexer",
            "_AtIndexer",
            "_iAtIndexer",
        ):
            # `table.loc[...] = value` changes the table.
            return getattr(self.own(value.obj), value.name)
        if kind == "keras" and container_kind(value) is not None:
            raise CannotTell("a change to what Keras keeps track of")
        if is_layer(value) or kind == "keras":
            self.invoker.touch(value)
            self.invoker.version += 1
            return value
        if kind in ("array", "container", "frame"):
            if size_of(value) > (LIMIT if kind != "container" else COPIED_AT_MOST):
                raise CannotTell("a change to something big")
            return self.replace(value, value.copy() if kind == "frame" else copy.copy(value))
        if kind == "foreign" and type(value).__module__ == self.home.get("__name__", "__main__"):
            try:
                twin = object.__new__(type(value))
                twin.__dict__.update(value.__dict__)
            except (TypeError, AttributeError) as error:
                raise CannotTell(f"a change to a {type(value).__name__}") from error
            return self.replace(value, twin)
        raise CannotTell(f"a change to a {type(value).__name__}")

    # Attributes and items

    def attribute(self, owner: Any, name: str) -> Any:
        return self.admit(self.raw_attribute(self.admit(owner), name))

    def raw_attribute(self, owner: Any, name: str) -> Any:
        kind = family(type(owner))
        if type(owner) is super or type(owner) is Unknown or kind != "foreign" or self.is_fresh(owner):
            if kind == "frame" and name in ("values", "array") and size_of(owner) > LIMIT:
                return ghost(owner.shape, _frame_dtype(owner))
            if kind in ("frame", "tensor") and name in ("T", "str", "dt") and size_of(owner) > LIMIT:
                raise CannotTell("something big")
            if kind == "keras" and name in (
                "weights",
                "trainable_weights",
                "variables",
                "trainable_variables",
            ):
                return self.fresh(list(getattr(owner, name)))
            if kind == "keras" and self.is_users_property(owner, name):
                self.invoker.note(f"{type(owner).__name__}.{name}")
                return UNKNOWN
            return getattr(owner, name)
        # A property of someone else's class may do anything.
        held = getattr(owner, "__dict__", None)
        if type(held) is dict and name in held:
            return held[name]
        static = next((vars(base)[name] for base in type(owner).__mro__ if name in vars(base)), None)
        if static is None:
            if not any("__getattr__" in vars(base) for base in type(owner).__mro__):
                raise AttributeError(f"'{type(owner).__name__}' object has no attribute '{name}'")
        elif isinstance(static, (types.FunctionType, staticmethod, classmethod)):
            return getattr(owner, name)
        elif not hasattr(type(static), "__get__"):
            return static
        elif isinstance(owner, tuple) and name in getattr(type(owner), "_fields", ()):
            return getattr(owner, name)
        self.invoker.note(f"{type(owner).__name__}.{name}")
        return UNKNOWN

    def is_users(self, owner: Any, *names: str) -> bool:
        """Whether a live layer's or model's class has one of these methods from the notebook."""
        if family(type(owner)) != "keras" or self.is_fresh(owner) or self.invoker.inside:
            return False
        return any(
            getattr(vars(base).get(name), "__globals__", None) is self.home
            for base in type(owner).__mro__
            for name in names
        )

    def is_users_property(self, owner: Any, name: str) -> bool:
        """Whether reading this of a live layer or model runs code of the notebook."""
        if self.is_fresh(owner) or self.invoker.inside:
            return False
        static = next((vars(base)[name] for base in type(owner).__mro__ if name in vars(base)), None)
        getter = getattr(static, "fget", None) or getattr(static, "func", None)
        return getattr(getter, "__globals__", None) is self.home

    def item(self, owner: Any, index: Any) -> Any:
        owner = self.admit(owner)
        if self.is_users(owner, "__getitem__"):
            self.invoker.note(f"an item of a {type(owner).__name__}")
            return UNKNOWN
        if type(owner) is Unknown:
            return owner
        kind = family(type(owner))
        if type(index) is Unknown or (type(index) is tuple and any(type(part) is Unknown for part in index)):
            return UNKNOWN
        if kind == "foreign" and not self.is_fresh(owner):
            return self._foreign_item(owner, index)
        if kind == "torch":
            self.torch.about_to_index(owner, index)
        if isinstance(owner, np.ndarray) and _holds_ghost(index):
            return ghost_of(owner)[index]
        if kind in ("frame", "tensor") and size_of(owner) > LIMIT and not isinstance(index, (str, slice)):
            raise CannotTell("something big")
        if isinstance(owner, defaultdict) and not self.is_fresh(owner) and index not in owner:
            if not isinstance(owner.default_factory, type):
                raise CannotTell("a default that code of the user's makes")
            owner = self.own(owner)
        found = owner[index]
        if type(owner) is list and isinstance(index, slice):
            return self.fresh(found)
        return self.admit(found)

    def _foreign_item(self, owner: Any, index: Any) -> Any:
        # pandas's own indexers (`.loc`, `.iloc`) are foreign by name only.
        if type(owner).__module__.startswith(("pandas", "numpy", "tensorflow", "keras", "tf_keras")):
            return self.admit(owner[index])
        if isinstance(owner, (tuple, list, dict)):
            return self.admit(owner[index])
        self.invoker.note(f"an item of a {type(owner).__name__}")
        return UNKNOWN

    def augment(self, value: Any, operation: str, by: Any) -> Any:
        """`x += by` for a variable: the user's array is not the one that is changed."""
        value, by = self.admit(value), self.iterated(by)
        mutable = family(type(value)) in ("array", "container", "frame", "foreign")
        target = self.own(value) if mutable and not isinstance(value, np.generic) else value
        if isinstance(target, _Void):
            return UNKNOWN
        if isinstance(by, Ghost) and type(target) is np.ndarray:
            target = ghost_of(target)
        return _OPERATIONS[operation](target, by)

    def augment_item(self, owner: Any, index: Any, operation: str, by: Any) -> None:
        value = _OPERATIONS[operation](self._copied(self.item(owner, index)), self.admit(by))
        self.own(owner)[index] = value

    def augment_attribute(self, owner: Any, name: str, operation: str, by: Any) -> None:
        value = _OPERATIONS[operation](self._copied(self.attribute(owner, name)), self.admit(by))
        setattr(self.own(owner), name, value)

    def _copied(self, value: Any) -> Any:
        return value if family(type(value)) in ("scalar", "keras", "tensor", "symbolic") else self.own(value)

    # Loops

    def tick(self) -> None:
        self.steps += 1
        if self.steps > STEPS_AT_MOST:
            raise OutOfTime("too many steps")
        if self.deadline is not None and time.perf_counter() > self.deadline:
            raise OutOfTime("no time left")

    def each(self, values: Any, number: int, arity: int) -> Iterator[Any]:
        """The values of a loop, or those of its rounds that teach something."""
        values = self._iterable(values)
        if number >= 0:
            self._cut.discard(number)
            if (
                isinstance(values, range)
                and len(values) > ROUNDS_OF_CALLS
                and self.invoker.may_call_models(self.pieces[number].node)
            ):
                self._cut.add(number)
                values = [*values[:3], *values[-2:]]
        return self._rounds(values, arity)

    def _rounds(self, values: Any, arity: int) -> Iterator[Any]:
        for value in values:
            self.tick()
            value = self.admit(value)
            if arity:
                self.refuse_iterator(value)
            yield (value,) * arity if type(value) is Unknown and arity else value

    def _iterable(self, values: Any) -> Any:
        values = self.admit(values)
        if type(values) is Unknown:
            raise CannotTell("a loop over something unknown")
        self.refuse_iterator(values)
        kind = family(type(values))
        users = self.is_users(values, "__iter__", "__getitem__")
        if users or (kind == "foreign" and not self.is_fresh(values)) or kind == "dataset":
            raise CannotTell(f"a loop over a {type(values).__name__}")
        return self.torch.iterable(values) if kind == "torch" else values

    def refuse_iterator(self, value: Any) -> None:
        """Raise where reading the value would use up an iterator of the user's."""
        if type(value) is Unknown or not is_iterator(value) or self.is_fresh(value):
            return
        # A generator of the rehearsed code's own.
        if isinstance(value, types.GeneratorType) and value.gi_frame is not None:
            if value.gi_frame.f_globals is self.namespace:
                return
        raise CannotTell("it would use up a live iterator")

    def iterated(self, value: Any) -> Any:
        """A value that Python itself will go through: `a, *rest = value`, `x in value`."""
        value = self.admit(value)
        self.refuse_iterator(value)
        return value

    def unpack(self, values: Any, arity: int) -> Any:
        """The values of an assignment to several targets, or of `*values`."""
        if type(values) is Unknown:
            if not arity:
                raise CannotTell("how many values there are")
            return (values,) * arity
        if isinstance(values, (tuple, list)):
            return values
        return list(self._rounds(self._iterable(values), 0))

    def was_cut(self, number: int) -> bool:
        return number in self._cut

    # Definitions, blocks

    def define_class(self, made: type) -> type:
        self.classes.add(made)
        return made

    def decorator(self, decorator: Any) -> Any:
        decorator = self.admit(decorator)
        if decorator in (property, staticmethod, classmethod) or getattr(decorator, "__self__", None) is self:
            return decorator
        return functools.partial(self.call, decorator)

    def catchable(self, kinds: Any) -> Any:
        """Exceptions that a handler of the user's may catch."""
        if kinds is BaseException or type(kinds) is Unknown:
            return Exception
        if isinstance(kinds, tuple):
            return tuple(self.catchable(kind) for kind in kinds)
        return kinds

    def context(self, manager: Any) -> Any:
        manager = self.admit(manager)
        if type(manager) is Unknown or self.is_fresh(manager):
            return manager
        known = type(manager).__module__.startswith(
            ("tensorflow", "contextlib", "keras", "tf_keras", "numpy")
        )
        other = family(type(manager)) in ("foreign", "scalar") and not known
        if other or self.is_users(manager, "__enter__", "__exit__"):
            self.invoker.note(f"with {type(manager).__name__}")
            return QUIET
        return manager

    def left_out(self, number: int) -> None:
        """A nested statement could not be carried out."""
        piece = self.pieces[number]
        self.invoker.note(piece.text)
        if self.invoker.may_call_models(piece.node):
            self.invoker.untried(f"`{piece.text}` could not be rehearsed")

    # Calls

    def call(self, function: Any, /, *args: Any, **options: Any) -> Any:
        self.tick()
        return self.admit(self.invoker.call(self.admit(function), args, options))

    def method(self, owner: Any, name: str, /, *args: Any, **options: Any) -> Any:
        self.tick()
        return self.admit(self.invoker.method(self.admit(owner), name, args, options))


class _Void:
    """Takes stores that go nowhere: items and attributes of something unknown."""

    def __setattr__(self, name: str, value: Any) -> None:
        pass

    def __setitem__(self, index: Any, value: Any) -> None:
        pass

    def __delitem__(self, index: Any) -> None:
        pass

    def __delattr__(self, name: str) -> None:
        pass


def _is_global_random(value: Any) -> bool:
    """NumPy's and Python's global generators, whose state the sandbox puts back."""
    import random

    return value is getattr(np.random.mtrand, "_rand", None) or value is getattr(random, "_inst", None)


def _holds_ghost(index: Any) -> bool:
    parts = index if isinstance(index, tuple) else (index,)
    return any(type(part) is Ghost for part in parts)


def _frame_dtype(frame: Any) -> Any:
    dtypes = getattr(frame, "dtypes", None)
    try:
        return np.result_type(*dtypes) if np.iterable(dtypes) else np.dtype(frame.dtype)
    except TypeError:
        return np.dtype(object)
