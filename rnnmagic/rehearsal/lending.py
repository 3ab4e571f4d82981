"""What a library's function is handed of the user's own, so that it cannot change it.

Which functions change what they are given is not known of all of them, so that names decide about little
here. An array is lent as a view that cannot be written to; who has to write gets a copy, which from then
on stands for the array. A method handed over to be called back (`map(log.append, ...)`) comes back to the
guard, which decides about it as about any other call.
"""

from __future__ import annotations

import types
from collections import ChainMap
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnmagic.frameworks import is_layer
from rnnmagic.rehearsal.ghost import Ghost
from rnnmagic.rehearsal.limits import name_of
from rnnmagic.rehearsal.names import MUTATORS
from rnnmagic.rehearsal.safety import family, is_iterator, top_module
from rnnmagic.rehearsal.unknown import CannotTell

if TYPE_CHECKING:
    from rnnmagic.rehearsal.guard import Guard

READERS = frozenset((
    "get", "keys", "values", "items", "copy", "index", "count", "union", "intersection", "difference",
    "symmetric_difference", "issubset", "issuperset", "isdisjoint", "most_common", "elements", "total",
    "fromkeys", "new_child", "decode", "hex", "find", "split", "startswith", "endswith", "join", "__len__",
    "__contains__", "__getitem__", "__iter__", "__reversed__", "__eq__", "__ne__", "__lt__", "__le__",
    "__gt__", "__ge__", "__add__", "__radd__", "__mul__", "__rmul__", "__or__", "__ror__", "__and__",
    "__sub__", "__xor__", "__repr__", "__str__", "__sizeof__", "__hash__", "__copy__", "__class__",
))  # fmt: skip
"""Methods of Python's own containers that change nothing. Any other may."""
FRAMES_CHANGE = frozenset(("pop", "insert", "update", "isetitem", "__setitem__", "__delitem__"))
"""Methods that change a pandas table or series without `inplace=`."""
IN_PLACE = frozenset((
    "shuffle", "copyto", "fill_diagonal", "put", "place", "putmask", "put_along_axis", "heappush", "heappop",
    "heapify", "heapreplace", "heappushpop", "insort", "insort_left", "insort_right", "setitem", "delitem",
    "iadd", "iand", "iconcat", "ifloordiv", "ilshift", "imod", "imul", "imatmul", "ior", "ipow", "irshift",
    "isub", "itruediv", "ixor",
))  # fmt: skip
"""Functions of NumPy and Python that change their first argument."""
_OF_MODELS = frozenset((
    "fit", "evaluate", "predict", "train_on_batch", "test_on_batch", "predict_on_batch", "set_weights",
    "load_weights", "save_weights", "save", "adapt", "apply", "apply_gradients", "build", "compile",
))  # fmt: skip
_TRACERS = ("tensorflow", "keras", "tf_keras", "jax")
_CANNOT_WRITE = ("read-only", "readonly", "not writeable", "not writable")


class CalledBack:
    """A method of the user's object, or a function that changes its argument, handed to a library."""

    def __init__(self, guard: Guard, function: Any) -> None:
        self._guard = guard
        self.function = function
        self.__name__ = name_of(function)
        # For who asks for its signature.
        self.__wrapped__ = function

    def __call__(self, *args: Any, **options: Any) -> Any:
        owner = getattr(self.function, "__self__", None)
        if owner is None or isinstance(owner, (types.ModuleType, type)):
            return self._guard.call(self.function, *args, **options)
        return self._guard.method(owner, self.__name__, *args, **options)


class Lender:
    """Lends what a call is handed. One per rehearsal."""

    def __init__(self, guard: Guard) -> None:
        self.guard = guard

    def call(
        self, function: Any, name: str, args: tuple[Any, ...], options: dict[str, Any], owner: Any = None
    ) -> Any:
        """`function(*args, **options)`, or a method of `owner`, an array, by its name."""
        args = self._owned_first(function, name, args)
        views: dict[int, Any] = {}

        def lent(value: Any) -> Any:
            return self._lent(function, value, views)

        given = tuple(lent(value) for value in args), {key: lent(value) for key, value in options.items()}
        self_view = lent(owner) if owner is not None else None
        try:
            return _called(function, name, self_view, *given)
        except (ValueError, BufferError, TypeError) as error:
            if not views or not any(words in str(error).lower() for words in _CANNOT_WRITE):
                raise
        # It writes. From now on copies stand for what it was handed.
        own = self.guard.own
        back = {key: own(original) for key, original in views.items()}

        def owned(value: Any) -> Any:
            return back.get(id(value), value)

        args, options = tuple(owned(value) for value in given[0]), {k: owned(v) for k, v in given[1].items()}
        return _called(function, name, owned(self_view), args, options)

    def _owned_first(self, function: Any, name: str, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments, with copies for containers and tables that the function changes."""
        kinds = [family(type(value)) for value in args]
        if isinstance(function, np.ufunc) and len(args) > function.nin:
            # The places for the results may be given by position.
            return (*args[: function.nin], *(self._owned(value) for value in args[function.nin :]))
        if (
            name == "reduce"
            or (isinstance(function, type) and issubclass(function, ChainMap))
            or top_module(type(function)) in ("operator", "_operator")
        ):
            return tuple(self._owned(value) for value in args)
        # `np.add.at` writes to what cannot be written to.
        at = name == "at" and isinstance(getattr(function, "__self__", None), np.ufunc)
        changes = at or name in IN_PLACE or (name in MUTATORS and top_module(function) != "numpy")
        if changes and kinds and kinds[0] in ("array", "container", "frame"):
            return (self._owned(args[0]), *args[1:])
        return args

    def _owned(self, value: Any) -> Any:
        return self.guard.own(value) if family(type(value)) in ("array", "container", "frame") else value

    def _lent(self, function: Any, value: Any, views: dict[int, Any]) -> Any:
        kind = type(value)
        if isinstance(value, np.ndarray):
            if kind is Ghost or not value.flags.writeable or self.guard.is_fresh(value):
                return value
            # A mask is an array of its own; a table of an older pandas writes to the array it was made of.
            table = isinstance(function, type) and top_module(function) == "pandas"
            if table or isinstance(value, np.ma.MaskedArray):
                return self.guard.own(value)
            view = value.view()
            view.flags.writeable = False
            views[id(view)] = value
            return view
        return self.called_back(function, value) if callable(value) else value

    def called_back(self, function: Any, value: Any) -> Any:
        """The callable as the library may have it."""
        if isinstance(value, (type, types.FunctionType, CalledBack)) or is_layer(value):
            return value
        if isinstance(value, partial):
            return CalledBack(self.guard, value) if top_module(function) not in _TRACERS else value
        try:
            owner, name = getattr(value, "__self__", None), name_of(value)
        except Exception:
            return value  # an object of the user's, which does as it likes when it is asked
        if owner is None or isinstance(owner, (types.ModuleType, type)):
            # `list.append` and its likes, and functions that write to their argument.
            of = getattr(value, "__objclass__", None)
            changes = isinstance(of, type) and family(of) in ("container", "array")
            return CalledBack(self.guard, value) if changes or name in IN_PLACE else value
        kind = family(type(owner))
        if type(owner) in self.guard.classes:
            return value
        if top_module(function) in _TRACERS:
            # What these trace is run on symbols.
            live = kind in ("container", "random") or (kind == "keras" and name in _OF_MODELS)
            return CalledBack(self.guard, value) if live or is_iterator(owner) else value
        if kind == "keras" and name not in _OF_MODELS:
            return value
        if kind in ("scalar", "function", "type", "module") and not is_iterator(owner):
            return value
        return CalledBack(self.guard, value)


def _called(
    function: Callable[..., Any], name: str, owner: Any, args: tuple[Any, ...], options: dict[str, Any]
) -> Any:
    return function(*args, **options) if owner is None else getattr(owner, name)(*args, **options)


def refuse_changed(owner: Any, name: str) -> None:
    """TensorFlow's tables, queues and generators of its own keep no value that could be put back."""
    kind = type(owner).__name__
    if any(word in kind for word in ("Table", "Queue", "Iterator")) and name not in (
        "lookup",
        "size",
        "export",
    ):
        raise CannotTell(f".{name}() of a {kind}")
