"""Axes exchanged by the way: by a Reshape layer where a Permute was meant, by sequences cut out of (channels, time)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import permutations

from rnnmagic.diagnosis.base import Candidate, text
from rnnmagic.editor import SourceEdit
from rnnmagic.evidence import X_ROLES, Operand
from rnnmagic.frameworks.wanted import PASS_THROUGH, class_of, is_rnn, layers_of
from rnnmagic.language import say
from rnnmagic.report import Notice, Shape
from rnnmagic.silent.arrangement import dimensions, is_turn, is_turned, sizes_of
from rnnmagic.silent.cases import Case
from rnnmagic.silent.origin import Step, array_of, called_name, safe_value
from rnnmagic.source import Change, Unknowable, text_of
from rnnmagic.values import as_shape


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
