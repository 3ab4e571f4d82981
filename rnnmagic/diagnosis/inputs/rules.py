"""Which reading explains that an array does not fit: by its carrier, then by the number of its axes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rnnmagic.diagnosis.base import Candidate, text
from rnnmagic.diagnosis.inputs.order import three_to_three
from rnnmagic.diagnosis.inputs.ranks import by_sizes_alone, more_to_three, to_two
from rnnmagic.diagnosis.inputs.situation import Finding, Situation, fits_in, fix, short
from rnnmagic.diagnosis.inputs.stacked import stacked
from rnnmagic.diagnosis.inputs.tables import one_to_three, two_to_three
from rnnmagic.ops import Batched, Expand, Mapped, Reshape, Transpose, Unbatched
from rnnmagic.report import Parameter


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
        finding = None
    return finding or by_sizes_alone(case)


def _batches(case: Situation) -> Finding:
    """A dataset of batches whose arrays do not fit: the repair goes into a `map`."""
    element = getattr(case.operand.value, "element_spec", None)
    names = ("x", "y", "w")[: len(element)] if type(element) is tuple else ("x",)
    as_array = replace(
        case, operand=replace(case.operand, described=replace(case.operand.described, carrier="array"))
    )
    finding = judge(as_array)
    candidates = []
    if len(case.got) == len(case.want) + 1 and fits_in(case.got[1:], (None, *case.want[1:])):
        twice = fix(
            case, Unbatched(), f"Unbatch once: {short(case)}.unbatch()", "The dataset was batched twice.", "sure",
            siblings=False,
        )  # fmt: skip
        sentence = f"`{case.operand.label}` gives batches of batches, {text(case.got)}; the model takes {text(case.want)}."
        finding, candidates = replace(finding, cause="rank", sentence=sentence), [twice]
    for candidate in finding.candidates:
        ops = [op for _, op in candidate.data]
        if len(ops) == 1 and isinstance(ops[0], (Reshape, Transpose, Expand)):
            candidates.append(replace(candidate, data=((case.operand, Mapped(ops[0], names)),)))
    return replace(finding, candidates=tuple(candidates))


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
                f"Batch the dataset: {short(case)}.batch({size})",
                "Keras takes a dataset's elements as batches; each of these is one sample.",
                "sure",
                parameters={"batch_size": Parameter("batch size", size, (8, 16, 32, 64, 128))},
                vary=batched,
            )

        sentence = (
            f"`{name}` gives one sample {text(got)} at a time; the model takes batches, "
            f"{text((None, *got))}. The dataset was never batched."
        )
        return Finding("batch_axis_missing", sentence, (batched({}),), ("timesteps", "features"))
    return Finding("rank", f"`{name}` gives elements {text(got)}; the model takes {text(want)}.", ())
