"""What the frames of an error tell: which module failed, on what, and where the user called it."""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass, field, replace
from types import FrameType
from typing import Any

from rnnmagic.evidence import Evidence, Operand, argument_that_is, name_operand
from rnnmagic.report import LayerInfo, Shape
from rnnmagic.source import Place, root_name, text_of
from rnnmagic.values import as_shape, describe

_CALLS = ("_wrapped_call_impl", "_call_impl")


@dataclass
class Stack:
    """The way of an error of PyTorch's, read off its frames."""

    evidence: Evidence
    error: BaseException
    frames: list[FrameType]
    module: Any = None
    """The innermost module of PyTorch's own that was called; `None` when none was."""
    args: tuple[Any, ...] = ()
    named: dict[str, Any] = field(default_factory=dict)
    outer: Any = None
    """The outermost module."""
    place: Place | None = None
    """The user's frame that made the innermost call."""
    forward: FrameType | None = None

    @property
    def message(self) -> str:
        return str(self.error)

    def given(self, number: int, name: str) -> Any:
        """An argument of the innermost module's call."""
        return self.args[number] if len(self.args) > number else self.named.get(name)

    def node(self, number: int, name: str) -> ast.expr | None:
        """Where the user wrote that argument; `None` when another module passed it on."""
        call = None if self.place is None else self.place.call
        if call is None or not self.is_direct:
            return None
        if number < len(call.args) and not any(isinstance(a, ast.Starred) for a in call.args):
            return call.args[number]
        return next((k.value for k in call.keywords if k.arg == name), None)

    @property
    def is_direct(self) -> bool:
        """Whether the user's code called the innermost module itself, not through a Sequential."""
        if self.place is None or self.place.frame is None:
            return False
        seen = False
        called = []
        for frame in self.frames:
            seen = seen or frame is self.place.frame
            if seen and frame.f_code.co_name == "_call_impl":
                called.append(frame.f_locals.get("self"))
        return len(called) == 1 and called[0] is self.module

    def operand(self, role: str, value: Any, node: ast.expr | None) -> Operand:
        places = self.evidence.places
        operand = Operand(role, None, value, describe(value), node=node, place=self.place)
        named = name_operand(operand, places, self.evidence.namespace)
        if not named.is_global and named.place is not None and named.place.in_function:
            # Passed on by functions only: where the outermost of them wrote it, not inside the module.
            for place in places:
                written = argument_that_is(value, place)
                if place.in_function and written is not None:
                    root = root_name(written)
                    name = None if root is None else root.id
                    text = text_of(place.cell, written)
                    return replace(named, name=name, expression=text, node=written, place=place)
        return named

    def info(self, expected: Shape | None = None, received: Shape | None = None) -> LayerInfo:
        return LayerInfo(
            path_of(self.module, self.outer, self.evidence) or type(self.module).__name__.lower(),
            type(self.module).__name__,
            variable_of(self.outer, self.evidence),
            expected,
            received,
        )


def read(evidence: Evidence) -> Stack | None:
    """The way of the error; `None` when it has nothing to do with PyTorch, or is Keras's."""
    error = evidence.run.error
    if error is None or "torch" not in sys.modules:
        return None
    frames: list[FrameType] = []
    step = error.__traceback__
    while step is not None:
        frames.append(step.tb_frame)
        step = step.tb_next
    if any(_top(frame) in ("keras", "tf_keras", "tensorflow") for frame in frames):
        return None
    stack = Stack(evidence, error, frames)
    for number, frame in enumerate(frames):
        if frame.f_code.co_name != "_call_impl":
            continue
        module = frame.f_locals.get("self")
        if stack.outer is None:
            stack.outer = module
        if _is_library(module):
            stack.module = module
            stack.args = tuple(frame.f_locals.get("args") or ())
            stack.named = dict(frame.f_locals.get("kwargs") or {})
            stack.place = _place_before(evidence, frames, number)
            stack.forward = next((f for f in frames[number + 1 :] if f.f_locals.get("self") is module), None)
    # An operation after the module's own call, in the user's code, is not the module's.
    if evidence.places and stack.module is not None:
        last = evidence.places[-1].frame
        called = max(n for n, f in enumerate(frames) if f.f_code.co_name == "_call_impl")
        if last is not None and last in frames and frames.index(last) > called:
            stack.module = None
    if stack.place is None or stack.module is None:
        stack.place = evidence.places[-1] if evidence.places else None
    return stack


def _place_before(evidence: Evidence, frames: list[FrameType], number: int) -> Place | None:
    before = frames[:number]
    found = [place for place in evidence.places if place.frame in before]
    return found[-1] if found else None


def _top(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "")).split(".", 1)[0]


def _is_library(module: Any) -> bool:
    return str(type(module).__module__).split(".", 1)[0] == "torch" and type(module).__name__ not in (
        "Sequential", "ModuleList", "ModuleDict", "DataParallel",
    )  # fmt: skip


def kinds(module: Any) -> set[str]:
    """Names of a module's classes."""
    return {base.__name__ for base in type(module).__mro__}


def path_of(module: Any, outer: Any, evidence: Evidence) -> str | None:
    """The attribute path of a module in its model (`encoder.lstm`), or its variable's name."""
    if outer is not None and module is not outer:
        for name, part in outer.named_modules():
            if part is module:
                return str(name)
    return variable_of(module, evidence)


def variable_of(module: Any, evidence: Evidence) -> str | None:
    from rnnmagic.evidence import name_of

    return None if module is None else name_of(module, evidence.namespace)


def shape_of(value: Any) -> Shape | None:
    shape = as_shape(getattr(value, "shape", None))
    return describe(value).shape if shape is None else shape


def is_tensor(value: Any) -> bool:
    kind = getattr(sys.modules.get("torch"), "Tensor", None)
    return isinstance(kind, type) and issubclass(type(value), kind)


def dtype_of(value: Any) -> str:
    """`float32`, `int64`…; "" for what is no tensor."""
    return str(getattr(value, "dtype", "")).removeprefix("torch.") if is_tensor(value) else ""
