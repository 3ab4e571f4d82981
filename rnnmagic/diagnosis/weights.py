"""Weights handed to a layer or model that has another shape."""

from __future__ import annotations

import ast
import re
from types import FrameType
from typing import TYPE_CHECKING, Any

from rnnmagic import frameworks
from rnnmagic.diagnosis.base import Candidate, Diagnosis, text
from rnnmagic.evidence import Evidence, Operand, name_of, name_operand
from rnnmagic.language import say
from rnnmagic.report import LayerInfo, Shape
from rnnmagic.source import Change, Place
from rnnmagic.values import as_shape, describe

if TYPE_CHECKING:
    from rnnmagic.editor import Editor, SourceEdit

SETTERS = ("set_weights", "load_weights", "load_own_variables", "_set_weights", "load_weights_only")


def judge(evidence: Evidence, frames: list[FrameType], editor: Editor) -> Diagnosis | None:
    """The diagnosis of failed `set_weights`, `load_weights` or `Embedding(weights=…)`."""
    setters = [frame for frame in frames if frame.f_code.co_name in SETTERS]
    if not setters:
        return None
    place = next((p for p in reversed(evidence.places) if p.call is not None), None)
    if place is None:
        return None
    innermost = setters[-1]
    layer = next(
        (
            frame.f_locals["self"]
            for frame in reversed(setters)
            if frameworks.is_layer(frame.f_locals.get("self")) and not _is_model(frame.f_locals["self"])
        ),
        setters[0].f_locals.get("self"),
    )
    variable, value = innermost.f_locals.get("variable"), innermost.f_locals.get("value")
    model = next((f.f_locals["self"] for f in setters if _is_model(f.f_locals.get("self"))), None)
    held = next((f.f_locals["weights"] for f in setters if isinstance(f.f_locals.get("weights"), list)), None)
    apart = _first_apart(layer if model is None else model, held)
    if apart is not None:
        # Keras stops at the first that does not fit; it is the layer's first, and tells its whole shape.
        layer, variable, value = apart
    elif held is None:
        variable, value, layer = _assigned(frames, variable, value, layer)
    wanted = as_shape(getattr(variable, "shape", None))
    given = as_shape(getattr(value, "shape", None))
    if given is None and held is None and model is not None:
        layer, wanted, given = _told(evidence.run.error, model, layer)
    if given is None and (wanted is None or innermost.f_code.co_name != "set_weights"):
        store = innermost.f_locals.get("store")
        if store is None and "weights" not in innermost.f_locals:
            return None
    layer = _around(layer, setters) or _owner(model or layer, variable) or layer
    name, cls = str(getattr(layer, "name", "?")), type(layer).__name__
    if wanted is not None and given is not None:
        sentence = say(
            "{cls} '{name}' has weights of shape {shape}, and is given {given_shape}.",
            cls=cls,
            name=name,
            shape=text(wanted),
            given_shape=text(given),
        )
    elif count := len(innermost.f_locals.get("weights") or ()):
        sentence = say(
            "{cls} '{name}' is given {count} weights than it has: they are of another architecture.",
            cls=cls,
            name=name,
            count=count,
        )
    else:
        sentence = say(
            "{cls} '{name}' is given other weights than it has: they are of another architecture.",
            cls=cls,
            name=name,
        )
    info = LayerInfo(name, cls, name_of(evidence.model, evidence.namespace), wanted, given)
    operand = _array(evidence, innermost.f_locals.get("value")) or _array(evidence, value)
    turned = _turned(place, wanted, given, operand)
    return Diagnosis(
        "weights",
        sentence,
        "build",
        operand,
        info,
        candidates=(
            *turned,
            # A matrix whose columns are the words needs no larger layer.
            *([] if turned else _embedding(place, layer, wanted, given, operand, evidence)),
            *_architecture(model, layer, wanted, given, held, evidence, editor),
        ),
    )


def _turned(
    place: Place, wanted: Shape | None, given: Shape | None, operand: Operand | None
) -> list[Candidate]:
    """A matrix with its axes exchanged: one word, or one input, in each column."""
    if wanted is None or given is None or len(given) != 2 or given[0] == given[1] or operand is None:
        return []
    if given != (wanted[1], wanted[0]) or operand.name is None or place.call is None:
        return []
    nodes = [node for node in ast.walk(place.call) if isinstance(node, ast.Name) and node.id == operand.name]
    if len(nodes) != 1:
        return []
    change = Change.replacing(nodes[0], f"{operand.name}.T")

    def source(editor: Editor) -> SourceEdit:
        from rnnmagic.editor import SourceEdit

        return SourceEdit(((place.cell, change),))

    return [
        Candidate(
            "transpose", say("Transpose {array} to {shape}", array=operand.name, shape=text(wanted))[:60],
            say("The sizes are right but in another order; a transpose keeps every sample whole."), "sure",
            source=source, target=operand.name, before=given, after=wanted,
        )
    ]  # fmt: skip


def _first_apart(thing: Any, weights: list[Any] | None) -> tuple[Any, Any, Any] | None:
    """The first variable whose shape is not that of the weight in its place, with its layer."""
    own = list(getattr(thing, "weights", None) or ())
    if not weights or len(weights) != len(own):
        return None
    for variable, value in zip(own, weights, strict=True):
        if as_shape(getattr(variable, "shape", None)) != as_shape(getattr(value, "shape", None)):
            return _owner(thing, variable) or thing, variable, value
    return None


TOLD = re.compile(
    # A shape of torch's is written torch.Size([3, 32]).
    r"<(\w+) name=(\w+).*?variable\.shape=\D*?\(\[?([\d, ]*)\]?\).*?value\.shape=\D*?\(\[?([\d, ]*)\]?\)",
    re.DOTALL,
)


def _told(error: BaseException | None, model: Any, layer: Any) -> tuple[Any, Shape | None, Shape | None]:
    """The layer and the shapes that Keras names when a file of weights does not fit.

    It gathers the errors and raises one of its own, so that no frame holds them.
    """
    found = TOLD.search(str(error))
    if found is None:
        return layer, None, None
    layers = list(model._flatten_layers(include_self=False))
    layer = next((one for one in layers if type(one).__name__ == found[1] and one.name == found[2]), layer)
    shapes = [tuple(int(size) for size in text.split(",") if size.strip()) for text in (found[3], found[4])]
    layer = next((one for one in layers if getattr(one, "cell", None) is layer), layer)
    return layer, shapes[0], shapes[1]


def _assigned(frames: list[FrameType], variable: Any, value: Any, layer: Any) -> tuple[Any, Any, Any]:
    """The variable and the value of a file that were found not to fit."""
    for frame in frames:
        if frame.f_code.co_name in ("assign", "_direct_assign") and "value" in frame.f_locals:
            owner = frame.f_locals.get("self")
            if as_shape(getattr(owner, "shape", None)) is not None:
                return owner, frame.f_locals["value"], layer
    return variable, value, layer


def _gates(layer: Any) -> int:
    name = type(layer).__name__
    return 4 if "LSTM" in name else 3 if "GRU" in name else 1


def _units_of(layer: Any, shape: Shape | None) -> int | None:
    """How many units a layer has whose kernel, or bias, is of that shape."""
    if not shape or shape[-1] is None or shape[-1] % _gates(layer):
        return None
    return shape[-1] // _gates(layer)


def _architecture(
    model: Any,
    layer: Any,
    wanted: Shape | None,
    given: Shape | None,
    held: list[Any] | None,
    evidence: Evidence,
    editor: Editor,
) -> list[Candidate]:
    """Make the model as large as the one that the weights are from."""
    if wanted is None or given is None or len(wanted) != len(given) or len(wanted) != 2:
        return []
    thing = layer if model is None else model
    editor.about(model, [layer], name_of(thing, evidence.namespace))
    sizes = {id(layer): (layer, _units_of(layer, given))} if given[-1] != wanted[-1] else {}
    for variable, value in zip(getattr(thing, "weights", ()) or (), held or (), strict=False):
        owner = _owner(thing, variable) if model is not None else layer
        shape, own = as_shape(getattr(value, "shape", None)), as_shape(getattr(variable, "shape", None))
        if owner is None or shape is None or own is None or len(shape) != len(own) or len(shape) != 2:
            continue
        units = _units_of(owner, shape)
        if shape[-1] != own[-1] and units is not None and id(owner) not in sizes:
            sizes[id(owner)] = (owner, units)
    wider = [
        (owner, units)
        for owner, units in sizes.values()
        if isinstance(getattr(owner, "units", None), int) and units
    ]
    inputs = None
    first = next((one for one in getattr(model, "layers", ()) if one.weights), None)
    if given[0] != wanted[0] and layer is first:
        shape = as_shape(getattr(model, "input_shape", None))
        inputs = (*shape[1:-1], given[0]) if shape else None
    if not wider and inputs is None:
        return []

    def source(editor: Editor) -> SourceEdit:
        edits = [editor.set_argument(owner, "units", str(units)) for owner, units in wider]
        if inputs is not None:
            edits.append(editor.set_input_shape(inputs, None))
        return editor.combine(*edits)

    told = [say("{kind} {units} units", kind=type(owner).__name__, units=units) for owner, units in wider]
    if inputs is not None:
        told.append(say("the input {shape}", shape=text(inputs)))
    return [
        Candidate(
            "layer_argument" if wider else "input_shape",
            say("Give {changes}", changes=", ".join(told))[:60],
            say("Weights fit a model of the same sizes only."),
            "likely",
            say("The model is then another one than was written; the other way is to train it anew."),
            source=source,
            target=getattr(layer, "name", None),
            before=wanted,
            after=given,
        )
    ]


def _is_model(thing: Any) -> bool:
    return frameworks.is_model(thing)


def _model_with(layer: Any, evidence: Evidence) -> Any:
    """A model of the kernel that has the layer."""
    for value in list(evidence.namespace.values()):
        if _is_model(value) and any(one is layer for one in getattr(value, "layers", ())):
            return value
    return None


def _around(cell: Any, setters: list[FrameType]) -> Any:
    """The recurrent layer that a cell belongs to."""
    for frame in setters:
        model: Any = frame.f_locals.get("self")
        if _is_model(model):
            for layer in model._flatten_layers(include_self=False):
                if getattr(layer, "cell", None) is cell and layer is not cell:
                    return layer
    return None


def _own_variables(layer: Any) -> list[Any]:
    """Those that the layer itself has made, under the names of Keras 3 or of tf_keras."""
    names = (
        "_trainable_variables",
        "_non_trainable_variables",
        "_trainable_weights",
        "_non_trainable_weights",
    )
    return [variable for name in names for variable in getattr(layer, name, None) or ()]


def _owner(model: Any, variable: Any) -> Any:
    """The layer of a model that a variable belongs to."""
    if not _is_model(model) or variable is None:
        return None
    layers = list(model._flatten_layers(include_self=False))
    for layer in layers:
        if any(own is variable for own in _own_variables(layer)):
            # A cell's variables are those of the layer around it.
            return next((one for one in layers if getattr(one, "cell", None) is layer), layer)
    return None


def _array(evidence: Evidence, value: Any) -> Operand | None:
    if value is None:
        return None
    name = name_of(value, evidence.namespace)
    if name is None:
        return None
    return name_operand(
        Operand("weights", None, value, describe(value), name, name, is_global=True),
        evidence.places,
        evidence.namespace,
    )


def _embedding(
    place: Place,
    layer: Any,
    wanted: Shape | None,
    given: Shape | None,
    operand: Operand | None,
    evidence: Evidence,
) -> list[Candidate]:
    """`Embedding(…, weights=[matrix])`, `set_weights([matrix])`: the layer has to be as large as the matrix."""
    if (
        type(layer).__name__ != "Embedding"
        or wanted is None
        or given is None
        or len(given) != 2
        or place.call is None
    ):
        return []
    at_once = any(k.arg == "weights" for k in place.call.keywords)
    rows: str = f"{operand.name}.shape[0]" if operand is not None and operand.name else str(given[0])
    width: str = f"{operand.name}.shape[1]" if operand is not None and operand.name else str(given[1])

    def source(editor: Any) -> Any:
        told = [("input_dim", rows)] if wanted[0] != given[0] else []
        told += [("output_dim", width)] if wanted[1] != given[1] else []
        if at_once:
            return editor.combine(*(editor.set_own_argument(place, type(layer), *pair) for pair in told))
        model = _model_with(layer, evidence)
        editor.about(model, [layer], name_of(model, evidence.namespace))
        return editor.combine(*(editor.set_argument(layer, *pair) for pair in told))

    return [
        Candidate(
            "layer_argument",
            say("Declare the Embedding as {shape}", shape=text(given)),
            say("One row for each id, the padding row 0 included; cutting the matrix would lose words."),
            "sure",
            source=source,
            target=getattr(layer, "name", None),
            before=wanted,
            after=given,
        )
    ]
