"""Padding that a recurrent layer reads as data: the mask was lost on the way, or never made."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from rnnmagic.diagnosis.base import Candidate, text
from rnnmagic.evidence import X_ROLES, Operand
from rnnmagic.frameworks.base import Reading
from rnnmagic.language import later, say
from rnnmagic.report import Notice, Shape
from rnnmagic.silent.cases import Case
from rnnmagic.silent.padding import Padding, filler_of, has_masked_step, padding_of


def mask_lost(case: Case) -> Iterator[Notice]:
    """A mask was made, and a layer before the one that needs it does not pass it on."""
    look = case.look
    if not look.known:
        return
    for reading in look.readings:
        if reading.masked or reading.dropper is None:
            continue
        if reading.recurrent is False and any(
            r.dropper == reading.dropper and r.recurrent for r in look.readings
        ):
            continue
        maker, dropper = case.layer(reading.maker), case.layer(reading.dropper)
        operand = _source(case, reading)
        if operand is not None and has_masked_step(operand.value, maker) is False:
            # Sequences of full length all: there is nothing to mask.
            return
        told = {
            "maker": _told(maker, reading.maker),
            "dropper": _told(dropper, reading.dropper, reading.dropper_cls),
            "reader": f"{reading.cls} '{reading.layer}'",
        }
        if dropper is None:
            sentence = say(
                "{maker} makes a mask of the padding, but the operation {dropper} does not pass it on, so {reader} reads the padded timesteps as data.",
                **told,
            )
        else:
            sentence = say(
                "{maker} makes a mask of the padding, but the layer {dropper} does not pass it on, so {reader} reads the padded timesteps as data.",
                **told,
            )
        yield case.notice(
            "mask_lost", sentence, operand, case.layer_info(dropper or case.layer(reading.layer))
        )
        return


def _told(layer: Any, name: str | None, cls: str | None = None) -> str:
    return f"{type(layer).__name__ if layer is not None else cls or ''} '{name}'".strip()


def _source(case: Case, reading: Reading) -> Operand | None:
    """The array that the layer reads, when only one fits."""
    found = [operand for operand in case.evidence.operands if operand.role in ("x", "inputs")]
    if len(found) > 1 or (found and reading.source is not None):
        found = [operand for operand in found if _begins(reading.source, operand.described.shape)]
    return found[0] if len(found) == 1 else None


def _begins(source: Shape | None, shape: Shape | None) -> bool:
    """Whether a way that begins with `source` begins with an array of `shape`, of whatever number of samples.

    A last axis of size 1 is Keras's own where the model is declared with it, and the array not, or
    the other way round.
    """
    if not shape or source is None:
        return False
    one, two = source[1:], shape[1:]
    return one == two or one == (*two, 1) or (*one, 1) == two


def pad_unmasked(case: Case) -> Iterator[Notice]:
    """Rows that end (or begin) in zeros for different lengths of time, and no mask."""
    look = case.look
    if not look.known or _weighted_steps(case):
        return
    for reading in look.readings:
        if reading.recurrent and reading.masked:
            yield from _other_value(case, reading)
        if not reading.recurrent or reading.masked or reading.dropper is not None:
            continue
        if not reading.keeps or reading.source is None:
            continue
        operand = _source(case, reading)
        if operand is None or operand.role not in X_ROLES:
            continue
        first = case.layer(reading.way[0]) if reading.way else None
        embedded = type(first).__name__ == "Embedding"
        if any(type(case.layer(name)).__name__ == "Embedding" for name in reading.way[1:]):
            continue
        padding = padding_of(operand.value, ids=embedded, padded_by_name=_says_pad(case, operand))
        if padding is not None:
            yield _say(case, operand, reading, first if embedded else None, padding)
            return


def _other_value(case: Case, reading: Reading) -> Iterator[Notice]:
    """Padded with one number, while the Masking layer looks for another."""
    maskings = [layer for layer in map(case.layer, reading.way) if type(layer).__name__ == "Masking"]
    operand = _source(case, reading)
    if len(maskings) != 1 or operand is None or has_masked_step(operand.value, maskings[0]) is not False:
        return
    (masking,) = maskings
    filler = filler_of(operand.value)
    if filler is None or not _says_pad(case, operand):
        return
    padding = padding_of(operand.value, ids=False, padded_by_name=True, filler=filler)
    if padding is None:
        return
    sentence = say(
        "The rows of `{array}` {shape} are padded with {filler}, but Masking '{masking}' masks timesteps of {value}: {layer} '{name}' reads the padding as data.",
        array=operand.label,
        shape=text(operand.described.shape),
        filler=f"{filler:g}",
        masking=masking.name,
        value=f"{masking.mask_value:g}",
        layer=reading.cls,
        name=reading.layer,
    )
    fix = Candidate(
        "mask", say("{argument} on {layer}", argument=f"mask_value={filler:g}", layer=f"Masking '{masking.name}'")[:60], say("Recurrent layers then skip the padded timesteps."),
        "sure", source=lambda editor: editor.set_argument(masking, "mask_value", repr(filler)), target=masking.name,
        before=operand.described.shape, after=operand.described.shape,
    )  # fmt: skip
    yield case.notice("pad_unmasked", sentence, operand, case.layer_info(masking), (fix,))


def _weighted_steps(case: Case) -> bool:
    """Weights for every timestep: the user leaves the padding out of the loss."""
    weights = [operand for operand in case.evidence.operands if operand.role == "sample_weight"]
    return any(len(operand.described.shape or ()) >= 2 for operand in weights)


def _says_pad(case: Case, operand: Operand) -> bool:
    """Whether the text of the cells pads something on the array's way."""
    return any("pad" in ast.dump(step.node).lower() for step in case.origins.steps(operand))


_READS = {
    (True, True): later(
        "The rows of `{array}` {shape} end in up to {timesteps} timesteps of zeros, which is padding, and no layer masks them: {reader} reads them as words."
    ),
    (True, False): later(
        "The rows of `{array}` {shape} begin in up to {timesteps} timesteps of zeros, which is padding, and no layer masks them: {reader} reads them as words."
    ),
    (False, True): later(
        "The rows of `{array}` {shape} end in up to {timesteps} timesteps of zeros, which is padding, and no layer masks them: {reader} reads them as data."
    ),
    (False, False): later(
        "The rows of `{array}` {shape} begin in up to {timesteps} timesteps of zeros, which is padding, and no layer masks them: {reader} reads them as data."
    ),
}
"""Whether ids of words are padded, and whether at the end of the rows."""


def _say(case: Case, operand: Operand, reading: Reading, embedding: Any, padding: Padding) -> Notice:
    rnn = case.layer(reading.layer)
    sentence = say(
        _READS[embedding is not None, padding.side == "post"],
        array=operand.label,
        shape=text(operand.described.shape),
        timesteps=padding.longest,
        reader=f"{reading.cls} '{reading.layer}'",
    )
    if embedding is not None:
        fix = Candidate(
            "mask",
            say(
                "mask_zero=True on {kind} '{embedding_name}'",
                kind=type(embedding).__name__,
                embedding_name=embedding.name,
            )[:60],
            say("Recurrent layers then skip the padded timesteps."),
            "sure",
            source=lambda editor: editor.set_argument(embedding, "mask_zero", "True"),
            target=embedding.name,
            before=operand.described.shape,
            after=operand.described.shape,
        )
    else:
        first = case.layer(reading.way[0]) if reading.way else rnn
        fix = Candidate(
            "mask",
            say("Masking before {kind} '{first_name}'", kind=type(first).__name__, first_name=first.name)[
                :60
            ],
            say("Recurrent layers then skip the timesteps that are all zero."),
            "likely",
            say(
                "Timesteps of real zeros are skipped too; pad with a value that the data does not have, if there are any."
            ),
            source=lambda editor: editor.insert_before(first, "Masking", "(mask_value=0.0)"),
            target=first.name,
            before=operand.described.shape,
            after=operand.described.shape,
        )
    layer = case.layer_info(embedding if embedding is not None else rnn)
    return case.notice("pad_unmasked", sentence, operand, layer, (fix,))
