"""A layer or Input that refuses to be made: its declaration is no shape, or is spelt for Keras 2."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from types import FrameType
from typing import TYPE_CHECKING, Any

from rnnmagic import frameworks
from rnnmagic.diagnosis.base import Candidate, Diagnosis, text
from rnnmagic.evidence import Evidence, Operand
from rnnmagic.language import say
from rnnmagic.report import LayerInfo
from rnnmagic.source import Place, Unknowable, value_of
from rnnmagic.values import is_from

if TYPE_CHECKING:
    from rnnmagic.editor import Editor, SourceEdit

OLD_KEYWORDS = ("batch_input_shape", "input_length", "input_dim", "batch_shape", "input_shape")


def judge(evidence: Evidence, frames: list[FrameType], upcoming: list[Operand]) -> Diagnosis | None:
    """The diagnosis of a failed constructor, `None` when it did not fail on a declaration."""
    place = next((p for p in reversed(evidence.places) if p.call is not None), None)
    if place is None or place.call is None:
        return None
    place = _declaring(place)
    assert place.call is not None
    layer = next(
        (f.f_locals.get("self") for f in frames if f.f_code.co_name == "__init__" and _is_layer(f)), None
    )
    keywords = {k.arg: k for k in place.call.keywords if k.arg in OLD_KEYWORDS}
    called = _called(place.call)
    if called in ("Input", "InputLayer"):
        return _input(place, upcoming)
    if type(layer).__name__ == "InputLayer":
        return _input(place, upcoming, called if keywords else "InputLayer")
    if is_from(layer, "keras", "Permute") or is_from(layer, "tf_keras", "Permute"):
        return _permute(place)
    if layer is None or not keywords:
        return None
    if is_from(layer, "keras") and ("batch_input_shape" in keywords or "input_length" in keywords):
        return _keras_two(place, layer, keywords)
    if "input_shape" in keywords or "input_dim" in keywords:
        return _input(place, upcoming, type(layer).__name__)
    return None


def _is_layer(frame: FrameType) -> bool:
    # By its type: an object that failed half way through its `__init__` may not be fit to be asked.
    return frameworks.is_layer(frame.f_locals.get("self"))


def _declaring(place: Place) -> Place:
    """The call that declares: `LSTM(8, input_shape=…)` inside `model.add(…)`."""
    call = place.call
    assert call is not None
    for inner in ast.walk(call):
        if isinstance(inner, ast.Call) and any(k.arg in OLD_KEYWORDS for k in inner.keywords):
            return replace(place, node=inner)
    return place


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _info(cls: str, call: ast.Call) -> LayerInfo:
    named = next((k.value for k in call.keywords if k.arg == "name"), None)
    name = named.value if isinstance(named, ast.Constant) else cls.lower()
    return LayerInfo(str(name), cls, None)


def _value(node: ast.expr, place: Place) -> Any:
    try:
        return value_of(node, *place.scopes)
    except Unknowable:
        return None


def _keras_two(place: Place, layer: Any, keywords: dict[str, ast.keyword]) -> Diagnosis:
    """`batch_input_shape=` and `input_length=` are Keras 2; Keras 3 wants an Input."""
    cls = type(layer).__name__
    call = place.call
    assert call is not None
    stateful = any(
        k.arg == "stateful" and isinstance(k.value, ast.Constant) and k.value.value for k in call.keywords
    )
    whole = keywords.get("batch_input_shape")
    candidates: list[Candidate] = []
    if whole is not None:
        declared = _value(whole.value, place)
        inner = tuple(declared[1:]) if isinstance(declared, tuple) else None
        written = ast.unparse(whole.value)
        if isinstance(whole.value, (ast.Tuple, ast.List)):
            short = ", ".join(ast.unparse(e) for e in whole.value.elts[1:])
            short = f"({short},)" if len(whole.value.elts) == 2 else f"({short})"
        else:
            short = f"{written}[1:]"
        as_input = Candidate(
            "input_shape",
            say("Declare Input(batch_shape={written})", written=written)[:60],
            say("Keras 3 takes the batch size from an Input layer at the front of the model."),
            "sure" if stateful else "likely",
            source=lambda editor: editor.combine(
                editor.input_in_front(place, f"batch_shape={written}"),
                editor.drop_keyword(place, "batch_input_shape"),
            ),
            target="batch_input_shape",
            after=tuple(declared) if isinstance(declared, tuple) else None,
        )
        plain = Candidate(
            "input_shape",
            say("Declare input_shape={short}", short=short)[:60],
            say("The shape of one sample; the batch size is needed for a stateful layer only."),
            "possible" if stateful else "sure",
            source=lambda editor: editor.rename_keyword(place, "batch_input_shape", "input_shape", short),
            target="input_shape",
            after=inner,
        )
        candidates = [as_input, plain] if stateful else [plain, as_input]
        sentence = say(
            "{cls} does not know batch_input_shape: that is how Keras 2 declared it. Keras 3 wants an Input layer.",
            cls=cls,
        )
    else:
        width, steps = keywords.get("input_dim"), keywords["input_length"]
        sentence = say(
            "{cls} does not know input_length: that is how Keras 2 declared the timesteps.", cls=cls
        )
        if width is not None and cls != "Embedding":
            short = f"({ast.unparse(steps.value)}, {ast.unparse(width.value)})"
            candidates.append(
                Candidate(
                    "input_shape",
                    say("Declare input_shape={short}", short=short)[:60],
                    say("Timesteps and features of one sample."),
                    "sure",
                    source=lambda editor: editor.combine(
                        editor.rename_keyword(place, "input_dim", "input_shape", short),
                        editor.drop_keyword(place, "input_length"),
                    ),
                    target="input_shape",
                )
            )
        else:
            candidates.append(
                Candidate(
                    "input_shape",
                    say("Leave out input_length"),
                    say("Keras 3 takes the length from the data."),
                    "sure",
                    source=lambda editor: editor.drop_keyword(place, "input_length"),
                    target="input_length",
                )
            )
    return Diagnosis(
        "input_declaration", sentence, "build", layer=_info(cls, call), candidates=tuple(candidates)
    )


def _permute(place: Place) -> Diagnosis | None:
    """`Permute((0, 2, 1))`: the axes of one sample are counted from 1, the samples are none of them."""
    assert place.call is not None
    call = next(
        (c for c in ast.walk(place.call) if isinstance(c, ast.Call) and _called(c) == "Permute"), None
    )
    named = next((k.value for k in call.keywords if k.arg == "dims"), None) if call is not None else None
    node = named or (call.args[0] if call is not None and call.args else None)
    dims = _value(node, place) if node is not None else None
    if call is None or node is None or not isinstance(dims, (tuple, list)) or 0 not in dims:
        return None
    if sorted(dims) != list(range(len(dims))):
        return None
    # All of them with the samples left where they are; else counted from 0 without the samples.
    meant = tuple(dims[1:]) if dims[0] == 0 and len(dims) > 2 else tuple(axis + 1 for axis in dims)
    fix = Candidate(
        "layer_argument",
        say("Permute({dims})", dims=meant),
        say("The axes of one sample: 1 for the timesteps, 2 for the features."),
        "sure" if dims[0] == 0 else "likely",
        source=_written(place, node, repr(meant)),
        target="dims",
    )
    sentence = say(
        "Permute counts the axes of one sample, from 1 on, and leaves the samples where they are: {dims} has axis 0 in it.",
        dims=ast.unparse(node),
    )
    return Diagnosis("axis_order", sentence, "build", layer=_info("Permute", call), candidates=(fix,))


def _input(place: Place, upcoming: list[Operand], cls: str = "InputLayer") -> Diagnosis | None:
    """`Input(shape=3)`: a number is no shape."""
    call = place.call
    assert call is not None
    node = next((k.value for k in call.keywords if k.arg in ("shape", "input_shape", "batch_shape")), None)
    if node is None and call.args and cls == "InputLayer":
        node = call.args[0]
    if node is None:
        return None
    declared = _value(node, place)
    if isinstance(declared, tuple) and all(size is None or isinstance(size, int) for size in declared):
        return None
    seen = next((o for o in upcoming if o.described.shape and len(o.described.shape) == 3), None)
    candidates: list[Candidate] = []
    sentence = say(
        "{written} is no shape: the input is declared with a tuple, (timesteps, features).",
        written=ast.unparse(node),
    )
    if seen is not None and seen.described.shape is not None:
        inner = seen.described.shape[1:]
        sentence = say(
            "{written} is no shape: the input is declared with a tuple, (timesteps, features), here {shape} as in `{array}`.",
            written=ast.unparse(node),
            shape=text(inner),
            array=seen.label,
        )
        candidates.append(
            Candidate(
                "input_shape", say("Declare {shape}", shape=text(inner)), say("That is the shape of one sample of {array}.", array=seen.label), "sure",
                source=lambda editor: editor.replace_node(place, node, f"{seen.label}.shape[1:]"),
                target="input_shape", after=(None, *inner),
            )
        )  # fmt: skip
    elif isinstance(declared, int):
        for shape in ((None, declared), (declared, 1)):
            candidates.append(
                Candidate(
                    "input_shape", say("Declare {shape}", shape=shape),
                    say("Right when there are {declared} features.", declared=declared)
                    if shape[0] is None
                    else say("Right when there are {declared} timesteps of one feature.", declared=declared), "possible",
                    source=_written(place, node, repr(shape)),
                    target="input_shape", after=(None, *shape),
                )
            )  # fmt: skip
    return Diagnosis(
        "input_declaration", sentence, "build", layer=_info(cls, call), candidates=tuple(candidates)
    )


def _written(place: Place, node: ast.expr, code: str) -> Callable[[Editor], SourceEdit]:
    return lambda editor: editor.replace_node(place, node, code)
