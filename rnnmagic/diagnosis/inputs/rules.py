"""Which reading explains that an array does not fit: by its carrier, then by the number of its axes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rnnmagic.diagnosis.base import Candidate, text
from rnnmagic.diagnosis.inputs.order import three_to_three
from rnnmagic.diagnosis.inputs.ranks import by_sizes_alone, more_to_three, to_two
from rnnmagic.diagnosis.inputs.single import is_one_sample, one_sample
from rnnmagic.diagnosis.inputs.situation import Finding, Situation, fits_in, fix, short
from rnnmagic.diagnosis.inputs.stacked import stacked
from rnnmagic.diagnosis.inputs.tables import one_to_three, two_to_three
from rnnmagic.diagnosis.layers.declared import declare
from rnnmagic.frameworks.keraslike.batching import can_be_batched, one_size, steps_of
from rnnmagic.language import say
from rnnmagic.ops import Batched, Expand, Mapped, Padded, Reshape, Transpose, Unbatched
from rnnmagic.report import Parameter
from rnnmagic.source import CannotEdit
from rnnmagic.values import asked

if TYPE_CHECKING:
    from rnnmagic.editor import Editor, SourceEdit


def judge(case: Situation) -> Finding:
    """Say why the array does not fit."""
    got, want = case.got, case.want
    rank, wanted = len(got), len(want)
    if case.operand.described.carrier == "dataset":
        return _dataset(case)
    if case.operand.described.carrier == "loader":
        return _batches(case)
    together = stacked(case)
    if together is not None:
        return together
    if wanted == 3:
        finding = {1: one_to_three, 2: two_to_three, 3: three_to_three}.get(rank, more_to_three)(case)
    elif wanted == 2:
        finding = to_two(case)
    else:
        # Images, clips, volumes: beyond three axes no size of a sample is taken for a number of samples.
        finding = one_sample(case) if rank and is_one_sample(case) else None
    return finding or by_sizes_alone(case)


def _batches(case: Situation) -> Finding:
    """A dataset of batches whose arrays do not fit: the repair goes into a `map`."""
    element = asked(case.operand.value, "element_spec")
    names = ("x", "y", "w")[: len(element)] if type(element) is tuple else ("x",)
    as_array = replace(
        case, operand=replace(case.operand, described=replace(case.operand.described, carrier="array"))
    )
    finding = judge(as_array)
    candidates = []
    if len(case.got) == len(case.want) + 1 and fits_in(case.got[1:], (None, *case.want[1:])):
        once = Unbatched()
        twice = [
            Candidate(
                "batch", say("Take the second batch() out of {array}", array=short(case)), say("The dataset was batched twice."), "sure",
                source=_batched_once(case), target=case.operand.name, before=case.got, after=once.shape(case.got),
            ),
            fix(
                case, once, say("Unbatch once: {array}.unbatch()", array=short(case)), say("The dataset was batched twice."), "sure",
            ),
        ]  # fmt: skip
        sentence = say(
            "`{array}` gives batches of batches, {shape}; the model takes {want_shape}.",
            array=case.operand.label,
            shape=text(case.got),
            want_shape=text(case.want),
        )
        finding, candidates = replace(finding, cause="rank", sentence=sentence), twice
    if finding.cause == "timesteps" and not case.trained:
        # What counts the timesteps further on needs their number, which a dataset does not tell Keras.
        candidates.append(
            declare(case.got[1:], None, "likely", say("Right when the data is as it should be."))
        )
    for candidate in finding.candidates:
        ops = [op for _, op in candidate.data]
        if len(ops) == 1 and isinstance(ops[0], (Reshape, Transpose, Expand)):
            moved = ops[0].shape(case.got)[:1] != case.got[:1]
            # A size that is written out, or declared, is not that of a short last batch.
            fixed = isinstance(ops[0], Reshape) or None not in case.want[1:]
            if moved and fixed and not one_size(case.operand.value):
                continue
            candidates.append(replace(candidate, data=((case.operand, Mapped(ops[0], names)),)))
    return replace(finding, candidates=tuple(candidates))


def _batched_once(case: Situation) -> Callable[[Editor], SourceEdit]:
    """Each dataset of the call, or of a later one in the cell, that has an axis too many, without its last `batch()`."""

    def source(editor: Editor) -> SourceEdit:
        from rnnmagic.placing import companions

        evidence, found = editor.evidence, editor.without_batch(case.operand)
        for other in companions(case.operand, evidence):
            with contextlib.suppress(CannotEdit):
                more = editor.without_batch(other)
                if not set(more.changes) & set(found.changes):
                    found = editor.combine(found, more)
        return found

    return source


def _into_batches(case: Situation, batched: Candidate) -> Iterator[Candidate]:
    """Repairs of a dataset never batched; where its elements may differ in size, what takes those first."""
    try:
        together = can_be_batched(case.operand.value.batch(2))
    except Exception:
        together = True
    if together:
        yield batched
        return
    if any(type(step).__name__ == "_WindowDataset" for step in steps_of(case.operand.value)):
        yield replace(
            batched, title=say("Batch whole windows only: drop_remainder=True"),
            why=say("The last windows of a series are shorter, and batch() takes equal ones only."),
            source=lambda editor: editor.drop_remainder(case.operand, "window"), parameters=None, vary=None, siblings=False,
        )  # fmt: skip
    else:
        yield fix(
            case, Padded(32), say("Fill up each batch: {array}.padded_batch", array=short(case)),
            say("The sequences of a batch are filled up to the longest."), "likely",
            say("Padding adds steps that are no data: mask them (mask_zero=True, or a Masking layer)."),
        )  # fmt: skip
    yield replace(
        batched, confidence="possible", caution=say("Works only when all its elements are of one size."),
        parameters=None, vary=None,
    )  # fmt: skip


def _dataset(case: Situation) -> Finding:
    """A dataset whose elements are single samples."""
    name, got, want = case.operand.label, case.got, case.want
    channel = len(got) == len(want) - 2 and want[-1] == 1  # Keras adds a last axis of size 1 by itself.
    if len(got) == len(want) - 1 or channel:

        def batched(values: Mapping[str, Any]) -> Candidate:
            size = int(values.get("batch_size", 32))
            return fix(
                case,
                Batched(size),
                say("Batch the dataset: {array}.batch({size})", array=short(case), size=size),
                say("Keras takes a dataset's elements as batches; each of these is one sample."),
                "sure",
                parameters={"batch_size": Parameter(say("batch size"), size, (8, 16, 32, 64, 128))},
                vary=batched,
            )

        sentence = say(
            "`{name}` gives one sample {shape} at a time; the model takes batches, {batch_shape}. The dataset was never batched.",
            name=name,
            shape=text(got),
            batch_shape=text((None, *got)),
        )
        return Finding(
            "batch_axis_missing", sentence, tuple(_into_batches(case, batched({}))), ("timesteps", "features")
        )
    return Finding(
        "rank",
        say(
            "`{name}` gives elements {shape}; the model takes {want_shape}.",
            name=name,
            shape=text(got),
            want_shape=text(want),
        ),
        (),
    )
