"""Weights handed to a layer or model that has another shape."""

from __future__ import annotations

from types import FrameType
from typing import Any

from rnnmagic.diagnosis.base import Candidate, Diagnosis, text
from rnnmagic.evidence import Evidence, Operand, name_of, name_operand
from rnnmagic.report import LayerInfo, Shape
from rnnmagic.source import Place
from rnnmagic.values import as_shape, describe

SETTERS = ("set_weights", "load_weights", "load_own_variables", "_set_weights", "load_weights_only")


def judge(evidence: Evidence, frames: list[FrameType]) -> Diagnosis | None:
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
            if hasattr(frame.f_locals.get("self"), "_check_super_called")
            and not _is_model(frame.f_locals["self"])
        ),
        setters[0].f_locals.get("self"),
    )
    wanted = as_shape(getattr(innermost.f_locals.get("variable"), "shape", None))
    given = as_shape(getattr(innermost.f_locals.get("value"), "shape", None))
    if given is None and (wanted is None or setters[-1].f_code.co_name != "set_weights"):
        store = innermost.f_locals.get("store")
        if store is None and "weights" not in innermost.f_locals:
            return None
    layer = _around(layer, setters) or _owner(layer, innermost.f_locals.get("variable")) or layer
    name, cls = str(getattr(layer, "name", "?")), type(layer).__name__
    if wanted is not None and given is not None:
        sentence = f"{cls} '{name}' has weights of shape {text(wanted)}, and is given {text(given)}."
    else:
        count = len(innermost.f_locals.get("weights") or ())
        sentence = f"{cls} '{name}' is given {count or 'other'} weights than it has: they are of another architecture."
    info = LayerInfo(name, cls, name_of(evidence.model, evidence.namespace), wanted, given)
    operand = _array(evidence, innermost.f_locals.get("value"))
    return Diagnosis(
        "weights",
        sentence,
        "build",
        operand,
        info,
        candidates=tuple(_embedding(place, layer, wanted, given, operand)),
    )


def _is_model(thing: Any) -> bool:
    return hasattr(thing, "_compile_loss")


def _around(cell: Any, setters: list[FrameType]) -> Any:
    """The recurrent layer that a cell belongs to."""
    for frame in setters:
        model: Any = frame.f_locals.get("self")
        if _is_model(model):
            for layer in model._flatten_layers(include_self=False):
                if getattr(layer, "cell", None) is cell and layer is not cell:
                    return layer
    return None


def _owner(model: Any, variable: Any) -> Any:
    """The layer of a model that a variable belongs to."""
    if not _is_model(model) or variable is None:
        return None
    for layer in model._flatten_layers(include_self=False):
        if any(own is variable for own in [*layer._trainable_variables, *layer._non_trainable_variables]):
            return layer
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
    place: Place, layer: Any, wanted: Shape | None, given: Shape | None, operand: Operand | None
) -> list[Candidate]:
    """`Embedding(input_dim, output_dim, weights=[matrix])`: the layer has to be as large as the matrix."""
    if (
        type(layer).__name__ != "Embedding"
        or wanted is None
        or given is None
        or len(given) != 2
        or place.call is None
    ):
        return []
    if not any(k.arg == "weights" for k in place.call.keywords):
        return []
    rows: str = f"{operand.name}.shape[0]" if operand is not None and operand.name else str(given[0])
    width: str = f"{operand.name}.shape[1]" if operand is not None and operand.name else str(given[1])

    def source(editor: Any) -> Any:
        edits = []
        if wanted[0] != given[0]:
            edits.append(editor.set_own_argument(place, type(layer), "input_dim", rows))
        if wanted[1] != given[1]:
            edits.append(editor.set_own_argument(place, type(layer), "output_dim", width))
        return editor.combine(*edits)

    return [
        Candidate(
            "layer_argument",
            f"Declare the Embedding as {text(given)}",
            "One row for each id, the padding row 0 included; cutting the matrix would lose words.",
            "sure",
            source=source,
            target=getattr(layer, "name", None),
            before=wanted,
            after=given,
        )
    ]
