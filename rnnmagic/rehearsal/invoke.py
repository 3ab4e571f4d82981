"""Carry out, leave out or stand in for one call of the rehearsed code."""

from __future__ import annotations

import ast
import copy
import types
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnmagic.frameworks import is_layer, is_model
from rnnmagic.frameworks.keraslike.attributes import container_kind
from rnnmagic.rehearsal.ghost import LIMIT, Ghost, ghost
from rnnmagic.rehearsal.lending import FRAMES_CHANGE, READERS, CalledBack, Lender, refuse_changed
from rnnmagic.rehearsal.limits import (
    SHAPED,
    big_result,
    check_size,
    has_ghost,
    name_of,
    on_ghosts,
    scaled,
    walk,
)
from rnnmagic.rehearsal.models import ENTRIES, History, ModelCalls, is_symbolic
from rnnmagic.rehearsal.names import MUTATORS
from rnnmagic.rehearsal.safety import family, is_iterator, judge, size_of, top_module
from rnnmagic.rehearsal.torch_values import knows
from rnnmagic.rehearsal.unknown import QUIET, UNKNOWN, CannotTell, Unknown, holds_unknown

if TYPE_CHECKING:
    from rnnmagic.rehearsal.guard import Guard

_LIVE_MODEL_DATA = frozenset(["get_weights", "numpy", "save_own_variables", "get_state_tree"])
_KERAS_OFF = ("save", "load", "export", "quantize", "to_json", "to_yaml")
_SHAPES_STAY = ("scalar", "array", "frame", "tensor", "symbolic", "function", "type", "torch")
_STILL = frozenset(["apply_gradients", "apply", "minimize"])
_LOOK_ON = frozenset(
    ["isinstance", "issubclass", "type", "id", "callable", "list", "tuple", "zip", "enumerate"]
)
_ASKED = (
    "__len__", "__bool__", "__str__", "__repr__", "__format__", "__eq__", "__hash__", "__contains__", "__iter__",
    "__next__", "__int__", "__float__", "__index__", "__abs__", "__round__", "__lt__", "__gt__", "__reversed__",
)  # fmt: skip
"""Methods by which Python's own functions ask an object."""
_TOLERANT = frozenset(["append", "extend", "insert", "add", "setdefault", "update", "appendleft"])


class Invoker:
    """Decides about calls. One per rehearsal."""

    def __init__(self, guard: Guard) -> None:
        self.guard = guard
        self.version = 0
        """Grows with every change to a Keras object: an earlier verdict on a call is then void."""
        self.models = ModelCalls(self)
        self.lender = Lender(guard)
        self.notes: list[str] = []
        """What was left out and may have mattered; emptied for every statement."""
        self.inside = 0
        """Within a dry run: the models' own code runs on symbolic tensors."""

    def note(self, text: str) -> None:
        self.notes.append(text)

    def untried(self, reason: str) -> None:
        self.models.untried.append(reason)

    def touch(self, value: Any) -> None:
        self.models.touch(value)

    # Functions

    def call(self, function: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        guard = self.guard
        if type(function) is Unknown:
            if function is UNKNOWN:
                return self._give_up("an unknown function", args, options, calls_models=True)
            return QUIET
        if type(function) is CalledBack:
            return function(*args, **options)
        if isinstance(function, types.MethodType) and not isinstance(function.__self__, type):
            return self.method(function.__self__, function.__name__, args, options, bound=function)
        if isinstance(function, types.FunctionType) and function.__globals__ is guard.namespace:
            return function(*args, **options)
        if isinstance(function, type) and function in guard.classes:
            self._touch_all(args, options)
            return guard.fresh(function(*args, **options))
        if self._is_live_code(function):
            return self._give_up(name_of(function), args, options, calls_models=True)
        if family(type(function)) != "keras" and knows(function):
            return guard.torch.call(function, args, options)
        if is_layer(function):
            return self.models.call_layer(function, args, options)
        if top_module(function) == "functools" and hasattr(function, "func"):
            return self.call(function.func, (*function.args, *args), {**function.keywords, **options})
        return self._library(function, args, options)

    def _is_live_code(self, function: Any) -> bool:
        """A function or class of the notebook that runs on the live namespace."""
        if isinstance(function, types.FunctionType):
            return function.__globals__ is self.guard.home
        return isinstance(function, type) and function.__module__ == self.guard.home.get(
            "__name__", "__main__"
        )

    def _library(self, function: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        owner = getattr(function, "__self__", None)
        if family(type(owner)) in ("container", "array", "random") and not isinstance(
            owner, types.ModuleType
        ):
            return self.method(owner, name_of(function), args, options, bound=function)
        return self._judged(function, args, options)

    def _judged(self, function: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        judgement = judge(function)
        name = name_of(function)
        if self.guard.has_torch and top_module(function) == "builtins":
            if (
                any(function is kind for kind in (float, int, bool))
                and len(args) == 1
                and self.guard.torch.is_fake(args[0])
            ):
                return self.guard.torch.scalar(function, args[0])
            args = tuple(self.guard.torch.iterable(value) for value in args)
        if judgement == "nothing":
            return None
        if judgement == "quiet" or name == "plot_model":
            return QUIET
        if name == "tqdm" and args:
            return args[0]
        if judgement == "opaque":
            if self.inside and top_module(function) not in ("builtins", "subprocess"):
                # The user's layer at work on symbolic tensors; a real call would do the same.
                return function(*args, **options)
            return self._give_up(name, args, options, calls_models=_has_model(args, options))
        if name == "setattr" and len(args) == 3:
            setattr(self.guard.own(args[0]), args[1], args[2])
            return None
        if name in ("getattr", "hasattr") and top_module(function) == "builtins":
            return self._getattr(name, args)
        if holds_unknown(args) or holds_unknown(options):
            if name in ("isinstance", "type", "print", "id"):
                return UNKNOWN
            if name in ("list", "tuple", "dict", "zip", "enumerate") and type(args[0]) is not Unknown:
                return self._run(function, args, options)
            return self._unknown_result(args, options)
        if name == "function" and top_module(function) == "tensorflow":
            # `@tf.function`: the function itself will do.
            return args[0] if args else (lambda wrapped: wrapped)
        if top_module(function) == "builtins" and name not in _LOOK_ON:
            for value in args:
                if self.guard.is_users(value, *_ASKED):
                    self.note(f"{name}() of a {type(value).__name__}")
                    return UNKNOWN
        self._check_iterators(args)
        args = self._own_changed(name, args, options)
        if has_ghost(args) or has_ghost(options.values()):
            return on_ghosts(function, name, args, options)
        made = big_result(name, args, options) if top_module(function) in ("numpy", "tensorflow") else None
        if made is not None:
            return made
        check_size(name, args, options)
        return self._run(function, args, options)

    def _run(self, function: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        self._touch_all(args, options)
        result = self.lender.call(function, name_of(function), args, options)
        if isinstance(function, type) or is_iterator(result):
            return self.guard.fresh(result)
        new = isinstance(result, list) or (isinstance(result, np.ndarray) and result.base is None)
        if new and not any(result is value for value in args):
            return self.guard.fresh(result)
        return result

    def _getattr(self, name: str, args: tuple[Any, ...]) -> Any:
        if type(args[0]) is Unknown:
            return UNKNOWN
        try:
            value = self.guard.attribute(args[0], args[1])
        except AttributeError:
            if name == "hasattr":
                return False
            if len(args) > 2:
                return args[2]
            raise
        return value if name == "getattr" else True

    def _check_iterators(self, args: tuple[Any, ...]) -> None:
        for value in args:
            self.guard.refuse_iterator(value)

    def _own_changed(self, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> tuple[Any, ...]:
        """The arguments, with a copy for the one that the function will change."""
        out = options.get("out")
        if out is not None and not self.guard.is_fresh(out):
            raise CannotTell("it would write into a live array")
        if (
            name == "next"
            and args
            and family(type(args[0])) == "foreign"
            and not self.guard.is_fresh(args[0])
        ):
            raise CannotTell("it would use up a live iterator")
        return args

    # Methods

    def method(
        self, owner: Any, name: str, args: tuple[Any, ...], options: dict[str, Any], bound: Any = None
    ) -> Any:
        guard = self.guard
        if type(owner) is Unknown:
            if owner is QUIET:
                return QUIET
            return self._give_up(f".{name}()", args, options, calls_models=name in ENTRIES)
        kind = family(type(owner))
        if kind == "module":
            return self.call(guard.attribute(owner, name), args, options)
        if type(owner) is super:
            bound = getattr(owner, name)
            return self._bound_super(bound, name, args, options)
        if type(owner) in guard.classes or isinstance(owner, History):
            function = bound if bound is not None else getattr(owner, name)
            inner = getattr(function, "__func__", None)
            if inner is None or inner.__globals__ is guard.namespace or isinstance(owner, History):
                return self.call(function, args, options) if inner is None else function(*args, **options)
        if kind == "keras":
            return self._keras_method(owner, name, args, options, bound)
        if kind == "torch":
            return guard.torch.method(owner, name, args, options)
        if kind == "container" and name == "__getitem__" and len(args) == 1:
            return guard.item(owner, args[0])
        if (kind == "container" and name not in READERS) or (kind == "array" and name in MUTATORS):
            return self._mutate(owner, name, args, options)
        if kind in ("array", "scalar", "container"):
            return self._value_method(owner, name, args, options)
        if kind in ("frame", "tensor", "symbolic", "dataset", "type", "function", "estimator", "random"):
            return self._library_method(owner, name, args, options, kind)
        if kind == "foreign" and top_module(type(owner)) in ("tensorflow", "contextlib"):
            return self._run(getattr(owner, name), args, options)
        if kind == "foreign":
            judgement = judge(type(owner))
            if judgement in ("quiet", "nothing"):
                return QUIET
            if judgement == "run":
                return self._library_method(owner, name, args, options, kind)
        live = self._is_live_code(type(owner))
        return self._give_up(
            f"{type(owner).__name__}.{name}()", (owner, *args), options,
            calls_models=live or name in ENTRIES or _has_model(args, options),
        )  # fmt: skip

    def _bound_super(self, bound: Any, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        inner = getattr(bound, "__func__", None)
        if inner is not None and getattr(inner, "__globals__", None) is self.guard.home:
            return self._give_up(f"super().{name}()", args, options, calls_models=True)
        if is_model(getattr(bound, "__self__", None)) and name in ENTRIES and not self.inside:
            return self.models.entry(bound.__self__, name, args, options)
        if (
            top_module(bound) in ("keras", "tf_keras", "tensorflow", "builtins", "sklearn", "torch")
            or inner is None
            or (getattr(inner, "__globals__", None) is self.guard.namespace)
        ):
            return bound(*args, **options)
        return self._give_up(f"super().{name}()", args, options, calls_models=True)

    def _keras_method(
        self, owner: Any, name: str, args: tuple[Any, ...], options: dict[str, Any], bound: Any
    ) -> Any:
        if container_kind(owner) is not None and name not in READERS and not self.inside:
            if not self.guard.is_fresh(owner):
                raise CannotTell("a change to what Keras keeps track of")
        function = bound if bound is not None else getattr(owner, name)
        inner = getattr(function, "__func__", function)
        self.models.touch(owner, tried=is_model(owner) and name in (*ENTRIES, "__call__"))
        if not self.inside:
            if getattr(inner, "__globals__", None) is self.guard.home:
                return self._give_up(name_of(function), args, options, calls_models=True)
            if name in ENTRIES and is_model(owner):
                return self.models.entry(owner, name, args, options)
            if name == "__call__":
                return self.models.call_layer(owner, args, options)
            if name == "get_weights":
                return self.models.weights_of(owner)
            if name == "set_weights":
                return self.models.set_weights(owner, args)
            if name in _STILL:
                return None
            if name.startswith(_KERAS_OFF):
                return QUIET if not name.startswith("load") else self._unknown_result(args, options)
            if name in ("summary", "reset_states", "reset_state"):
                return None
            if name == "adapt" or name in _LIVE_MODEL_DATA:
                return self._give_up(f".{name}()", (owner,), {}, calls_models=False)
        if holds_unknown(args) or holds_unknown(options):
            options = {
                key: value for key, value in options.items() if key not in ("run_eagerly", "jit_compile")
            }
            if name in MUTATORS:
                self.guard.taint(owner)
            self.note(f".{name}()")
            return UNKNOWN
        if name in MUTATORS or name == "pop":
            self.version += 1
        return self._run(function, args, options)

    def _mutate(self, owner: Any, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        if type(owner) is Ghost:
            raise CannotTell(f".{name}() of a big array")
        if (holds_unknown(args) or holds_unknown(options)) and name not in _TOLERANT:
            self.guard.taint(owner)
            return UNKNOWN
        for value in args:
            if type(value) is Unknown and name in ("extend", "update"):
                self.guard.taint(owner)
                return UNKNOWN
        self._check_iterators((*args, *options.values()))
        owned = self.guard.own(owner)
        return self.lender.call(getattr(owned, name), name, args, options)

    def _value_method(self, owner: Any, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        if holds_unknown(args) or holds_unknown(options):
            return UNKNOWN
        self.guard.refuse_iterator(owner)
        if name in ("tofile", "dump"):
            return QUIET
        self._check_iterators(args)
        if type(owner) is Ghost:
            result = getattr(owner, name)(*args, **options)
        elif not has_ghost(args):
            array = isinstance(owner, np.ndarray)
            function = None if array else getattr(owner, name)
            result = self.lender.call(function, name, args, options, owner if array else None)
        else:
            raise CannotTell(f".{name}() with a big array")
        made = type(result) is np.ndarray and result.base is None and result is not owner
        if made or type(result) in (list, dict) or (is_iterator(result) and result is not owner):
            return self.guard.fresh(result) if name not in ("get", "item", "pop", "setdefault") else result
        return result

    def _library_method(
        self, owner: Any, name: str, args: tuple[Any, ...], options: dict[str, Any], kind: str
    ) -> Any:
        guard = self.guard
        if kind == "random" and name in SHAPED:
            made = big_result(name, args, options)
            if made is not None:
                return made
        if kind == "frame" and size_of(owner) > LIMIT:
            if name in ("to_numpy", "values"):
                from rnnmagic.rehearsal.guard import _frame_dtype

                return ghost(owner.shape, args[0] if args else options.get("dtype") or _frame_dtype(owner))
            if name not in ("head", "tail", "items", "keys"):
                raise CannotTell(f".{name}() of a big table")
        if kind == "tensor" and size_of(owner) > LIMIT:
            raise CannotTell(f".{name}() of a big tensor")
        if kind == "frame" and (options.get("inplace") or _changes_frame(name)):
            owner = guard.own(owner)
        if kind == "tensor":
            refuse_changed(owner, name)
        if kind == "estimator":
            if not guard.is_fresh(owner):
                owner = guard.replace(owner, copy.deepcopy(owner))
            if has_ghost(args):
                return scaled(owner, name, args)
            if getattr(owner, "copy", True) is False:
                args = tuple(guard.own(v) if family(type(v)) == "frame" else v for v in args)
        if name == "gradient" and top_module(type(owner)) == "tensorflow":
            return QUIET
        function = getattr(owner, name)
        if kind == "type" and isinstance(function, (types.FunctionType, types.MethodType)):
            inner = getattr(function, "__func__", function)
            if getattr(inner, "__globals__", None) is guard.namespace:
                return function(*args, **options)
        return self._judged(function, args, options)

    # Giving up

    def _unknown_result(self, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        if any(value is UNKNOWN for value in walk((args, options))):
            self.note("something unknown")
            return UNKNOWN
        return QUIET

    def _give_up(
        self, what: str, args: tuple[Any, ...], options: dict[str, Any], *, calls_models: bool
    ) -> Any:
        """Leave a call out of which nothing is known; what it was handed may have changed by it."""
        if self.inside:
            raise CannotTell(what)
        self.note(what)
        if calls_models:
            self.untried(f"{what} could not be rehearsed")
        for value in walk((args, options)):
            fixed = family(type(value)) in _SHAPES_STAY or type(value) in (tuple, Unknown)
            if not fixed and not is_model(value):
                self.guard.taint(value)
        return UNKNOWN

    def may_call_models(self, node: ast.AST) -> bool:
        """Whether code that was not run may hold a call on a model."""
        from rnnmagic.rehearsal.models import may_call_models

        return may_call_models(node, self.guard.namespace)

    def _touch_all(self, args: tuple[Any, ...], options: dict[str, Any]) -> None:
        for value in walk((args, options)):
            if is_layer(value) or is_symbolic(value):
                self.touch(value)


def _changes_frame(name: str) -> bool:
    return name in FRAMES_CHANGE or (name.startswith("__i") and name not in ("__iter__", "__invert__"))


def _has_model(args: tuple[Any, ...], options: dict[str, Any]) -> bool:
    return any(is_model(value) for value in walk((args, options)))
