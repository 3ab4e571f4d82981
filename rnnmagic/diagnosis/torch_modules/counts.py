"""Numbers of samples that differ: in a TensorDataset, and in the lengths of packed sequences."""

from __future__ import annotations

from typing import Any

from rnnmagic.diagnosis.base import Candidate, Diagnosis
from rnnmagic.diagnosis.torch_modules.sites import signed
from rnnmagic.diagnosis.torch_modules.stack import Stack, is_tensor, shape_of
from rnnmagic.editor import Editor, SourceEdit
from rnnmagic.language import say
from rnnmagic.ops import Slice
from rnnmagic.ops.tensors import OnTensor
from rnnmagic.source import CannotEdit


def of_dataset(stack: Stack) -> Diagnosis | None:
    """`TensorDataset(X, y)` of unequal numbers of samples."""
    frame = stack.frames[-1] if stack.frames else None
    tensors = None if frame is None else frame.f_locals.get("tensors")
    if frame is None or type(frame.f_locals.get("self")).__name__ != "TensorDataset":
        return None
    if not isinstance(tensors, tuple) or not all(is_tensor(t) and t.dim() for t in tensors):
        return None
    place = stack.evidence.places[-1] if stack.evidence.places else None
    call = None if place is None else place.call
    if place is None or call is None or len(call.args) != len(tensors):
        return None
    sizes = [int(t.shape[0]) for t in tensors]
    fewest = min(sizes)
    stack.place = place
    operands = [stack.operand("x" if n == 0 else "y", t, call.args[n]) for n, t in enumerate(tensors)]
    longer = next(o for o, n in zip(operands, sizes, strict=True) if n != fewest)
    shorter = next(o for o, n in zip(operands, sizes, strict=True) if n == fewest)
    op = OnTensor(Slice(0, None, fewest, kind="align", repeatable=True))
    shape = longer.described.shape or ()
    return Diagnosis(
        "sample_count",
        say("`{array}` has {samples} samples and `{shorter_array}` {fewest}; each sample needs its target.", array=longer.label, samples=max(sizes), shorter_array=shorter.label, fewest=fewest),
        "data",
        longer,
        candidates=(
            Candidate(
                "align", say("Use the first {fewest} samples of {array}", fewest=fewest, array=longer.label)[:60],
                say("Right when the surplus stands at the end."), "possible",
                say("Check which samples have no partner: cut at the wrong end, every target belongs to another sample."),
                data=((longer, op),), target=longer.name, before=shape, after=op.shape(shape), siblings=False,
            ),
        ),
    )  # fmt: skip


def of_packing(stack: Stack) -> Diagnosis | None:
    """`pack_padded_sequence` with unsorted lengths, or with those of other samples."""
    frame = next((f for f in reversed(stack.frames) if f.f_code.co_name == "pack_padded_sequence"), None)
    place = stack.evidence.places[-1] if stack.evidence.places else None
    if frame is None or place is None:
        return None
    given, lengths = frame.f_locals.get("input"), frame.f_locals.get("lengths")
    got, count = shape_of(given), shape_of(lengths)
    call = place.call
    if got is None or not count:
        return None
    first = bool(frame.f_locals.get("batch_first"))
    samples = got[0 if first else 1]

    def argument(name: str) -> Any:
        def source(_editor: Editor) -> SourceEdit:
            from rnnmagic.modelsource import CallSite, set_argument

            if call is None:
                raise CannotEdit("the call is not clear")
            target = stack.evidence.namespace.get("pack_padded_sequence") or signed(
                "input", "lengths", "batch_first", "enforce_sorted"
            )
            site, value = CallSite(place.cell, call, target), str(name == "batch_first")
            return SourceEdit(tuple(set_argument(site, name, value, stack.evidence.namespace)))

        return source

    if "sorted" in stack.message:
        return Diagnosis(
            "other",
            say("The sequences are not sorted by length, longest first, as pack_padded_sequence expects them."),
            "call",
            candidates=(
                Candidate(
                    "other", "pack_padded_sequence(…, enforce_sorted=False)",
                    say("It then sorts them itself, and the answer is in the order of the input."), "sure",
                    source=argument("enforce_sorted"),
                ),
            ),
        )  # fmt: skip
    if samples == count[0]:
        return None
    turned = got[1 if first else 0] == count[0]
    candidates: tuple[Candidate, ...] = ()
    if turned and not first:
        candidates = (
            Candidate(
                "layer_argument", "pack_padded_sequence(…, batch_first=True)",
                say("There are {lengths} lengths, as many as axis 0 of the input is long.", lengths=count[0]), "sure",
                source=argument("batch_first"),
            ),
        )  # fmt: skip
    return Diagnosis(
        "axis_order" if turned else "sample_count",
        say(
            "pack_padded_sequence gets {lengths} lengths for {samples} samples (axis {axis} of the input).",
            lengths=count[0],
            samples=samples,
            axis=0 if first else 1,
        ),
        "call",
        candidates=candidates,
    )
