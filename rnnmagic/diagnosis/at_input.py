"""What is found out about an array at a model's input, as a diagnosis that names the layer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rnnmagic.diagnosis import hints, inputs, layers
from rnnmagic.diagnosis.base import AXES3, Candidate, Diagnosis, text
from rnnmagic.evidence import Evidence, Operand
from rnnmagic.language import say
from rnnmagic.report import LayerInfo, Shape
from rnnmagic.values import is_from, variables

if TYPE_CHECKING:
    from rnnmagic.editor import Editor, SourceEdit


def samples_of(operand: Operand | None) -> int | None:
    shape = None if operand is None else operand.described.shape
    return shape[0] if shape else None


def fits_in(shape: Shape, wish: Any) -> bool:
    want = wish.shape
    if len(shape) != len(want):
        # Keras adds or takes a last axis of size 1 by itself, where a size is declared.
        if len(shape) == len(want) - 1 and wish.declared and want[-1] == 1:
            return all(w is None or w == s for s, w in zip(shape[1:], want[1:-1], strict=True))
        if len(shape) == len(want) + 1 and wish.declared and shape[-1] == 1:
            return all(w is None or w == s for s, w in zip(shape[1:-1], want[1:], strict=True))
        return False
    return all(w is None or w == s for s, w in zip(shape[1:], want[1:], strict=True))


def of_finding(finding: inputs.Finding, case: inputs.Situation, wish: Any, evidence: Evidence) -> Diagnosis:
    from rnnmagic.frameworks.wanted import class_of

    layer = None
    if wish.layer is not None:
        axes = {3: AXES3, 2: ("samples", "timesteps") if wish.ids else ("samples", "features")}
        # Recurrent layers take any number of timesteps: it is the declaration that asks for one.
        declared = finding.cause == "timesteps" and wish.declared and wish.name is not None
        layer = LayerInfo(
            str(wish.name if declared else getattr(wish.layer, "name", "?")),
            "InputLayer" if declared else class_of(wish.layer),
            evidence.model_name,
            wish.shape,
            case.got,
            axes.get(len(wish.shape)),
            finding.axes,
        )
    candidates = list(finding.candidates)
    width, wanted_width = case.got[-1], case.want[-1]
    if finding.cause in ("features", "input_declaration") and width and wanted_width and width < wanted_width:
        candidates.insert(0, _one_hot_again(case.operand, wanted_width))
        candidates[:0] = _lacking_columns(case, wanted_width - width)
    if finding.declare is not None and not case.trained:
        shape = finding.declare
        whole = None if finding.cause in ("flattened", "feature_axis_missing", "rank") else case.operand
        if finding.cause in ("flattened", "feature_axis_missing", "rank") and candidates:
            first = candidates[0]
            both = layers.declare(shape, None, first.confidence, first.why)
            combined = replace(
                first,
                title=say("{title} and declare {shape}", title=first.title[:34], shape=text(shape))[:60],
                source=both.source,
            )
            candidates.insert(1, combined)
        else:
            told = layers.declare(
                shape,
                whole if case.got[1:] == shape else None,
                "likely",
                say("Right when the data is as it should be."),
            )
            candidates.insert(0 if finding.model_at_fault else len(candidates), told)
    if finding.leave_out and wish.layer is not None and not case.trained:
        candidates.append(_without(wish, case))
    return Diagnosis(
        finding.cause,
        finding.sentence,
        "call",
        None if finding.model_at_fault else case.operand,
        layer,
        candidates=tuple(candidates),
        advice=finding.advice,
        axes=finding.axes,
    )


def _without(wish: Any, case: inputs.Situation) -> Candidate:
    """The model without the layer that asks, declared as the array is where it was declared at all."""

    def source(editor: Editor) -> SourceEdit:
        removed = editor.remove(wish.layer)
        # A declaration in the call of the layer goes with it.
        if not wish.declared or editor.declaration()[0].call is editor.site(wish.layer).call:
            return removed
        return editor.combine(removed, editor.set_input_shape(case.got[1:], None))

    layer = str(getattr(wish.layer, "name", "?"))
    return Candidate(
        "other", say("Leave out {layer}", layer=layer)[:60], say("What comes after it takes the values as they are."), "likely",
        source=source, target=layer,
    )  # fmt: skip


def _lacking_columns(case: inputs.Situation, missing: int) -> list[Candidate]:
    """`get_dummies` that found fewer categories in this split than in the other: columns of zeros for the rest."""
    width = case.got[-1]
    frames = {
        name: value
        for name, value in variables(case.namespace)
        if not name.startswith("_") and is_from(value, "pandas", "DataFrame") and value.columns.is_unique
    }
    for short, few in frames.items():
        if len(few.columns) != width:
            continue
        for long, many in frames.items():
            if len(many.columns) != len(few.columns) + missing or not hints.is_split_of(long, short):
                continue
            lacking = [column for column in many.columns if column not in few.columns]
            # Zeros are what a category that does not occur has; for a measurement they would be made up.
            if len(lacking) != missing or not all(_is_dummy(many[column]) for column in lacking):
                continue
            return [
                Candidate(
                    "one_hot",
                    say("Give {array} the columns of {other}", array=short, other=long)[:60],
                    say("It lacks {columns}.", columns=", ".join(repr(column) for column in lacking[:4])),
                    "sure",
                    source=_reindexed(short, long),
                    target=short,
                    before=(len(few), len(few.columns)),
                    after=(len(few), len(many.columns)),
                )
            ]
    return []


def _is_dummy(column: Any) -> bool:
    """Whether a column says yes or no, by its first rows."""
    return str(column.dtype) == "bool" or set(column.iloc[:64].tolist()) <= {0, 1}


def _reindexed(short: str, long: str) -> Callable[[Editor], SourceEdit]:
    line = f"{short} = {short}.reindex(columns={long}.columns, fill_value=0)"
    return lambda editor: editor.after_making((short, long), line)


def _one_hot_again(operand: Operand, classes: int) -> Candidate:
    """`to_categorical` that found fewer classes in this part of the data than there are."""
    shape = operand.described.shape
    return Candidate(
        "one_hot",
        f"to_categorical(…, num_classes={classes})",
        say("It counts the classes that it finds; {array} holds fewer than there are.", array=operand.label),
        "sure",
        source=lambda editor: editor.set_maker_argument(
            operand, ("to_categorical",), "num_classes", str(classes)
        ),
        target=operand.name,
        before=shape,
        after=None if shape is None else (*shape[:-1], classes),
    )
