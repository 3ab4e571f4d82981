"""Data of a kind that a module cannot take: arrays, other element types, sequences of unequal length."""

from __future__ import annotations

import ast
import sys
from typing import Any

from rnnmagic.diagnosis.base import Candidate, Diagnosis, text
from rnnmagic.diagnosis.torch_modules.sites import with_argument
from rnnmagic.diagnosis.torch_modules.stack import Stack, dtype_of, is_tensor, shape_of
from rnnmagic.evidence import Operand, name_operand
from rnnmagic.language import say
from rnnmagic.ops.tensors import PadSequences, TensorCast, ToTensor
from rnnmagic.report import Shape
from rnnmagic.source import Place, Unknowable, value_of
from rnnmagic.values import describe

_MAKERS = ("tensor", "as_tensor", "FloatTensor", "LongTensor", "Tensor", "stack", "cat", "from_numpy", "array",
           "asarray", "vstack")  # fmt: skip
_METHODS = {"float32": "float", "float64": "double", "int64": "long", "float16": "half"}


def on_tensors(stack: Stack) -> bool:
    """Whether the user's innermost expression works on tensors: `out - y`, `x.view(…)`."""
    place = stack.evidence.places[-1] if stack.evidence.places else None
    if place is None or place.node is None or stack.frames[-1] is not place.frame:
        return False
    for part in ast.walk(place.node):
        if isinstance(part, ast.Name) and is_tensor(
            next((scope[part.id] for scope in place.scopes if part.id in scope), None)
        ):
            return True
    return False


def is_about_torch(stack: Stack) -> bool:
    """Whether unequal sequences were to become a tensor, or an array of a notebook without Keras."""
    return _ragged(stack) is not None


def judge(stack: Stack) -> Diagnosis | None:
    """Unequal sequences, and an array where a tensor is wanted."""
    ragged = _ragged(stack)
    if ragged is not None:
        return _padded(stack, *ragged)
    if stack.module is None or stack.place is None:
        return None
    for number, name in ((0, "input"), (1, "target")):
        value = stack.given(number, name)
        if value is not None and describe(value).carrier in ("array", "frame", "series"):
            return _array(stack, value, number, name)
    return None


def _array(stack: Stack, value: Any, number: int, name: str) -> Diagnosis:
    operand = stack.operand("y" if number else "x", value, stack.node(number, name))
    wanted = _type_of_weights(stack.module) or "float32"
    kind = describe(value).carrier
    if (
        number and "CrossEntropy" in type(stack.module).__name__ and len(operand.described.shape or ()) == 1
    ) or "Embedding" in type(stack.module).__name__:
        wanted = "int64"
    got = shape_of(value)
    return Diagnosis(
        "dtype",
        say("`{array}` {shape} is a NumPy array; a module takes tensors. Make one of it.", array=operand.label, shape=text(got))
        if kind == "array"
        else say("`{array}` {shape} is a pandas {kind}; a module takes tensors. Make one of it.", array=operand.label, shape=text(got), kind=kind),
        "call",
        operand,
        stack.info(None, got),
        candidates=(
            Candidate(
                "cast", say("Make {array} a tensor of {wanted}", array=operand.label, wanted=wanted)
                if len(operand.label) < 20
                else say("Make it a tensor of {wanted}", wanted=wanted),
                say("A module takes tensors of the type of its own weights."), "sure",
                data=((operand, ToTensor(wanted)),), target=operand.name, before=got, after=got,
            ),
        ),
    )  # fmt: skip


def _type_of_weights(module: Any) -> str | None:
    first = next(iter(module.parameters()), None)
    return None if first is None else dtype_of(first)


def of_type(stack: Stack) -> Diagnosis | None:
    """Elements of another type than the weights: double from NumPy, whole numbers."""
    value = stack.given(0, "input")
    got, wanted = dtype_of(value), _type_of_weights(stack.module)
    if not got or not wanted or got == wanted or wanted not in _METHODS:
        return None
    if "type" not in stack.message:
        return None
    operand = stack.operand("x", value, stack.node(0, "input"))
    shape = shape_of(value)
    info = stack.info(None, shape)
    double = got == "float64"
    method = _METHODS[wanted]
    return Diagnosis(
        "dtype",
        say("`{array}` {shape} is {dtype}; the weights of {cls} `{info_name}` are {wanted}.", array=operand.label, shape=text(shape), dtype=got, cls=info.cls, info_name=info.name, wanted=wanted)
        + ((" " + say("NumPy's numbers are float64 unless it is told otherwise.")) if double else ""),
        "call",
        operand,
        info,
        candidates=(
            Candidate(
                "cast", say("Convert {array}: .{method}()", array=operand.label, method=method)
                if len(operand.label) < 24
                else say("Convert it: .{method}()", method=method),
                say("Data and weights must be of one type."), "sure",
                data=((operand, TensorCast(method)),), target=operand.name, before=shape, after=shape,
            ),
        ),
    )  # fmt: skip


def of_ids(stack: Stack) -> Diagnosis | None:
    """An Embedding looks up whole numbers, each below the number of its rows."""
    value = stack.given(0, "input")
    got = dtype_of(value)
    if not got:
        return None
    operand = stack.operand("x", value, stack.node(0, "input"))
    shape = shape_of(value)
    info = stack.info(None, shape)
    if got not in ("int64", "int32"):
        return Diagnosis(
            "dtype",
            say("`{array}` {shape} is {dtype}; Embedding `{info_name}` looks up whole numbers (int64).", array=operand.label, shape=text(shape), dtype=got, info_name=info.name),
            "call", operand, info,
            candidates=(
                Candidate(
                    "cast", say("Convert {array}: .{method}()", array=operand.label, method="long")
                    if len(operand.label) < 24
                    else say("Convert it: .{method}()", method="long"),
                    say("Ids are whole numbers."), "sure",
                    say("Fractions are cut off: check that these are ids."),
                    data=((operand, TensorCast("long")),), target=operand.name, before=shape, after=shape,
                ),
            ),
        )  # fmt: skip
    if not isinstance(stack.error, IndexError):
        return None
    count = stack.module.num_embeddings
    highest, lowest = int(value.max()), int(value.min())
    if lowest < 0 or highest < count:
        return None
    return Diagnosis(
        "other",
        say("`{array}` holds the id {highest}; Embedding `{info_name}` has {count} rows, 0 to {last}.", array=operand.label, highest=highest, info_name=info.name, count=count, last=count - 1),
        "call", operand, info,
        candidates=(
            Candidate(
                "layer_argument", f"Embedding(num_embeddings={highest + 1})",
                say("One row for each id, 0 included."), "sure",
                say("Other data may hold higher ids still: use the size of the vocabulary."),
                source=with_argument(
                    stack.module, stack.outer, stack.evidence, "num_embeddings", highest + 1
                ),
                target=info.name,
            ),
        ),
    )  # fmt: skip


def _ragged(stack: Stack) -> tuple[Operand, ast.Call, Place] | None:
    """`torch.tensor(sequences)` and its like on sequences of unequal length."""
    if stack.module is not None or not isinstance(stack.error, (ValueError, TypeError, RuntimeError)):
        return None
    for place in reversed(stack.evidence.places[-1:]):
        call = place.call
        if call is None or not call.args or not isinstance(call.func, ast.Attribute):
            continue
        name = call.func.attr
        if name not in _MAKERS or (name in ("array", "asarray", "vstack") and "keras" in sys.modules):
            continue
        try:
            value = value_of(call.args[0], *place.scopes)
        except Unknowable:
            continue
        described = describe(value)
        if described.lengths is None or len(set(described.lengths)) < 2 or type(value) not in (list, tuple):
            continue
        operand = Operand("x", None, value, described, node=call.args[0], place=place)
        return name_operand(operand, stack.evidence.places, stack.evidence.namespace), call, place
    return None


def _padded(stack: Stack, operand: Operand, call: ast.Call, place: Place) -> Diagnosis:
    described = operand.described
    lengths = described.lengths or ()
    longest = max(lengths)
    tensors = all(is_tensor(item) for item in operand.value)
    dtype = "int64" if (described.dtype or "").startswith("int") else "float32"
    op = PadSequences(longest, dtype, inner=described.inner, tensors=tensors)
    before: Shape = described.shape or (None, None)

    def source(_editor: Any) -> Any:
        from rnnmagic.editor import SourceEdit
        from rnnmagic.source import Change, text_of
        from rnnmagic.writing import spelling

        torch, _ = spelling("torch", stack.evidence.namespace)
        new = op.code(text_of(place.cell, call.args[0]), operand.value, lambda _module: torch)
        changes = [(place.cell, Change.replacing(call, new))]
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("array", "asarray", "vstack"):
            changes = [(place.cell, Change.replacing(call, f"{new}.numpy()"))]
        return SourceEdit(tuple(changes))

    return Diagnosis(
        "ragged",
        say("`{array}` holds {sequences} sequences from {smallest} to {longest} timesteps long; a tensor needs one length for all. Pad them.", array=operand.label, sequences=before[0], smallest=min(lengths), longest=longest),
        "data",
        operand,
        candidates=(
            Candidate(
                "pad", say("Pad to {longest} timesteps with pad_sequence", longest=longest),
                say("Shorter sequences are filled up at the end, so that all have one length."), "sure",
                say("Padding adds steps that are no data: pack_padded_sequence, or a mask in the loss, leaves them out."),
                source=source, target=operand.name, before=before, after=op.shape(before),
            ),
        ),
        axes=("samples", "timesteps"),
        advice=(say("pack_padded_sequence(…, enforce_sorted=False) makes the layer skip the padded steps."),),
    )  # fmt: skip
