"""Data that never reaches the model: ragged, of an unusable type, or of unequal numbers."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from rnnmagic.diagnosis import hints
from rnnmagic.diagnosis.base import Candidate, Diagnosis, plural, text
from rnnmagic.evidence import Evidence, Operand
from rnnmagic.ops import Cast, Dense, LabelNumbers, Op, Pad, Replace, Slice, Stack, ToArray
from rnnmagic.report import Parameter, Shape
from rnnmagic.values import describe


def ragged(
    operand: Operand, phase: str, *, ids: bool = False, masked: bool | None = None, maxlen: int | None = None
) -> Diagnosis:
    """Sequences of unequal length. `ids`: they are word numbers for an Embedding."""
    described = operand.described
    if described.carrier == "ragged_tensor":
        return _ragged_tensor(operand, phase)
    lengths = described.lengths or ()
    name = operand.label
    count = (described.shape or (None,))[0]
    longest = maxlen or (max(lengths) if lengths else 1)
    spread = f"from {min(lengths)} to {max(lengths)}" if lengths else "of different length"
    sentence = (
        f"`{name}` holds {count} sequences {spread} timesteps long; an array needs one length for all. "
        "Pad them."
    )
    integers = ids or _whole_numbers(operand)
    dtype = "int32" if integers else "float32"

    def padded(values: Mapping[str, Any]) -> Candidate:
        length = int(values.get("maxlen", longest))
        side = str(values.get("side", "post"))
        value = float(values.get("value", 0.0))
        op = Pad(length, side, value, dtype, described.inner, truncating=side)
        shortened = sum(1 for n in lengths if n > length)
        caution = "Padding adds steps that are no data: mask them (mask_zero=True, or a Masking layer)."
        if shortened:
            caution += f" {shortened} of {len(lengths)} sequences are cut to {length}."
        if masked:
            caution = caution.removeprefix(
                "Padding adds steps that are no data: mask them (mask_zero=True, or a Masking layer)."
            ).strip()
        return Candidate(
            "pad",
            f"Pad {name if len(name) < 24 else 'the sequences'} to {plural(length, 'timestep')}",
            "Shorter sequences are filled up, so that all have one length.",
            "sure",
            caution or None,
            data=((operand, op),),
            target=operand.name,
            before=described.shape,
            after=op.shape(described.shape or (None,)),
            parameters={
                "side": Parameter("side that is padded", side, ("post", "pre")),
                "maxlen": Parameter("length in timesteps", length, _choices(lengths, length)),
                "value": Parameter("value that fills", value, (0.0, -1.0, -10.0, -99.0)),
            },
            vary=padded,
        )

    advice = () if masked else (
        ("Padded steps are read as data unless they are masked: Embedding(…, mask_zero=True) for ids, "
        "Masking(mask_value=…) before the first recurrent layer for numbers."),
    )  # fmt: skip
    return Diagnosis(
        "ragged",
        sentence,
        phase,
        operand,
        candidates=(padded({}),),
        advice=advice,
        axes=("samples", "timesteps"),
    )


def _ragged_tensor(operand: Operand, phase: str) -> Diagnosis:
    name, shape = operand.label, operand.described.shape
    return Diagnosis(
        "ragged",
        f"`{name}` is a ragged tensor {text(shape)}: its sequences are of different length, and a layer needs one "
        "length for all. Fill them up with to_tensor().",
        phase,
        operand,
        candidates=(
            Candidate(
                "pad", f"Fill {_short(name)} up: {_short(name)}.to_tensor()"[:60],
                "Shorter sequences are filled up with zeros at the end.", "sure",
                "Padding adds steps that are no data: mask them (mask_zero=True, or a Masking layer).",
                data=((operand, Dense()),), target=operand.name, before=shape, after=shape,
            ),
        ),
        axes=("samples", "timesteps", "features")[: len(shape or ())],
    )  # fmt: skip


def _choices(lengths: tuple[int, ...], chosen: int) -> tuple[int, ...]:
    if not lengths:
        return (chosen,)
    ordered = sorted(lengths)
    quantiles = {ordered[min(len(ordered) - 1, int(q * len(ordered)))] for q in (0.5, 0.75, 0.9, 0.95)}
    return tuple(sorted({*quantiles, ordered[-1], chosen} - {0}))


def _whole_numbers(operand: Operand) -> bool:
    try:
        row = next(item for item in operand.value if len(item))
        first = row[0]
    except Exception:
        return False
    if isinstance(first, bool):
        return False
    if isinstance(first, int):
        return True
    dtype = str(getattr(row, "dtype", getattr(first, "dtype", "")))
    return dtype.startswith(("int", "uint"))


def unusable(operand: Operand, phase: str, *, role_is_target: bool = False) -> Diagnosis:
    """Elements that a layer cannot compute with: objects, text; or a plain list."""
    described = operand.described
    name = operand.label
    if described.carrier == "list":
        return _plain_list(operand, phase)
    kind = described.dtype
    if (
        kind == "object"
        and described.shape is not None
        and len(described.shape) > 1
        and _is_nested_object(operand)
    ):
        stack = Stack()
        return Diagnosis(
            "dtype",
            f"`{name}` is an array of {described.shape[0]} objects, each an array of its own; the layer wants one array "
            f"of numbers, {text(described.shape)}.",
            phase,
            operand,
            candidates=(
                _simple(
                    operand,
                    stack,
                    f"Stack {_short(name)} into one array",
                    "All are of one shape.",
                    described.shape,
                ),
            ),
        )
    sample = _sample(operand.value)
    numbers = sample is not None and _all_numbers(sample)
    candidates: list[Candidate] = []
    if numbers:
        whole = role_is_target and all(float(v).is_integer() for v in sample)
        candidates.append(
            _simple(
                operand,
                Cast("int32" if whole else "float32"),
                f"Cast {_short(name)} to {'int32' if whole else 'float32'}",
                "Every value looked at is a number; only the type of the array is not.",
                described.shape,
            )
        )
    elif role_is_target:
        candidates.append(
            _simple(
                operand,
                LabelNumbers(),
                f"Number the labels of {_short(name)}: 0, 1, 2, …",
                "A loss compares numbers: each label gets one, in sorted order.",
                described.shape,
            )
        )
    elif describe(operand.value).carrier == "frame":
        numeric = _numeric_columns(operand.value)
        if numeric:
            candidates.append(
                Candidate(
                    "select",
                    f"Keep the {len(numeric)} numeric columns of {_short(name)}",
                    "Text and dates cannot be computed with; encode them first if they matter.",
                    "likely",
                    "The other columns are left out.",
                    data=((operand, _Numeric(len(numeric))),),
                    target=operand.name,
                    before=described.shape,
                    after=(*(described.shape or (None,))[:-1], len(numeric)),
                )
            )
    sentence = (
        f"`{name}` {text(described.shape)} has elements of type {kind}; a layer computes with numbers only."
    )
    return Diagnosis("dtype", sentence, phase, operand, candidates=tuple(candidates))


def _short(name: str) -> str:
    return name if len(name) <= 24 else "the array"


def _simple(operand: Operand, op: Op, title: str, why: str, shape: Shape | None) -> Candidate:
    return Candidate(
        op.kind, title[:60], why, "sure", data=((operand, op),), target=operand.name,
        before=shape, after=op.shape(shape or (None,)),
    )  # fmt: skip


class _Numeric(Op):
    """The numeric columns of a frame."""

    kind = "select"
    repeatable = False

    def __init__(self, count: int) -> None:
        self.count = count

    def shape(self, shape: Shape) -> Shape:
        return (*shape[:-1], self.count)

    def apply(self, value: Any) -> Any:
        return value.select_dtypes(["number", "bool"]).astype("float32")

    def code(self, expression: str, value: Any, spell: Any) -> str:
        return f'{expression}.select_dtypes(["number", "bool"]).astype("float32")'


def _numeric_columns(frame: Any) -> list[Any]:
    return [
        c
        for c, d in zip(frame.columns, frame.dtypes, strict=True)
        if str(d).startswith(("int", "uint", "float", "bool"))
    ]


def _is_nested_object(operand: Operand) -> bool:
    shape = getattr(operand.value, "shape", ())
    return len(shape) == 1


def _sample(value: Any) -> list[Any] | None:
    """At most a few hundred elements, spread over the array."""
    try:
        if describe(value).carrier == "frame":
            part = value.iloc[:64].to_numpy().ravel()
        elif hasattr(value, "iloc"):
            part = value.iloc[:256].to_numpy()
        else:
            part = value.reshape(-1)
        step = max(1, len(part) // 256)
        return [part[i] for i in range(0, len(part), step)][:300]
    except Exception:
        return None


def _all_numbers(sample: list[Any]) -> bool:
    for value in sample:
        if type(value).__module__ not in ("builtins", "numpy"):
            return False
        try:
            float(value)
        except (TypeError, ValueError):
            return False
    return bool(sample)


def _plain_list(operand: Operand, phase: str) -> Diagnosis:
    described, name = operand.described, operand.label
    of_text = described.dtype == "str"
    target = operand.role in ("y", "validation_y")
    op: Op = LabelNumbers() if of_text and target else ToArray()
    sentence = (
        f"`{name}` is a Python list; Keras takes a list for several inputs, one array each. "
        f"As one array it is {text(described.shape)}."
    )
    return Diagnosis(
        "dtype",
        sentence,
        phase,
        operand,
        candidates=(
            _simple(
                operand,
                op,
                f"Make one array of {_short(name)}",
                "A list of samples becomes one array, samples first.",
                described.shape,
            ),
        ),
    )


def counts(evidence: Evidence, first: Operand, second: Operand, phase: str) -> Diagnosis:
    """x and y (or sample_weight) hold different numbers of samples."""
    x, y = first, second
    rows, targets = (x.described.shape or (None,))[0], (y.described.shape or (None,))[0]
    assert rows is not None and targets is not None
    sentence = (
        f"`{x.label}` holds {rows} samples and `{y.label}` {targets}: each sample needs its own target."
    )
    candidates: list[Candidate] = []
    swapped = _right_partner(evidence, x, y)
    for partner in swapped[:2]:
        candidates.append(partner)
    turned = _batch_axis_elsewhere(x, targets)
    if turned is not None:
        from rnnmagic.ops import Transpose

        op = Transpose(turned)
        shape = x.described.shape or ()
        return Diagnosis(
            "axis_order",
            f"`{x.label}` {text(shape)} has its samples on axis {turned[0]}, not first: `{y.label}` holds {targets} targets.",
            phase,
            x,
            candidates=(
                *candidates,
                Candidate(
                    "transpose", f"Transpose {_short(x.label)} to {text(op.shape(shape))}"[:60],
                    "Samples come first; a transpose keeps every sample whole.", "likely",
                    data=((x, op),), target=x.name, before=shape, after=op.shape(shape),
                ),
            ),
        )  # fmt: skip
    if not candidates:
        candidates += _same_slice(evidence, x, y)
    if not candidates:
        candidates += _cuts(evidence, x, y, rows, targets)
    at_fault = y if targets >= rows or y.role == "sample_weight" else x
    if swapped:
        at_fault = next((operand for operand, _ in swapped[0].data), at_fault)
    return Diagnosis(
        "sample_count",
        sentence,
        phase,
        at_fault,
        candidates=tuple(candidates),
        axes=("samples",) if at_fault is y else None,
    )


class _Sliced(Op):
    """The slice that the other array was given: `y[:64]` beside `X[:64]`."""

    kind = "align"
    only_here = True

    def __init__(self, text: str, count: int | None) -> None:
        self.text, self.count = text, count

    def shape(self, shape: Shape) -> Shape:
        return (self.count, *shape[1:])

    def apply(self, value: Any) -> Any:
        raise TypeError("only written into the call")

    def code(self, expression: str, value: Any, spell: Any) -> str:
        return f"{expression}[{self.text}]"


def _same_slice(evidence: Evidence, x: Operand, y: Operand) -> list[Candidate]:
    """One of the two was sliced in the call, and the other was not."""
    for cut, whole in ((x, y), (y, x)):
        node = cut.node
        if (
            not isinstance(node, ast.Subscript)
            or not isinstance(node.value, ast.Name)
            or not whole.is_variable
        ):
            continue
        base = describe(evidence.namespace.get(node.value.id)).shape
        count, rows = (whole.described.shape or (None,))[0], (cut.described.shape or (None,))[0]
        first = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) else node.slice
        if base is None or base[0] != count or whole.node is None:
            continue
        slice_text = ast.unparse(first)
        op = _Sliced(slice_text, rows)
        return [
            Candidate(
                "align", f"Slice {_short(whole.label)} alike: {_short(whole.label)}[{slice_text}]"[:60],
                f"`{cut.label}` is a part of `{node.value.id}`; its partner needs the same part.", "sure",
                data=((whole, op),), target=whole.name, before=whole.described.shape,
                after=op.shape(whole.described.shape or (None,)), siblings=False,
            )
        ]  # fmt: skip
    return []


def _batch_axis_elsewhere(x: Operand, targets: int) -> tuple[int, ...] | None:
    shape = x.described.shape
    if shape is None or len(shape) != 3 or targets <= 1:
        return None
    if shape[1] == targets and shape[2] != targets:
        return (1, 0, 2)
    return None


def _right_partner(evidence: Evidence, x: Operand, y: Operand) -> list[Candidate]:
    """A variable of the same family that has the right number: y_train for X_train."""
    found: list[Candidate] = []
    for operand, other in ((y, x), (x, y)):
        if operand.name is None or not operand.is_variable:
            continue
        count = (other.described.shape or (None,))[0]
        mine = operand.described
        for name, value in list(evidence.namespace.items()):
            if name.startswith("_") or value is operand.value or name == operand.name:
                continue
            if not hints.is_split_of(name, operand.name):
                continue
            described = describe(value)
            if (
                described.shape
                and mine.shape
                and described.shape[0] == count
                and described.shape[1:] == mine.shape[1:]
            ):
                part = _part(name)
                agrees = other.name is not None and part is not None and part == _part(other.name)
                found.append(
                    Candidate(
                        "select",
                        f"Pass {name} instead of {operand.name}"[:60],
                        f"`{name}` has the {count} samples that `{other.label}` has."
                        + (" Both are the same part of the data." if agrees else ""),
                        "sure" if agrees else "likely",
                        data=((operand, Replace(name, value)),),
                        target=operand.name,
                        before=mine.shape,
                        after=described.shape,
                        siblings=False,
                    )
                )
        if found and found[-1].confidence == "sure":
            break
    return sorted(found, key=lambda candidate: candidate.confidence != "sure")


def _part(name: str) -> str | None:
    lowered = name.lower()
    for part, words in (
        ("train", ("train", "_tr", "trn")),
        ("test", ("test", "_te", "tst")),
        ("val", ("val", "_va", "dev")),
    ):
        if any(word in lowered for word in words):
            return part
    return None


def _cuts(evidence: Evidence, x: Operand, y: Operand, rows: int, targets: int) -> list[Candidate]:
    """Cut the longer one, the end kept together: window i ends where target i begins."""
    shape = x.described.shape or ()
    steps = shape[1] if len(shape) >= 2 else None
    surplus = targets - rows
    candidates: list[Candidate] = []
    if surplus > 0:
        windows = steps is not None and surplus in (steps, steps - 1)
        op = Slice(0, surplus, None, kind="align" if windows or y.role != "sample_weight" else "trim")
        if windows:
            why = (
                f"Each window covers {steps} rows, so the first has its target at row {surplus}: "
                f"the first {surplus} targets have no window."
            )
        else:
            why = "Right when the samples belong to the end of the targets, as with windows over the past."
        candidates.append(
            Candidate(
                "align", f"Align {_short(y.label)} with the windows: [{surplus}:]"[:60], why,
                "sure" if windows else "likely",
                None if windows else "Check that target i still belongs to sample i.",
                data=((y, op),), target=y.name, before=y.described.shape, after=op.shape(y.described.shape or ()),
                siblings=False,
            )
        )  # fmt: skip
        trim = Slice(0, None, rows, kind="trim")
        candidates.append(
            Candidate(
                "trim", f"Drop the last {surplus} of {_short(y.label)}"[:60],
                "Right when samples and targets start together.",
                "possible",
                "Pairs each window with a value from before its end." if windows else "Check that target i still belongs to sample i.",
                data=((y, trim),), target=y.name, before=y.described.shape, after=trim.shape(y.described.shape or ()),
                siblings=False,
            )
        )  # fmt: skip
        return candidates
    surplus = -surplus
    trim = Slice(0, None, targets, kind="trim")
    candidates.append(
        Candidate(
            "trim", f"Drop the last {surplus} of {_short(x.label)}"[:60],
            "Right when samples and targets start together: the last windows have no target yet.",
            "likely",
            "Check that target i still belongs to sample i.",
            data=((x, trim),), target=x.name, before=shape, after=trim.shape(shape), siblings=False,
        )
    )  # fmt: skip
    align = Slice(0, surplus, None, kind="align")
    candidates.append(
        Candidate(
            "align", f"Drop the first {surplus} of {_short(x.label)}"[:60],
            "Right when samples and targets end together.",
            "possible",
            "Check that target i still belongs to sample i.",
            data=((x, align),), target=x.name, before=shape, after=align.shape(shape), siblings=False,
        )
    )  # fmt: skip
    return candidates


RAGGED_MAKERS = (
    "array",
    "asarray",
    "asanyarray",
    "stack",
    "vstack",
    "constant",
    "convert_to_tensor",
    "concatenate",
    "Variable",
)


def ragged_while_made(evidence: Evidence) -> Diagnosis | None:
    """`np.array(sequences)` and its like on sequences of unequal length."""
    from rnnmagic.evidence import name_operand
    from rnnmagic.source import Unknowable, value_of

    for place in reversed(evidence.places):
        call = place.call
        if call is None or not call.args:
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name not in RAGGED_MAKERS:
            continue
        try:
            value = value_of(call.args[0], *place.scopes)
        except Unknowable:
            continue
        described = describe(value)
        if described.carrier != "ragged" and described.lengths is None:
            continue
        operand = Operand("x", None, value, described, node=call.args[0], place=place)
        return ragged(name_operand(operand, evidence.places, evidence.namespace), "data")
    return None
