"""Axes exchanged by the way: by a Reshape layer where a Permute was meant, by sequences cut out of (channels, time)."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterator
from itertools import permutations

from rnnmagic.diagnosis import hints
from rnnmagic.diagnosis.base import Candidate, text
from rnnmagic.editor import SourceEdit
from rnnmagic.evidence import X_ROLES, Operand
from rnnmagic.frameworks.wanted import PASS_THROUGH, class_of, is_rnn, layers_of
from rnnmagic.language import say
from rnnmagic.report import Notice, Shape
from rnnmagic.silent.arrangement import dimensions, is_turn, is_turned, sizes_of
from rnnmagic.silent.cases import Case
from rnnmagic.silent.origin import SAME_NUMBERS, Step, array_of, called_name, safe_value
from rnnmagic.source import Change, Unknowable, text_of
from rnnmagic.values import as_shape, is_from


def turned_by_reshape(case: Case) -> Iterator[Notice]:
    """The first layer reshapes (channels, time) of the data to (time, channels) before a recurrent layer."""
    operands = [operand for operand in case.evidence.operands if operand.role in (*X_ROLES, "inputs")]
    layers = layers_of(case.model)
    if len(operands) != 1 or not any(is_rnn(layer) for layer in layers):
        return
    layer = next((layer for layer in layers if class_of(layer) not in PASS_THROUGH), None)
    if layer is None or class_of(layer) != "Reshape":
        return
    before, after = as_shape(layer.input.shape), as_shape(layer.output.shape)
    if before is None or after is None or len(before) != len(after) or not 3 <= len(after) <= 5:
        return
    inner, turned = before[1:], after[1:]
    if None in inner or None in turned or sorted(map(int, inner)) != sorted(map(int, turned)):  # type: ignore[arg-type]
        return
    if [size for size in inner if size != 1] == [size for size in turned if size != 1]:
        return
    for step in case.origins.steps(operands[0]):
        if isinstance(step.node, ast.Call) and called_name(step.node) in ("reshape", "resize"):
            # The array was laid out anew itself: perhaps the layer puts that right.
            return
    turns = [axes for axes in permutations(range(len(inner))) if tuple(inner[a] for a in axes) == turned]
    candidates: tuple[Candidate, ...] = ()
    if len(turns) == 1:
        dims = f"(({', '.join(str(axis + 1) for axis in turns[0])}))"
        candidates = (
            Candidate(
                "transpose",
                say("{permute} in place of {reshape}", permute=f"Permute{dims}", reshape=class_of(layer))[
                    :60
                ],
                say("It moves whole axes and leaves every sample as it was."),
                "sure",
                source=lambda editor: editor.replace_layer(layer, "Permute", dims),
                target=layer.name,
                before=before,
                after=after,
            ),
        )
    sentence = say(
        "{layer} makes {after} of samples {before}: it keeps the numbers in the order in which they lie, so the timesteps are now a mix of several; to exchange the axes, Permute.",
        layer=f"Reshape '{layer.name}'",
        after=text(turned),
        before=text(inner),
    )
    yield case.notice("scrambled", sentence, operands[0], case.layer_info(layer, after, before), candidates)


def cut_across(case: Case) -> Iterator[Notice]:
    """`eeg.reshape(-1, steps, channels)` of (channels, time): a step then holds neighbours in time of one channel."""
    for operand in case.evidence.operands:
        if operand.role not in (*X_ROLES, "inputs"):
            continue
        for step in case.origins.steps(operand):
            call = step.node
            if is_turn(call):
                # What the reshape gave was turned later: that is how channels are cut into windows rightly.
                break
            if not isinstance(call, ast.Call) or called_name(call) != "reshape":
                continue
            source = array_of(call)
            if source is None or is_turned(call) or any(k.arg == "order" for k in call.keywords):
                break
            try:
                before = as_shape(getattr(safe_value(source, case.run.namespace), "shape", None))
            except Unknowable:
                break
            if before is None or None in before:
                break
            after = sizes_of(dimensions(call), case.run.namespace, before)
            if after is not None and after == operand.described.shape and _across(before, after):
                yield _turn_first(case, operand, step, source, before, after)
            break


def _across(before: Shape, after: Shape) -> bool:
    """Whether (…, channels, time) became (samples, timesteps, channels) with as many channels."""
    if len(after) != 3 or len(before) not in (2, 3) or None in (*before, *after):
        return False
    *samples, channels, ticks = (int(size or 0) for size in before)
    recordings, steps, width = (int(size or 0) for size in after)
    if not samples and recordings == channels:
        # The first axis was kept: these are the samples, each laid flat.
        return False
    whole = samples[0] if samples else 1
    # As many channels in another place, and the rest of the numbers in whole windows.
    return (
        1 < width == channels != ticks
        and 1 < steps < ticks
        and ticks % steps == 0
        and recordings == whole * ticks // steps
    )


def _turn_first(
    case: Case, operand: Operand, step: Step, source: ast.expr, before: Shape, after: Shape
) -> Notice:
    written = text_of(step.cell, source)
    turned = f"{written}.T" if len(before) == 2 else f"{written}.transpose(0, 2, 1)"
    sentence = say(
        "`{written}` {before}, {channels} channels of {ticks} values, was reshaped to {after}: a reshape keeps the numbers in the order in which they lie, so each timestep now holds {channels} values of one channel; turn the axes first, `{turned}`.",
        written=written,
        before=text(before),
        channels=after[-1],
        ticks=before[-1],
        after=text(after),
        turned=turned,
    )
    change = Change.replacing(source, turned)
    turn = Candidate(
        "transpose",
        say("Turn the axes before the reshape")[:60],
        say("Each timestep then holds one value of every channel."),
        "sure",
        source=lambda _: SourceEdit(((step.cell, change),)),
        target=operand.name,
        before=before,
        after=after,
    )
    line = step.node.lineno + case.run.cell.offset if step.cell is case.run.cell else None
    return case.notice("scrambled", sentence, operand, None, (turn,), line)


SAME_COLUMNS = (
    *SAME_NUMBERS, "to_numpy", "array", "asarray", "dropna", "fillna", "ffill", "bfill", "head", "tail", "fit_transform",
    "transform", "round", "reset_index", "train_test_split",
)  # fmt: skip
"""Calls that leave a table's columns where they are."""


def feature_by_feature(case: Case) -> Iterator[Notice]:
    """`lags.values.reshape(-1, steps, features)`, where the table's own labels say that it runs feature by feature."""
    for operand in case.evidence.operands:
        if operand.role not in (*X_ROLES, "inputs"):
            continue
        for step in case.origins.steps(operand):
            call = step.node
            if is_turn(call):
                break
            if not isinstance(call, ast.Call) or called_name(call) != "reshape":
                continue
            source = array_of(call)
            if source is None or is_turned(call) or any(k.arg == "order" for k in call.keywords):
                break
            columns = _labels(source, step, case)
            shape = operand.described.shape
            if columns is not None and columns.order == "feature" and shape is not None and len(shape) == 3:
                if shape[1:] == (columns.timesteps, columns.features) and 1 not in shape[1:]:
                    yield _by_feature(case, operand, step, source, columns)
            break


def _labels(source: ast.expr, step: Step, case: Case) -> hints.Columns | None:
    """What the labels of the table say that an array was made of, all its columns in their order."""
    made_of = [(inner.node, inner.order) for inner in case.origins.follow(source, step.cell, step.order)]
    for made, order in [(source, step.order), *made_of]:
        node: ast.expr | None = made
        while node is not None:
            if isinstance(node, ast.Call):
                if called_name(node) not in SAME_COLUMNS:
                    return None
                # `scaler.fit_transform(table)` works on its argument.
                of_argument = called_name(node) in ("fit_transform", "transform") and node.args
                node = node.args[0] if of_argument else array_of(node)
            elif (isinstance(node, ast.Attribute) and node.attr in ("values", "iloc", "loc")) or (
                isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice)
            ):
                node = node.value
            else:
                break
        if not isinstance(node, ast.Name) or case.origins.after(node.id, order):
            return None
        table = case.run.namespace.get(node.id)
        if is_from(table, "pandas", "DataFrame"):
            return hints.columns_of(table, case.run.namespace)
    return None


def _by_feature(case: Case, operand: Operand, step: Step, source: ast.expr, columns: hints.Columns) -> Notice:
    steps, features = columns.timesteps, columns.features
    written = text_of(step.cell, source)
    with contextlib.suppress(Unknowable):
        if is_from(safe_value(source, case.run.namespace), "pandas", "DataFrame"):
            written = f"{written}.to_numpy()"
    turned = f"{written}.reshape(-1, {features}, {steps}).transpose(0, 2, 1)"
    sentence = say(
        "The columns of `{written}` run feature by feature ({names}, …), and were reshaped to {steps} timesteps of {features} features as if they ran step by step: each timestep is now a mix of several; `{turned}`.",
        written=written,
        names=", ".join(columns.sample),
        steps=steps,
        features=features,
        turned=turned,
    )
    shape = operand.described.shape
    change = Change.replacing(step.node, turned)
    turn = Candidate(
        "reshape",
        say("Reshape {array}, columns feature by feature", array=written)[:60],
        say("Each timestep then holds one value of every feature."),
        "sure",
        source=lambda _: SourceEdit(((step.cell, change),)),
        target=operand.name,
        after=shape,
    )
    line = step.node.lineno + case.run.cell.offset if step.cell is case.run.cell else None
    return case.notice("scrambled", sentence, operand, None, (turn,), line)
