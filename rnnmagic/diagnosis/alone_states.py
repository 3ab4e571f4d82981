"""The initial states that a layer or cell called by itself is given."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rnnmagic.diagnosis import layers
from rnnmagic.diagnosis.base import AXES3, Candidate, Diagnosis, text
from rnnmagic.diagnosis.layers.refusal import named
from rnnmagic.evidence import Evidence, Operand, name_operand
from rnnmagic.language import say
from rnnmagic.ops import Op, Slice
from rnnmagic.report import LayerInfo, Shape
from rnnmagic.source import Change, Place
from rnnmagic.values import describe

if TYPE_CHECKING:
    from rnnmagic.editor import Editor, SourceEdit


def called_with(role: str, value: Any, node: ast.expr | None, place: Place, evidence: Evidence) -> Operand:
    found = Operand(role, None, value, describe(value), node=node, place=place)
    return name_operand(found, evidence.places, evidence.namespace)


def told_of(layer: Any, expected: Shape | None, received: Shape | None) -> LayerInfo:
    axes = AXES3 if received is not None and len(received) == 3 else None
    return LayerInfo(
        str(getattr(layer, "name", "?")), type(layer).__name__, None, expected, received, axes, axes
    )


def states_apart(layer: Any, operand: Operand, place: Place) -> Diagnosis | None:
    """`lstm(x, h, c)`: what stands in the third place is taken for the mask."""
    from rnnmagic.frameworks.wanted import class_of, is_rnn

    call = place.call
    if (
        call is None
        or not is_rnn(layer)
        or len(call.args) < 3
        or any(isinstance(a, ast.Starred) for a in call.args)
    ):
        return None
    states = [ast.unparse(node) for node in call.args[1:]]
    told = f"initial_state=[{', '.join(states)}]"

    def source(editor: Editor) -> SourceEdit:
        from rnnmagic.editor import SourceEdit

        first, last = call.args[1], call.args[-1]
        change = Change(first.lineno, first.col_offset, last.end_lineno or 0, last.end_col_offset or 0, told)
        return SourceEdit(((place.cell, change),))

    sentence = say(
        "{layer_class} '{layer_name}' takes its states as one list; passed one by one, the second is taken for the mask.",
        layer_class=class_of(layer),
        layer_name=layer.name,
    )
    fix = Candidate(
        "layer_argument", say("Pass {told}", told=told)[:60], say("The states of a layer are handed over together."), "sure",
        source=source, target=layer.name,
    )  # fmt: skip
    return Diagnosis(
        "state_size", sentence, "call", None, told_of(layer, None, operand.described.shape), candidates=(fix,)
    )


def of_states(
    operand: Operand, layer: Any, options: dict[str, Any], place: Place, evidence: Evidence
) -> Diagnosis | None:
    """A state that is not as wide as the layer or cell that takes it."""
    from rnnmagic.frameworks.base import shapes_in
    from rnnmagic.frameworks.keraslike.graph import flat_shapes, state_shapes

    states = options.get("initial_state", options.get("states"))
    shapes = flat_shapes(shapes_in(states)) if states is not None else state_shapes(options)
    units = getattr(layer, "units", None)
    if not shapes or not isinstance(units, int) or type(layer).__name__ == "Bidirectional":
        return None
    case = layers.Refusal(
        layer, operand.described.shape, (), namespace=evidence.namespace, error=evidence.run.error, phase="call",
        log=evidence.run.log, states=shapes,
    )  # fmt: skip
    found = layers.judge_states(case)
    nested = states if isinstance(states, (list, tuple)) else [states]
    flat = [item for part in nested for item in (part if isinstance(part, (list, tuple)) else [part])]
    if found is None:
        return _in_number(operand, layer, units, flat, place, evidence)
    wrong = next((s for s in flat if (describe(s).shape or (units,))[-1] != units), None)
    if wrong is None:
        return found
    return replace(found, operand=called_with("state", wrong, _node_of(wrong, place), place, evidence))


def _in_number(
    operand: Operand, layer: Any, units: int, states: list[Any], place: Place, evidence: Evidence
) -> Diagnosis | None:
    """A state that has not one row for each sample: its batch axis left out, or another number of rows."""
    rows = (operand.described.shape or (None,))[0]
    if rows is None:
        return None
    for state in states:
        shape = describe(state).shape
        if shape is None or shape[-1:] != (units,) or len(shape) > 2 or shape == (rows, units):
            continue
        given = called_with("state", state, _node_of(state, place), place, evidence)
        told = {"layer": named(layer), "wanted": text((rows, units)), "shape": text(shape)}
        candidates: tuple[Candidate, ...] = ()
        op: Op | None = None
        if len(shape) == 1:
            sentence = say(
                "{layer} takes a state for each sample, {wanted}; the one given is {shape}, without an axis for the samples.",
                **told,
            )
            op, why = _ForEach(rows), say("Every sample then begins with the same state.")
        else:
            sentence = say(
                "{layer} takes a state for each sample, {wanted}; the one given is {shape}.", **told
            )
            if shape[0] == 1:
                op, why = _ForEach(rows), say("Every sample then begins with the same state.")
            elif (shape[0] or 0) > rows:
                op, why = (
                    Slice(0, None, rows, kind="trim"),
                    say("Right when states and samples start together."),
                )
        if op is not None:
            candidates = (
                Candidate(
                    op.kind, say("Make the state {shape}", shape=text((rows, units))), why, "likely",
                    data=((given, op),), target=given.name, before=shape, after=(rows, units), siblings=False,
                ),
            )  # fmt: skip
        cause = "batch_axis_missing" if len(shape) == 1 else "state_size"
        return Diagnosis(
            cause, sentence, "call", given, told_of(layer, (rows, units), shape), candidates=candidates
        )
    return None


class _ForEach(Op):
    """One state for all samples: `(units,)` or `(1, units)` to `(samples, units)`."""

    kind = "expand"

    def __init__(self, rows: int) -> None:
        self.rows = rows

    def shape(self, shape: Shape) -> Shape:
        return (self.rows, shape[-1])

    def apply(self, value: Any) -> Any:
        import numpy as np

        return np.broadcast_to(np.asarray(value), (self.rows, np.shape(value)[-1])).copy()

    def code(self, expression: str, value: Any, spell: Any) -> str:
        return f"{spell('numpy')}.tile({expression}, ({self.rows}, 1))"


def _node_of(value: Any, place: Place) -> ast.expr | None:
    """The name in the call that stands for this very object."""
    from rnnmagic.source import Unknowable, value_of

    for node in ast.walk(place.node) if place.node is not None else ():
        if isinstance(node, ast.Name):
            try:
                if value_of(node, *place.scopes) is value:
                    return node
            except Unknowable:
                continue
    return None
