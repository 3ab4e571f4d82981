"""A layer or cell called by itself on arrays: its input, its mask, its initial state."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rnnmagic.diagnosis import carriers, inputs, layers
from rnnmagic.diagnosis.alone_states import called_with, of_states, states_apart, told_of
from rnnmagic.diagnosis.at_input import fits_in, of_finding
from rnnmagic.diagnosis.base import Candidate, Diagnosis, plural, text
from rnnmagic.evidence import Evidence, Operand, argument_nodes
from rnnmagic.frameworks.base import is_of_shapes
from rnnmagic.language import say
from rnnmagic.ops import Chain, Op, Slice, ToArray
from rnnmagic.report import LayerInfo, Shape
from rnnmagic.source import CannotEdit, Change, Place

if TYPE_CHECKING:
    from rnnmagic.editor import Editor, SourceEdit


def layer_alone(evidence: Evidence, frames: list[Any], editor: Editor) -> Diagnosis | None:
    """What is wrong with a call of one layer on real arrays, `None` when that is not what failed."""
    from rnnmagic.frameworks.keraslike.graph import symbolic_call

    call = symbolic_call(frames, symbolic=False)
    place = next((p for p in reversed(evidence.places) if p.call is not None), None)
    if call is None or evidence.site is None or place is None:
        return None
    layer, given, options = call
    assert place.call is not None
    nodes = argument_nodes(place.call, "__call__", type(layer))
    operand = called_with("inputs", given, nodes.get("inputs"), place, evidence)
    if operand.described.carrier in ("list", "ragged"):
        return _of_list(operand, layer, evidence)
    editor.about(None, [layer], None)
    return (
        _of_matrix(layer, operand, evidence)
        or states_apart(layer, operand, place)
        or _of_input(operand, layer, evidence)
        or _of_mask(operand, layer, options, nodes, place, evidence)
        or of_states(operand, layer, options, place, evidence)
        or _of_own_code(operand, layer, evidence)
    )


def _of_own_code(operand: Operand, layer: Any, evidence: Evidence) -> Diagnosis | None:
    """`RNN(MyCell(8))(x)`: the mistake is inside a layer or cell of the user's own."""
    error = evidence.run.error
    if layers.own_part(layer) is None or operand.described.shape is None or not is_of_shapes(error):
        return None
    case = layers.Refusal(
        layer, operand.described.shape, (), namespace=evidence.namespace, error=error, phase="call",
        log=evidence.run.log,
    )  # fmt: skip
    return layers.judge(case)


def _wish(layer: Any) -> Any:
    from rnnmagic.frameworks.wanted import Wanted, class_of, rank_wanted_by, rnn_width

    rank = rank_wanted_by(layer)
    if rank is None:
        return None
    want = (None,) * (rank - 1) + (rnn_width(layer),)
    return Wanted(want, layer, False, class_of(layer) == "Embedding")


def _of_input(operand: Operand, layer: Any, evidence: Evidence) -> Diagnosis | None:
    shape, wish = operand.described.shape, _wish(layer)
    if shape is None or wish is None or fits_in(shape, wish):
        return None
    if layers.own_part(layer) is not None and len(shape) == len(wish.shape):
        return None  # how wide own code made its weights is no wish: that may be what is wrong
    # A layer that has its weights is as good as a trained model: it is the data that does not fit.
    case = inputs.Situation(
        operand, shape, wish.shape, "__call__", evidence.namespace,
        trained=wish.shape[-1] is not None, declared=False, ids=wish.ids,
    )  # fmt: skip
    return of_finding(inputs.judge(case), case, wish, evidence)


def _of_matrix(layer: Any, operand: Operand, evidence: Evidence) -> Diagnosis | None:
    from rnnmagic.diagnosis.layers.settings import matrix

    return matrix(
        layers.Refusal(layer, operand.described.shape, (), namespace=evidence.namespace, phase="build")
    )


def _of_list(operand: Operand, layer: Any, evidence: Evidence) -> Diagnosis | None:
    """A list where an array is wanted; as an array it may still lack an axis."""
    if operand.described.carrier == "ragged":
        return carriers.ragged(operand, "call")
    found = replace(carriers.unusable(operand, "call"), layer=told_of(layer, None, operand.described.shape))
    shape, wish = operand.described.shape, _wish(layer)
    if shape is None or wish is None or fits_in(shape, wish):
        return found
    case = inputs.Situation(
        operand, shape, wish.shape, "__call__", evidence.namespace, declared=False, ids=wish.ids
    )
    chained = []
    for candidate in inputs.judge(case).candidates:
        if len(candidate.data) == 1:
            op = Chain((ToArray(), candidate.data[0][1]), kind=candidate.kind)
            chained.append(replace(candidate, data=((operand, op),), vary=None, parameters=None))
    return replace(found, candidates=(*chained, *found.candidates))


def _of_mask(
    operand: Operand,
    layer: Any,
    options: dict[str, Any],
    nodes: dict[str, ast.expr],
    place: Place,
    evidence: Evidence,
) -> Diagnosis | None:
    """`lstm(x, mask=m)`: one truth value for each timestep of each sample."""
    mask, shape = options.get("mask"), operand.described.shape
    if mask is None or shape is None or len(shape) < 3:
        return None
    given = called_with("mask", mask, nodes.get("mask"), place, evidence)
    got = given.described.shape
    if got is None or got == shape[:2]:
        return None
    op: Op | None = None
    steps = shape[1]
    if len(got) == 2 and steps is not None and (got[1] or 0) > steps:
        op, why = (
            Slice(1, None, steps, kind="truncate", repeatable=True),
            say("The mask has as many timesteps as the data."),
        )
    elif len(got) == 3:
        op, why = _AnyFeature(), say("A timestep counts when any of its features does.")
    candidates: tuple[Candidate, ...] = ()
    if op is not None:
        title = say("Make the mask {shape}", shape=text(op.shape(got)))
        candidates = (
            Candidate(
                op.kind, title, why, "likely", data=((given, op),), target=given.name, before=got, after=op.shape(got),
                siblings=False,
            ),
        )  # fmt: skip
    sentence = say(
        "The mask `{mask}` is {mask_shape}; for `{array}` {shape} it has to be {wanted}, one truth value for each timestep.",
        mask=given.label,
        mask_shape=text(got),
        array=operand.label,
        shape=text(shape),
        wanted=text(shape[:2]),
    )
    cause = "timesteps" if len(got) == 2 else "rank"
    return Diagnosis(cause, sentence, "call", given, told_of(layer, shape[:2], got), candidates=candidates)


class _AnyFeature(Op):
    """A mask for each feature, as one for each timestep: `m.any(axis=-1)`."""

    kind = "reshape"

    def shape(self, shape: Shape) -> Shape:
        return shape[:-1]

    def apply(self, value: Any) -> Any:
        return value.any(axis=-1)

    def code(self, expression: str, value: Any, spell: Any) -> str:
        return f"{spell('numpy')}.any({expression}, axis=-1)"


def unpacked(evidence: Evidence) -> Diagnosis | None:
    """`out, h, c = LSTM(8)(x)`: more names than the layer gives, or states that it was not asked for."""
    from rnnmagic.modelsource.sites import resolve
    from rnnmagic.source import statement_of

    place = evidence.places[-1] if evidence.places else None
    statement = statement_of(place.node) if place is not None and place.node is not None else None
    if place is None or not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Call):
        return None
    target, applied = statement.targets[0], statement.value
    if not isinstance(target, (ast.Tuple, ast.List)) or any(isinstance(e, ast.Starred) for e in target.elts):
        return None
    if not isinstance(applied.func, ast.Call):
        return None
    maker = applied.func
    cls = resolve(maker.func, evidence.namespace)
    kind = getattr(cls, "__name__", "")
    inner = maker
    if kind == "Bidirectional" and maker.args and isinstance(maker.args[0], ast.Call):
        inner = maker.args[0]
        kind = getattr(resolve(inner.func, evidence.namespace), "__name__", "")
    states = {"LSTM": 2, "GRU": 1, "SimpleRNN": 1}.get(kind)
    if states is None:
        return None
    given = 1 + states * (2 if inner is not maker else 1)
    keyword = next((k for k in inner.keywords if k.arg == "return_state"), None)
    asked = keyword is not None and isinstance(keyword.value, ast.Constant) and bool(keyword.value.value)
    wanted = len(target.elts)
    if asked and given == wanted:
        return None
    named = next((k.value for k in maker.keywords if k.arg == "name"), None)
    name = str(named.value) if isinstance(named, ast.Constant) else kind.lower()
    names = [ast.unparse(item) for item in target.elts]
    if given == wanted:
        sentence = say(
            "{kind} gives its output only; {names} stand before the =. Its states come with return_state=True.",
            kind=kind,
            names=plural(wanted, "name"),
        )
    else:
        sentence = say(
            "{kind} gives {arrays}, its output and {states}; {wanted} names stand before the =.",
            kind=kind,
            arrays=plural(given, "array"),
            states=plural(given - 1, "state"),
            wanted=wanted,
        )
    if wanted > given:
        names = names[:given]
    elif wanted < given:
        names += [f"state_{place}" for place in range(wanted, given)]

    def source(editor: Editor) -> SourceEdit:
        from rnnmagic.editor import SourceEdit
        from rnnmagic.modelsource import CallSite, set_argument

        if place is None:
            raise CannotEdit("the call was not found")
        changes = []
        if not asked:
            changes += set_argument(CallSite(place.cell, inner), "return_state", "True", evidence.namespace)
        if len(names) != wanted:
            changes.append((place.cell, Change.replacing(target, ", ".join(names))))
        return SourceEdit(tuple(changes))

    title = (
        "return_state=True"
        if not asked
        else say("Unpack {arrays}: {names}", arrays=plural(given, "array"), names=", ".join(names))
    )
    candidates = [
        Candidate(
            "layer_argument", title[:60], say("An LSTM has two states, h and c; a GRU or SimpleRNN has one."), "sure",
            source=source, target=name,
        )
    ]  # fmt: skip
    return Diagnosis(
        "state_size", sentence, "build", None, LayerInfo(name, kind), candidates=tuple(candidates)
    )
